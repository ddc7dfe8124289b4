"""The three servers that exist already: Kafka, PostgreSQL, Redis."""
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path

from . import kafka_wire
from .cell import SUPERUSER, postgres_bin
from .process import (Process, StageError, children, end, free_port,
                      tail, wait)
from .proxy import Proxy

TOP = Path(__file__).resolve().parents[2]
KAFKA = TOP / "build" / "kafka"


class Server(Process):
    """What the three have in common. Not restarted by itself."""

    ready_s = 60

    def __init__(self, name, stage_dir):
        super().__init__(name, Path(stage_dir) / "log" / (name + ".log"))

    def launch(self):
        raise NotImplementedError

    def ready(self):
        raise NotImplementedError

    def start(self):
        self.launch()
        self.wait_ready()

    def wait_ready(self):
        try:
            wait(lambda: not self.running() or self.ready(), self.ready_s,
                 self.name)
        except StageError as error:
            raise StageError("%s\n%s" % (error, tail(self.log))) from None
        if not self.running():
            raise StageError("%s ended with %s\n%s" % (
                self.name, self.popen.returncode, tail(self.log)))

    def stop(self):
        self.end()

    def kill(self):
        """As a power cut would: with all that it has started."""
        family = children(self.pid) if self.running() else []
        self.end(signal.SIGKILL)
        for pid, ticks in family:
            end(pid, ticks, signal.SIGKILL)


def java(*words, heap="256m", archive=None, dump=None):
    jars = sorted(str(jar) for jar in (KAFKA / "libs").glob("*.jar"))
    if not jars:
        raise StageError("no jars in %s: run tests/stage/setup.sh"
                         % (KAFKA / "libs"))
    shared = []
    if dump:
        shared = ["-XX:ArchiveClassesAtExit=%s" % dump]
    elif archive and archive.exists():
        shared = ["-XX:SharedArchiveFile=%s" % archive]
    return ["java", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-XX:-UsePerfData", "-Xmx" + heap, "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            *shared, "-cp", ":".join(jars), *words]


class Kafka(Server):
    """One node, broker and controller. `port` is its front door, `proxy()`
    gives a second one that can be cut, slowed and silenced."""

    def __init__(self, stage_dir):
        super().__init__("kafka", stage_dir)
        self.home = Path(stage_dir) / "kafka"
        self.port, self.controller_port = free_port(), free_port()
        self.faulty_port, self.proxy_port = free_port(), free_port()
        self.address = "127.0.0.1:%d" % self.port
        self.dump, self.heap = None, "256m"

    def launch(self):
        self.home.mkdir(parents=True, exist_ok=True)
        properties = self.home / "server.properties"
        properties.write_text(self._properties())
        if not (self.home / "data").exists():
            empty = KAFKA / "empty"
            if empty.exists():
                shutil.copytree(empty, self.home / "data")
            else:
                self._format(properties)
        self.spawn(java("kafka.Kafka", properties, heap=self.heap,
                        dump=self.dump, archive=KAFKA / "kafka.jsa"),
                   cwd=self.home)

    def _properties(self):
        text = (TOP / "docker/kafka/server.properties").read_text()
        for word, value in (("HOST", "127.0.0.1"), ("PORT", self.port),
                            ("ADVERTISED", "127.0.0.1"),
                            ("CONTROLLER_PORT", self.controller_port),
                            ("FAULTY_PORT", self.faulty_port),
                            ("PROXY_PORT", self.proxy_port),
                            ("DATA", self.home / "data")):
            text = text.replace("@%s@" % word, str(value))
        return text

    def _format(self, properties):
        subprocess.run(
            [str(word) for word in java(
                "kafka.tools.StorageTool", "format", "-c", properties,
                "-t", "MkU3OEVBNTcwNTJENDM2Qg")],
            check=True, capture_output=True, timeout=60)

    def ready(self):
        try:
            return bool(kafka_wire.metadata(self.port)[0])
        except OSError:
            return False

    def topics(self):
        """Name of each topic -> number of partitions that have a leader."""
        return kafka_wire.metadata(self.port)[1]

    def proxy(self):
        """A started Proxy: daemons whose KAFKA is its address stay behind it,
        because Kafka sends them back there."""
        return Proxy(("127.0.0.1", self.faulty_port),
                     port=self.proxy_port).start()

    def fact(self):
        return {**super().fact(), "address": self.address}


def prepare_kafka():
    """Makes, once a checkout, the archive of loaded classes (a start takes a
    third of the time) and the formatted, empty data folder."""
    for name in ("kafka.jsa", "empty"):
        path = KAFKA / name
        shutil.rmtree(path, ignore_errors=True)
        path.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(dir=KAFKA) as place:
        (Path(place) / "log").mkdir()
        kafka = Kafka(place)
        kafka.dump = KAFKA / "kafka.jsa"
        (kafka.home).mkdir()
        properties = kafka.home / "server.properties"
        properties.write_text(kafka._properties())
        kafka._format(properties)
        shutil.copytree(kafka.home / "data", KAFKA / "empty")
        try:
            kafka.start()
        finally:
            kafka.end(seconds=60)


class Postgres(Server):
    """Reached by its unix socket alone, in a folder that only its own user
    (and root) can enter: so nobody needs a password."""

    PORT = 5432
    STOPS = {"smart": signal.SIGTERM, "fast": signal.SIGINT,
             "immediate": signal.SIGQUIT}

    def __init__(self, stage_dir):
        super().__init__("postgres", stage_dir)
        self.user = "postgres" if os.geteuid() == 0 else None
        self.home = place_for_sockets(Path(stage_dir), self.user)
        self.data = self.home / "data"
        self.bin = postgres_bin()

    def launch(self):
        if not self.data.exists():
            self._init()
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        self.spawn([self.bin / "postgres", "-D", self.data],
                   cwd=self.home, user=self.user)

    def _init(self):
        ids = {"user": self.user, "group": self.user, "extra_groups": []}
        done = subprocess.run(
            [self.bin / "initdb", "-D", self.data, "-U", SUPERUSER,
             "--locale=C.UTF-8", "-E", "UTF8", "-A", "trust", "--no-sync"],
            cwd=self.home, capture_output=True, text=True, timeout=120,
            **(ids if self.user else {}))
        if done.returncode:
            raise StageError("initdb: " + done.stderr)
        conf = (TOP / "docker/postgresql.conf").read_text()
        (self.data / "postgresql.conf").write_text(conf + (
            "\nlisten_addresses = ''\nport = %d\n"
            "unix_socket_directories = '%s'\n"
            "unix_socket_permissions = 0700\n" % (self.PORT, self.home)))
        (self.data / "pg_hba.conf").write_text(
            "# The folder of the socket is what keeps others out.\n"
            "local all all trust\nlocal replication all trust\n")

    def ready(self):
        return subprocess.run(
            [self.bin / "pg_isready", "-q", "-h", self.home, "-p",
             str(self.PORT), "-U", SUPERUSER],
            timeout=10).returncode == 0

    def stop(self, mode="fast"):
        self.end(self.STOPS[mode], seconds=30)

    def proxy(self):
        """A started Proxy in front; its clients come by TCP and are taken for
        our own user, because the proxy comes by the socket."""
        return Proxy(str(self.home / (".s.PGSQL.%d" % self.PORT))).start()

    def fact(self):
        return {**super().fact(), "host": str(self.home), "port": self.PORT}


class Redis(Server):
    """Reached by its unix socket alone; forgets everything when it ends."""

    ready_s = 20

    def __init__(self, stage_dir, home):
        super().__init__("redis", stage_dir)
        self.home = home
        self.socket = home / "redis.sock"

    def launch(self):
        conf = self.home / "redis.conf"
        conf.write_text((TOP / "docker/redis.conf").read_text()
                        + "unixsocket %s\n" % self.socket)
        self.spawn(["redis-server", conf], cwd=self.home)

    def ready(self):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(2)
            try:
                client.connect(str(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
            except OSError:
                return False

    def cli(self, *words):
        """What redis-cli prints for a command."""
        done = subprocess.run(
            ["redis-cli", "-s", self.socket, *map(str, words)],
            capture_output=True, text=True, timeout=30)
        if done.returncode:
            raise StageError("redis-cli: " + done.stdout + done.stderr)
        return done.stdout.removesuffix("\n")

    def fact(self):
        return {**super().fact(), "socket": str(self.socket)}


def place_for_sockets(stage_dir, user):
    """DIR/db, owned by the user that PostgreSQL runs as. A unix socket's path
    must be short, and that user must be able to walk to it: else DIR/db is a
    link to a folder under /tmp."""
    place = stage_dir / "db"
    remove_place(stage_dir)
    place.mkdir(mode=0o700)
    if user:
        os.chown(place, *pwd.getpwnam(user)[2:4])
    if len(str(place)) > 80 or not walks_to(place, user):
        place.rmdir()
        short = Path(tempfile.mkdtemp(prefix="baodao-"))
        place.symlink_to(short)
        place = short
        if user:
            os.chown(place, *pwd.getpwnam(user)[2:4])
    return place


def remove_place(stage_dir):
    place = stage_dir / "db"
    if place.is_symlink():
        shutil.rmtree(os.readlink(place), ignore_errors=True)
        place.unlink()
    shutil.rmtree(place, ignore_errors=True)


def walks_to(place, user):
    return not user or subprocess.run(
        ["test", "-x", place], user=user, group=user, extra_groups=[],
        cwd="/").returncode == 0
