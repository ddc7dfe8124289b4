"""python3 -m tests.bench [--bin build/bin] [--out build/bench.json] …

Measures each leg of a message's way against its floors; prints a table and
writes build/bench.json. README.md beside this file says what each number is.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path
from statistics import median

from tests.stage.process import StageError

from . import cost
from .ground import Ground
from .legs import LEGS, WAITING

FULL, ONE = 1000, 1
LEAST_RATIO = 8
LEAST_BATCH = 200
MOST_KIB = 64 * 1024
SIZES = (1, 10, 50, 100, 200, 500, 1000, "+Inf")
PROCESSES = ("worker", "postgres", "kafka", "redis")
HOLD_S = 10

began = time.monotonic()


def say(line):
    print("%6.1f s  %s" % (time.monotonic() - began, line), flush=True)


def one_run(ground, leg, rows, batch, floor_first):
    """Worker and floor on the same messages, in either order."""
    runs = {}
    for who in ("floor", "worker") if floor_first else ("worker", "floor"):
        runs[who] = (ground.floor if who == "floor" else ground.drain)(
            leg, rows, batch)
    ground.compare(leg)
    say("%-8s batch %-4d %6.0f/s  floor %6.0f/s" % (
        leg.name, batch, runs["worker"]["per_second"],
        runs["floor"]["per_second"]))
    return runs


def measure(ground, options):
    """{(leg, batch): [runs]}, leg after leg."""
    found = {}
    for leg in LEGS:
        for turn in range(options.rounds):
            for batch, rows in ((FULL, options.rows), (ONE, options.ones)):
                ground.feed(leg, rows)
                found.setdefault((leg.name, batch), []).append(
                    one_run(ground, leg, rows, batch, turn % 2))
    return found


def sum_up(leg, batch, rows, runs):
    """The line of bench.json."""
    def middle(who, *path):
        values = []
        for run in runs:
            value = run[who]
            for step in path:
                value = value[step]
            values.append(value)
        return median(values)

    used = {process: round(middle("worker", "us", process), 1)
            for process in PROCESSES}
    return {
        "bench": "leg", "leg": leg, "batch": batch, "rows": rows,
        "runs": len(runs), "per_second": round(middle("worker", "per_second")),
        "A": round(median(run["worker"]["per_second"]
                          / run["floor"]["per_second"] for run in runs), 3),
        "B": round(used["postgres"] / (sum(used.values()) or 1), 3),
        "us_per_message": used,
        "floor_per_second": round(middle("floor", "per_second")),
        "floor_us": {who: round(middle("floor", "us", who), 1)
                     for who in ("client", "postgres")},
        "worker_us": {name: round(phase_us(runs, name), 2)
                      for name in ("decode", "load", "decide", "save",
                                   "publish", "wait")},
    }


def phase_us(runs, name):
    """The worker's wall time in a phase, microseconds a message."""
    return median(
        run["worker"]["metrics"].get("baodao_%s_seconds_total" % name, 0)
        * 1e6 / (run["worker"]["metrics"].get("baodao_messages_total") or 1)
        for run in runs)


def median_batch(runs):
    """(bounds between which the median batch lies, messages a batch)."""
    pages = [run["worker"]["metrics"] for run in runs]

    def total(name):
        return sum(page.get("baodao_batch_messages_" + name, 0)
                   for page in pages)

    least = 0
    for most in SIZES:
        if total('bucket{le="%s"}' % most) >= total("count") / 2:
            return least, most, total("sum") / (total("count") or 1)
        least = most


def memory(ground, waiting):
    """Each daemon with so many messages before it: what it holds at most."""
    for leg in (*LEGS, *WAITING):
        ground.feed(leg, waiting)
        say("%d wait in %s" % (waiting, leg.topic))
    daemons = [ground.stage.add(leg.service + "-1")
               for leg in (*LEGS, *WAITING)]
    daemons.append(ground.stage.add("gateway-1"))
    lines = []
    for daemon in daemons:
        daemon.launch()
    time.sleep(HOLD_S)
    for daemon in daemons:
        if daemon.exits or not daemon.running():
            raise StageError("%s ended with %s" % (daemon.name, daemon.exits))
        now, most = cost.memory_kib(daemon.pid)
        lines.append({"bench": "memory", "leg": daemon.name[:-2],
                      "waiting": waiting, "rss_kib": now, "most_kib": most})
    for daemon in daemons:
        daemon.stop()
    return lines


# --- saying it

def table(lines):
    print("\n%-9s %5s %9s %9s %6s %6s | processor us a message\n"
          "%-9s %5s %9s %9s %6s %6s | %7s %8s %6s %6s %7s" % (
              "", "", "", "floor A", "ratio", "share", "leg", "batch",
              "per s", "per s", "A", "B", *PROCESSES, "sum"))
    for line in lines:
        used = line["us_per_message"]
        print("%-9s %5d %9d %9d %6.2f %6.2f | %7.1f %8.1f %6.1f %6.1f %7.1f"
              % (line["leg"], line["batch"], line["per_second"],
                 line["floor_per_second"], line["A"], line["B"],
                 *(used[process] for process in PROCESSES),
                 sum(used.values())))
    print("\nwall us a message in the worker (full batches)")
    for line in lines:
        if line["batch"] == FULL:
            print("%-9s %s" % (line["leg"], "  ".join(
                "%s %.1f" % pair for pair in line["worker_us"].items())))


def judge(found, lines):
    """Prints what the issue asks for; gives the reasons to fail."""
    speed = {(line["leg"], line["batch"]): line["per_second"]
             for line in lines}
    failures = []
    print()
    for leg in LEGS:
        least, most, mean = median_batch(found[leg.name, FULL])
        ratio = speed[leg.name, FULL] / speed[leg.name, ONE]
        print("%-9s median batch %s-%s (%.0f a batch)%s; full / one = %.1f" % (
            leg.name, least, most, mean,
            "" if least >= LEAST_BATCH else ", UNDER %d" % LEAST_BATCH,
            ratio))
        if ratio < LEAST_RATIO:
            failures.append(
                "%s: full batches do %d/s, batches of one %d/s: %.1f times, "
                "not %d" % (leg.name, speed[leg.name, FULL],
                            speed[leg.name, ONE], ratio, LEAST_RATIO))
    return failures


def tell_memory(lines):
    print("\nresident with %d messages waiting (KiB, now and at most; "
          "the bound is %d)" % (lines[0]["waiting"], MOST_KIB))
    for line in lines:
        print("%-9s %7d %7d%s" % (
            line["leg"], line["rss_kib"], line["most_kib"],
            "" if line["most_kib"] < MOST_KIB else "  OVER"))


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--bin", default="build/bin",
                        help="the daemons; the bench's own programs lie in "
                             "release/bench beside it")
    parser.add_argument("--out", default="build/bench.json")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", type=int, default=20000,
                        help="messages of a run with full batches")
    parser.add_argument("--ones", type=int, default=1500,
                        help="messages of a run with batches of one")
    parser.add_argument("--waiting", type=int, default=int(
        os.environ.get("BENCH_WAITING", 200000)),
        help="messages before each daemon in the measure of memory; 0: none")
    options = parser.parse_args(words)
    sizes = {FULL: options.rows, ONE: options.ones}
    try:
        with Ground(options.bin, say) as ground:
            found = measure(ground, options)
            lines = [sum_up(leg.name, batch, sizes[batch],
                            found[leg.name, batch])
                     for leg in LEGS for batch in (FULL, ONE)]
            table(lines)
            failures = judge(found, lines)
            if options.waiting:
                held = memory(ground, options.waiting)
                tell_memory(held)
                lines += held
    except StageError as error:
        print("bench: %s" % error, file=sys.stderr)
        return 1
    path = Path(options.out)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    print("\n%s: %d lines; %.0f s" % (path, len(lines),
                                      time.monotonic() - began))
    for failure in failures:
        print("FAIL " + failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
