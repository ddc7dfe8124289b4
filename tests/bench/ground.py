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
from .legs import DUTY, LEGS, OFFICERS

POLL_S = 0.05
DRAIN_S = 240


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
        names = [leg.service + "-1" for leg in LEGS]
        for name in names:
            self.stage.add(name).launch()
        for name in names:
            self.stage.daemon(name).wait_ready()
        wait(lambda: self.folded(DUTY.topic) >= OFFICERS, 30,
             "the officers to be on duty")
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
             str(count)], env=self.environment("baodao_operator"), check=True,
            text=True, input=data, timeout=DRAIN_S)

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

    # --- measuring

    def drain(self, leg, rows, batch):
        """Starts the leg's worker on a backlog of `rows` and measures from
        its first commit to its last."""
        goal = self.folded(leg.topic) + rows
        name = leg.service + "-1"
        ask = Ask(self.stage.conninfo("postgres"))
        worker = self.stage.add(name, BATCH_MAX=batch)
        query = ("SELECT sum(next_offset) FROM log.consumer"
                 " WHERE topic = '%s'" % leg.topic)
        try:
            worker.launch()
            first, last = self.watch(ask, query, goal - rows, goal, worker)
            metrics = self.stage.metrics(name)
            wait(lambda: self.published(leg.topic), 30,
                 "Kafka to have all that was said")
        finally:
            ask.close()
            worker.stop()
        count = last["folded"] - first["folded"]
        spent = {process: (last[process] - first[process]) * 1e6 / count
                 for process in ("worker", "postgres", "kafka", "redis")}
        return {"per_second": count / (last["time"] - first["time"]),
                "us": spent, "metrics": metrics}

    def watch(self, ask, query, start, goal, worker):
        first, end = None, time.monotonic() + DRAIN_S
        while time.monotonic() < end:
            folded = ask.number(query)
            if first is None and folded > start:
                first = self.sample(folded, worker)
            if folded >= goal:
                last = self.sample(folded, worker)
                if first["folded"] >= goal:
                    raise StageError("too few messages to measure")
                return first, last
            if not worker.running() and worker._gone():
                raise StageError("%s ended with %s" % (worker.name,
                                                       worker.exits))
            time.sleep(POLL_S)
        raise StageError("not drained in %d s: %d of %d" % (
            DRAIN_S, folded - start, goal - start))

    def sample(self, folded, worker):
        return {"time": time.monotonic(), "folded": folded,
                **cost.processors(self.stage, worker)}

    def floor(self, leg, rows, batch):
        """The same messages by a bare program; see floor.c."""
        env = self.environment("baodao_" + leg.service, "baodao_floor")
        env.update({"BATCH_MAX": str(batch), "MESSAGES": str(rows),
                    "INSTANCE": "floor-" + leg.service, "REDIS": "", "SIDE": ""})
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
