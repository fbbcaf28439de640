"""The server on many machines: replicas of the whole site behind one address, run by Ray Serve.

Each replica opens the archive on its own machine, follows it as a server on one machine does, and answers alone; none
needs another. Ray starts a new one where one is lost, and hands requests to those that are well.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from threading import Event
from types import ModuleType
from typing import Any

from fastapi import FastAPI

from index import ClusterError, joined_cluster
from rag import Assistant, Live
from ui.console import err
from ui.server import logs
from ui.server.mounting import Options

_NAME = "ministerial-answers"
_ROUTER = "ui.server.affinity:ByVisitor"
# Requests that a replica holds at once: pages keep one open each, questions wait in the replica's own line.
_HELD = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What replicas are told: how to make the site."""

    archive: Path  # the same on each machine
    options: Options
    log_questions: bool = False
    quiet: bool = False


class Replica:
    """One replica; the base of what Ray Serve runs."""

    def __init__(self, serving: Serving) -> None:
        """Open the archive. Raises AnswersError."""
        _keep_to_cluster()
        logs.set_up(questions=serving.log_questions, quiet=serving.quiet)
        self._serving = serving
        self._live = Live(Assistant.open(serving.archive))

    def __serve_build_asgi_app__(self) -> FastAPI:
        """Return the site, which Ray Serve calls for."""
        from ui.page.app import site
        from ui.server.affinity import Visitors

        app = site(self._live, self._serving.options)
        app.add_middleware(Visitors)
        return app

    def check_health(self) -> None:
        """Read a record: Ray replaces a replica that cannot. Raises AnswersError."""
        archive = self._live.current().archive
        if len(archive):
            archive.get(str(archive.columns.id[0]))


@contextmanager
def replicated(serving: Serving, *, cluster: str, replicas: int, host: str, port: int) -> Iterator[str]:
    """Serve the site by replicas on a Ray cluster (see `joined_cluster`) for as long as this lasts; yield its address.

    The cluster's head listens at `host` and `port`; 0 takes a free one of this machine. Raises ClusterError.
    """
    with joined_cluster(cluster) as ray:
        serve = _serve_module()
        processors = int(ray.cluster_resources().get("CPU", 0))
        if processors < replicas:
            raise ClusterError(
                f"The cluster has {processors} processors, of which each replica needs one: ask for fewer."
            )
        if serve.status().proxies:
            raise ClusterError(
                "Ray Serve runs on this cluster already, and what it serves would be stopped. Stop it there (serve "
                "shutdown) or give another cluster."
            )
        port = port or _free_port(host)
        try:
            serve.start(
                proxy_location="HeadOnly",
                http_options={"host": host, "port": port},
                logging_config={"enable_access_log": False, "log_level": "WARNING"},
            )
            serve.run(_application(serve, serving, replicas), name=_NAME)
        except (ray.exceptions.RayError, RuntimeError, TimeoutError, ValueError) as error:
            with suppress(Exception):  # what was started; it may be what does not work
                serve.shutdown()
            raise ClusterError(
                f"The replicas cannot be started ({str(error).strip()}). Each machine of the cluster needs this "
                f"package and the archive at {serving.archive}; Ray's logs there say more."
            ) from error
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{port}{serving.options.root_path}/"
        finally:
            serve.shutdown()


def serve_replicas(serving: Serving, *, cluster: str, replicas: int, host: str, port: int) -> None:
    """Serve the site by replicas until stopped; see `replicated`. Raises ClusterError."""
    with replicated(serving, cluster=cluster, replicas=replicas, host=host, port=port) as address:
        err.print(f"Open {address} in a browser. Ctrl-C stops.")
        Event().wait()


def _application(serve: ModuleType, serving: Serving, replicas: int) -> Any:
    """Return what Ray Serve runs."""
    deployment = serve.deployment(
        name="site",
        num_replicas=replicas,
        max_ongoing_requests=_HELD,
        health_check_period_s=5,
        health_check_timeout_s=30,
        graceful_shutdown_timeout_s=10,
        request_router_config={"request_router_class": _ROUTER},
        ray_actor_options={"num_cpus": 1, "runtime_env": {"env_vars": {"OMP_WAIT_POLICY": "PASSIVE"}}},
    )
    return deployment(serve.ingress()(Replica)).bind(serving)


def _keep_to_cluster() -> None:
    """Have this replica listen to the other processes at its machine's address in the cluster only.

    Ray Serve would listen at all addresses, also where the cluster keeps to loopback, and it runs what it is sent.
    """
    from ray.serve._private import replica
    from ray.util import get_node_ip_address

    listen = replica.add_port_to_grpc_server

    def listen_inside(server: Any, address: str) -> Any:
        inside, port = get_node_ip_address(), address.rpartition(":")[2]
        return listen(server, f"[{inside}]:{port}" if ":" in inside else f"{inside}:{port}")

    replica.add_port_to_grpc_server = listen_inside


def _serve_module() -> ModuleType:
    """Return the module `ray.serve`, which then logs no more than warnings. Raises ClusterError."""
    try:
        serve = import_module("ray.serve")
    except ImportError as error:
        raise ClusterError(
            f"Ray Serve cannot be imported ({error}). Install it: pip install 'ministerial-answers[ray]'"
        ) from error
    logging.getLogger("ray.serve").setLevel(logging.WARNING)
    return serve


def _free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listener:
        return int(listener.getsockname()[1])
