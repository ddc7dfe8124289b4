"""An open-loop client: what is due is sent, whether or not the last request
was answered. Latency counts from the moment a request was due."""
import asyncio
import collections
import os
import time
import uuid

LINES_MAX = 1500      # connections; what finds none waits, and its clock runs
GIVE_UP_S = 15
TICK_S = 0.005


def uuid7():
    value = bytearray(int(time.time() * 1000).to_bytes(6, "big")
                      + os.urandom(10))
    value[6] = value[6] & 0x0F | 0x70
    value[8] = value[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(value)))


class Answer(collections.namedtuple(
        "Answer", "phase kind status retry_s seconds id")):
    """status 0: the line broke, or it was given up. retry_s: of a 503."""


class Line(asyncio.Protocol):
    """A connection; one request at a time."""

    def __init__(self, wave):
        self.wave, self.job, self.got = wave, None, b""

    def connection_made(self, transport):
        self.transport = transport

    def send(self, job):
        self.job, self.got = job, b""
        self.transport.write(job.raw)

    def data_received(self, data):
        self.got += data
        end = self.got.find(b"\r\n\r\n")
        if end < 0 or self.job is None:
            return
        head = self.got[:end].lower()
        if len(self.got) < end + 4 + int(field(head, b"content-length") or 0):
            return
        job, self.job = self.job, None
        self.wave.answered(job, int(head[9:12]),
                           int(field(head, b"retry-after") or 0))
        if field(head, b"connection") == b"close":
            self.transport.close()
        else:
            self.wave.free(self)

    def connection_lost(self, _):
        self.wave.lost(self)


def field(head, name):
    """A header's value, of a head in small letters; None: not there."""
    at = head.find(b"\r\n" + name + b":")
    if at < 0:
        return None
    return head[at + len(name) + 3:].split(b"\r\n", 1)[0].strip()


class Job:
    __slots__ = ("phase", "kind", "id", "raw", "due", "done")

    def __init__(self, phase, kind, id, raw, due):
        self.phase, self.kind, self.id = phase, kind, id
        self.raw, self.due, self.done = raw, due, False


class Wave:
    """Plays phases of (name, requests a second, seconds) against an address.

    make(n) gives (kind, id, bytes of the n-th request). answers holds an
    Answer for each; sent the ids of all that may have arrived.
    """

    def __init__(self, address, make):
        host, _, port = address.partition(":")
        self.host, self.port, self.make = host, int(port), make
        self.idle, self.lines, self.opening = [], set(), 0
        self.waiting, self.out = collections.deque(), set()
        self.answers, self.sent, self.late_s = [], set(), 0.0

    def play(self, phases):
        asyncio.run(self._play(phases))
        return self.answers

    async def _play(self, phases):
        self.loop, n = asyncio.get_running_loop(), 0
        for name, rate, seconds in phases:
            began = time.monotonic()
            for i in range(int(rate * seconds)):
                due = began + i / rate
                while (now := time.monotonic()) < due:
                    await asyncio.sleep(min(due - now, TICK_S))
                if i % 64 == 0:
                    self.late_s = max(self.late_s, now - due)
                    await asyncio.sleep(0)
                self._launch(Job(name, *self.make(n), due))
                n += 1
        end = time.monotonic() + GIVE_UP_S
        while (self.out or self.waiting) and time.monotonic() < end:
            await asyncio.sleep(TICK_S)
        for job in list(self.out) + list(self.waiting):
            self.answered(job, 0, 0)
        for line in list(self.lines):
            line.transport.abort()

    def _launch(self, job):
        while self.idle:
            line = self.idle.pop()
            if not line.transport.is_closing():
                return self._give(line, job)
        self.waiting.append(job)
        if len(self.lines) + self.opening < LINES_MAX:
            self.opening += 1
            self.loop.create_task(self._open())

    async def _open(self):
        try:
            _, line = await self.loop.create_connection(
                lambda: Line(self), self.host, self.port)
            self.lines.add(line)
            self.opening -= 1
            self.free(line)
        except OSError:
            self.opening -= 1

    def _give(self, line, job):
        self.out.add(job)
        self.sent.add(job.id)
        line.send(job)

    def free(self, line):
        if self.waiting:
            self._give(line, self.waiting.popleft())
        else:
            self.idle.append(line)

    def lost(self, line):
        self.lines.discard(line)
        if line.job:
            self.answered(line.job, 0, 0)

    def answered(self, job, status, retry_s):
        if job.done:
            return
        job.done = True
        self.out.discard(job)
        self.answers.append(Answer(job.phase, job.kind, status, retry_s,
                                   time.monotonic() - job.due, job.id))
