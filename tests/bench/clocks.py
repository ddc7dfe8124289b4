"""python3 -m tests.bench.clocks: what 100,000 running lanes cost while nothing
is due, and how an office signs while 100,000 clocks come due in one minute.

Prints; judges nothing. Takes about three minutes."""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.stage import Stage
from tests.stage.process import wait
from tests.stage.servers import TOP
from tests.stage.stage import BIRTH

from .legs import LEGS

LEAD_S = 90     # from the feeding to the one mark that all lanes have
SIGN_MIN = 10000
PLACE = TOP / "build" / "test" / "clocks-reference"
TICKS = os.sysconf("SC_CLK_TCK")


def seconds_of(pids):
    """Processor time so far."""
    total = 0
    for pid in pids:
        try:
            words = Path("/proc/%d/stat" % pid).read_text().rpartition(")")[2]
        except FileNotFoundError:
            continue
        total += sum(map(int, words.split()[11:13]))
    return total / TICKS


def backends(stage):
    return [int(row[0]) for row in stage.sql(
        "SELECT pid FROM pg_stat_activity WHERE usename = 'baodao_track'")]


def feed(stage, count):
    leg = LEGS[0]
    start = time.gmtime(time.time() - SIGN_MIN * 30 + LEAD_S)
    data = {**leg.data, "start": time.strftime("%Y-%m-%dT%H:%M:%SZ", start)}
    subprocess.run(
        [TOP / "build/release/bench/feed", leg.topic, leg.type, leg.actor,
         leg.keys, str(count), leg.reply],
        input=json.dumps(data, ensure_ascii=False).encode(), check=True,
        env={**os.environ, **stage.environment("baodao_operator")})


def long_limits():
    """An emergency whose marks are days apart, so that one alone comes due:
    half of the sign limit. How the cell is born with it."""
    shutil.rmtree(PLACE, ignore_errors=True)
    shutil.copytree(TOP / "schemas" / "reference", PLACE)
    rows = (PLACE / "limits.csv").read_text().splitlines()
    rows = [re.sub(r"^(emergency,\w+),\w+,\d+,", r"\1,minute,%d," % (
        SIGN_MIN if row.startswith("emergency,sign") else 9 * SIGN_MIN), row)
        for row in rows]
    (PLACE / "limits.csv").write_text("\n".join(rows) + "\n")
    return [(tuple(word.replace("{schemas}/reference", str(PLACE))
                   for word in words), user) for words, user in BIRTH]


def lanes(stage, where="true"):
    return int(stage.sql("SELECT count(*) FROM track.lane WHERE "
                         + where)[0][0])


def idle(stage, seconds):
    pids = [stage.daemon("track-1").pid, *backends(stage)]
    before = seconds_of(pids)
    time.sleep(seconds)
    return (seconds_of(pids) - before) / seconds


def sign(stage, token, whistle):
    began = time.monotonic()
    status, _, answer = stage.http(
        "POST", "/v1/tasks/%s/1/CGJ/sign" % whistle, token, {},
        {"Prefer": "wait=20"}, seconds=30)
    if status != 200:
        raise AssertionError((status, answer))
    return time.monotonic() - began


def storm(stage, token, whistles):
    """Signs one after another until no clock is due any more."""
    began, took = time.monotonic(), []
    for whistle in whistles:
        took.append(sign(stage, token, whistle))
        if not lanes(stage, "open AND next_due <= now() - interval '1 s'"):
            break
        time.sleep(0.2)
    return time.monotonic() - began, sorted(took)


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--lanes", type=int, default=100000)
    parser.add_argument("--bin", default=str(TOP / "build" / "bin"))
    options = parser.parse_args(words)
    with Stage(TOP / "build" / "test" / "clocks", bin=options.bin,
               daemons=("track-1", "gateway-1"),
               birth=long_limits()) as stage:
        began = time.monotonic()
        feed(stage, options.lanes // 2)
        wait(lambda: lanes(stage) == options.lanes, 300, "the lanes",
             every=1)
        stage.sql("VACUUM ANALYZE track.lane")
        print("%d lanes run; nothing due: %.1f %% of a core (track and its "
              "connections)" % (options.lanes, 100 * idle(stage, 10)))
        token = stage.baodao("token", "--role", "officer", "--office", "CGJ",
                             "--person", "o-1").stdout.strip()
        whistles = [row[0] for row in stage.sql(
            "SELECT whistle FROM track.lane WHERE office = 'CGJ' LIMIT 2000")]
        quiet = sorted(sign(stage, token, w) for w in whistles[:20])
        print("task.sign while nothing is due: p50 %.0f ms, p99 %.0f ms"
              % (1000 * quiet[10], 1000 * quiet[-1]))
        time.sleep(max(0, began + LEAD_S + 1 - time.monotonic()))
        took, signs = storm(stage, token, whistles[20:])
        print("%d clocks came due at once and were worked off in %.0f s "
              "(%.0f a second)" % (options.lanes, took, options.lanes / took))
        print("task.sign meanwhile, %d times: p50 %.0f ms, p99 %.0f ms" % (
            len(signs), 1000 * signs[len(signs) // 2],
            1000 * signs[len(signs) * 99 // 100]))


if __name__ == "__main__":
    main(sys.argv[1:])
