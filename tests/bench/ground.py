"""A cell to measure in: a stage whose workers run one at a time, a feeder,
and a second database in which the floor folds the same messages."""
import json
import subprocess
import time
from pathlib import Path

from tests.stage.cell import postgres_bin
from tests.stage.process import StageError, wait
from tests.stage.stage import Stage

from . import cost
from .legs import DUTY, LADEN, LEGS, OFFICERS, PARTNER, PARTNERS

POLL_S = 0.05
DRAIN_S = 240
FEED_S = 1200


class Ask:
    """One psql that stays, so that asking costs next to nothing."""

    def __init__(self, conninfo):
        self.popen = subprocess.Popen(
            [postgres_bin() / "psql", "-X", "-q", "-A", "-t", conninfo],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def number(self, query):
        self.popen.stdin.write(query + ";\n")
        self.popen.stdin.flush()
        return int(self.popen.stdout.readline())

    def close(self):
        self.popen.stdin.close()
        self.popen.wait(10)


class Ground:
    def __init__(self, bin, say):
        build, self.say = Path(bin).resolve().parent, say
        self.programs = build / "release" / "bench"
        self.stage = Stage(build / "test" / "bench", bin=bin, daemons=(),
                           say=say)

    def __enter__(self):
        self.stage.start()
        try:
            self.settle()
        except BaseException:
            self.stage.stop()
            raise
        return self

    def __exit__(self, *_):
        self.stage.stop()

    def settle(self):
        """The workers take over once and learn the reference data; then the
        floor's database is made as a copy of what they left."""
        self.feed(DUTY, OFFICERS)
        self.feed(PARTNER, PARTNERS)
        names = [leg.service + "-1" for leg in (*LEGS, *LADEN)]
        for name in names:
            self.stage.add(name).launch()
        for name in names:
            self.stage.daemon(name).wait_ready()
        wait(lambda: self.folded(DUTY.topic) >= OFFICERS and
             self.folded(PARTNER.topic) >= PARTNERS, 30,
             "officers and partners to be known")
        time.sleep(1)    # what the reference's loading announces is little
        for name in names:
            self.stage.daemon(name).stop()
        self.stage.sql("CREATE DATABASE baodao_floor TEMPLATE baodao_%s"
                       % self.stage.cell, dbname="postgres")
        self.say("the floor has its own database")

    # --- feeding

    def environment(self, user, dbname=None):
        env = self.stage.environment(user)
        if dbname:
            env["POSTGRES"] = self.stage.conninfo(user, dbname)
        return env

    def feed(self, leg, count):
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        data = json.dumps(leg.data, ensure_ascii=False).replace("NOW", now)
        subprocess.run(
            [self.programs / "feed", leg.topic, leg.type, leg.actor, leg.keys,
             str(count), leg.reply], env=self.environment("baodao_operator"),
            check=True, text=True, input=data, timeout=FEED_S)

    # --- what has been folded

    def folded(self, topic, dbname=None):
        rows = self.stage.sql(
            "SELECT coalesce(sum(next_offset), 0) FROM log.consumer"
            " WHERE topic = '%s'" % topic, dbname=dbname)
        return int(rows[0][0])

    def heads(self, topic, dbname=None):
        return self.stage.sql(
            "SELECT partition, next_offset, seq, encode(hash, 'hex')"
            " FROM log.consumer WHERE topic = '%s' ORDER BY 1" % topic,
            dbname=dbname)

    def published(self, topic):
        return self.stage.sql(
            "SELECT 1 FROM log.consumer WHERE topic = '%s'"
            " HAVING sum(published) = sum(seq)" % topic)

    def forget_lanes(self):
        """Those of the track leg are of no whistle that dispatch knows; at each
        start of a worker its look for officers would read them all."""
        for dbname in (None, "baodao_floor"):
            self.stage.sql("TRUNCATE track.lane CASCADE", dbname=dbname)

    # --- measuring

    def drain(self, leg, rows, batch, workers=1, seconds=DRAIN_S):
        """Starts the leg's workers on a backlog of `rows` and measures from
        the first commit to the last."""
        goal = self.folded(leg.topic) + rows
        ask = Ask(self.stage.conninfo("postgres"))
        hands = [self.stage.add("%s-%d" % (leg.service, n + 1),
                                BATCH_MAX=batch) for n in range(workers)]
        query = ("SELECT sum(next_offset) FROM log.consumer"
                 " WHERE topic = '%s'" % leg.topic)
        try:
            for hand in hands:
                hand.launch()
            first, last = self.watch(ask, query, goal - rows, goal, hands,
                                     seconds)
            pages = [self.stage.metrics(hand.name) for hand in hands]
            wait(lambda: self.published(leg.topic), 60,
                 "Kafka to have all that was said")
        finally:
            ask.close()
            for hand in hands:
                hand.stop()
        count = last["folded"] - first["folded"]
        spent = {process: (last[process] - first[process]) * 1e6 / count
                 for process in ("worker", "postgres", "kafka", "redis")}
        return {"per_second": count / (last["time"] - first["time"]),
                "us": spent,
                "metrics": {name: sum(page.get(name, 0) for page in pages)
                            for page in pages for name in page}}

    def watch(self, ask, query, start, goal, hands, seconds=DRAIN_S):
        """Two workers begin when both have partitions: the one that came
        first has them all until the other joins."""
        first, end = None, time.monotonic() + seconds
        while time.monotonic() < end:
            folded = ask.number(query)
            if first is None and folded > start and self.all_at_work(hands):
                first = self.sample(folded, hands)
            if folded >= goal:
                last = self.sample(folded, hands)
                if not first or first["folded"] >= goal:
                    raise StageError("too few messages to measure")
                return first, last
            for hand in hands:
                if not hand.running() and hand._gone():
                    raise StageError("%s ended with %s" % (hand.name,
                                                           hand.exits))
            time.sleep(POLL_S)
        raise StageError("not drained in %d s: %d of %d" % (
            seconds, folded - start, goal - start))

    def all_at_work(self, hands):
        if len(hands) == 1:
            return True
        return all(self.stage.metrics(hand.name).get(
            "baodao_messages_total", 0) > 0 for hand in hands)

    def sample(self, folded, hands):
        return {"time": time.monotonic(), "folded": folded,
                **cost.processors(self.stage, hands)}

    def floor_environment(self, leg, batch, rows):
        env = self.environment("baodao_" + leg.service, "baodao_floor")
        env.update({"BATCH_MAX": str(batch), "MESSAGES": str(rows),
                    "INSTANCE": "floor-" + leg.service, "REDIS": "",
                    "SIDE": ""})
        return env

    def two_floors(self, leg, batch):
        """Half of the partitions each, side by side; all that lies there."""
        floors = []
        for n, (first, behind) in enumerate(((0, 3), (3, 6))):
            env = self.floor_environment(leg, batch, 0)
            env.update({"FIRST": str(first), "BEHIND": str(behind), "GO": "1",
                        "INSTANCE": "floor-%s-%d" % (leg.service, n)})
            floors.append(subprocess.Popen(
                [self.programs / ("floor-" + leg.service), "--replay"],
                env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, text=True))
        try:
            for floor in floors:
                if floor.stdout.readline() != "ready\n":
                    raise StageError("floor: %s" % floor.stderr.read()[-500:])
            said = []
            for floor in floors:
                floor.stdin.write("go\n")
                floor.stdin.flush()
            for floor in floors:
                out, wrong = floor.communicate(timeout=DRAIN_S)
                if floor.returncode:
                    raise StageError("floor: %s" % wrong[-500:])
                said.append(json.loads(out.splitlines()[-1]))
        finally:
            for floor in floors:
                floor.kill()
                floor.wait()
        return {"per_second": sum(one["rows"] for one in said)
                / max(one["seconds"] for one in said)}

    def floor(self, leg, rows, batch):
        """The same messages by a bare program; see floor.c."""
        env = self.floor_environment(leg, batch, rows)
        before = cost.processors(self.stage)["postgres"]
        done = subprocess.run(
            [self.programs / ("floor-" + leg.service), "--replay"], env=env,
            capture_output=True, text=True, timeout=DRAIN_S)
        if done.returncode:
            raise StageError("floor: %s%s" % (done.stdout[-500:],
                                              done.stderr[-500:]))
        said = json.loads(done.stdout.splitlines()[-1])
        spent = cost.processors(self.stage)["postgres"] - before
        return {"per_second": said["rows"] / said["seconds"],
                "us": {"client": said["client_us"],
                       "postgres": spent * 1e6 / said["rows"]}}

    def compare(self, leg):
        """The floor must have written what the worker wrote."""
        mine, floor = self.heads(leg.topic), self.heads(leg.topic,
                                                        "baodao_floor")
        if mine != floor:
            raise StageError("%s: the floor's chain differs: %s %s"
                             % (leg.topic, mine, floor))
