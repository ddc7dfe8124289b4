"""Ten times a second, how far each partition is folded, and by whom."""
import subprocess
import threading
import time
from collections import namedtuple

from tests.stage.cell import SUPERUSER, postgres_bin

EVERY_S = 0.1
GIVEN_UP_S = 90
QUERY = ("SELECT service, topic, partition, epoch, next_offset, owner"
         " FROM log.consumer;\n\\echo .\n")
Row = namedtuple("Row", "service topic partition epoch next_offset owner")


class Watch:
    """Samples of log.consumer as (monotonic, {(topic, partition): Row});
    there are none while PostgreSQL is away."""

    def __init__(self, stage):
        self.stage, self.samples = stage, []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()
        return self

    def stop(self):
        self.over.set()
        self.thread.join(10)

    def last(self):
        return self.samples[-1][1] if self.samples else {}

    def since(self, when):
        return [sample for sample in self.samples if sample[0] > when]

    def raised(self, service, when):
        """By how much the epochs of a service have risen since, at most."""
        before = next((rows for at, rows in reversed(self.samples)
                       if at <= when), {})
        return max((row.epoch - before[place].epoch
                    for place, row in self.last().items()
                    if row.service == service and place in before), default=0)

    def owned_by(self, owner, when):
        return any(row.owner == owner for _, rows in self.since(when)
                   for row in rows.values())

    def take_overs(self, service, killed_at):
        """For each partition of the service the seconds from a kill until a
        successor owns it, and to the first batch that the successor committed
        (which takes a message): two lists."""
        owned, folded, before, seen = [], [], {}, {}
        for at, rows in self.samples:
            for place, row in rows.items():
                if row.service != service or seen.get(place) is True:
                    continue
                if at <= killed_at:
                    before[place] = row
                elif at > killed_at + GIVEN_UP_S or place not in before:
                    continue
                elif place in seen and row.next_offset > seen[place]:
                    folded.append(at - killed_at)
                    seen[place] = True
                elif place not in seen and row.epoch > before[place].epoch:
                    owned.append(at - killed_at)
                    seen[place] = row.next_offset
        return owned, folded

    # --- one psql that is asked again and again

    def _run(self):
        while not self.over.is_set():
            psql = subprocess.Popen(
                ["stdbuf", "-oL", postgres_bin() / "psql", "-X", "-q", "-A",
                 "-t", "-F", "\t", self.stage.conninfo(SUPERUSER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, text=True)
            try:
                while not self.over.wait(EVERY_S):
                    self._ask(psql)
            except (OSError, ValueError):
                pass
            finally:
                psql.kill()
                psql.communicate()
            self.over.wait(0.2)

    def _ask(self, psql):
        psql.stdin.write(QUERY)
        psql.stdin.flush()
        rows = {}
        for line in iter(psql.stdout.readline, ".\n"):
            if not line:
                raise OSError("psql has ended")
            fields = line.rstrip("\n").split("\t")
            if len(fields) == 6:
                row = Row(fields[0], fields[1], int(fields[2]),
                          int(fields[3]), int(fields[4]), fields[5])
                rows[row.topic, row.partition] = row
        if rows:
            self.samples.append((time.monotonic(), rows))
