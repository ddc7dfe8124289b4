"""Daemons killed, stopped, ended, joined by others; with wrong clocks, full
disks, beside an older build."""
import os
import signal
import socket
import time
from pathlib import Path

from tests.stage.process import StageError, wait

from .fault import Fault
from .stage import SESSION_MS, WORKERS

SHARED = ("intake-1", "dispatch-1", "track-1")    # of several partitions
BACK_S = 90     # of a daemon that was struck while an engine was away too
SESSION_S = SESSION_MS / 1000


def state_of(pid):
    """R, S, T, … of a process."""
    try:
        stat = Path("/proc/%d/stat" % pid).read_text()
    except OSError:
        return ""
    return stat.rpartition(")")[2].split()[0]


class OfDaemon(Fault):
    targets = (*WORKERS, "gateway-1")

    def __init__(self, *args):
        super().__init__(*args)
        self.daemon = self.stage.daemon(self.target)
        self.service = self.target.partition("-")[0]

    @classmethod
    def subject(cls, target):
        return target.partition("-")[0]


class Kill(OfDaemon):
    name, seconds, often = "kill -9", (1, 4), 4

    def strike(self):
        self.before = len(self.daemon.exits)
        self.restarts = self.daemon.restarts
        self.nemesis.kills.append((self.service, time.monotonic(), self))
        self.daemon.kill()

    def heal(self):
        self.daemon.wait_restart(self.restarts, BACK_S)

    def bite(self):
        return ("exit -9" if -signal.SIGKILL in self.daemon.exits[self.before:]
                else "")


class Doze(OfDaemon):
    """Stopped for less than its session lasts."""
    name, seconds = "SIGSTOP, short", (0.5, SESSION_S / 2)

    def strike(self):
        self.began, self.seen = time.monotonic(), ""
        self.daemon.send(signal.SIGSTOP)
        self.seen = wait(lambda: state_of(self.daemon.pid) == "T", 5,
                         "a stop", every=0.01)

    def heal(self):
        self.asleep_s = time.monotonic() - self.began
        self.daemon.send(signal.SIGCONT)
        self.daemon.wait_ready(BACK_S)

    def bite(self):
        return "state T for %.1f s" % self.asleep_s if self.seen else ""


class Sleep(Doze):
    """Stopped for longer: Kafka gives its partitions away."""
    name, seconds = "SIGSTOP, long", (SESSION_S + 2, SESSION_S + 5)
    targets = WORKERS

    def bite(self):
        rose = wait_for(lambda: self.watch.raised(self.service, self.began))
        return "%s, epoch +%d" % (super().bite(), rose) if rose else ""


class Term(OfDaemon):
    name, seconds = "SIGTERM", (1, 6)

    def strike(self):
        self.began = time.monotonic()
        self.daemon.stop()      # raises if it had to be forced
        self.took_s = time.monotonic() - self.began
        self.refused = False

    def look(self):
        host, port = self.daemon.side.split(":")
        try:
            socket.create_connection((host, int(port)), 1).close()
        except OSError:
            self.refused = True

    def heal(self):
        self.daemon.start(BACK_S)

    def bite(self):
        return ("exit 0 after %.1f s, refused connections" % self.took_s
                if self.refused and self.daemon.exits[-1] == 0 else "")


class Storm(OfDaemon):
    """A second instance joins and leaves, again and again."""
    name, seconds, targets = "rebalance storm", (10, 16), SHARED

    def strike(self):
        self.began, self.joined = time.monotonic(), 0
        self.other = self.stage.add(self.service + "-2")
        self.other.launch()

    def bitten(self):
        return self.watch.owned_by(self.other.name, self.began)

    def look(self):
        if not self.other.running():
            self.other.launch()
        elif self.other.ready():
            self.joined += 1
            time.sleep(1)
            self.other.stop()

    def heal(self):
        self.other.stop()
        self.stage.drop(self.other.name)

    def bite(self):
        rose = self.watch.raised(self.service, self.began)
        return ("%d times, epoch +%d" % (self.joined, rose)
                if rose and self.bitten() else "")


class Old(OfDaemon):
    """An older build takes part in the work."""
    name, seconds = "old build beside", (8, 14)
    targets = ("dispatch-1", "track-1")

    def strike(self):
        self.began, self.exe = time.monotonic(), ""
        self.other = self.stage.add_old(self.service + "-9", self.nemesis.old)
        self.other.launch()

    def look(self):
        try:
            self.exe = self.exe or os.readlink("/proc/%d/exe" % self.other.pid)
        except OSError:
            pass

    def bitten(self):
        return (self.exe.startswith(str(self.nemesis.old))
                and self.watch.owned_by(self.other.name, self.began))

    def heal(self):
        self.other.stop()
        self.stage.drop(self.other.name)

    def bite(self):
        return ("it owned partitions of " + self.service
                if self.bitten() else "")


class Clock(OfDaemon):
    """Its wall clock jumps to and fro; the monotonic one does not."""
    name, seconds, targets = "clock jump", (5, 10), WORKERS
    PULSE = ("SELECT extract(epoch FROM max(wall) - clock_timestamp())::bigint"
             " FROM log.pulse WHERE instance = '%s'")

    def strike(self):
        self.file = Path(self.daemon.env["FAKETIME_TIMESTAMP_FILE"])
        self.hours = [self.rng.choice((-30, -2, 3, 50)) for _ in range(2)]
        self.until = time.monotonic() + self.lasts_s / 2
        self.seen = []
        self.file.write_text("%+dh" % self.hours[0])

    def look(self):
        if time.monotonic() > self.until:
            self.file.write_text("%+dh" % self.hours[1])
        off_s = self.ask(self.PULSE % self.target, 0)
        self.seen += [h for h in self.hours
                      if h not in self.seen and abs(off_s - 3600 * h) < 1800]

    def bitten(self):
        return self.seen

    def heal(self):
        self.file.write_text("+0")

    def bite(self):
        return ("the pulse's wall clock went wrong by %s h"
                % " and ".join("%+d" % h for h in self.seen)
                if self.seen else "")


class FullLog(OfDaemon):
    """The disk of its log is full: it must go on."""
    name, seconds, targets = "log's disk full", (4, 8), WORKERS

    def strike(self):
        self.flag = Path(self.daemon.env["FULL_FLAG"])
        self.flag.touch()
        self.nemesis.say_poison(self.service)   # something to complain about

    def bitten(self):
        return self.flag.stat().st_size

    def heal(self):
        self.count = self.bitten()
        self.flag.unlink()

    def bite(self):
        return "%d lines refused (ENOSPC)" % self.count if self.count else ""


def wait_for(predicate, seconds=30):
    """As wait(), but gives what there is when the time is over."""
    try:
        return wait(predicate, seconds, "a bite", every=0.2)
    except StageError:
        return predicate()


FAULTS = (Kill, Doze, Sleep, Term, Storm, Old, Clock, FullLog)
