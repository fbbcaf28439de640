"""One large file from a server that loses connections: nothing is fetched twice, and no two files are mixed."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from index.errors import ArchiveBusy, FetchFailed, StorageFull
from index.fetching.client import Client, Manners
from index.fetching.download import Offered, download, shown
from tests.index.file_server import Files, serving_files

HASTY = Manners(rate=0, first_wait=0.001, tries=3)
BODY = random.Random(7).randbytes(300_000)
LOST = [0] * 5  # answers: two more tries after one that brought something, then three
OTHER = random.Random(8).randbytes(200_000)


def fetch(files: Files, file: Path, path: str = "/it") -> list[tuple[int | None, int]]:
    """Download and return the sizes announced, each with what was here then."""
    announced: list[tuple[int | None, int]] = []
    with serving_files(files) as address, Client(f"{address}{path}", HASTY) as client:
        download(
            client,
            f"{address}{path}",
            file,
            announce=lambda offered, have: announced.append((offered.size, have)),
            progress=lambda have, size: None,
        )
    return announced


def test_a_file_comes_whole_and_its_size_is_announced_first(tmp_path):
    assert fetch(Files({"/it": BODY}), tmp_path / "it") == [(300_000, 0)]
    assert (tmp_path / "it").read_bytes() == BODY


@pytest.mark.parametrize("tags", [True, False])
def test_what_came_before_the_connection_was_lost_is_not_fetched_again(tmp_path, tags):
    files = Files({"/it": BODY}, cuts=[100_000, 1, 0, 0, 50_000], tags=tags)
    fetch(files, tmp_path / "it")
    assert (tmp_path / "it").read_bytes() == BODY
    assert files.sent == len(BODY)
    starts = [part for _, part in files.asked]
    assert starts == [None, "bytes=100000-", *["bytes=100001-"] * 3, "bytes=150001-"]


def run_twice(tmp_path: Path, first: Files, change) -> tuple[Files, list]:
    """Let a download fail, change the server, and run it again at the same address."""
    announced: list[tuple[int | None, int]] = []
    with serving_files(first) as address, Client(f"{address}/it", HASTY) as client:
        hear = {"announce": lambda offered, have: announced.append((offered.size, have)),
                "progress": lambda have, size: None}  # fmt: skip
        with pytest.raises(FetchFailed, match="What arrived is kept: run the same command again"):
            download(client, f"{address}/it", tmp_path / "it", **hear)
        assert not (tmp_path / "it").exists()
        change(first)
        download(client, f"{address}/it", tmp_path / "it", **hear)
    return first, announced


def test_a_later_call_continues_and_says_how_much_is_here(tmp_path):
    files, announced = run_twice(tmp_path, Files({"/it": BODY}, cuts=[120_000, *LOST]), lambda files: None)
    assert announced == [(300_000, 0), (300_000, 120_000)]
    assert (tmp_path / "it").read_bytes() == BODY and files.sent == len(BODY)


@pytest.mark.parametrize("tags", [True, False])
def test_another_file_at_the_address_is_fetched_from_its_beginning(tmp_path, tags):
    def change(files: Files) -> None:
        files.bodies["/it"] = OTHER

    _, announced = run_twice(tmp_path, Files({"/it": BODY}, cuts=[120_000, *LOST], tags=tags), change)
    assert announced[-1] == (200_000, 0)
    assert (tmp_path / "it").read_bytes() == OTHER


def test_a_server_that_gives_no_parts_sends_the_whole_file_again(tmp_path):
    files, _ = run_twice(tmp_path, Files({"/it": BODY}, cuts=[120_000, 0, 0], parts=False), lambda files: None)
    assert (tmp_path / "it").read_bytes() == BODY and files.sent == len(BODY) + 120_000


def test_a_file_that_is_here_is_fetched_again_only_if_the_server_has_another(tmp_path):
    files = Files({"/it": BODY})
    with serving_files(files) as address, Client(address, HASTY) as client:
        for body, sent in ((BODY, len(BODY)), (BODY, len(BODY)), (OTHER, len(BODY) + len(OTHER))):
            files.bodies["/it"] = body
            download(client, f"{address}/it", tmp_path / "it", announce=lambda *_: None, progress=lambda *_: None)
            assert ((tmp_path / "it").read_bytes(), files.sent) == (body, sent)


def test_a_file_of_unknown_size_is_fetched(tmp_path):
    assert fetch(Files({"/it": BODY}, lengths=False), tmp_path / "it") == [(None, 0)]
    assert (tmp_path / "it").read_bytes() == BODY


def test_a_busy_server_is_asked_again(tmp_path):
    fetch(Files({"/it": BODY}, statuses=[503, 429]), tmp_path / "it")
    assert (tmp_path / "it").read_bytes() == BODY


def test_what_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(FetchFailed, match=r"There is nothing at http://.*/nothing\. Check the address\."):
        fetch(Files({"/it": BODY}), tmp_path / "it", "/nothing")


def test_an_objection_to_the_size_stops_before_anything_is_fetched(tmp_path):
    def object_to(offered: Offered, have: int) -> None:
        raise StorageFull("too large")

    files = Files({"/it": BODY})
    with serving_files(files) as address, Client(address, HASTY) as client, pytest.raises(StorageFull, match="too"):
        download(client, f"{address}/it", tmp_path / "it", announce=object_to, progress=lambda *_: None)
    assert not (tmp_path / "it.part").exists()


def test_one_file_is_fetched_by_one_process(tmp_path):
    def meanwhile(offered: Offered, have: int) -> None:
        with Client(offered.url, HASTY) as other, pytest.raises(ArchiveBusy, match="Another pq is fetching it"):
            download(other, offered.url, tmp_path / "it", announce=lambda *_: None, progress=lambda *_: None)

    with serving_files(Files({"/it": BODY})) as address, Client(address, HASTY) as client:
        download(client, f"{address}/it", tmp_path / "it", announce=meanwhile, progress=lambda *_: None)
    assert (tmp_path / "it").read_bytes() == BODY


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://a.org/b@c", "https://a.org/b@c"),
        ("https://me:secret@a.org/b", "https://a.org/b"),
        ("http://me@a.org:8080/?x=1@2", "http://a.org:8080/?x=1@2"),
    ],
)
def test_messages_show_no_passwords(url, safe):
    assert shown(url) == safe
