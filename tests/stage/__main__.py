"""python3 -m tests.stage up | down | status | env | selftest

    up --dir build/run [--test-clock 2026-02-10T08:30+08:00] [--bin build/bin]
       [--no-daemons] [--no-birth] [--cell panlong]
    down --dir build/run
"""
import argparse
import json
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

from . import stage as stages
from .cell import Cell, read
from .process import StageError, alive, tail
from .servers import TOP, prepare_kafka

UP_S = 180


def options_of(words):
    parser = argparse.ArgumentParser(
        prog="python3 -m tests.stage", usage=__doc__)
    parser.add_argument("verb", choices=sorted(VERBS))
    parser.add_argument("--dir", default=str(TOP / "build" / "run"))
    parser.add_argument("--bin")
    parser.add_argument("--cell", default="panlong")
    parser.add_argument("--test-clock")
    parser.add_argument("--no-daemons", action="store_true")
    parser.add_argument("--no-birth", action="store_true")
    return parser.parse_args(words)


def up(options, words):
    """Leaves a keeper behind, which starts, supervises and ends the rest."""
    place = Path(options.dir)
    stages.down(place)
    place.mkdir(parents=True, exist_ok=True)
    story = place / "stage.log"
    with open(story, "wb") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "tests.stage",
             *("keep" if word == "up" else word for word in words)],
            cwd=TOP, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True)
    try:
        with open(story) as told:
            return follow(place, keeper, told)
    except BaseException:
        keeper.terminate()
        keeper.wait(90)
        raise


def follow(place, keeper, told):
    end = time.monotonic() + UP_S
    while True:
        gone = keeper.poll() is not None
        ready = (read(place) or {}).get("ready")
        sys.stdout.write(told.read())
        sys.stdout.flush()
        if gone:
            return 1
        if ready:
            print("stage: up in %s (python3 -m tests.stage down --dir %s)"
                  % (place, place))
            return 0
        if time.monotonic() > end:
            raise StageError("not up after %d s" % UP_S)
        time.sleep(0.1)


def keep(options, _words):
    """In the background, for `up`: holds the stage until it is told to go."""
    signal.signal(signal.SIGTERM, go)
    stage = stages.Stage(
        options.dir, bin=options.bin, cell=options.cell,
        test_clock=options.test_clock,
        daemons=() if options.no_daemons else stages.DAEMONS,
        birth=() if options.no_birth else stages.BIRTH,
        say=lambda line: print(line, flush=True))
    with stage:
        while True:
            signal.pause()


def go(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def down(options, _words):
    if stages.down(options.dir):
        print("stage: down, its files stay in " + options.dir)
    else:
        print("stage: nothing runs in " + options.dir)
    return 0


def status(options, _words):
    """Prints what runs; exit 1 unless all of it does."""
    facts = read(options.dir)
    if not facts:
        print("stage: nothing runs in " + options.dir)
        return 1
    well = facts["ready"]
    for name, one in {**facts["servers"], **facts["daemons"]}.items():
        runs = bool(one["pid"]) and alive(one["pid"], one["start"])
        well = well and runs
        where = (one.get("listen") or one.get("side") or one.get("address")
                 or one.get("socket") or one.get("host"))
        print("%-12s %-8s %s%s" % (
            name, one["pid"] if runs else "down", where,
            "  restarts %d" % one["restarts"] if one.get("restarts") else ""))
    return 0 if well else 1


def env(options, _words):
    """Prints the operator's environment, for `eval` in a shell."""
    for name, value in Cell(options.dir).settings_of(
            "baodao_operator").items():
        print("export %s=%s" % (name, shlex.quote(value)))
    return 0


def archive(_options, _words):
    prepare_kafka()
    return 0


def selftest(_options, _words):
    return subprocess.run(
        [sys.executable, "-m", "tests.stage.run", "tests/store/test_stage.py"],
        cwd=TOP).returncode


VERBS = {"up": up, "keep": keep, "down": down, "status": status, "env": env,
         "archive": archive, "selftest": selftest}


def main(words):
    options = options_of(words)
    try:
        return VERBS[options.verb](options, words)
    except StageError as error:
        print("stage: %s" % error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
