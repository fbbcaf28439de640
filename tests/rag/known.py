"""An archive of made records whose people, bodies, days, numbers and words are known; for tests of questions."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from index import Archive, build
from index.records import House, Member, WrittenAnswer, to_json
from tests.conftest import HashEncoder

FILLER = (
    "The business assessment of the Government covers compliance, guidance, accommodation, fraud, health, appeal and "
    "safeguarding requirements, and the maintenance of statistics."
)
PAIRS = (
    "A claim for Personal Independence Payment (PIP) is assessed in person.",
    "Integrated care boards (ICBs) are to publish, with the Animal and Plant Health Agency (APHA).",
    "An integrated care board (ICB) may decide. The condition data collection (CDC) goes on.",
    "The condition data collection (CDC) is done.",
    "Community diagnostic centres (CDCs) are open, as are community diagnostic centres (CDC) elsewhere.",
)
PEOPLE = (  # department, minister, asker, tabled, answered
    ("Department of Health and Social Care", "Karin Smyth", "Helen Morgan", "2024-07-30", "2024-08-07"),
    ("Ministry of Defence", "James Cartlidge", "Jim Shannon", "2023-12-01", "2023-12-12"),
    ("Ministry of Defence", "Al Carns", "James Cartlidge", "2025-01-30", "2025-02-03"),
    ("Department for Culture, Media and Sport", "Chris Bryant", "Will Stone", "2024-07-20", "2024-07-31"),
    ("Department of Health", "Dr Daniel Poulter", "Andy Slaughter", "2014-10-10", "2014-10-20"),
    ("Treasury", "Sarah McCarthy-Fry", "Bob Spink", "2009-10-12", "2009-10-19"),
    ("Ministry of Housing, Communities and Local Government", "Matthew Pennycook", None, "2024-10-02", "2024-10-11"),
    ("Ministry of Justice", "Mr Shailesh Vara", "Andy Slaughter", "2014-07-08", "2014-07-14"),
    ("Department for Transport", None, "Jim Shannon", "2026-07-14", "2026-07-20"),
    ("Home Office", None, None, None, None),
)
PEERS = (
    ("Ministry of Justice", "Lord Faulks", "2014-08-01"),
    ("Foreign and Commonwealth Office", "Baroness Kinnock of Holyhead", "2009-10-28"),
    ("Department of Energy and Climate Change", "Lord Hunt of Kings Heath", "2009-10-27"),
    ("Department for Energy Security and Net Zero", "Lord Hunt of Chesterton", "2025-03-07"),
)
NUMBERED = (  # id, House, UIN, tabled, further keys
    ("api:1674556", House.COMMONS, "4784", "2023-12-01", ()),
    ("api:1728216", House.COMMONS, "4784", "2024-09-09", ()),
    ("api:1674500", House.LORDS, "HL3811", "2014-12-10", ()),
    ("wrans", House.COMMONS, "289172", "2009-10-26", ("uk.org.publicwhip/wrans/2009-10-26e.289172.q0",)),
    ("api:1760000", House.COMMONS, "35566", "2025-03-04", ("commons/2025-03-04/35566",)),
)


def known_records():
    """Yield the records: 120 alike that know only their month, then the named and the numbered."""
    for number in range(120):
        yield _made(f"filler:{number}", answer=f"{FILLER} {number}", month="2024-09", department="Home Office")
    for number, answer in enumerate((*PAIRS, *PAIRS)):
        yield _made(f"pair:{number}", answer=f"{answer} {number}", month="2024-09")
    for number, (department, minister, asker, tabled, answered) in enumerate(PEOPLE):
        yield _made(f"person:{number}", department=department, minister=minister, asker=asker, tabled=tabled,
                    answered=answered)  # fmt: skip
    for number, (department, minister, answered) in enumerate(PEERS):
        yield _made(f"peer:{number}", department=department, minister=minister, answered=answered, house=House.LORDS)
    for id_, house, uin, tabled, keys in NUMBERED:
        yield _made(id_, house=house, uin=uin, tabled=tabled, keys=keys)


def write(path):
    """Write the records as JSONL."""
    path.write_text("\n".join(map(to_json, known_records())), encoding="utf-8")
    return path


@contextmanager
def opened(folder: Path) -> Iterator[Archive]:
    """Build the archive in a folder and open it."""
    build(write(folder / "records.jsonl"), folder / "archive", encoder=HashEncoder())
    with Archive.open(folder / "archive", encoder=HashEncoder()) as archive:
        yield archive


def _made(id_, *, answer="The answer.", minister=None, asker=None, tabled=None, answered=None, keys=(), **facts):
    given = {
        "id": id_, "house": House.COMMONS, "question": f"To ask, why {id_}.", "answer": f"{answer} {id_}",
        "keys": (id_, *keys), "origin": f"jsonl:{id_}", "sources": ("made",),
        "answered_by": Member(name=minister) if minister else None, "asked_by": Member(name=asker) if asker else None,
        "tabled": date.fromisoformat(tabled) if tabled else None,
        "answered": date.fromisoformat(answered) if answered else None,
    }  # fmt: skip
    return WrittenAnswer(**(given | facts))
