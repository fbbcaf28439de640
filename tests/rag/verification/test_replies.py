"""True replies pass, whatever they are made of; a reply in which anything was changed does not."""

from __future__ import annotations

import copy
import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from index import build
from index.errors import AnswersError
from rag import Assistant, verify_reply
from rag.citations import CITATION_FIELDS
from rag.llm.writer import Writer
from tests.archives import README_RECORDS, jsonl, row
from tests.conftest import DATA, HashEncoder, WordReader
from tests.rag.llm_server import event, says, serving

ENCODER = HashEncoder(dim=512)
FERRIES = (
    "The Department spent £{} million on ferry crossings to the Isle of Rum in the last year. "
    "It has no plans to close any of the crossings."
)
MADE = [
    row("old", FERRIES.format(4), heading="Ferries: Rum", uin="11", date_asked="2022-03-01", date_answered="2022-03-05",
        answered_by="Ann Keen", department="Department for Transport",
        question="To ask the Secretary of State for Transport, how much was spent on ferry crossings to Rum."),
    row("new", FERRIES.format(9), heading="Ferries: Rum", uin="12", date_asked="2024-03-01", date_answered="2024-03-05",
        answered_by="Lord Bob", department="Department for Transport",
        question="To ask the Secretary of State for Transport, how much was spent on ferry crossings to Rum."),
    *(row(f"twin:{n}", "The answer to this question could only be provided at disproportionate cost.", uin=f"{20 + n}",
          heading="Lighthouse Keepers", department="Department for Transport", date_asked=f"2023-05-0{n}",
          date_answered=f"2023-05-1{n}", question=f"To ask the Secretary of State, how many lighthouse keepers retired in {2010 + n}.")
      for n in range(1, 4)),
    row("buoys", "| Year | Buoys mended |\n| --- | --- |\n" + "\n".join(f"| {n} | {3 * n} |" for n in range(1990, 2010)),
        uin="31", date_asked="2024-03-01", date_answered="2024-03-05", department="Department for Transport",
        question="To ask the Secretary of State for Transport, how many buoys were mended each year."),
]  # fmt: skip
ASKED = (
    "What is being done about cyber crime gangs?", "rough sleeping funding in Teignmouth", "heat pump grants",
    "how much was spent on ferry crossings to Rum", "how many lighthouse keepers retired",
    "how much was spent on ferry crossings to Rum and how many lighthouse keepers retired?", "access to nature rights of way",
    "how much was spent on ferry crossings to Rum and how many lighthouse keepers retired? What is being done about "
    "cyber crime gangs?",
    "zzyzx qwerty", "question 74676", "cancer waiting times", "how many buoys were mended each year",
    "are there otters and beavers near rights of way",
)  # fmt: skip
AFTER = (
    "who answered that?",
    "when was that answered and which department?",
    "what was the question and is there a link?",
)
WORDED = (
    "The NCSC works closely with Law Enforcement partners [1]. It has a budget of £9 billion [1].",
    "According to the answer of 2025, the National Cyber Security Centre works with law enforcement [1].",
)


def plain(reply):
    return json.loads(json.dumps(reply.as_dict()))


def dialogues():
    lines = (DATA / "dialogues-own.jsonl").read_text(encoding="utf-8").splitlines()
    return [[turn["query"] for turn in json.loads(line)["turns"]] for line in lines]


@pytest.fixture(scope="module")
def archive_and_replies(tmp_path_factory):
    """An archive and what it truly said: answers, follow-ups, refusals, abstentions, a language model's words."""
    folder = tmp_path_factory.mktemp("true")
    sources = [README_RECORDS, DATA / "page" / "1781191-corrected.json", DATA / "dialogue-records.jsonl"]
    build([*sources, jsonl(folder / "made.jsonl", *MADE)], folder / "it.index", encoder=ENCODER)
    replies = []
    with Assistant.open(folder / "it.index", encoder=ENCODER, reader=WordReader()) as assistant:
        for number, turns in enumerate([*([question] for question in ASKED), *dialogues()[::2]]):
            before = None
            for question in (*turns, AFTER[number % len(AFTER)]):
                before = assistant.ask(question, after=before)
                replies.append(before)
        for text in WORDED:
            with serving(says(event(text, "stop") + "data: [DONE]\n\n")) as server:
                assistant.writer = Writer(base_url=server.url, model="m", timeout=5)
                replies.append(assistant.ask("question 74676: what does the NCSC do about cyber crime?"))
        yield assistant.archive, replies


@pytest.fixture(scope="module")
def archive(archive_and_replies):
    return archive_and_replies[0]


@pytest.fixture(scope="module")
def replies(archive_and_replies):
    """The replies that can be checked, as they are saved."""
    return [plain(reply) for reply in archive_and_replies[1] if reply.citations or reply.nearest]


@pytest.fixture(scope="module")
def answers(replies):
    return [reply for reply in replies if not reply["abstained"]]


def faults(found):
    """Return all that a check says is wrong, for a test that fails."""
    sentences = [(one.text, one.detail) for one in found.sentences if not one.ok]
    return found.faults, sentences, [one.detail for one in found.citations if not one.ok]


def test_there_are_true_replies_of_every_kind(archive_and_replies, answers):
    replies = archive_and_replies[1]
    assert len(replies) > 100 and len(answers) > 50
    kinds = {
        "corrected": any(c["status"] == "corrected" for reply in answers for c in reply["citations"]),
        "twins": any(c["also_given_to"] for reply in answers for c in reply["citations"]),
        "follow-up": any(reply["understood"]["follow_up_of"] for reply in answers),
        "metadata": any(not s["verbatim"] for reply in answers for s in reply["sentences"] if len(reply["sentences"]) == 1),
        "parts": any(s["part"] == 1 for reply in answers for s in reply["sentences"]),
        "refusal": any("did not give this" in (reply["answer"] or "") for reply in answers),
        "share": any(" rows of this table " in (reply["answer"] or "") for reply in answers),
        "nearest": any((reply["answer"] or "").startswith(("The nearest answer found:", "The nearest answers found:")) for reply in answers),
        "worded": sum(bool(reply["llm"] and reply["llm"]["used"]) for reply in answers) == len(WORDED),
        "abstained": any(reply.abstained and reply.nearest for reply in replies),
    }  # fmt: skip
    assert all(kinds.values()), kinds


@pytest.mark.parametrize(
    ("changed", "ok"),
    [
        ({}, True),
        ({"text": "No", "verbatim": False}, True),
        ({"text": "Yes", "verbatim": False}, False),
        ({"text": "No"}, False),
        ({"start": 0}, False),
        ({"citation": 99}, False),
    ],
    ids=["the minister's words", "our No", "a Yes of ours", "a No of the minister's", "from elsewhere", "of nothing"],
)
def test_a_short_answer_is_in_what_is_cited_or_is_our_no(archive, answers, changed, ok):
    reply = copy.deepcopy(next(one for one in answers if one["citations"][0]["start"] > 0 and not one["short"]))
    one = reply["citations"][0]
    place = {"text": one["quote"], "citation": one["n"], "start": one["start"], "end": one["end"]}
    reply["short"] = [place | {"part": None, "verbatim": True} | changed]
    found = verify_reply(reply, archive)
    assert found.ok is ok
    assert any("short answer" in fault for fault in found.faults) is not ok


def test_every_true_reply_passes_as_it_is_and_as_it_is_saved(archive_and_replies):
    archive, replies = archive_and_replies
    for reply in replies:
        for form in (reply, plain(reply)):
            found = verify_reply(form, archive)
            assert not found.differs, (reply.question, faults(found))
            assert found.ok == bool(reply.citations or reply.nearest)


def test_what_is_quoted_is_said_to_be_the_minister_s_and_nothing_else_is(archive, answers):
    for reply in answers:
        words = {True: "the minister's words", False: "not the minister's words, not checked"}
        found = verify_reply(reply, archive).sentences
        assert [one.verdict for one in found] == [words[sentence["verbatim"]] for sentence in reply["sentences"]]


def test_an_abstention_is_checked_by_what_it_offers_instead(archive, replies):
    offered = next(reply for reply in replies if reply["abstained"])
    found = verify_reply(offered, archive)
    assert (found.ok, len(found.citations)) == (True, len(offered["nearest"]))
    assert found.remarks == ("It abstained: there is no answer to check.",)
    bare = verify_reply(offered | {"nearest": []}, archive)
    assert (bare.ok, bare.checked, bare.differs) == (False, False, False)
    forged = verify_reply(offered | {"answer": "Yes."}, archive)
    assert forged.faults == ("It says that it abstained, but holds an answer.",)


def test_a_figure_over_time_that_is_not_in_its_record_is_a_fault(archive, answers):
    reply = copy.deepcopy(answers[0])
    cited = reply["citations"][0]
    point = {name: cited[name] for name in ("record_id", "start", "end")}
    point |= {"period": "2024", "words": cited["quote"], "written": cited["quote"].split()[0]}
    reply["series"] = {"name": "", "unit": "", "points": [point]}
    assert verify_reply(reply, archive).ok
    for forged in ({"written": "87,654,321"}, {"start": cited["start"] + 1}, {"record_id": "nobody"}, {"words": "x"}):
        reply["series"]["points"] = [point | forged]
        assert len(verify_reply(reply, archive).faults) == 1


def test_newer_answers_named_next_to_an_answer_are_checked_too(archive, answers):
    reply = next(one for one in answers if one["citations"])
    newer = reply["citations"][0] | {"n": 1}
    assert verify_reply(reply | {"newer": [newer]}, archive).ok
    assert not verify_reply(reply | {"newer": [newer | {"answered": "1999-01-01"}]}, archive).ok


def test_citations_alone_and_the_hits_of_a_search_are_checked(archive, answers):
    citations = answers[0]["citations"]
    assert verify_reply({"citations": citations}, archive).ok
    hits = [{**one, "rank": one["n"], "passage": one["quote"]} for one in citations]
    assert verify_reply({"hits": hits}, archive).ok
    assert not verify_reply({"hits": [hits[0] | {"uin": "1"}]}, archive).ok


@pytest.mark.parametrize("saved", [{}, {"x": 1}, {"citations": "x"}, [], None, 7, {"sentences": {}, "answer": ""}])
def test_what_is_no_reply_is_told(archive, saved):
    if saved == {"sentences": {}, "answer": ""}:
        assert not verify_reply(saved, archive).ok
        return
    with pytest.raises(AnswersError, match="This is not a saved answer"):
        verify_reply(saved, archive)


# --- forgeries ---


def other(value, draw):
    """Return another value of the same kind, one that looks true."""
    if isinstance(value, bool):
        return not value
    if value is None:
        return draw(st.sampled_from(["Another", "2020-01-02", "1234"]))
    if isinstance(value, int):
        return value + draw(st.sampled_from([-1, 1, 7, 10**9]))
    if isinstance(value, list):
        return [*value, "api:1"] if not value or draw(st.booleans()) else value[1:]
    try:
        return (date.fromisoformat(value) + timedelta(days=draw(st.integers(1, 400)))).isoformat()
    except ValueError:
        return altered(value, draw)


def altered(text, draw):
    """Return a text with one word left out, put in or changed."""
    words = text.split(" ")
    place = draw(st.integers(0, len(words) - 1))
    how = draw(st.sampled_from(("out", "in", "change")))
    words[place : place + (how != "in")] = [] if how == "out" else ["never"] if words[place] != "never" else ["ever"]
    assume(" ".join(words) != text)
    return " ".join(words)


def retold(reply):
    """Write the answer's text again from the sentences, as a careful forger would."""
    marks = ["".join(f"[{n}]" for n in one["citations"]) for one in reply["sentences"]]
    reply["answer"] = " ".join(f"{s['text']} {m}".strip() for s, m in zip(reply["sentences"], marks, strict=True))


def pick(draw, rows):
    assume(rows)
    return draw(st.sampled_from(rows))


def of_citation(reply, draw):
    citation = pick(draw, reply["citations"])
    name = draw(st.sampled_from([name for name in CITATION_FIELDS if name != "score"]))
    citation[name] = other(citation[name], draw)


def of_place(reply, draw):
    citation = pick(draw, reply["citations"])
    shift = draw(st.integers(1, 50))
    citation["start"], citation["end"] = citation["start"] + shift, citation["end"] + shift


def of_quotation(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if s["verbatim"]])
    one["text"] = altered(one["text"], draw)
    retold(reply)


def of_quotation_and_quote(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if s["verbatim"]])
    citation = next(c for c in reply["citations"] if c["n"] == one["citations"][0])
    one["text"] = citation["quote"] = altered(one["text"], draw)
    retold(reply)


def of_a_sentence_cut_short(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if s["verbatim"] and " " in s["text"]])
    words = one["text"].split(" ")
    one["text"] = " ".join(words[draw(st.integers(1, len(words) - 1)) :])
    retold(reply)


def of_marks(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if s["verbatim"]])
    records = {c["n"]: c["record_id"] for c in reply["citations"]}
    n = pick(draw, [n for n in (*records, 99) if records.get(n) != records[one["citations"][0]]])
    one["citations"] = draw(st.sampled_from([[n], [*one["citations"], n], []]))
    retold(reply)


def of_an_answer_s_text(reply, draw):
    reply["answer"] = altered(reply["answer"], draw)


def of_a_line_of_ours(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if not s["verbatim"] and s["citations"]])
    known = [
        c[name] for c in reply["citations"] for name in ("minister", "department") if c[name] and c[name] in one["text"]
    ]
    if known and draw(st.booleans()):
        one["text"] = one["text"].replace(draw(st.sampled_from(known)), "Sir Kenneth Widmerpool")
    else:
        one["text"] = f"{one['text'].rstrip(':.')} on 31 December 1999{one['text'][-1]}"
    retold(reply)


def of_words_put_in_our_mouth(reply, draw):
    text = draw(st.sampled_from(["The Government will ban ferries.", "No such plan exists", "This was denied:"]))
    marks = pick(draw, [[c["n"]] for c in reply["citations"]] + [[]])
    sentence = {"text": text, "citations": marks, "verbatim": False, "part": None}
    quotes = [at for at, s in enumerate(reply["sentences"]) if s["verbatim"]]
    if quotes and draw(st.booleans()):
        reply["sentences"][draw(st.sampled_from(quotes))] |= {"text": text, "verbatim": False}
    else:
        reply["sentences"].insert(draw(st.integers(0, len(reply["sentences"]))), sentence)
    retold(reply)


def of_how_much_is_shown(reply, draw):
    one = pick(draw, [s for s in reply["sentences"] if s["text"].startswith("(") and not s["verbatim"]])
    count = draw(st.integers(1, 25))
    assume(f" of {count} " not in one["text"])
    one["text"] = re.sub(r"of \d+", f"of {count}", one["text"])
    retold(reply)


def of_whose_words_they_are(reply, draw):
    ours = pick(
        draw, [s for s in reply["sentences"] if not s["verbatim"] and s["text"].endswith(":") and s["citations"]]
    )
    records = {c["n"]: c["record_id"] for c in reply["citations"]}
    others = [c["n"] for c in reply["citations"] if c["record_id"] not in {records[n] for n in ours["citations"]}]
    ours["citations"] = [pick(draw, others)]
    retold(reply)


def of_what_is_said_to_be_quoted(reply, draw):
    pick(draw, [s for s in reply["sentences"] if not s["verbatim"]])["verbatim"] = True


def of_the_record_cited(reply, draw):
    citation = pick(draw, reply["citations"])
    citation["record_id"] = draw(st.sampled_from([other for other in ("api:1725952", "new", "nowhere")
                                                  if other != citation["record_id"]]))  # fmt: skip


def of_what_is_missing(reply, draw):
    name = draw(st.sampled_from(["citations", "sentences", "answer"]))
    if name == "answer":
        reply["answer"] = None
    else:
        reply[name].remove(pick(draw, reply[name]))


def of_numbers(reply, draw):
    reply["citations"].append(copy.deepcopy(pick(draw, reply["citations"])) | {"n": draw(st.integers(1, 50))})


def of_the_archive(reply, draw):
    name = draw(st.sampled_from(["records", "first", "last", "houses", "truncated"]))
    reply["coverage"][name] = other(reply["coverage"][name], draw)


FORGERIES = [
    of_citation, of_place, of_quotation, of_quotation_and_quote, of_a_sentence_cut_short, of_marks, of_an_answer_s_text,
    of_a_line_of_ours, of_words_put_in_our_mouth, of_how_much_is_shown, of_whose_words_they_are, of_what_is_said_to_be_quoted,
    of_the_record_cited, of_what_is_missing, of_numbers, of_the_archive,
]  # fmt: skip


@pytest.mark.parametrize("forge", FORGERIES)
@given(data=st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_forgery_passes(archive, answers, forge, data):
    reply = copy.deepcopy(data.draw(st.sampled_from(answers)))
    before = copy.deepcopy(reply)
    forge(reply, data.draw)
    assume(reply != before)
    found = verify_reply(reply, archive)
    assert found.differs and not found.ok, (forge.__name__, reply["question"], reply["sentences"], reply["citations"])
    assert any(faults(found))


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_shape_of_a_saved_answer_raises_anything_but_our_errors(archive, answers, data):
    junk = st.one_of(
        st.none(), st.booleans(), st.integers(), st.text(max_size=5), st.just([]), st.just({}), st.just([7, None])
    )
    reply = copy.deepcopy(data.draw(st.sampled_from(answers)))
    target = data.draw(
        st.sampled_from([reply, *reply["citations"], *reply["sentences"], reply["coverage"], reply["archive"]])
    )
    target[data.draw(st.sampled_from(sorted(target)))] = data.draw(junk)
    try:
        verify_reply(reply, archive)
    except AnswersError as error:
        assert str(error)


def test_a_reply_of_another_state_of_the_archive_says_so_and_is_checked_all_the_same(archive, answers):
    found = verify_reply(answers[0] | {"archive": {"build_id": "other", "model": "m"}}, archive)
    assert found.ok
    assert found.remarks == (f"It was made from another state of the archive (“other”; this is “{archive.build_id}”).",)
    assert Path(archive.path).name not in str(found)
