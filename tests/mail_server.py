"""A local SMTP server that keeps what it is sent, or refuses it; in the clear, by STARTTLS or with TLS."""

from __future__ import annotations

import socketserver
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.running import running


@dataclass
class Post:
    """What the server was sent."""

    messages: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refusing: bool = False
    encrypted: bool = False  # how the last message came


@dataclass(frozen=True)
class Tls:
    """A certificate with its key, and whether the connection begins with it or by STARTTLS."""

    context: ssl.SSLContext
    at_once: bool = False


class _Handler(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        if self.server.tls and self.server.tls.at_once and not self._secured():
            return
        self._say("220 ready")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.split() else b""
            if verb == b"QUIT":
                self._say("221 bye")
                return
            if verb == b"STARTTLS":
                self._say("220 go on")
                if not self._secured():
                    return
            else:
                self._answer(verb, line)

    def finish(self) -> None:
        super().finish()
        self.request.close()  # once encrypted, it is another than the one that the server closes

    def _secured(self) -> bool:
        """Encrypt the connection; False where the other side does not trust the certificate."""
        assert self.server.tls
        try:
            self.request = self.server.tls.context.wrap_socket(self.request, server_side=True)
        except (ssl.SSLError, OSError):
            return False
        self.rfile, self.wfile = self.request.makefile("rb"), self.request.makefile("wb", buffering=0)
        return True

    def _answer(self, verb: bytes, line: bytes) -> None:
        post = self.server.post
        if verb == b"EHLO":
            self._say("250-here")
            if self.server.tls and not isinstance(self.request, ssl.SSLSocket):
                self._say("250-STARTTLS")
            self._say("250 AUTH PLAIN")
        elif verb == b"AUTH":
            post.logins.append(line.split()[2].decode())
            self._say("235 welcome")
        elif verb == b"RCPT" and post.refusing:
            self._say("550 no such user")
        elif verb == b"DATA":
            self._say("354 go on")
            body = b""
            while (data := self.rfile.readline()) != b".\r\n":
                body += data
            post.encrypted = isinstance(self.request, ssl.SSLSocket)
            post.messages.append(message_from_bytes(body, policy=policy.default))
            self._say("250 taken")
        else:
            if verb == b"RCPT":
                post.recipients.append(line.decode().strip())
            self._say("250 ok")

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, post: Post, tls: Tls | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.post, self.tls = post, tls


@contextmanager
def mail_server(post: Post, tls: Tls | None = None) -> Iterator[str]:
    """Yield "127.0.0.1:PORT" of a server that keeps its messages in `post`."""
    with running(_Server(post, tls)) as address:
        yield address


def certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """Make a certificate for 127.0.0.1; return its file, for those who should trust it, and what a server needs."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")]), datetime.now(UTC)
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "certificate.pem", folder / "key.pem"
    public.write_bytes(made.public_bytes(Encoding.PEM))
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return public, context
