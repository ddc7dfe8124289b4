"""python3 -m tests.chaos.million [--commands 1000000] [--seed N] [--every S]

A storm day of so many commands, each worker killed -9 again and again while
they are folded, then the checker and `baodao verify`: 0 lost, 0 doubled.
"""
import argparse
import heapq
import json
import random
import resource
import subprocess
import sys
import time
from pathlib import Path

from tests.stage import Stage, storm
from tests.stage.process import StageError
from tests.stage.servers import TOP
from tests.stage.storm_script import Script

from . import checker

DIR = TOP / "build" / "chaos" / "million"
ROSTERS = TOP / "schemas" / "reference" / "sample" / "rosters.ndjson"
CLOCK = storm.DAY + "T07:30+08:00"
WORKERS = ("intake-1", "dispatch-1", "track-1", "match-1", "ledger-1")
QUIET_S = 900


class Day(Script):
    """A storm day of one seed, its lines kept on disk until they are merged
    with those of the other days."""

    def __init__(self, seed, path):
        super().__init__(storm.DAY, seed)
        self.path, self.poison = path, set()
        storm.Storm(self, 1).play()
        self.keep()

    def say(self, at, type, key, actor, data, id=None, **more):
        if isinstance(data, bytes):
            self.poison.add(data)
        return super().say(at, type, key, actor, data, id, **more)

    def keep(self):
        self.count = len(self.lines)
        with open(self.path, "w", encoding="utf-8") as file:
            for at, _, after, line in sorted(self.lines,
                                             key=lambda one: one[:2]):
                file.write("%d\t%d\t%s\n" % (
                    at, -1 if after is None else after, json.dumps(
                        line, ensure_ascii=False, separators=(",", ":"))))
        self.lines = []

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            for line in file:
                at, after, text = line.split("\t", 2)
                yield int(at), int(after), text


def write(path, commands, seed):
    """Merges as many days as it takes. Gives the commands written and what
    of them is poison."""
    days, count = [], 0
    while count < commands:
        days.append(Day(seed + len(days), "%s.%d" % (path, len(days))))
        count += days[-1].count
    waited, last, written = -1, -1, 0
    with open(path, "w", encoding="utf-8") as file:
        for at, after, text in heapq.merge(*(day.read() for day in days)):
            if after > waited:
                file.write('{"wait":true}\n')
                waited = last
            file.write(text)
            last, written = at, written + 1
            if written == commands:
                break
    for day in days:
        Path(day.path).unlink()
    return written, set().union(*(day.poison for day in days))


def replay(stage, path):
    log = open(stage.dir / "log" / "million.replay", "ab")
    with log:
        return subprocess.Popen(
            [stage.bin / "baodao", "replay", path], stdin=subprocess.DEVNULL,
            env=stage.environment("baodao_operator"), stdout=log, stderr=log)


def storm_on(stage, path, random, every, say):
    """Feeds the file while one worker after the other is killed. A feeder
    that gives up says all again: what Kafka has, is a repeat."""
    feeding, kills, turns = replay(stage, path), dict.fromkeys(WORKERS, 0), []
    while feeding.poll() is None or not all(kills.values()):
        time.sleep(every * (0.5 + random.random()))
        turns = turns or random.sample(WORKERS, len(WORKERS))
        name = turns.pop()
        daemon = stage.daemon(name)
        before = daemon.restarts
        daemon.kill()
        daemon.wait_restart(before, 60)
        kills[name] += 1
        if feeding.poll() not in (None, 0):
            say("the feeder ended with %d: once more" % feeding.returncode)
            feeding = replay(stage, path)
    return kills


def play(options, say):
    rng = random.Random(options.seed)
    with Stage(DIR, test_clock=CLOCK, bin=options.bin, daemons=WORKERS,
               say=say) as stage:
        stage.baodao("replay", ROSTERS)
        path = stage.dir / "million.ndjson"
        count, poison = write(path, options.commands, options.seed)
        say("%d commands are written" % count)
        began = time.monotonic()
        kills = storm_on(stage, path, rng, options.every, say)
        checker.settle(stage, QUIET_S)
        took = time.monotonic() - began
        say("folded in %.0f s, %.0f commands/s; killed -9: %s" % (
            took, count / took, ", ".join("%s %d times" % one
                                          for one in kills.items())))
        began = time.monotonic()
        found = checker.check(stage, poison=poison, say=say)
        say("checked in %.0f s, with %d MB" % (
            time.monotonic() - began,
            resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024))
        for line in found:
            print(line)
        verify = stage.baodao("verify", check=False, seconds=1800)
        print(verify.stdout + verify.stderr, end="")
        well = not found and not verify.returncode and not verify.stdout
        print("%d commands, %s" % (
            count, "0 lost, 0 doubled, verify is silent" if well
            else "and what is said above"))
        return 0 if well else 1


def main(words):
    parser = argparse.ArgumentParser(prog="python3 -m tests.chaos.million",
                                     usage=__doc__)
    parser.add_argument("--commands", type=int, default=10 ** 6)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=float, default=10,
                        help="seconds between two kills, on average")
    parser.add_argument("--bin")
    options = parser.parse_args(words)
    began = time.monotonic()
    try:
        return play(options, lambda line: print("%5.0f s  %s" % (
            time.monotonic() - began, line), flush=True))
    except StageError as error:
        print("chaos: %s" % error, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
