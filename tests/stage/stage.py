"""A whole cell for a test or the demo: servers, migrations, daemons."""
import atexit
import json
import os
import re
import shutil
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .cell import Cell, read
from .process import (Daemon, StageError, alive, end, free_port,
                      start_ticks)
from .servers import TOP, Kafka, Postgres, Redis, remove_place

DAEMONS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1",
           "gateway-1")

# How a cell is born: the words for `baodao`, and the database role they need.
# {dir}, {schemas} and {clock} are filled in; an empty word is left out.
BIRTH = (
    (("keys", "{dir}/keys"), "postgres"),
    (("migrate", "{clock}", "--district=530103"), "postgres"),
    (("topics", "create"), "baodao_operator"),
    (("reference", "load", "{schemas}/reference"), "baodao_operator"),
)

# What gcc and clang print when a checked build finds a fault.
SANITIZER = re.compile(r"(ERROR|WARNING): \w+Sanitizer|: runtime error: ")


def silent(*_):
    """Says nothing."""


class Stage(Cell):
    """Servers and daemons of one cell under one folder, held by this process.

        with Stage("build/test/x") as stage:
            stage.http("GET", "/v1/queues", token=token)

    settings: {"track": {"BATCH_MAX": "1"}} or {"track-1": …} adds to the
    environment of a service or of one instance.
    """

    def __init__(self, dir, bin=None, test_clock=None, cell="panlong",
                 daemons=DAEMONS, settings=None, birth=BIRTH, say=silent):
        super().__init__(dir)
        self.bin = Path(bin or os.environ.get("BAODAO_BIN")
                        or TOP / "build" / "bin").resolve()
        self.schemas = TOP / "schemas"
        self.test_clock, self.cell, self.birth = test_clock, cell, birth
        self.wanted, self.settings = tuple(daemons), settings or {}
        self.say, self.ready, self.daemons = say, False, {}
        self.lock = threading.Lock()
        self.began = time.monotonic()

    # --- coming and going

    def start(self):
        """All of it, ready; a Stage that fails is stopped, its logs stay."""
        try:
            self.start_servers()
            self.be_born()
            self.start_daemons()
        except BaseException:
            self.stop()
            raise
        self.ready = True
        self.note()
        return self

    def start_servers(self):
        down(self.dir)
        clear(self.dir)
        (self.dir / "log").mkdir(parents=True, exist_ok=True)
        self.kafka = Kafka(self.dir)
        self.postgres = Postgres(self.dir)
        self.redis = Redis(self.dir, self.postgres.home)
        for server in self.servers():
            server.on_change = self.note
            server.launch()
        for server in self.servers():
            server.wait_ready()
            self.tell(server.name + " is ready")
        self.sql("CREATE DATABASE baodao_" + self.cell, dbname="postgres")

    def be_born(self):
        clock = self.test_clock and "--test-clock=" + self.test_clock or ""
        for words, user in self.birth:
            words = [word.format(dir=self.dir, schemas=self.schemas,
                                 clock=clock) for word in words]
            words = [word for word in words if word]
            self.baodao(*words, user=user, seconds=300)
            self.tell("baodao " + " ".join(words))

    def start_daemons(self):
        for name in self.wanted:
            self.add(name)
        for daemon in self.daemons.values():
            daemon.launch()
        for daemon in self.daemons.values():
            daemon.wait_ready()
        if self.daemons:
            self.tell("%d daemons are ready" % len(self.daemons))

    def add(self, name, **settings):
        """One more instance ("track-2"), not started yet."""
        service = name.rpartition("-")[0]
        side = "127.0.0.1:%d" % free_port()
        env = self.environment("baodao_" + service)
        env.update({"INSTANCE": name, "SIDE": side})
        if service == "gateway":
            env["LISTEN"] = "127.0.0.1:%d" % free_port()
        for more in (self.settings.get(service), self.settings.get(name),
                     settings):
            env.update({key: str(value) for key, value in (more or {}).items()})
        daemon = Daemon(name, self.dir / "log" / (name + ".log"),
                        [self.bin / ("baodao-" + service)], env, side)
        daemon.on_change = self.note
        self.daemons[name] = daemon
        return daemon

    def stop(self):
        """Ends everything; what it wrote stays under dir. Gives a line for
        each daemon that had to be forced."""
        self.ready = False
        for daemon in self.daemons.values():
            daemon.wanted.clear()
        kept = [daemon for daemon in self.daemons.values()
                if daemon.keeper and daemon.keeper.is_alive()]
        with ThreadPoolExecutor(max_workers=16) as pool:
            late = [line for line in pool.map(stop_one, kept) if line]
        for server in reversed(self.servers()):
            server.stop()
        (self.dir / "stage.json").unlink(missing_ok=True)
        for line in late:
            self.tell(line)
        return late

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    # --- what tests ask

    def daemon(self, name):
        return self.daemons[name]

    def sanitizer_reports(self):
        return sanitizer_reports(self.dir)

    # --- what it tells others

    def servers(self):
        return [getattr(self, name) for name in ("kafka", "postgres", "redis")
                if hasattr(self, name)]

    def tell(self, line):
        self.say("%5.1f s  %s" % (time.monotonic() - self.began, line))

    def facts(self):
        return {
            "dir": str(self.dir), "bin": str(self.bin), "cell": self.cell,
            "schemas": str(self.schemas), "test_clock": self.test_clock,
            "ready": self.ready,
            "stage": {"pid": os.getpid(), "start": start_ticks(os.getpid())},
            "servers": {server.name: server.fact()
                        for server in self.servers()},
            "daemons": {name: daemon.fact()
                        for name, daemon in list(self.daemons.items())},
        }

    def note(self):
        """Writes stage.json."""
        with self.lock:
            write_whole(self.dir / "stage.json",
                        json.dumps(self.facts(), indent=1) + "\n")


def stop_one(daemon):
    """None, or what went wrong."""
    try:
        daemon.stop()
    except StageError as error:
        return str(error)


def write_whole(path, text):
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)


def down(dir):
    """Ends what stage.json names, whoever started it. False if nothing was
    there."""
    facts = read(dir)
    if not facts:
        return False
    keeper = facts["stage"]
    if keeper["pid"] != os.getpid():
        end(keeper["pid"], keeper["start"], seconds=60)
    facts = read(dir) or facts
    for name, one in {**facts["daemons"], **facts["servers"]}.items():
        if one["pid"] and alive(one["pid"], one["start"]):
            number = signal.SIGINT if name == "postgres" else signal.SIGTERM
            end(one["pid"], one["start"], number, seconds=20)
    (Path(dir) / "stage.json").unlink(missing_ok=True)
    return True


def clear(dir):
    """Takes away what an earlier stage left, and nothing else."""
    for name in ("log", "kafka", "keys"):
        shutil.rmtree(dir / name, ignore_errors=True)
    if dir.exists():
        remove_place(dir)


def sanitizer_reports(dir, since=0):
    """(log, line) of each fault that a checked build has printed, in logs
    written since then (seconds of time.time())."""
    return [(log.name, line)
            for log in sorted((Path(dir) / "log").glob("*.log"))
            if log.stat().st_mtime >= since
            for line in log.read_text(errors="replace").splitlines()
            if SANITIZER.search(line)]


shared = {}


def shared_stage(name="flow", **options):
    """A Stage under build/test/NAME, started once a test module and ended
    with it. Ask for it with the same options everywhere; leave it as you found
    it: all servers and daemons running."""
    known = shared.get(name)
    if known and known[1] != options:
        raise StageError("stage %s runs with %s, not %s"
                         % (name, known[1], options))
    if not known:
        stage = Stage(TOP / "build" / "test" / name, **options)
        atexit.register(stage.stop)
        shared[name] = (stage, options)
        stage.start()
    return shared[name][0]
