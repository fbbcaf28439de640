"""A server on a real socket that speaks as much of the chat completions API as a test wants to hear."""

import contextlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPLIES = Path(__file__).parents[1] / "data" / "llm"
STREAM = {"Content-Type": "text/event-stream"}
JSON = {"Content-Type": "application/json; charset=utf-8"}


class Server(ThreadingHTTPServer):
    """Answers each request with the next of some replies, the last one for good, and keeps what it was asked."""

    daemon_threads = True

    def __init__(self, *replies):
        super().__init__(("127.0.0.1", 0), Handler)
        self.replies = list(replies)
        self.asked = []
        self.leave = threading.Event()
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.asked.append((self.path, dict(self.headers), json.loads(body)))
        reply = self.server.replies.pop(0) if len(self.server.replies) > 1 else self.server.replies[0]
        self.close_connection = True
        with contextlib.suppress(OSError):  # the client has seen enough
            reply(self)

    do_GET = do_POST

    def log_message(self, *args):
        pass


def says(body, status=200, headers=STREAM):
    """Return a reply with a body; without a length, so that it ends where the connection does."""
    body = body.encode() if isinstance(body, str) else body

    def reply(handler):
        handler.send_response(status)
        for name, value in {**headers, "Connection": "close"}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def event(text, finish=None):
    return (
        "data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]}) + "\n\n"
    )


@contextlib.contextmanager
def serving(*replies):
    server = Server(*replies)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.leave.set()
        server.shutdown()
        thread.join()
        server.server_close()


def recorded(name, **options):
    """Say what a real server once said."""
    return says((REPLIES / name).read_bytes(), headers=JSON if name.endswith(".json") else STREAM, **options)
