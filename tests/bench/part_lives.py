"""Whole lives: storm days through all five daemons, from the first command to
the last row, beside the replay of one command a life."""
import time

from tests.chaos import checker, million
from tests.stage import Stage
from tests.stage.servers import TOP

from . import cost

DIR = TOP / "build" / "test" / "lives"
SEED = 1

# What became of them.
LIVES = """
SELECT (SELECT count(*) FROM intake.issue),
       (SELECT count(*) FROM dispatch.whistle),
       (SELECT count(*) FROM track.lane),
       (SELECT count(*) FROM match.match),
       (SELECT count(*) FROM log.entry)"""


def lives(options, say):
    with Stage(DIR, test_clock=million.CLOCK, bin=options.bin,
               daemons=million.WORKERS, say=say) as stage:
        stage.baodao("replay", million.ROSTERS)
        path = stage.dir / "lives.ndjson"
        count, _ = million.write(path, options.lives, SEED)
        say("%d commands are written" % count)
        before, began = cost.processors(stage), time.monotonic()
        stage.baodao("replay", path, seconds=million.QUIET_S)
        checker.settle(stage, million.QUIET_S)
        seconds = time.monotonic() - began
        spent = {name: round((value - before[name]) * 1e6 / count, 1)
                 for name, value in cost.processors(stage).items()}
        became = dict(zip(("issues", "whistles", "lanes", "matches", "log"),
                          stage.sql(LIVES)[0]))
    line = {"bench": "lives", "rows": count, "seconds": round(seconds, 1),
            "per_second": round(count / seconds), "became": became,
            "us_per_message": spent}
    print("\nlives: %d commands in %.0f s, %d/s; they became %s" % (
        count, seconds, line["per_second"],
        ", ".join("%s %s" % (number, name)
                  for name, number in became.items())))
    return [line], []
