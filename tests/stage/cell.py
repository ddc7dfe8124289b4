"""What a test or the demo asks of a cell that runs: HTTP, SQL, the operator's
command line, metrics, logs."""
import json
import os
import subprocess
from pathlib import Path

from . import client
from .process import StageError, wait

SUPERUSER = "postgres"


def postgres_bin():
    """Where Debian keeps the programs of the newest PostgreSQL."""
    found = max(Path("/usr/lib/postgresql").glob("*/bin"), default=None,
                key=lambda path: float(path.parent.name))
    if not found:
        raise StageError("no PostgreSQL: run tests/stage/setup.sh")
    return found


class Cell:
    """A cell that another process holds (`python3 -m tests.stage up`), known
    by its stage.json. Stage is one that this process holds.

        Cell("build/run").http("GET", "/v1/queues", token=token)
    """

    def __init__(self, dir):
        self.dir = Path(dir).resolve()

    def facts(self):
        """Every pid, port and path: what stage.json says."""
        facts = read(self.dir)
        if not facts:
            raise StageError("nothing runs in %s" % self.dir)
        return facts

    def http(self, method, path, token=None, body=None, headers=(),
             gateway="gateway-1", seconds=30):
        """(status, headers with small names, JSON or text)."""
        return client.talk(self.listen(gateway), method, path, token, body,
                           headers, seconds)

    def events(self, token=None, last_id=None, gateway="gateway-1"):
        """The stream of events, collected from now on."""
        return client.Events(self.listen(gateway), token=token,
                             last_id=last_id)

    def listen(self, gateway="gateway-1"):
        """host:port of a gateway's public side."""
        return self.facts()["daemons"][gateway]["listen"]

    def metrics(self, name):
        """A daemon's metrics as {'name{label="x"}': number}."""
        return client.metrics(self.facts()["daemons"][name]["side"])

    def logs(self, name):
        """The facts that a daemon has logged: its lines that are JSON."""
        facts = []
        path = self.dir / "log" / (name + ".log")
        for line in path.read_text(errors="replace").splitlines():
            try:
                facts.append(json.loads(line))
            except ValueError:
                continue
        return facts

    def sql(self, query, user=SUPERUSER, dbname=None, seconds=60):
        """The rows of a query as tuples of text; NULL is None."""
        done = subprocess.run(
            [postgres_bin() / "psql", "-X", "-q", "-A", "-t", "-F", "\x1f",
             "-R", "\x1e", "-P", "null=\x1d", "-v", "ON_ERROR_STOP=1",
             "-f", "-", self.conninfo(user, dbname)],
            input=query, capture_output=True, text=True, timeout=seconds)
        if done.returncode:
            raise StageError("%s\nin: %s" % (done.stderr.strip(), query))
        text = done.stdout.removesuffix("\n")
        return [tuple(None if cell == "\x1d" else cell
                      for cell in row.split("\x1f"))
                for row in text.split("\x1e")] if text else []

    def sql_json(self, query, user=SUPERUSER):
        """The rows of one query as dictionaries."""
        rows = self.sql("SELECT coalesce(json_agg(t), '[]') FROM (%s) t"
                        % query.rstrip("; \n"), user)
        return json.loads(rows[0][0])

    def baodao(self, *words, input=None, check=True, user="baodao_operator",
               seconds=120):
        """Runs the operator's command line; gives subprocess's result, with
        stdout and stderr as text."""
        words = [str(word) for word in words]
        done = subprocess.run(
            [Path(self.facts()["bin"]) / "baodao", *words],
            env=self.environment(user), input=input or "",
            capture_output=True, text=True, timeout=seconds)
        if check and done.returncode:
            raise StageError("baodao %s: exit %d\n%s%s" % (
                " ".join(words), done.returncode, done.stdout[-2000:],
                done.stderr[-2000:]))
        return done

    def wait(self, predicate, seconds, what, every=0.05):
        """process.wait(), and says which daemons ended meanwhile."""
        before = self.ends()
        try:
            return wait(predicate, seconds, what, every)
        except StageError as error:
            gone = ["%s ended with %s" % (name, ends[len(before[name]):])
                    for name, ends in self.ends().items()
                    if len(ends) > len(before.get(name, ends))]
            raise StageError("; ".join([str(error), *gone])) from None

    def ends(self):
        """Name of each daemon -> the statuses with which it has ended."""
        return {name: one["exits"]
                for name, one in self.facts()["daemons"].items()}

    def conninfo(self, user, dbname=None):
        facts = self.facts()
        return "host=%s port=%s dbname=%s user=%s" % (
            facts["servers"]["postgres"]["host"],
            facts["servers"]["postgres"]["port"],
            dbname or "baodao_" + facts["cell"], user)

    def settings_of(self, user):
        """What each of our programs is told, in the role of this user."""
        facts = self.facts()
        return {"CELL": facts["cell"],
                "KAFKA": facts["servers"]["kafka"]["address"],
                "POSTGRES": self.conninfo(user),
                "REDIS": facts["servers"]["redis"]["socket"],
                "KEYS": str(self.dir / "keys"), "SCHEMAS": facts["schemas"]}

    def environment(self, user):
        keep = {name: value for name, value in os.environ.items()
                if name in ("PATH", "HOME", "LANG", "LD_PRELOAD")
                or name.endswith("SAN_OPTIONS")}
        return {**keep, **self.settings_of(user)}


def read(dir):
    """What stage.json says, or None."""
    try:
        return json.loads((Path(dir) / "stage.json").read_text())
    except (OSError, ValueError):
        return None
