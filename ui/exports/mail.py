"""New answers to saved questions, as a message in plain text, and sending it."""

from __future__ import annotations

import os
import re
import smtplib
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from ipaddress import ip_address
from textwrap import shorten
from typing import Any
from urllib.parse import urlsplit

from index import FetchFailed, SearchMatch, Watch
from rag import LICENCE, links_of, title_of

SERVER, SENDER, USER, PASSWORD = "PQ_SMTP", "PQ_MAIL_FROM", "PQ_SMTP_USER", "PQ_SMTP_PASSWORD"
_SUBMISSION, _WITH_TLS = 587, 465  # ports
_TIMEOUT = 30.0
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]*:[0-9a-f:.]*")
_QUOTE, _SUBJECT = 300, 120  # characters


@dataclass(frozen=True, slots=True)
class MailServer:
    """An SMTP server, and who may send through it."""

    host: str
    port: int = _SUBMISSION
    user: str | None = None
    password: str | None = None
    tls: bool = False  # from the start (SMTPS), not by STARTTLS

    @classmethod
    def of(cls, address: str | None) -> MailServer:
        """Return the server at HOST, HOST:PORT or smtps://HOST:PORT, by default that of the environment.

        At port 465 and with smtps:// the connection is encrypted from the start. Raises FetchFailed.
        """
        given = address or os.environ.get(SERVER, "")
        with suppress(ValueError):
            parts = urlsplit(given if "://" in given else f"smtp://{given}")
            host, port = parts.hostname or "", parts.port
            rest = (parts.username, parts.password, parts.path.strip("/"), parts.query, parts.fragment)
            if parts.scheme in ("smtp", "smtps") and _HOST.fullmatch(host) and not any(rest):
                tls = parts.scheme == "smtps" or port == _WITH_TLS
                port = port or (_WITH_TLS if tls else _SUBMISSION)
                return cls(host, port, os.environ.get(USER), os.environ.get(PASSWORD), tls)
        shown = given.rpartition("@")[2]  # a password has no place in it, and is not repeated
        raise FetchFailed(
            f"{shown!r} is not a mail server: give --smtp HOST:PORT or smtps://HOST:PORT, or set {SERVER}; {USER} and "
            f"{PASSWORD} hold the name and password, if it asks for them."
        )

    def send(self, message: EmailMessage) -> None:
        """Send a message, encrypted unless the server is on this machine. Raises FetchFailed."""
        try:
            with self._connected() as server:
                if self.user:
                    server.login(self.user, self.password or "")
                server.send_message(message)
        except (OSError, smtplib.SMTPException) as error:
            raise FetchFailed(
                f"The mail server {self.host}:{self.port} did not take the message ({_reason(error)}). The answers "
                "count as not reported: run the same command again."
            ) from error

    def _connected(self) -> smtplib.SMTP:
        secure = ssl.create_default_context()
        if self.tls:
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=secure)
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        try:
            server.ehlo_or_helo_if_needed()
            if server.has_extn("starttls"):
                server.starttls(context=secure)
            elif not self._is_here():
                raise smtplib.SMTPNotSupportedError("it offers no encryption")
        except (OSError, smtplib.SMTPException):
            server.close()
            raise
        return server

    def _is_here(self) -> bool:
        try:
            return self.host == "localhost" or ip_address(self.host).is_loopback
        except ValueError:
            return False


def _reason(error: Exception) -> str:
    """Return why a server cannot be used, and what to do about a certificate that is not trusted."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}; SSL_CERT_FILE names the certificates to trust"
    return str(error)


def message_of(
    watches: Sequence[Watch], found: Sequence[SearchMatch], to: Sequence[str], sender: str | None
) -> EmailMessage:
    """Return what was found for all watches, at least one answer, as a message. Raises FetchFailed."""
    message = EmailMessage()
    sender = sender or os.environ.get(SENDER) or to[0]
    for address in (*to, sender):
        if "@" not in parseaddr(address)[1] or not address.isprintable():
            raise FetchFailed(f"{address!r} is not an address for mail.")
    named = [one.question for one in watches if any(each.watch == one.number for each in found)]
    count = f"{len(found)} new answer{'s' if len(found) > 1 else ''}"
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = _cut(f"{count}: {', '.join(named)}", _SUBJECT)
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain="ministerial-answers.invalid")
    message.set_content("\n".join(_body(watches, found)))
    return message


def _body(watches: Sequence[Watch], found: Sequence[SearchMatch]) -> Iterator[str]:
    for one in watches:
        findings = [each.finding for each in found if each.watch == one.number]
        if findings:
            yield f"{name_of(one)}: {len(findings)} new"
            for finding in findings:
                yield from lines_of(finding["citation"])
            yield ""
    yield LICENCE


def lines_of(citation: Mapping[str, Any]) -> list[str]:
    """Return a new answer in a few lines of plain text."""
    who = ", ".join(filter(None, (citation["minister"], citation["department"])))
    day = citation["answered"] or citation["tabled"] or citation["month"] or "no date"
    return [
        "",
        f"  {plain_line(title_of(citation['heading'], citation['question']))}",
        f"  {citation['house']}, {day}, {who or 'minister not recorded'}  {citation['record_id']}",
        f"    {_cut(citation['quote'], _QUOTE)}",
        *(f"    {address}" if citation["url"] else f"    {name}: {address}" for address, name in links_of(citation)),
    ]


def name_of(watch: Watch) -> str:
    """Return a watch's number, question, filters and phrases taken as plain words."""
    filters = "".join(f" [{name.replace('_', ' ')}: {value}]" for name, value in sorted(watch.filters.items()))
    plain = "".join(f" [as plain words: {phrase}]" for phrase in watch.ignore)
    return f"{watch.number} “{watch.question}”{filters}{plain}"


def _cut(text: str, length: int) -> str:
    return shorten(plain_line(text), length, placeholder=" …")


def plain_line(text: str) -> str:
    """Return a text in one line, without what a terminal would obey."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())
