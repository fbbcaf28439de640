"""A Ray cluster to work on: joined for as long as it is used, told apart from one that is not there.

Ray is an extra. Its usage statistics are off, as all telemetry is (index.telemetry); a cluster on this machine keeps to
the loopback address.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from types import ModuleType

from index.errors import ClusterError
from index.telemetry import switch_off

AUTO = "auto"  # the cluster that this machine is part of
LOCAL_CLUSTER = "local"  # one of this machine alone, started for the purpose
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_PATIENCE = 10.0  # seconds that a machine may take to accept a connection


def ray_module() -> ModuleType:
    """Return the module `ray`, its telemetry off. Raises ClusterError where it is not installed."""
    switch_off()
    try:
        return import_module("ray")
    except ImportError as error:
        raise ClusterError(
            f"--ray needs Ray, which cannot be imported ({error}). Install it: pip install 'ministerial-answers[ray]'"
        ) from error


@contextmanager
def joined_cluster(address: str) -> Iterator[ModuleType]:
    """Join the cluster at HOST:PORT, or this machine's with "auto", and yield the module `ray`.

    With "local" one of this machine alone is started, and stopped at the end. Raises ClusterError.
    """
    if address == LOCAL_CLUSTER or address.rpartition(":")[0].strip("[]") in _LOOPBACK:
        # Ray, when it is imported, reads whether it is to look for such a cluster at this machine's outer address.
        os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")
    ray = ray_module()
    try:
        if address not in (AUTO, LOCAL_CLUSTER):
            _require_listener(address)
        quiet = {"log_to_driver": False, "logging_level": "ERROR", "include_dashboard": False}
        ray.init(address=address, **quiet)
    except Exception as error:  # of a machine that is too busy to start its part in time Ray raises no kind of its own
        raise _not_joined(address, error) from error
    try:
        yield ray
    finally:
        ray.shutdown()


def _require_listener(address: str) -> None:
    """Raise an OSError or ValueError where nothing listens at an address: Ray itself would try for minutes."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise ValueError("an address is written HOST:PORT")
    socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()


def _not_joined(address: str, error: Exception) -> ClusterError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    if address == LOCAL_CLUSTER:
        return ClusterError(f"Ray cannot be started on this machine ({reason}). Try again when it is less busy.")
    return ClusterError(
        f"There is no Ray cluster to join at {address!r} ({reason}). Start one with: ray start --head, join other "
        "machines to it with: ray start --address HOST:PORT, and run this command on one of them."
    )
