"""Ten times the rate for a minute, and what became of it.

    python3 -m tests.bench.overload --bin build/bin [--rate 300] [--times 10]
                                    [--seconds 60]

Half of what comes are issues that are raised, half are lists that are looked
at. Prints each phase, the queue and the memory over time, and how long what
was accepted took to be worked off. Fails when something accepted was not
folded exactly once, when a 503 had no Retry-After, when a daemon held more
than its bound, or when nobody is let in again afterwards.
"""
import argparse
import collections
import json
import sys
import threading
import time
from pathlib import Path

from tests.flow.people import People
from tests.stage import Stage
from tests.stage.process import wait

from . import cost
from .wave import Wave, uuid7

WHO, LOOKS = "community/530103003001/li", "district_dispatch/530103/wang"
ISSUE = json.dumps({"home": "530103003001", "title": "路灯不亮",
                    "text": "小区门口的灯三天没亮了"},
                   ensure_ascii=False).encode()
MOST_KIB = 256 * 1024     # BaodaoMemory's bound
WORK_OFF_S = 300
CALM_S = 10               # before the wave; twice that after it


def say(line):
    print(line, flush=True)


def requests(cell):
    """make(n) for Wave: every other one is an issue."""
    people = People(cell)
    head = (b"%%s %%s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n"
            % people.token(WHO).encode())
    raise_ = head % (b"POST", b"/v1/issues") + (
        b"Content-Type: application/json\r\nContent-Length: %d\r\n"
        b"Idempotency-Key: %%s\r\n\r\n%s" % (len(ISSUE), ISSUE))
    look = (head.replace(people.token(WHO).encode(),
                         people.token(LOOKS).encode())
            % (b"GET", b"/v1/issues?limit=50") + b"\r\n")

    def make(n):
        if n % 2:
            return "look", None, look
        id = uuid7()
        return "raise", id, raise_ % id.encode()

    return make


class Watch(threading.Thread):
    """Reads queue and memory once a second until it is stopped."""

    def __init__(self, cell):
        super().__init__(daemon=True)
        self.cell, self.rows, self.over = cell, [], threading.Event()
        self.began = time.monotonic()

    def run(self):
        while not self.over.wait(1):
            self.rows.append((time.monotonic() - self.began,
                              waiting(self.cell), self.memory()))

    def memory(self):
        return {name: cost.memory_kib(one["pid"])[0]
                for name, one in self.cell.facts()["daemons"].items()}

    def stop(self):
        self.over.set()
        self.join(10)


def waiting(cell):
    """Messages that intake has not folded."""
    return sum(value for key, value in cell.metrics("intake-1").items()
               if key.startswith("baodao_lag_messages{"))


def folded(cell):
    """Command -> how often it became an issue, of all in the log."""
    return collections.Counter(dict(
        (cause, int(n)) for cause, n in cell.sql(
            "SELECT cause, count(*) FROM log.entry"
            " WHERE type = 'issue.raised' GROUP BY cause")))


def run(cell, rate, times, seconds, calm=CALM_S):
    """Plays base, wave, base, and waits for what was accepted; a dictionary of
    what came of it."""
    wave = Wave(cell.listen(), requests(cell))
    watch = Watch(cell)
    watch.start()
    answers = wave.play([("before", rate, calm),
                         ("wave", rate * times, seconds),
                         ("after", rate, 2 * calm)])
    began = time.monotonic()
    accepted = {a.id for a in answers if a.status == 202}
    wait(lambda: not accepted - set(folded(cell)), WORK_OFF_S,
         "what was accepted to be folded", every=0.5)
    worked_off_s = time.monotonic() - began
    watch.stop()
    found = folded(cell)
    return {
        "answers": answers, "accepted": accepted,
        "twice": [id for id in accepted if found[id] > 1],
        "strangers": [id for id in found if id not in wave.sent],
        "bare": sum(a.status == 503 and a.retry_s < 1 for a in answers),
        "shed": sum(a.status == 503 for a in answers),
        "rows": watch.rows, "late_s": wave.late_s,
        "worked_off_s": worked_off_s,
        "most_kib": {name: cost.memory_kib(one["pid"])[1]
                     for name, one in cell.facts()["daemons"].items()},
    }


# --- saying it

def quantile(values, q):
    values = sorted(values)
    return values[min(int(len(values) * q), len(values) - 1)] if values else 0


def tell(result, phases):
    say("\n%-7s %-6s %7s %7s %7s %6s %6s %9s %9s %12s" % (
        "phase", "what", "per s", "well", "503", "other", "none", "p50 ms",
        "p99 ms", "503 p99 ms"))
    for phase, seconds in phases:
        for kind in ("raise", "look"):
            some = [a for a in result["answers"]
                    if a.phase == phase and a.kind == kind]
            well = [a.seconds * 1e3 for a in some if a.status in (200, 202)]
            shed = [a.seconds * 1e3 for a in some if a.status == 503]
            none = sum(a.status == 0 for a in some)
            say("%-7s %-6s %7.0f %7d %7d %6d %6d %9.1f %9.1f %12.1f" % (
                phase, kind, len(some) / seconds, len(well), len(shed),
                len(some) - len(well) - len(shed) - none, none,
                quantile(well, .5), quantile(well, .99),
                quantile(shed, .99)))
    say("\nRetry-After: %s s" % "-".join(
        str(f([a.retry_s for a in result["answers"] if a.status == 503],
              default=0)) for f in (min, max)))
    say("\n%6s %8s  resident MiB" % ("s", "queue"))
    for at, queue, memory in result["rows"][::5]:
        say("%6.0f %8d  %s" % (at, queue, "  ".join(
            "%s %.0f" % (name[:-2], kib / 1024)
            for name, kib in sorted(memory.items()))))
    say("\nat most, MiB: " + "  ".join(
        "%s %.0f" % (name[:-2], kib / 1024)
        for name, kib in sorted(result["most_kib"].items())))
    say("accepted and folded %d, twice %d; worked off %.1f s after the last "
        "request; the client was at most %.0f ms late" % (
            len(result["accepted"]), len(result["twice"]),
            result["worked_off_s"], result["late_s"] * 1e3))


def faults(result, most_kib=MOST_KIB):
    """Sentences; none: all is well."""
    found = []
    if result["twice"] or result["strangers"]:
        found.append("folded twice: %s; never sent: %s" % (
            result["twice"][:3], result["strangers"][:3]))
    if result["bare"]:
        found.append("%d answers 503 without Retry-After" % result["bare"])
    for name, kib in result["most_kib"].items():
        if kib > most_kib:
            found.append("%s held %d KiB, at most %d" % (name, kib, most_kib))
    last = [a for a in result["answers"] if a.phase == "after"][-100:]
    well = sum(a.status in (200, 202) for a in last)
    if well < 0.9 * len(last) or not last:
        found.append("after the wave %d of %d were let in"
                     % (well, len(last)))
    return found


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--rate", type=int, default=300)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args(words)
    with Stage(Path("build/test/wave"), bin=options.bin, say=say) as stage:
        result = run(stage, options.rate, options.times, options.seconds)
        tell(result, (("before", CALM_S), ("wave", options.seconds),
                      ("after", 2 * CALM_S)))
        shed = {key: value for key, value in stage.metrics("gateway-1").items()
                if key.startswith("baodao_shed_total") and value}
        say("shed by the gateway: %s" % (shed or "nobody"))
    bad = faults(result)
    if not result["shed"]:
        bad.append("nobody was refused: %d/s is no overload here"
                   % (options.rate * options.times))
    for line in bad:
        say("FAIL " + line)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
