"""Where numbers lie, against hand-made archives in which ids and numbers are in step."""

import gc
import weakref
from datetime import date, timedelta
from types import SimpleNamespace

import numpy as np
import pytest

from index.records import House, WrittenAnswer
from index.storage.columns import NameColumn, TextColumn
from rag.lineage.uin_estimation import Numbering, api_id, numbering


class Shelf:
    """As much of an archive as the numbering asks for."""

    def __init__(self, records):
        self.records = records
        days = [(one.first_day(), one.last_day()) for one in records]
        self.columns = SimpleNamespace(
            id=TextColumn.of(one.id for one in records),
            house=NameColumn.of(one.house for one in records),
            department=NameColumn.of(one.department for one in records),
            first_day=np.array([first.toordinal() if first else -1 for first, _ in days]),
            last_day=np.array([last.toordinal() if last else -1 for _, last in days]),
        )

    def record(self, row):
        return self.records[row]


def one(id, uin=None, tabled=None, **facts):
    given = {"id": id, "house": House.COMMONS, "question": "", "answer": "", "uin": uin, "tabled": tabled}
    return WrittenAnswer(**(given | facts))


def steps(numbers, day=date(2024, 9, 2)):
    """Three ids to two numbers, from api:1000 for number 0."""
    return [one(f"api:{1000 + 3 * n // 2}", str(n), day + timedelta(n // 1000)) for n in numbers]


def place(records, uin, session="2024-26"):
    archive = Shelf(records)
    return Numbering(archive).place(uin, session)


@pytest.mark.parametrize(("uin", "expected"), [("5000", 8500), ("5001", 8501.5), ("5004", 8506), ("5030", 8545)])
def test_a_number_between_known_ones_has_its_place_between_theirs(uin, expected):
    assert place(steps(range(4900, 5100, 2)), uin).id == pytest.approx(expected, abs=1)


def test_the_place_is_wider_where_known_numbers_are_far_apart():
    near = place(steps(range(4000, 6000, 100)), "5050")
    far = place([*steps(range(0, 1000, 50)), *steps(range(8900, 9900, 50))], "5000")
    assert near.scale == pytest.approx(500 * (1 + 100 / 8000))
    assert far.scale == pytest.approx(500 * (1 + 7950 / 8000))
    assert far.id == pytest.approx(8500, abs=1)


@pytest.mark.parametrize(
    ("records", "uin", "session"),
    [
        pytest.param(steps(range(0, 110, 10)), "55", "2024-26", id="too few"),
        pytest.param(steps(range(0, 200, 10)), "55", "2023-24", id="another session"),
        pytest.param(steps(range(0, 200, 10)), "900055", "2024-26", id="oral"),
        pytest.param(steps(range(0, 200, 10)), "HL55", "2024-26", id="Lords"),
        pytest.param(steps(range(0, 200, 10)), "250", "2024-26", id="above all known"),
        pytest.param([*steps(range(0, 200, 10)), *steps(range(13000, 13100, 10))], "6000", "2024-26", id="too far"),
    ],
)
def test_a_number_of_which_too_little_is_known_has_no_place(records, uin, session):
    assert place(records, uin, session) is None


def test_oral_questions_and_lords_do_not_disturb_the_order():
    disturbing = [one(f"api:{2000 + n}", f"90{n:04}", date(2024, 9, 2)) for n in range(6)]
    disturbing += [one(f"api:{2100 + n}", f"HL{n}", date(2024, 9, 2), house=House.LORDS) for n in range(6)]
    for number in (605, 655, 675, 705, 885):
        found = place([*steps(range(600, 900, 10)), *disturbing], str(number))
        assert found.id == pytest.approx(1000 + 1.5 * number, abs=10)


def test_rows_come_in_the_order_of_ids_with_both_ends():
    held = Numbering(Shelf([one("api:30"), one("moj:25"), one("api:10"), one("api:20"), one("api:9")]))
    assert held.rows_between(10, 30).tolist() == [2, 3, 0]
    assert held.rows_between(11, 19).tolist() == []


def test_a_month_with_two_sessions_is_of_both():
    records = [
        one("a", month="2024-07", department="Department for Education"),
        one("b", month="2024-06", department="Department for Education"),
        one("c", month="2024-07", department="Home Office"),
        one("d", month="2024-07"),
    ]
    held, rows = Numbering(Shelf(records)), np.arange(4)
    assert held.of_matter(rows, "2024-26", "Department for Education").tolist() == [0]
    assert held.of_matter(rows, "2023-24", "Department for Education").tolist() == [0, 1]
    assert held.of_matter(rows[2:], "2024-26", "Home Department").tolist() == [2]


def test_a_numbering_is_made_once_and_goes_with_its_archive():
    archive = Shelf(steps(range(20)))
    kept = weakref.ref(numbering(archive))
    assert numbering(archive) is kept()
    del archive
    gc.collect()
    assert kept() is None


@pytest.mark.parametrize(("key", "expected"), [("api:17", 17), ("api:x", None), ("commons/2024-01-01/17", None)])
def test_api_ids_are_read(key, expected):
    assert api_id(key) == expected
