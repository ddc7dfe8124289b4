"""The stage of chaos: three brokers, and proxies before every engine; files
that make a disk full or a clock wrong; servers that are restarted as systemd
would."""
import base64
import os
import shutil
import signal
import threading
import uuid
from pathlib import Path

from tests.stage import Proxy, Stage
from tests.stage import stage as stages
from tests.stage.process import wait
from tests.stage.servers import KAFKA, TOP, Kafka, Postgres, Redis

from . import brokers

SESSION_MS = 4000
WORKERS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1")
SERVICES = tuple(name.partition("-")[0] for name in WORKERS)
# Told to go, asked to be restarted, killed by the nemesis: all else is a crash.
ENDS = {0, 75, -signal.SIGTERM, -signal.SIGKILL}
SHIM = TOP / "build" / "chaos" / "shim.so"
FAKETIME = "/usr/lib/%s/faketime/libfaketimeMT.so.1"

BIRTH = tuple(((*words, "--replicas=3"), user)
              if words[:2] == ("topics", "create") else (words, user)
              for words, user in stages.BIRTH)

# Of three, two must have it; who is dead is known in seconds.
CLUSTER = """
node.id={node}
controller.quorum.voters={voters}
default.replication.factor=3
min.insync.replicas=2
offsets.topic.replication.factor=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
share.coordinator.state.topic.replication.factor=3
share.coordinator.state.topic.min.isr=2
controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000
replica.lag.time.max.ms=3000
leader.imbalance.check.interval.seconds=10
"""


class Broker(Kafka):
    """One of three."""

    def __init__(self, stage_dir, node, voters):
        super().__init__(stage_dir)
        self.node, self.name = node, "kafka-%d" % node
        self.log = Path(stage_dir) / "log" / (self.name + ".log")
        self.home = Path(stage_dir) / "kafka" / str(node)
        self.voters, self.heap = voters, "160m"

    def launch(self):
        data = self.home / "data"
        if not data.exists():
            self.home.mkdir(parents=True, exist_ok=True)
            shutil.copytree(KAFKA / "empty", data)
            own = base64.urlsafe_b64encode(uuid.uuid4().bytes)[:22].decode()
            (data / "meta.properties").write_text(
                "version=1\ncluster.id=MkU3OEVBNTcwNTJENDM2Qg\n"
                "node.id=%d\ndirectory.id=%s\n" % (self.node, own))
        super().launch()

    def _properties(self):
        return super()._properties() + CLUSTER.format(
            node=self.node, voters=",".join(
                "%d@127.0.0.1:%d" % (b.node, b.controller_port)
                for b in self.voters))

    def ready(self):
        """It answers, and knows all three."""
        try:
            return len(brokers.look(self.port)[0]) == 3
        except OSError:
            return False


class FullablePostgres(Postgres):
    """Its disk is full while the file `full` is there."""

    def __init__(self, stage_dir):
        super().__init__(stage_dir)
        self.full = self.home / "full"
        shutil.copy(SHIM, self.home / "shim.so")
        os.chmod(self.home / "shim.so", 0o755)

    def spawn(self, argv, **more):
        super().spawn(argv, env={
            **os.environ, "LD_PRELOAD": str(self.home / "shim.so"),
            "FULL_FLAG": str(self.full), "FULL_UNDER": str(self.data)},
            **more)


class ChaosStage(Stage):
    """A Stage that can be broken: faults_*.py do.

    Daemons reach each engine through proxies: proxies["kafka-1"], …,
    proxies["postgres-track"], …, proxies["redis"]. We go straight.
    """

    def __init__(self, dir, **more):
        settings = {name: {"SESSION_MS": SESSION_MS} for name in SERVICES}
        super().__init__(dir, birth=BIRTH, settings=settings, **more)
        self.brokers, self.proxies, self.away = [], {}, set()
        self.mended = {}    # server -> times that it was found dead
        self.gone = []      # second instances that have ended
        self.over = threading.Event()

    # --- coming and going

    def start_servers(self):
        stages.down(self.dir)
        stages.clear(self.dir)
        (self.dir / "log").mkdir(parents=True, exist_ok=True)
        for node in (1, 2, 3):
            self.brokers.append(Broker(self.dir, node, self.brokers))
        self.postgres = FullablePostgres(self.dir)
        self.redis = Redis(self.dir, self.postgres.home)
        for server in self.servers():
            server.on_change = self.note
            server.launch()
        for server in self.servers():
            server.wait_ready()
            self.tell(server.name + " is ready")
        self.open_proxies()
        self.sql("CREATE DATABASE baodao_" + self.cell, dbname="postgres")
        self.keeper = threading.Thread(target=self._keep, daemon=True)
        self.keeper.start()

    def open_proxies(self):
        for broker in self.brokers:
            self.proxies[broker.name] = broker.proxy()
        for service in (*SERVICES, "gateway"):
            self.proxies["postgres-" + service] = self.postgres.proxy()
        door = self.postgres.home / "redis-door.sock"
        self.proxies["redis"] = Proxy(str(self.redis.socket),
                                      path=door).start()

    def servers(self):
        return [*self.brokers, *(getattr(self, name) for name in
                                 ("postgres", "redis") if hasattr(self, name))]

    def facts(self):
        facts = super().facts()
        facts["servers"]["kafka"] = {
            "pid": None, "start": None,
            "address": ",".join(b.address for b in self.brokers)}
        return facts

    def stop(self):
        self.over.set()
        late = super().stop()
        for proxy in self.proxies.values():
            proxy.stop()
        self.proxies = {}
        return late

    # --- a server that ended is started again, unless it is kept away

    def _keep(self):
        while not self.over.wait(0.3):
            for server in self.servers():
                if server.name in self.away or server.running():
                    continue
                self.mended[server.name] = self.mended.get(server.name, 0) + 1
                server.launch()

    def keep_away(self, server):
        self.away.add(server.name)

    def bring_back(self, server):
        """Started by the keeper; returns when it answers."""
        self.away.discard(server.name)
        wait(lambda: server.running() and server.ready(), 90,
             server.name + " to be back", every=0.2)

    def well(self):
        """Every server answers, every daemon wanted is ready."""
        return (all(s.running() and s.ready() for s in self.servers())
                and all(d.ready() for d in self.daemons.values()
                        if d.wanted.is_set()))

    # --- daemons behind the proxies

    def add(self, name, **settings):
        daemon = super().add(name, **settings)
        service = name.rpartition("-")[0]
        env, log = daemon.env, self.dir / "log"
        postgres = self.proxies["postgres-" + service].port
        env["KAFKA"] = ",".join(self.proxies[b.name].address
                                for b in self.brokers)
        env["POSTGRES"] = "host=127.0.0.1 port=%d dbname=baodao_%s user=%s" % (
            postgres, self.cell, "baodao_" + service)
        env["REDIS"] = self.proxies["redis"].address
        clock, full = (self.dir / (name + end) for end in (".clock", ".full"))
        clock.write_text("+0")
        full.unlink(missing_ok=True)
        env.update({
            "LD_PRELOAD": "%s:%s" % (SHIM, faketime()),
            "FULL_FLAG": str(full),
            "FULL_UNDER": str(log), "FAKETIME_TIMESTAMP_FILE": str(clock),
            "FAKETIME_CACHE_DURATION": "1", "FAKETIME_DISABLE_SHM": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1", "NO_FAKE_STAT": "1"})
        return daemon

    def add_old(self, name, place):
        """An instance of another build: place holds bin/ and schemas/."""
        daemon = self.add(name, SCHEMAS=place / "schemas")
        program = daemon.argv[0].name
        daemon.argv = [place / "bin" / program]
        return daemon

    def drop(self, name):
        """Forgets a second instance that has ended."""
        self.gone.append(self.daemons.pop(name))
        self.note()

    def crashes(self):
        return ["%s ended with %d; errors in its log: %s" % (
                    daemon.name, code, errors_in(daemon.log))
                for daemon in (*self.daemons.values(), *self.gone)
                for code in daemon.exits if code not in ENDS]


def errors_in(log):
    try:
        lines = log.read_text(errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return [line for line in lines if '"level":"error"' in line]


def faketime():
    return FAKETIME % (os.uname().machine + "-linux-gnu")
