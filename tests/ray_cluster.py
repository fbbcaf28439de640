"""Two machines that are one Ray cluster, on the loopback address of this one."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

# Ray asks for this machine's outer address unless it is told, before it is imported, to keep to loopback.
os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
os.environ.setdefault("RAY_raylet_start_wait_time_s", "40")
os.environ.setdefault("RAY_worker_niceness", "0")  # Ray would give way to all else that the machine does


@contextmanager
def cluster_of(*processors: int) -> Iterator[tuple[Any, list[Any]]]:
    """Start a cluster of nodes with so many processors each; yield it and the nodes, of which the first is the head."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import ray.serve
        from ray.cluster_utils import Cluster
    cluster = Cluster()
    try:
        # Without what serves a dashboard, as in the smallest of Ray's packages: it would take longer than the tests.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(ray._private.utils, "get_dashboard_dependency_error", lambda: ImportError("not wanted"))
            nodes = [_added(cluster, number) for number in processors]
        yield cluster, nodes
    finally:
        cluster.shutdown()


def _added(cluster: Any, processors: int, attempts: int = 4) -> Any:
    """Add a node. Its agents must start within 15 seconds: on a machine that is busy they are given several chances."""
    usual = {"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": 80 << 20}
    try:
        return cluster.add_node(num_cpus=processors, **usual)
    except Exception:
        if attempts == 1:
            raise
        return _added(cluster, processors, attempts - 1)
