"""An Encoder whose passages are embedded by the machines of a Ray cluster, one worker on each.

Only texts and vectors travel. Each worker loads the model by its name and must find the same fingerprint. The texts of
a worker that is lost go to another, and machines that join are given work. The vector of a text does not depend on
where it is made, so an archive is the same as one built on one machine.
"""

from __future__ import annotations

import time
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from index.cluster import joined_cluster
from index.encoders.base import Encoder, Floats
from index.encoders.load import load_encoder
from index.errors import ClusterError, ModelError

# Texts that a worker is given at a time, for each of its processors: some tenths of a second of work.
_SHARE = 8
# How often the same texts, or workers of the same machine, may be lost: beyond, it is not chance.
_ATTEMPTS = 4
_PATIENCE = 60.0  # seconds that a cluster without any machine is given to get one
_LOOKS_UP = 5.0  # seconds between two looks for machines that have joined


@contextmanager
def on_cluster(encoder: Encoder, address: str) -> Iterator[RayEncoder]:
    """Yield an encoder whose passages the cluster at an address embeds (see `joined_cluster`). Raises ClusterError."""
    with joined_cluster(address) as ray:
        yield RayEncoder(encoder, ray)


class EmbeddingWorker:
    """What runs on a machine of the cluster."""

    def __init__(self, model: str, fingerprint: str) -> None:
        """Take the name of the model, which is loaded on first use, and the fingerprint that it must have."""
        self._model, self._fingerprint = model, fingerprint

    @cached_property
    def _encoder(self) -> Encoder:
        encoder = load_encoder(self._model)
        if encoder.fingerprint != self._fingerprint:
            raise ModelError(f"The model {self._model!r} is not the same on all machines of the cluster.")
        return encoder

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of passages; see Encoder. Raises ModelError."""
        return self._encoder.documents(texts)


@dataclass(frozen=True, slots=True)
class _Worker:
    node: str  # Ray's id of the machine
    share: int  # texts that it is given at a time
    actor: Any


class RayEncoder:
    """An Encoder; see there. `embedded` counts texts by the node that embedded them."""

    def __init__(self, encoder: Encoder, ray: Any) -> None:
        """Take the encoder that all machines have, and the module `ray`, joined to a cluster."""
        self._encoder, self._ray = encoder, ray
        self._workers: dict[str, _Worker] = {}  # by node
        self._looked = -_LOOKS_UP
        self._losses: Counter[str] = Counter()  # by node
        self.name = encoder.name
        self.embedded: Counter[str] = Counter()

    @property
    def fingerprint(self) -> str:
        """Equal for models that give passages the same vectors."""
        return self._encoder.fingerprint

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._encoder.dim

    @property
    def limit(self) -> int:
        """Longest input in tokens."""
        return self._encoder.limit

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens, special ones included."""
        return self._encoder.tokens(text)

    def queries(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of questions, made here."""
        return self._encoder.queries(texts)

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return the vectors of passages, made by the cluster. Raises ClusterError, ModelError."""
        vectors = np.zeros((len(texts), self.dim), np.float32)
        waiting, tries = deque(range(len(texts))), Counter[int]()
        running: dict[Any, tuple[_Worker, list[int]]] = {}
        while waiting or running:
            for worker in self._idle({worker.node for worker, _ in running.values()}) if waiting else ():
                places = [waiting.popleft() for _ in range(min(worker.share, len(waiting)))]
                if places:
                    tries.update(places)
                    running[worker.actor.documents.remote([texts[place] for place in places])] = worker, places
            for done in self._ray.wait(list(running), timeout=_LOOKS_UP)[0]:
                worker, places = running.pop(done)
                found = self._result(done, worker, tries[places[0]])
                if found is None:
                    waiting.extendleft(reversed(places))
                else:
                    vectors[places] = found
                    self.embedded[worker.node] += len(places)
        return vectors

    def _result(self, done: Any, worker: _Worker, tries: int) -> Floats | None:
        """Return a worker's vectors, None where it was lost with them. Raises ClusterError, ModelError."""
        errors = self._ray.exceptions
        try:
            vectors: Floats = self._ray.get(done)
        except errors.RayTaskError as error:
            raise ModelError(f"A machine of the cluster cannot embed: {error.cause}") from error
        except errors.RayError as error:
            self._workers.pop(worker.node, None)
            self._ray.kill(worker.actor)  # where it can only not be reached, it must not go on
            self._losses[worker.node] += 1
            self._looked = -_LOOKS_UP
            if tries >= _ATTEMPTS:
                raise ClusterError(
                    f"The cluster lost the same passages {tries} times ({_first_line(error)}). What was embedded is "
                    "kept: look at Ray's logs on its machines, then run the same command again."
                ) from error
            return None
        return vectors

    def _idle(self, busy: set[str]) -> list[_Worker]:
        """Return the workers that have nothing to do, of which there is one where none is busy. Raises ClusterError."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            self._staff()
            if busy or self._workers:
                return [worker for node, worker in self._workers.items() if node not in busy]
            if time.monotonic() > deadline:
                raise ClusterError(
                    "The Ray cluster has no machine that can embed. What was embedded is kept: run the same command "
                    "again when there is one that has the same version of this package installed."
                )
            time.sleep(1.0)

    def _staff(self) -> None:
        """Give each machine a worker, now and then looking for machines that are new."""
        if time.monotonic() < self._looked + _LOOKS_UP:
            return
        self._looked = time.monotonic()
        for node in self._ray.nodes():
            name, cores = node["NodeID"], int(node["Resources"].get("CPU", 0))
            if node["Alive"] and cores and name not in self._workers and self._losses[name] < _ATTEMPTS:
                self._workers[name] = self._started(name, cores)

    def _started(self, node: str, cores: int) -> _Worker:
        """Start a worker on a machine, whatever else runs there: it uses all processors, as on one machine."""
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        here = NodeAffinitySchedulingStrategy(node, soft=False)
        remote = self._ray.remote(EmbeddingWorker).options(num_cpus=0, scheduling_strategy=here)
        return _Worker(node, _SHARE * cores, remote.remote(self.name, self.fingerprint))


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
