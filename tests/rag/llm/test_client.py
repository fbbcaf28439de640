"""Where a language model is reached and with which key: what is accepted, refused and never told."""

import pytest

from index.errors import AnswersError
from rag.llm.writer import Writer


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("http://localhost:8080", "http://localhost:8080/v1"),
        ("http://localhost:11434/v1/", "http://localhost:11434/v1"),
        (" https://api.example.com/openai/v1/chat/completions ", "https://api.example.com/openai/v1"),
        ("http://[::1]:8080", "http://[::1]:8080/v1"),
    ],
)
def test_addresses_are_brought_into_one_form(given, used):
    assert Writer(base_url=given, model="m").base_url == used


@pytest.mark.parametrize(
    "url", ["", "localhost:8080", "ftp://host", "http://", "http://host:99999", "http://ho st", "file:///etc/passwd"]
)
def test_addresses_that_cannot_be_right_are_refused(url):
    with pytest.raises(AnswersError, match="it must look like http://localhost:8080/v1"):
        Writer(base_url=url, model="m")


@pytest.mark.parametrize("url", ["https://me:pw@host/v1", "https://host/v1?key=pw", "https://host/v1#pw"])
def test_secrets_in_an_address_are_refused_and_not_repeated(url):
    with pytest.raises(AnswersError) as raised:
        Writer(base_url=url, model="m")
    assert "pw" not in str(raised.value)
    assert "PQ_LLM_KEY" in str(raised.value)


@pytest.mark.parametrize("wrong", [{"model": " "}, {"key": "a b"}, {"key": "a\nb"}, {"timeout": 0}])
def test_what_cannot_be_right_is_refused(wrong):
    with pytest.raises(AnswersError):
        Writer(**{"base_url": "http://localhost", "model": "m", **wrong})


def test_the_key_comes_from_its_own_variable_alone(monkeypatch):
    monkeypatch.delenv("PQ_LLM_KEY", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    assert Writer.from_environment("http://localhost", "m").key is None
    assert Writer.from_environment("http://localhost", "m", key_variable="OPENAI_API_KEY").key == "sk-other"
    monkeypatch.setenv("PQ_LLM_KEY", " sk-mine\n")
    assert Writer.from_environment("http://localhost", "m").key == "sk-mine"
    with pytest.raises(AnswersError, match="MY_KEY holds no key"):
        Writer.from_environment("http://localhost", "m", key_variable="MY_KEY")


def test_the_key_is_in_no_description():
    writer = Writer(base_url="http://localhost", model="m", key="sk-secret")
    assert "sk-secret" not in f"{writer!r} {writer} {writer.announcement}"


def test_the_announcement_says_where_questions_go_and_whether_in_clear():
    here = Writer(base_url="http://127.0.0.1:8080", model="m")
    assert here.announcement == "Questions and passages go to the language model m at http://127.0.0.1:8080/v1."
    there = Writer(base_url="http://gpu.example", model="m", key="k")
    assert there.announcement.endswith("at http://gpu.example/v1, unencrypted, with a key.")
