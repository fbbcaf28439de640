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


@contextmanager
def cluster_of(*processors: int) -> Iterator[tuple[Any, list[Any]]]:
    """Start a cluster of nodes with so many processors each; yield it and the nodes, of which the first is the head."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]'")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from ray.cluster_utils import Cluster
    usual = {"node_ip_address": "127.0.0.1", "include_dashboard": False, "object_store_memory": 80 << 20}
    cluster = Cluster()
    try:
        yield cluster, [cluster.add_node(num_cpus=number, **usual) for number in processors]
    finally:
        cluster.shutdown()
