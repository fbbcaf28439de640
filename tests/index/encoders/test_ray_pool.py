"""Embedding on a real cluster of two nodes, of which one is killed while it works."""

import sqlite3
import sys
import time
from contextlib import closing
from threading import Thread

import pytest

from index.cluster import joined_cluster
from index.encoders.minilm import MiniLM
from index.encoders.ray_pool import on_cluster
from index.errors import ClusterError
from index.ingest.build import build
from tests.archives import README_RECORDS
from tests.conftest import DATA
from tests.ray_cluster import cluster_of

SOURCES = [README_RECORDS, DATA / "page"]


def stored(folder):
    """Return all that an archive holds but the time when it was built."""
    with closing(sqlite3.connect(folder / "catalogue.sqlite")) as db:
        tables = ("records", "identities", "passages", "embeddings")
        rows = {table: db.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
    files = [path for store in ("vectors", "columns") for path in (folder / store).glob("*/*")]
    # A state, and so the folder and the seal of each of its stores, has a name that no other state has.
    return rows, {path.parts[-3::2]: path.read_bytes() for path in files if path.name != "seal.json"}


@pytest.mark.model
@pytest.mark.slow
def test_a_cluster_that_loses_a_node_makes_the_archive_that_one_machine_makes(tmp_path):
    alone, together, reports = tmp_path / "alone.index", tmp_path / "together.index", []
    expected = build(SOURCES, alone)
    with cluster_of(1, 1) as (cluster, nodes), on_cluster(MiniLM(), cluster.address) as encoder:
        work = Thread(target=lambda: reports.append(build(SOURCES, together, encoder=encoder)))
        work.start()
        while len(encoder.embedded) < len(nodes):  # until each has done something
            assert work.is_alive()
            time.sleep(0.01)
        before = encoder.embedded.total()
        cluster.remove_node(nodes[1], allow_graceful=False)
        work.join()
    assert before < expected.embedded
    assert encoder.embedded.total() == expected.embedded  # no passage twice
    assert reports == [expected]
    assert stored(together) == stored(alone)


@pytest.mark.parametrize(
    ("address", "reason"), [("nowhere", "HOST:PORT"), ("127.0.0.1:1", "refused"), ("ray://127.0.0.1:x", "HOST:PORT")]
)
def test_an_address_without_a_cluster_is_reported_at_once(address, reason):
    pytest.importorskip("ray", reason="Ray is not installed: pip install -e '.[ray]'")
    with (
        pytest.raises(ClusterError, match=rf"no Ray cluster to join at '{address}' \(.*{reason}"),
        joined_cluster(address),
    ):
        pass


def test_without_ray_the_option_says_how_to_get_it(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed
    with pytest.raises(ClusterError, match=r"pip install 'ministerial-answers\[ray\]'"):
        build(README_RECORDS, tmp_path / "new.index", ray="auto")
