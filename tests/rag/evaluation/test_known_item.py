"""What an archive is measured with where there is nothing but the archive, on records whose ranks are known by hand."""

import json
import tempfile
import time

import pytest

from index import Archive, build
from index.errors import AnswersError
from rag import Assistant
from rag.evaluation.known_item import (
    Question,
    evaluate_self_made,
    follow_ups,
    own_questions,
    sample,
    seconds_needed,
    without_questions,
)
from rag.query.entities.record_ids import naming
from rag.query.parliamentary_form import is_formal, plain
from tests.archives import README_RECORDS, jsonl
from tests.conftest import HashEncoder, WordReader

STEMS = ("barn", "cliff", "dune", "elm", "fjord", "grove", "heath", "island", "jetty", "knoll", "lake", "marsh")
STEMS += ("nook", "oak", "pond", "quarry", "reef", "spring", "tarn", "urchin", "vale", "weir")


def quiet(stage, done, total):
    pass


def words(stem):
    """Return six words that no other stem has."""
    return " ".join(f"{stem}{end}" for end in ("ing", "ed", "er", "ish", "ly", "ness"))


def record(uin, question, answer, **facts):
    return {
        "id": f"api:{uin}", "source": "made", "house": "Commons", "heading": "Notes", "uin": str(uin),
        "question": f"To ask the Secretary of State for Transport, {question}.", "answer": f"<p>{answer}.</p>",
        "date_asked": "2024-09-02", "date_answered": "2024-09-03", **facts,
    }  # fmt: skip


def straight(uin, stem):
    """Return a record whose question has the words of its answer."""
    return record(uin, f"what he knows of {words(stem)}", f"We know of {words(stem)}")


def crossed(uin, stem, other):
    """Return two records that each answer what the other is asked, and in one word what they are asked."""
    return (
        record(uin, f"what he knows of {words(stem)}", f"We know of {words(other)} and a {stem}ing"),
        record(uin + 1, f"what he knows of {words(other)}", f"We know of {words(stem)} and an {other}ing"),
    )


def citing(uin, stem, cited, heading="Notes"):
    """Return a record that follows up the answer to another question, for whose words it asks."""
    clause = f"pursuant to the Answer of 3 September 2024 to Question {cited} on {heading}"
    later = {"date_asked": "2024-09-09", "date_answered": "2024-09-10"}
    return record(uin, f"{clause}, whether he may say more of {words(stem)}", f"No more is due on {uin}", **later)


OWN = [*(straight(12000 + n, stem) for n, stem in enumerate(STEMS[:20])), *crossed(13000, "yew", "zinc")]
FOLLOWING = [citing(5000 + n, stem, 12000 + n) for n, stem in enumerate(STEMS[:20])]


@pytest.fixture(scope="module")
def encoder():
    return HashEncoder(dim=2048)


@pytest.fixture
def opened(tmp_path, encoder):
    def made(*records):
        folder = tmp_path / "it.index"
        build(jsonl(tmp_path / "records.jsonl", *records), folder, encoder=encoder)
        return Assistant.open(folder, encoder=encoder, reader=WordReader())

    return made


def means(measured):
    return {measure: round(figure.mean, 4) for measure, figure in measured.figures.items()}


# Questions as they are asked


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (
            "To ask the Secretary of State for Foreign, Commonwealth and Development Affairs, pursuant to the Answer of "
            "7 July 2025 to Question 63282 on Business: Cybercrime, what steps the National Cyber Security Centre is "
            "taking to tackle those incidents of cyber crime.",
            "what steps the National Cyber Security Centre is taking to tackle those incidents of cyber crime.",
        ),
        (
            "To ask the Right hon. Member for Kenilworth and Southam, representing the Speaker's Committee on the "
            "Electoral Commission, with reference to the Electoral Commission press release",
            "with reference to the Electoral Commission press release",
        ),
        (
            "To ask the Secretary of State for Housing, Communities and Local Government, pursuant to the answer of "
            "23 September 2024, to Question 2981, on Ministry of Housing, Communities and Local Government: Civil "
            "Servants, if she will list the exceptions; and if she will make a statement.",
            "if she will list the exceptions.",
        ),
        (
            "To ask the Chancellor of the Exchequer, with reference to the Answer of 22 September 2025 to Question "
            "HL10544 on Digital Technology: Taxation, what discussions she has had.",
            "what discussions she has had.",
        ),
        ("To ask His Majesty's Government what plans they have for the A303.", "what plans they have for the A303."),
        ("Mr Gray asked the Minister for Roads, whether he will mend them.", "whether he will mend them."),
        ("what he asked", "what he asked"),
    ],
)
def test_a_question_is_asked_without_opener_names_and_references(asked, left):
    assert plain(asked) == left


def test_of_real_questions_nothing_is_left_of_the_form_and_all_of_the_rest():
    files = (README_RECORDS, README_RECORDS.parent / "referrals" / "records.jsonl")
    for asked in (json.loads(line)["question"] for file in files for line in file.read_text("utf-8").splitlines()):
        left = plain(asked)
        assert plain(left) == left
        assert not is_formal(left), asked
        assert left.split()[-3:] == asked.rstrip(" ,;").split()[-3:] or "make a statement" in asked


# Own answers


def test_own_answers_are_ranked_as_known_by_hand(opened, encoder):
    with opened(*OWN) as assistant:
        found = evaluate_self_made(assistant, quiet).own_answers
    # Of 22 questions 20 find their answer first. The two crossed ones find the other's first and theirs second.
    assert (found.questions, found.records) == (22, 22)
    assert means(found) == {
        "nDCG@10": round((20 + 2 * 0.63093) / 22, 4), "R@10": 1.0, "R@100": 1.0,
        "RR@10": round(21 / 22, 4), "Success@1": round(20 / 22, 4),
    }  # fmt: skip
    assert found.figures["RR@10"].low < 21 / 22 < found.figures["RR@10"].high <= 1.0


def test_no_question_and_no_number_is_in_the_archive_built_aside(opened, encoder):
    with opened(*OWN) as assistant:
        drawn = sample(assistant.archive, 100)
        assert naming("Question 12000", assistant.archive).rows
        with without_questions(drawn, encoder, quiet) as aside:
            assert len(aside) == 22
            assert not naming("Question 12000", aside).rows
            assert not len(aside.matching("secretary barning", 10, boosts={"question": 1.0})[0])
            embedded = {aside.embedded(passage) for passage in range(len(aside))}
    assert "Notes. We know of " + words("barn") + "." in embedded
    assert not any("what he knows" in text for text in embedded)


def test_an_answer_given_twice_is_drawn_once_and_one_of_no_substance_never(opened):
    twice = [record(n, "what he knows", "We know of one thing") for n in (1001, 1002)]
    empty = record(1003, "what he knows", "I refer the hon. Member to the answer given on 2 September to Question 1001")
    with opened(*twice, empty, straight(1004, "barn")) as assistant:
        drawn = sample(assistant.archive, 10)
        assert [len(drawn), {one.id for one in drawn} - {"api:1001", "api:1002"}] == [2, {"api:1004"}]
        assert sample(assistant.archive, 1) == sample(assistant.archive, 1)


def test_questions_that_lean_on_another_or_say_hardly_anything_are_not_asked(opened):
    records = [
        straight(12001, "barn"),
        citing(5001, "barn", 12001),
        record(1001, "if he will publish it", "We will not"),
    ]
    with opened(*records) as assistant:
        asked = own_questions(sample(assistant.archive, 10))
        text = f"what he knows of {words('barn')}."
        assert list(asked) == [Question("api:12001", text, frozenset({"api:12001"}))]


# Follow-up questions


def test_follow_ups_are_ranked_as_known_by_hand_without_those_who_ask(opened):
    # Each of 20 asks for the words of the answer cited, which is first once the record that asks is left out. The last
    # cites one answer and asks for the words of another, so that its target is not among those that share a word.
    astray = citing(5100, "urchin", 12021)
    with opened(*OWN[:20], straight(12020, "urchin"), straight(12021, "vale"), *FOLLOWING, astray) as assistant:
        found = evaluate_self_made(assistant, quiet).follow_ups
    assert (found.questions, found.records) == (21, 43)
    assert means(found)["Success@1"] == round(20 / 21, 4)


def test_a_follow_up_is_asked_without_its_reference(opened):
    with opened(straight(12001, "barn"), citing(5001, "barn", 12001)) as assistant:
        text = f"whether he may say more of {words('barn')}."
        assert list(follow_ups(assistant.archive, quiet)) == [Question("api:5001", text, frozenset({"api:12001"}))]


@pytest.mark.parametrize(
    ("cited", "asking"),
    [
        (straight(12001, "barn"), citing(5001, "barn", 12999)),  # not there
        (straight(12001, "barn") | {"date_asked": "2024-10-20"}, citing(5001, "barn", 12001)),  # not asked yet
        (record(12001, "why", "I will write to the hon. Member"), citing(5001, "barn", 12001)),  # nothing was answered
        (straight(12001, "barn"), citing(5001, "barn", 12001) | {"answer": f"<p>We know of {words('barn')}.</p>"}),
        (
            straight(12001, "barn"),
            citing(5001, "barn, and of the answer to Question 12001 of", 12001),
        ),  # names it again
        (straight(12001, "barn"), record(5001, "pursuant to the Answer to Question 12001, if he will say so", "No")),
    ],
    ids=["missing", "later", "no substance", "the same answer", "named again", "few words"],
)
def test_what_is_not_beyond_doubt_is_no_follow_up(opened, cited, asking):
    with opened(cited, asking) as assistant:
        assert list(follow_ups(assistant.archive, quiet)) == []


# The edges


@pytest.mark.parametrize("error", [KeyboardInterrupt, AnswersError])
@pytest.mark.parametrize("stage", ["Embedding", "Asking: own answers"])
def test_the_archive_built_aside_is_gone_whatever_happens(opened, tmp_path, monkeypatch, error, stage):
    aside = tmp_path / "temporary"
    aside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(aside))
    stages = []

    def stopped(at, done, total):
        stages.append((at, len(list(aside.iterdir()))))
        if at == stage:
            raise error

    with opened(*OWN) as assistant:
        with pytest.raises(error):
            evaluate_self_made(assistant, stopped)
        assert (stages[-1], list(aside.iterdir())) == ((stage, 1), [])
        evaluate_self_made(assistant, quiet)
    assert list(aside.iterdir()) == []


def test_an_archive_with_too_few_records_says_so(opened):
    with opened(*OWN[:3], FOLLOWING[0]) as assistant:
        before = Archive.info(assistant.archive)
        found = evaluate_self_made(assistant, quiet)
        assert Archive.info(assistant.archive) == before
    assert str(found) == (
        "Own answers. Too few records to measure. Questions that stand alone, with an answer of substance: 3; "
        "needed: 20.\n\n"
        "Follow-up questions. Too few records to measure. Questions that follow up an answer in the archive: 1; "
        "needed: 20."
    )
    assert found.as_dict()["own_answers"]["retrieval"] == {}


class SlowEncoder(HashEncoder):
    """Takes a hundredth of a second for each answer."""

    def documents(self, texts):
        time.sleep(0.01 * len(texts))
        return super().documents(texts)


def test_the_time_it_takes_is_estimated_from_a_few_of_its_steps(tmp_path):
    def estimate(encoder, **amounts):
        with Assistant.open(tmp_path / "it.index", encoder=encoder, reader=False) as assistant:
            return seconds_needed(assistant, **amounts)

    build(jsonl(tmp_path / "in.jsonl", *OWN), tmp_path / "it.index", encoder=HashEncoder())
    assert 0 < estimate(HashEncoder(), most=1) < estimate(HashEncoder(), most=10_000)
    slow = estimate(SlowEncoder(), most=1)
    assert slow >= 0.01 * len(OWN)
    assert estimate(SlowEncoder(), most=1, records=1) < slow
