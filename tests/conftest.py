"""Shared by all tests: a fast stand-in for the sentence encoder, and small archives of real records."""

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

from rag.text.terms import content_stems, stems

DATA = Path(__file__).parent / "data"

# The same code gets the same verdict every time; `pytest --hypothesis-profile=explore` draws examples of its own.
settings.register_profile("repeatable", derandomize=True)
settings.register_profile("explore", derandomize=False)
settings.load_profile("repeatable")


class HashEncoder:
    """A bag of hashed words: deterministic, needs no model, puts texts that share words near each other."""

    def __init__(self, dim=64, limit=80, name="hash-words"):
        self.name, self.dim, self.limit = name, dim, limit
        self.fingerprint = f"{name}-{dim}"
        self.encoded = 0  # texts embedded so far, for tests of what is not embedded again

    def tokens(self, text):
        return len(re.findall(r"\w+|[^\w\s]", text)) + 2

    def documents(self, texts):
        self.encoded += len(texts)
        return self._encode(texts)

    def queries(self, texts):
        return self._encode(texts)

    def _encode(self, texts):
        vectors = np.zeros((len(texts), self.dim), np.float32)
        for row, text in enumerate(texts):
            for word in re.findall(r"\w+", text.lower()):
                digest = hashlib.blake2b(word.encode(), digest_size=4).digest()
                vectors[row, int.from_bytes(digest, "big") % self.dim] += 1.0
            vectors[row, 0] += 1e-3  # no text is the zero vector
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


class WordReader:
    """Reads by words: a page answers as far as it holds those of the question. Needs no model."""

    def read(self, question, pages):
        wanted = set(content_stems(question))
        held = [len(wanted & set(stems(page.whole))) / max(len(wanted), 1) for page in pages]
        return np.array([10 * share - 4 for share in held], np.float32)


@pytest.fixture
def encoder():
    return HashEncoder()


def pytest_collection_modifyitems(items):
    """Run a property test again where Hypothesis takes its own draws for inconsistent, never where an example fails."""
    for item in items:
        if getattr(getattr(item, "obj", None), "is_hypothesis_test", False):
            item.add_marker(pytest.mark.flaky(reruns=2, only_rerun=["FlakyStrategyDefinition", "FlakyReplay"]))
