"""python3 -m tests.bench [--only legs,two,…] [--bin build/bin] …

Measures each leg of a message's way against its floors, and what surrounds
it; prints tables and writes build/bench.json. README.md beside this file says
what each number is. Each part has servers of its own, so that any can be run
alone; what it writes replaces only the lines of its own kind.
"""
import argparse
import json
import os
import sys
import time
from pathlib import Path

from tests.stage.process import StageError

from .ground import Ground
from .part_hold import memory, replay, starts
from .part_http import RATES, STREAMS, http, streams
from .part_legs import legs, two
from .part_lives import lives
from .part_size import rows

PARTS = {part.__name__: part for part in (
    legs, two, rows, http, streams, memory, starts, replay, lives)}

began = time.monotonic()


def say(line):
    print("%6.1f s  %s" % (time.monotonic() - began, line), flush=True)


def numbers(text):
    return [int(float(one)) for one in text.split(",")]


def options_of(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--only", default=",".join(PARTS),
                        help="parts: " + ", ".join(PARTS))
    parser.add_argument("--bin", default="build/bin",
                        help="the daemons; the bench's own programs lie in "
                             "release/bench beside it")
    parser.add_argument("--out", default="build/bench.json")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=40000,
                        help="messages of a run with full batches")
    parser.add_argument("--ones", type=int, default=1500,
                        help="messages of a run with batches of one")
    parser.add_argument("--sizes", type=numbers, default=numbers("1e4,1e6,1e7"),
                        help="rows in the tables of dispatch and the log")
    parser.add_argument("--rates", type=numbers, default=list(RATES),
                        help="HTTP requests a second")
    parser.add_argument("--seconds", type=int, default=20,
                        help="of each rate")
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--waiting", type=int, default=int(
        os.environ.get("BENCH_WAITING", 1000000)),
        help="messages before each daemon in the measure of memory; 0: none")
    parser.add_argument("--replay", type=int, default=2500000)
    parser.add_argument("--lives", type=int, default=200000,
                        help="commands of whole lives")
    return parser.parse_args(words)


def write(path, lines):
    """In place of earlier lines of the same kinds."""
    kinds = {line["bench"] for line in lines}
    kept = path.read_text().splitlines() if path.exists() else []
    kept = [line for line in kept if json.loads(line)["bench"] not in kinds]
    path.write_text("".join(line + "\n" for line in
                            kept + [json.dumps(line) for line in lines]))


def main(words):
    options = options_of(words)
    failures, path = [], Path(options.out)
    try:
        for name in options.only.split(","):
            if name == "lives":
                lines, wrong = lives(options, say)
            else:
                with Ground(options.bin, say) as ground:
                    lines, wrong = PARTS[name](ground, options)
            write(path, lines)
            failures += wrong
            say("%s: %d lines in %s" % (name, len(lines), path))
    except StageError as error:
        print("bench: %s" % error, file=sys.stderr)
        return 1
    for failure in failures:
        print("FAIL " + failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
