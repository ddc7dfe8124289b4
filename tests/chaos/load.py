"""Load for a cell that is being broken: whole lives over HTTP and commands in
bulk, and a record of every word said and every answer got.

    load = Load(stage, random.Random(7), print).start()
    …
    load.stop()
    for said in load.said: said.id, said.body, said.answers

Whatever is refused, late or lost is said again with the same key; nothing is
taken for granted, so a client may be told nothing at all.
"""
import json
import random
import subprocess
import threading
import time
from pathlib import Path

from tests.flow.people import People
from tests.flow.teller import load_samples

from . import bulk, lives

WAIT_S = 5              # that a client asks the gateway to wait for an outcome
ANSWER_S = 15           # until a client takes the line for dead
TRIES_S = 90            # that one word is said again and again
REPEAT, REUSE, LATE, MAPPED = 0.10, 0.02, 0.15, 0.1
NOTHING = 0             # the status of an answer that did not come


class Answer:
    """status, and of its body what says which command and what came of it."""
    __slots__ = ("status", "id", "type", "reason")

    def __init__(self, status, body=None):
        body = body if isinstance(body, dict) else {}
        self.status, self.id = status, body.get("id")
        self.type = body.get("type") if status in (200, 201) else None
        self.reason = body.get("reason")

    @property
    def is_final(self):
        return 200 <= self.status < 500 and self.status != 429

    def __repr__(self):
        return "%s %s" % (self.status or "nothing", self.type or self.reason)


class Said:
    """A command as one client says it, however often. `id` is the command's,
    as soon as the client knows it: a key that is no UUID is mapped to one by
    the gateway. `way` is http or replay."""
    __slots__ = ("way", "type", "key", "id", "who", "path", "body", "answers")

    def __init__(self, way, type, key, id, who, path, body):
        self.way, self.type, self.key, self.id = way, type, key, id
        self.who, self.path, self.body, self.answers = who, path, body, []

    def hear(self, status, body=None):
        answer = Answer(status, body)
        self.id = answer.id or self.id
        self.answers.append(answer)
        return answer

    def __repr__(self):
        return "%s %s %s: %s" % (self.type, self.id, self.who, self.answers)


class Load:
    """rate: commands a second that people say, all clients together; bulk: of
    every file for `baodao replay` (0: none). A number of `most` lives ends
    it by itself."""

    def __init__(self, stage, rng, say, rate=80, clients=8, bulk=400,
                 most=None):
        self.stage, self.say, self.said, self.poison = stage, say, [], set()
        self.rate, self.most, self.bulk = rate, most, bulk
        self.people, self.stopping = People(stage), threading.Event()
        self.gate, self.next = threading.Lock(), time.monotonic()
        self.ids = Ids(stage)
        self.clients = [Client(self, n, rng.getrandbits(64))
                        for n in range(clients)]
        if bulk:
            self.clients.append(Feeder(self, rng.getrandbits(64)))

    def start(self):
        """Samples, tokens, then everybody speaks."""
        if not int(self.stage.sql("SELECT count(*) FROM dispatch.officer")
                   [0][0]):
            load_samples(self.stage)
        for who in lives.everybody():
            self.people.token(who)
        for client in self.clients:
            client.start()
        return self

    def stop(self):
        """Says no more; each client has ended when it returns."""
        self.stopping.set()
        self.join()
        self.say("load: %s" % self)

    def join(self):
        for client in self.clients:
            client.join()
        broken = [client.broken for client in self.clients if client.broken]
        if broken:
            raise broken[0]

    def turn(self):
        """Waits for one's turn; False when it is over."""
        with self.gate:
            self.next = at = max(self.next + 1 / self.rate, time.monotonic())
        return not self.stopping.wait(max(0, at - time.monotonic()))

    def __str__(self):
        heard = [a for said in self.said for a in said.answers]
        return ("%d commands said by people, %d in bulk; %d answers, of them "
                "%d nothing, %d in error" % (
                    sum(s.way == "http" for s in self.said),
                    sum(s.way == "replay" for s in self.said), len(heard),
                    sum(a.status == NOTHING for a in heard),
                    sum(a.status >= 500 for a in heard)))


class Ids:
    """UUIDv7s of the cell's own time, none twice."""

    def __init__(self, stage):
        self.ms = int(stage.sql(
            "SELECT (extract(epoch FROM coalesce(test_clock, now())) * 1000)"
            "::bigint FROM log.cell")[0][0])

    def new(self, rng):
        bits = rng.getrandbits(74)
        text = "%032x" % (self.ms << 80 | 7 << 76 | bits >> 62 << 64
                          | 2 << 62 | bits & (1 << 62) - 1)
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20],
                         text[20:]))


class Speaker(threading.Thread):
    """What people and the feeder have in common: what breaks one of them is
    told by Load.join()."""

    def __init__(self, load, seed):
        super().__init__(daemon=True)
        self.load, self.broken = load, None
        self.random = random.Random(seed)

    def run(self):
        try:
            self.speak()
        except lives.Over:
            pass
        except Exception as error:
            self.broken = error

    def nap(self, seconds):
        if self.load.stopping.wait(seconds):
            raise lives.Over()


class Client(Speaker):
    """One who lives a life after the other, as all the people in it."""

    def __init__(self, load, number, seed):
        super().__init__(load, seed)
        self.number, self.before = number, []

    def speak(self):
        count = 0
        while self.load.most is None or count < self.load.most:
            lives.live(self)
            count += 1

    def tell(self, who, type, path, body):
        """Says it until there is an answer; the last one (status NOTHING:
        none came). Sometimes it is said once more, or its key is used for
        something else."""
        said = self.note(who, type, path, body)
        answer = self.patiently(said, body)
        chance = self.random.random()
        if chance < REPEAT:
            self.once(said, body)
        elif chance < REPEAT + REUSE and body:
            name = next(iter(body))
            if isinstance(body[name], str):
                self.once(said, {**body, name: body[name] + "?"})
        self.before = [*self.before[-20:], said]
        if self.random.random() < REPEAT / 2:
            old = self.random.choice(self.before)
            self.once(old, old.body)
        return answer

    def note(self, who, type, path, body):
        key = id = self.load.ids.new(self.random)
        if self.random.random() < MAPPED:
            key, id = "chaos " + key, None
        said = Said("http", type, key, id, who, path, body)
        self.load.said.append(said)
        return said

    def patiently(self, said, body):
        until, pause = time.monotonic() + TRIES_S, 0.1
        while True:
            answer = self.once(said, body)
            if answer.is_final or time.monotonic() > until:
                return self.outcome(said, answer)
            self.nap(pause * (0.5 + self.random.random()))
            pause = min(2 * pause, 2)

    def once(self, said, body):
        if not self.load.turn():
            raise lives.Over()
        headers = {"Idempotency-Key": said.key}
        if self.random.random() > LATE:
            headers["Prefer"] = "wait=%d" % WAIT_S
        return said.hear(*self.ask("POST", said.who, said.path, body,
                                   headers))

    def outcome(self, said, answer):
        """A command that was only accepted: what has come of it."""
        until = time.monotonic() + WAIT_S
        while answer.status == 202 and time.monotonic() < until:
            self.nap(0.2)
            status, body = self.ask("GET", said.who,
                                    "/v1/commands/" + said.id)
            if status == 200 and body.get("status") == "done":
                return said.hear(status, body)
            if status == 200:
                return said.hear(409, {**body, **body.get("data", {}),
                                       "reason": body["data"]["code"]})
        return answer

    def see(self, who, path):
        """What is to be seen there; None when it cannot be seen now."""
        status, body = self.ask("GET", who, path)
        return body if status == 200 else None

    def ask(self, method, who, path, body=None, headers=()):
        gateways = [name for name in self.load.stage.daemons
                    if name.startswith("gateway")]
        try:
            status, _, answer = self.load.stage.http(
                method, path, self.load.people.token(who), body, headers,
                gateway=self.random.choice(gateways), seconds=ANSWER_S)
            return status, answer
        except (OSError, ValueError):
            return NOTHING, None


class Feeder(Speaker):
    """Files for `baodao replay`, one after the other. One that was not taken
    whole is said again, whole: what was taken is then a repeat."""

    def speak(self):
        path = Path(self.load.stage.dir) / "chaos.ndjson"
        for n in range(10 ** 9):
            lines = bulk.lines(self.load.ids, self.random, self.load.bulk)
            said = [Said("replay", line["type"], None, line["id"],
                         line["actor"], None, line["data"])
                    for line in lines]
            self.load.said.extend(said)
            path.write_text("".join(
                json.dumps(line, ensure_ascii=False) + "\n"
                for line in bulk.again(lines, self.random)))
            while not self.replay(path):
                self.nap(0.5)
            for one in said:
                one.hear(202, {"id": one.id})
            self.nap(self.load.bulk / self.load.rate / 2)

    def replay(self, path):
        """True when Kafka has taken the whole file."""
        stage = self.load.stage
        with open(stage.dir / "log" / "chaos.replay", "ab") as log:
            feeding = subprocess.Popen(
                [stage.bin / "baodao", "replay", path],
                env=stage.environment("baodao_operator"), stdout=log,
                stderr=log, stdin=subprocess.DEVNULL)
        while feeding.poll() is None:
            if self.load.stopping.wait(0.1):
                feeding.terminate()
                feeding.wait(30)
        return feeding.returncode == 0
