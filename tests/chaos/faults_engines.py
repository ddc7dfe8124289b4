"""Kafka, PostgreSQL and Redis killed, stopped, emptied, full, held."""
import os
import signal
import socket
import subprocess

from tests.stage.cell import SUPERUSER, postgres_bin

from . import brokers
from .fault import Fault, count_in
from .faults_daemons import wait_for
from .stage import SERVICES


# --- Kafka

class OfBroker(Fault):
    targets, seconds = (1, 2, 3), (4, 9)

    def __init__(self, *args):
        super().__init__(*args)
        self.led, self.left = (), ()

    @classmethod
    def subject(cls, target):
        return "kafka"

    def others(self):
        """What the first of the others that answers says."""
        for other in self.stage.brokers:
            if other is not self.broker:
                try:
                    return brokers.look(other.port)
                except OSError:
                    pass
        return set(), {}

    def strike(self):
        """Of a broker that leads nothing the next one is struck."""
        for n in range(self.target - 1, self.target + 2):
            self.broker = self.stage.brokers[n % 3]
            self.led = {place for place, node in self.others()[1].items()
                        if node == self.broker.node}
            if self.led:
                break
        self.stage.keep_away(self.broker)
        self.hit()

    def look(self):
        leaders = self.others()[1]
        self.left = self.left or {place for place in self.led if
                                  leaders.get(place, -1) not in
                                  (-1, self.broker.node)}

    def bitten(self):
        return self.left

    def heal(self):
        self.stage.bring_back(self.broker)

    def bite(self):
        gone = self.gone()
        return ("%s %s, %d of its %d partitions led by others" % (
            self.broker.name, gone, len(self.left), len(self.led))
            if gone and self.left else "")


class BrokerKill(OfBroker):
    name, seconds = "broker kill -9", (6, 10)

    def hit(self):
        self.broker.kill()
        self.code = self.broker.popen.returncode

    def gone(self):
        return "exit -9" if self.code == -signal.SIGKILL else ""


class BrokerRestart(OfBroker):
    """Ended in order: it hands its leaderships over first."""
    name = "broker restart"

    def hit(self):
        self.broker.end(seconds=30)
        self.code = self.broker.popen.returncode

    def gone(self):
        return "exit %d" % self.code


class BrokerFreeze(OfBroker):
    """Silent for longer than its session with the controller."""
    name, seconds = "leader change (frozen broker)", (7, 10)

    def hit(self):
        self.broker.send(signal.SIGSTOP)

    def heal(self):
        self.broker.send(signal.SIGCONT)
        super().heal()

    def gone(self):
        return "silent"


# --- PostgreSQL

class OfPostgres(Fault):
    def __init__(self, *args):
        super().__init__(*args)
        self.postgres = self.stage.postgres

    @classmethod
    def subject(cls, target):
        return "postgres"

    def count_lines(self):
        """How often PostgreSQL's log says what this fault makes it say."""
        return count_in(self.postgres.log, self.words)


class PgStop(OfPostgres):
    name, seconds = "PostgreSQL immediate stop", (1, 8)
    words = "received immediate shutdown request"

    def strike(self):
        self.before = self.count_lines()
        self.stage.keep_away(self.postgres)
        self.postgres.stop("immediate")

    def heal(self):
        self.stage.bring_back(self.postgres)

    def bite(self):
        return self.words if self.count_lines() > self.before else ""


class PgCut(OfPostgres):
    """pg_terminate_backend, again and again."""
    name, targets = "connections terminated", (*SERVICES, "gateway", "%")
    words = "terminating connection due to administrator command"
    CUT = ("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
           " WHERE usename LIKE 'baodao_%s' AND usename <> 'baodao_operator'")

    def strike(self):
        self.before, self.cut = self.count_lines(), 0
        self.look()

    def look(self):
        self.cut += self.ask(self.CUT % self.target, 0)

    def bitten(self):
        return self.cut

    def bite(self):
        said = self.count_lines() - self.before
        return ("%d connections, %d lines in its log" % (self.cut, said)
                if self.cut and said else "")


class PgLock(OfPostgres):
    """Somebody else holds the rows of a worker."""
    name, targets, seconds = "held lock", SERVICES, (3, 9)
    HOLD = ("SET application_name = 'holder'; BEGIN; SELECT FROM log.consumer"
            " WHERE service = '%s' FOR UPDATE; SELECT pg_sleep(60);")
    LET_GO = ("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
              " WHERE application_name = 'holder'")
    HELD = ("SELECT count(*) FROM pg_stat_activity WHERE application_name ="
            " 'holder' AND wait_event = 'PgSleep'")
    WAITING = ("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type ="
               " 'Lock' AND usename = 'baodao_%s'")

    def strike(self):
        self.waited = 0
        self.holder = subprocess.Popen(
            [postgres_bin() / "psql", "-X", "-q", "-c",
             self.HOLD % self.target, self.stage.conninfo(SUPERUSER)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_for(lambda: self.ask(self.HELD))
        self.nemesis.say_poison(self.target)    # something to fold

    def look(self):
        self.waited += self.ask(self.WAITING % self.target, 0)

    def bitten(self):
        return self.waited

    def heal(self):
        self.ask(self.LET_GO)
        self.holder.wait(60)

    def bite(self):
        return ("seen waiting %d times" % self.waited if self.waited else "")


class PgFull(OfPostgres):
    """No file may grow."""
    name, seconds = "PostgreSQL's disk full", (4, 9)
    words = "No space left on device"

    def strike(self):
        self.before, self.count = self.count_lines(), 0
        self.put(self.postgres.full)

    def bitten(self):
        return self.count_lines() > self.before

    def put(self, flag):
        flag.touch()
        os.chmod(flag, 0o666)

    def heal(self):
        self.count = self.postgres.full.stat().st_size
        self.postgres.full.unlink()
        self.stage.bring_back(self.postgres)

    def bite(self):
        said = self.count_lines() - self.before
        return ("%d writes refused, %d lines in its log" % (self.count, said)
                if self.count and said else "")


class PgFullWal(PgFull):
    """Nor may the WAL be written: it panics and comes back by itself."""
    name = "WAL's disk full"

    def strike(self):
        self.panics = count_in(self.postgres.log, "PANIC:")
        self.wal = self.postgres.full.with_name("full.wal")
        self.put(self.wal)
        super().strike()

    def heal(self):
        self.wal.unlink()
        super().heal()

    def bite(self):
        panics = count_in(self.postgres.log, "PANIC:") - self.panics
        return "%d panics, %s" % (panics, super().bite()) if panics else ""


# --- Redis

class OfRedis(Fault):
    def __init__(self, *args):
        super().__init__(*args)
        self.redis = self.stage.redis

    @classmethod
    def subject(cls, target):
        return "redis"


class RedisKill(OfRedis):
    name = "Redis kill -9"

    def strike(self):
        self.refused = False
        self.stage.keep_away(self.redis)
        self.redis.kill()

    def look(self):
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.redis.socket))
            except OSError:
                self.refused = True

    def heal(self):
        self.stage.bring_back(self.redis)

    def bite(self):
        return "refused connections" if self.refused else ""


class RedisFlush(OfRedis):
    name, seconds = "Redis FLUSHALL", (1, 3)

    def strike(self):
        self.keys = wait_for(lambda: int(self.redis.cli("DBSIZE")))
        self.flushed = self.redis.cli("FLUSHALL")

    def bite(self):
        return ("%d keys gone" % self.keys
                if self.keys and self.flushed == "OK" else "")


class RedisPause(OfRedis):
    name = "Redis paused"

    def strike(self):
        self.silent = 0
        self.redis.send(signal.SIGSTOP)

    def look(self):
        self.silent += not self.redis.ready()

    def bitten(self):
        return self.silent

    def heal(self):
        self.redis.send(signal.SIGCONT)
        self.stage.bring_back(self.redis)

    def bite(self):
        return "%d PINGs unanswered" % self.silent if self.silent else ""


FAULTS = (BrokerKill, BrokerRestart, BrokerFreeze, PgStop, PgCut, PgLock,
          PgFull, PgFullWal, RedisKill, RedisFlush, RedisPause)
