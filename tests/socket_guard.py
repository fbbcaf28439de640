"""A guard that sees what a process and its children send beyond this machine, from Python or from native code.

A seccomp filter hands each `connect`, `sendto`, `sendmsg` and `sendmmsg` to this process, which reads the address out of
the other's memory: a loopback address or a socket of the file system may be used, any other is noted and refused, and
so are names looked up, wherever the name server is. Linux 5.5 or later; no rights are needed.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import ipaddress
import os
import platform
import select
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest

# Numbers of system calls: seccomp itself, then those that are watched.
_CALLS = {
    "x86_64": (317, {42: "connect", 44: "sendto", 46: "sendmsg", 307: "sendmmsg"}, 0xC000003E),
    "aarch64": (277, {203: "connect", 206: "sendto", 211: "sendmsg", 269: "sendmmsg"}, 0xC00000B7),
}
_NO_NEW_PRIVILEGES, _SET_FILTER, _NEW_LISTENER = 38, 1, 8
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _NOTIFY = 0x7FFF0000, 0x7FC00000
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101
_GO_ON = 1
_NOTICE = struct.Struct("=QIIiIQ6Q")  # id, process, flags, call, architecture, instruction, arguments
_DNS = 53


@dataclass
class Guard:
    """Processes under watch, and what they tried to reach."""

    refused: list[str] = field(default_factory=list)
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    watching: list[threading.Thread] = field(default_factory=list)

    def start(self, command: Sequence[str], **options: Any) -> subprocess.Popen[str]:
        """Start a command under watch; skips the test where this system cannot watch."""
        failed: list[OSError] = []

        def run() -> None:  # a filter is a thread's own, and its children's
            try:
                listener = _filtered()
            except OSError as error:
                failed.append(error)
                return
            self.processes.append(subprocess.Popen(command, text=True, **options))
            self.watching.append(threading.Thread(target=self._watch, args=(listener,), daemon=True))
            self.watching[-1].start()

        thread = threading.Thread(target=run)
        thread.start()
        thread.join()
        if failed:
            pytest.skip(f"sockets cannot be watched here: {failed[0]}")
        return self.processes[-1]

    def _watch(self, listener: int) -> None:
        """Judge each call until no process is left."""
        waiting = select.poll()
        waiting.register(listener, select.POLLIN)
        while not any(event & (select.POLLHUP | select.POLLERR) for _, event in waiting.poll()):
            notice = bytearray(_NOTICE.size)
            with suppress(FileNotFoundError):  # the process has gone
                fcntl.ioctl(listener, _RECEIVE, notice)
                number, process, _, call, _, _, *arguments = _NOTICE.unpack(notice)
                wrong = [place for place in _places(process, call, arguments) if place]
                self.refused += wrong
                verdict = (0, -errno.ENETUNREACH, 0) if wrong else (0, 0, _GO_ON)
                fcntl.ioctl(listener, _ANSWER, struct.pack("=QqiI", number, *verdict))
        os.close(listener)


@contextmanager
def guarded() -> Iterator[Guard]:
    """Yield a guard; what it started and is still running at the end of the block is killed."""
    guard = Guard()
    try:
        yield guard
    finally:
        for process in guard.processes:
            process.kill()
            process.wait()
        for thread in guard.watching:
            thread.join(timeout=10)


def _filtered() -> int:
    """Put the calling thread under watch and return the descriptor that notices come from. Raises OSError."""
    if sys.platform != "linux" or platform.machine() not in _CALLS:
        raise OSError(errno.ENOSYS, f"no filter for {sys.platform} on {platform.machine()}")
    seccomp, watched, architecture = _CALLS[platform.machine()]
    steps = [(_LOAD, 0, 0, 4), (_IF_EQUAL, 0, len(watched) + 1, architecture), (_LOAD, 0, 0, 0)]
    steps += [(_IF_EQUAL, len(watched) - place, 0, call) for place, call in enumerate(watched)]
    steps += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _NOTIFY)]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = struct.pack("@HP", len(steps), ctypes.addressof(code))
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    listener = libc.syscall(seccomp, _SET_FILTER, _NEW_LISTENER, program)
    if listener < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(listener)


def _places(process: int, call: int, arguments: Sequence[int]) -> Iterator[str | None]:
    """Yield where a call would send to, None for a place that it may."""
    name = _CALLS[platform.machine()][1][call]
    if name == "connect":
        yield _judged(process, arguments[1], arguments[2])
    elif name == "sendto":
        yield _judged(process, arguments[4], arguments[5])
    else:
        for message in range(min(arguments[2], 1024) if name == "sendmmsg" else 1):
            address, size = struct.unpack("=QI", _memory(process, arguments[1] + 64 * message, 12))
            yield _judged(process, address, size)


def _judged(process: int, address: int, size: int) -> str | None:
    """Return the place that a socket address names, None where it may be sent to."""
    if not address or size < 2:
        return None
    data = _memory(process, address, min(size, 128))
    family = struct.unpack_from("=H", data)[0]
    if family == socket.AF_UNIX:
        return "systemd-resolved" if b"io.systemd.Resolve" in data else None
    if family not in (socket.AF_INET, socket.AF_INET6):
        return None
    port = struct.unpack_from("!H", data, 2)[0]
    host = ipaddress.ip_address(data[4:8] if family == socket.AF_INET else data[8:24])
    host = getattr(host, "ipv4_mapped", None) or host
    return None if host.is_loopback and port != _DNS else f"{host}, port {port}"


def _memory(process: int, address: int, size: int) -> bytes:
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        return memory.read(size)
