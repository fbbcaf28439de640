"""New answers by mail: what the message says, and that nothing is lost or sent in the clear."""

from __future__ import annotations

from base64 import b64decode

import pytest

from index import FetchFailed, SearchMatch, Watch
from tests.mail_server import Post, Tls, certificate, mail_server
from ui.exports.mail import MailServer, message_of

WATCH = Watch(1, "zebra crossings in Leeds", {"house": "Commons"}, "2024-01-01", "1-x", "2024-01-01")
IDLE = Watch(2, "otters", {}, "2024-01-01", "1-x", "2024-01-01")
CITATION = {
    "heading": "Zebra\r\nCrossings", "question": "To ask", "house": "Commons", "answered": "2024-03-05", "tabled": None,
    "month": None, "minister": "Ann Other", "department": "Department for Transport", "record_id": "r1",
    "quote": "We spent £2 million.\n.\nAnd more.", "url": "https://questions-statements.parliament.uk/x", "uin": "7",
}  # fmt: skip
FOUND = [SearchMatch(1, "a", "2024-03-06", {"citation": CITATION, "confidence": 0.9})]


def test_a_message_holds_the_answers_with_their_addresses_and_leaves_out_idle_watches():
    post = Post()
    with mail_server(post) as address:
        MailServer.of(address).send(message_of([WATCH, IDLE], FOUND, ["me@example.org", "you@example.org"], None))
    (message,) = post.messages
    assert [message["From"], message["To"]] == ["me@example.org", "me@example.org, you@example.org"]
    assert message["Subject"] == "1 new answer: zebra crossings in Leeds"
    lines = message.get_content().splitlines()
    assert lines[:5] == [
        "1 “zebra crossings in Leeds” [house: Commons]: 1 new", "", "  Zebra Crossings",
        "  Commons, 2024-03-05, Ann Other, Department for Transport  r1", "    We spent £2 million. . And more.",
    ]  # fmt: skip
    assert lines[5] == "    https://questions-statements.parliament.uk/x" and "otters" not in message.get_content()
    assert len(post.recipients) == 2 and "Open Parliament Licence" in lines[-1]


def test_name_and_password_come_from_the_environment(monkeypatch):
    post = Post()
    with mail_server(post) as address:
        monkeypatch.setenv("PQ_SMTP", address)
        monkeypatch.setenv("PQ_SMTP_USER", "me")
        monkeypatch.setenv("PQ_SMTP_PASSWORD", "secret")
        monkeypatch.setenv("PQ_MAIL_FROM", "archive@example.org")
        MailServer.of(None).send(message_of([WATCH], FOUND, ["me@example.org"], None))
    assert b64decode(post.logins[0]).split(b"\0")[1:] == [b"me", b"secret"]
    assert post.messages[0]["From"] == "archive@example.org"


def test_a_refusal_is_one_sentence():
    with mail_server(Post(refusing=True)) as address, pytest.raises(FetchFailed, match=r"no such user.*not reported"):
        MailServer.of(address).send(message_of([WATCH], FOUND, ["me@example.org"], None))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_only_a_server_on_this_machine_may_be_without_encryption(host):
    assert MailServer(host)._is_here()
    assert not MailServer("mail.example.org")._is_here()
    assert not MailServer("192.0.2.1")._is_here()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return certificate(tmp_path_factory.mktemp("certificate"))


@pytest.mark.parametrize("at_once", [False, True])
def test_mail_and_password_go_over_tls_to_a_server_whose_certificate_is_trusted(made, monkeypatch, at_once):
    trusted, context = made
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted))
    monkeypatch.setenv("PQ_SMTP_USER", "me")
    monkeypatch.setenv("PQ_SMTP_PASSWORD", "secret")
    post = Post()
    with mail_server(post, Tls(context, at_once)) as address:
        MailServer.of(f"smtps://{address}" if at_once else address).send(
            message_of([WATCH], FOUND, ["me@example.org"], None)
        )
    assert post.encrypted and len(post.messages) == 1
    assert b64decode(post.logins[0]).split(b"\0")[1:] == [b"me", b"secret"]


@pytest.mark.parametrize("at_once", [False, True])
def test_a_certificate_that_is_not_trusted_is_refused_before_anything_is_sent(made, monkeypatch, at_once):
    monkeypatch.setenv("PQ_SMTP_USER", "me")
    monkeypatch.setenv("PQ_SMTP_PASSWORD", "secret")
    post = Post()
    with (
        mail_server(post, Tls(made[1], at_once)) as address,
        pytest.raises(FetchFailed, match=r"not trusted.*SSL_CERT_FILE"),
    ):
        MailServer.of(f"smtps://{address}" if at_once else address).send(
            message_of([WATCH], FOUND, ["me@example.org"], None)
        )
    assert (post.logins, post.messages) == ([], [])


def test_a_server_elsewhere_without_encryption_gets_nothing(monkeypatch):
    monkeypatch.setattr(MailServer, "_is_here", lambda self: False)
    monkeypatch.setenv("PQ_SMTP_USER", "me")
    post = Post()
    with mail_server(post) as address, pytest.raises(FetchFailed, match="it offers no encryption"):
        MailServer.of(address).send(message_of([WATCH], FOUND, ["me@example.org"], None))
    assert (post.logins, post.messages) == ([], [])


@pytest.mark.parametrize(
    ("address", "host", "port", "tls"),
    [
        ("mail.example.org", "mail.example.org", 587, False), ("mail.example.org:465", "mail.example.org", 465, True),
        ("smtps://mail.example.org", "mail.example.org", 465, True), ("[::1]:25", "::1", 25, False),
        ("smtps://mail.example.org:8465/", "mail.example.org", 8465, True), ("smtp://mail:25", "mail", 25, False),
    ],
)  # fmt: skip
def test_servers_are_named_in_the_usual_ways(address, host, port, tls):
    server = MailServer.of(address)
    assert (server.host, server.port, server.tls) == (host, port, tls)


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(FetchFailed, match="PQ_SMTP_PASSWORD") as refused:
        MailServer.of("smtps://me:secret@mail.example.org")
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize("address", ["", "mail example", "host:port", ":25", "https://mail", "host:99999", "smtp://"])
def test_what_is_not_a_server_is_refused(address, monkeypatch):
    monkeypatch.delenv("PQ_SMTP", raising=False)
    with pytest.raises(FetchFailed, match="is not a mail server: give --smtp HOST:PORT"):
        MailServer.of(address)


@pytest.mark.parametrize("address", ["nobody", "a@b\r\nBcc: x@y.z", ""])
def test_what_is_not_an_address_is_refused(address):
    with pytest.raises(FetchFailed, match="is not an address for mail"):
        message_of([WATCH], FOUND, [address], None)
