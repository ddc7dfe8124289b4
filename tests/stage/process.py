"""Starts, watches and ends processes; a pid is trusted only with its start
time, so that nobody else's process is ever killed."""
import os
import random
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

LOWEST = 10000
# Where outgoing connections begin; on some machines already at 1024.
EPHEMERAL = max(20000, int(Path("/proc/sys/net/ipv4/ip_local_port_range")
                           .read_text().split()[0]))


class StageError(AssertionError):
    """Something on the stage did not come up, or not in time."""


claims = []    # a socket for each port that is ours until we end


def free_port():
    """A port that nobody listens on and no other process of ours has been
    given, though nobody may listen on it yet: who is given one claims its name
    among the abstract sockets, which the kernel frees when the process ends.
    It is below the range of outgoing connections: a server that was killed
    finds its port again, and no client that calls it meanwhile can be
    connected to itself."""
    for _ in range(200):
        port = random.randrange(LOWEST, EPHEMERAL)
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind("\0baodao-port-%d" % port)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            claim.close()
            continue
        claims.append(claim)
        return port
    raise StageError("no free port between %d and %d" % (LOWEST, EPHEMERAL))


def wait(predicate, seconds, what, every=0.05):
    """Calls predicate until it is true and returns what it gave; raises a
    StageError that names what was waited for."""
    end = time.monotonic() + seconds
    while True:
        got = predicate()
        if got:
            return got
        if time.monotonic() > end:
            raise StageError("waited %g s for %s" % (seconds, what))
        time.sleep(every)


def tail(path, lines=20):
    try:
        text = Path(path).read_text(errors="replace")
    except OSError as error:
        return str(error)
    return "\n".join(text.splitlines()[-lines:])


def start_ticks(pid):
    """When pid was started, or None if it is gone or a zombie."""
    try:
        stat = Path("/proc/%d/stat" % pid).read_text()
    except OSError:
        return None
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] in "ZX" else int(fields[19])


def alive(pid, ticks):
    return ticks is not None and start_ticks(pid) == ticks


def send(pid, ticks, number):
    if alive(pid, ticks):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass


def end(pid, ticks, number=signal.SIGTERM, seconds=10):
    """Ends the process, in the end by force. True if it went by itself."""
    send(pid, ticks, number)
    send(pid, ticks, signal.SIGCONT)
    try:
        wait(lambda: not alive(pid, ticks), seconds, "an end", every=0.02)
        return True
    except StageError:
        send(pid, ticks, signal.SIGKILL)
        wait(lambda: not alive(pid, ticks), 10, "pid %d to die" % pid)
        return False


def children(pid):
    """(pid, start) of the processes that pid has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            child = int(stat.parent.name)
            parent = stat.read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        if int(parent) == pid:
            found.append((child, start_ticks(child)))
    return found


class Process:
    """One program at a time under one name, its output appended to a log."""

    def __init__(self, name, log):
        self.name, self.log = name, Path(log)
        self.popen, self.ticks = None, None
        self.on_change = lambda: None

    def spawn(self, argv, env=None, cwd=None, user=None):
        ids = {"user": user, "group": user, "extra_groups": []} if user else {}
        with open(self.log, "ab") as log:
            self.popen = subprocess.Popen(
                [str(word) for word in argv], env=env, cwd=cwd, stdout=log,
                stderr=log, stdin=subprocess.DEVNULL, **ids)
        self.ticks = start_ticks(self.popen.pid)
        self.on_change()

    @property
    def pid(self):
        return self.popen.pid if self.popen else None

    def running(self):
        return self.popen is not None and self.popen.poll() is None

    def send(self, number):
        if self.running():
            self.popen.send_signal(number)

    def end(self, number=signal.SIGTERM, seconds=10):
        """As end() above, and reaps."""
        if not self.running():
            return True
        self.popen.send_signal(number)
        self.popen.send_signal(signal.SIGCONT)
        try:
            self.popen.wait(seconds)
            return True
        except subprocess.TimeoutExpired:
            self.popen.kill()
            self.popen.wait(10)
            return False
        finally:
            self.on_change()

    def fact(self):
        """What another process needs to find and end this one."""
        if not self.running():
            return {"pid": None, "start": None}
        return {"pid": self.pid, "start": self.ticks}


class Daemon(Process):
    """A program of ours, restarted as systemd does with Restart=on-failure."""

    FIRST_S, LAST_S, STEADY_S = 0.2, 2.0, 5.0
    CLEAN = {0, -signal.SIGTERM, -signal.SIGINT, -signal.SIGHUP,
             -signal.SIGPIPE}

    def __init__(self, name, log, argv, env, side):
        super().__init__(name, log)
        self.argv, self.env, self.side = argv, env, side
        self.exits, self.restarts = [], 0
        self.wanted, self.keeper = threading.Event(), None

    @property
    def side_url(self):
        return "http://" + self.side

    def launch(self):
        """Starts without waiting until it is ready."""
        if self.keeper and self.keeper.is_alive():
            return
        self.wanted.set()
        self.spawn(self.argv, self.env)
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()

    def start(self, seconds=30):
        self.launch()
        self.wait_ready(seconds)

    def stop(self, number=signal.SIGTERM, seconds=10):
        """Ends it and keeps it down; raises if it had to be forced."""
        self.wanted.clear()
        gently = self.end(number, seconds)
        if self.keeper:
            self.keeper.join(10)
        if not gently:
            raise StageError("%s did not end within %g s of signal %d"
                             % (self.name, seconds, number))

    def kill(self, number=signal.SIGKILL):
        """Sends a signal; whoever dies of it is started again by itself."""
        self.send(number)

    def ready(self):
        from .client import request
        try:
            return request(self.side, "GET", "/readyz", seconds=2)[0] == 200
        except OSError:
            return False

    def wait_ready(self, seconds=30):
        try:
            wait(lambda: self._gone() or self.ready(), seconds,
                 self.name + " to be ready")
        except StageError as error:
            raise StageError("%s; exits so far %s\n%s" % (
                error, self.exits, tail(self.log))) from None
        if self._gone():
            raise StageError("%s ended with %s before it was ready\n%s" % (
                self.name, self.exits, tail(self.log)))

    def wait_restart(self, before, seconds=30):
        """Waits until it has been restarted more than `before` times and is
        ready again."""
        wait(lambda: self.restarts > before, seconds,
             "a restart of " + self.name)
        self.wait_ready(seconds)

    def _gone(self):
        return not self.keeper.is_alive() and not self.running()

    def _keep(self):
        pause = self.FIRST_S
        while True:
            began = time.monotonic()
            code = self.popen.wait()
            self.exits.append(code)
            self.on_change()
            if not self.wanted.is_set() or code in self.CLEAN:
                return
            if time.monotonic() - began > self.STEADY_S:
                pause = self.FIRST_S
            time.sleep(pause)
            pause = min(2 * pause, self.LAST_S)
            if not self.wanted.is_set():
                return
            self.restarts += 1
            self.spawn(self.argv, self.env)

    def fact(self):
        return {**super().fact(), "side": self.side,
                "listen": self.env.get("LISTEN"),
                "restarts": self.restarts, "exits": list(self.exits)}
