"""A day in Panlong, played through the real pipeline of a running cell:

    python3 -m tests.stage.demo --dir build/run

First the hard cases of a February and the story, for people to follow; then a
storm day of real arrivals; then what came of it, and where to look at it."""
import argparse
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.flow.story import Story
from tests.flow.teller import BORN, load_samples
from tests.flow.winter import Winter

from . import storm
from .cell import Cell

COUNTS = """
SELECT '诉求 issues', state, count(*)::text FROM intake.issue GROUP BY 2
UNION ALL
SELECT '哨 whistles', state, count(*)::text FROM dispatch.whistle GROUP BY 2
UNION ALL
SELECT '任务 lanes', state, count(*)::text FROM track.lane GROUP BY 2
UNION ALL
SELECT '匹配 matches', state, count(*)::text FROM match.match GROUP BY 2
UNION ALL
SELECT '金豆 beans', 'sum', coalesce(sum(amount), 0)::text FROM ledger.posting
UNION ALL
SELECT '重复 repeats', 'seen once more', sum(seen)::text FROM log.consumer
UNION ALL
SELECT '死信 dead', 'kept with its bytes', count(*)::text FROM log.dead_letter
ORDER BY 1, 2"""


def heading(zh, en):
    print("\n== %s / %s ==" % (zh, en), flush=True)


def tell_story(cell):
    load_samples(cell)
    heading("二月", "February: the hard cases")
    for told in Winter(cell).play():
        print(told, flush=True)
    cell.baodao("time", "to", BORN)
    heading("一件诉求的一生", "the life of an issue")
    for told in Story(cell).play():
        print(told, flush=True)


def refusals(cell):
    return Counter({code: int(count) for code, count in cell.sql(
        "SELECT data::json->>'code', count(*) FROM log.entry"
        " WHERE type LIKE '%.refused' GROUP BY 1")})


def blow_storm(cell):
    heading("暴雨的一天", "a storm day: two weeks of real arrivals in one")
    path = cell.dir / "storm.ndjson"
    expected = storm.write(path)
    said = expected["said"]
    print("进 in: %d 行 lines, %d 件诉求 issues, %d 个哨 whistles; 其中 of them "
          "%d 个错误 mistakes, %d 条重复 repeats"
          % (expected["lines"], said["issue.raise"], said["whistle.draft"],
             sum((*expected["refused"].values(), *expected["dead"].values())),
             expected["repeated"]), flush=True)
    before, began = refusals(cell), time.monotonic()
    subprocess.run([Path(cell.facts()["bin"]) / "baodao", "replay", path],
                   env=cell.environment("baodao_operator"), check=True,
                   timeout=900)
    print("用时 took: %.0f s" % (time.monotonic() - began), flush=True)
    if refusals(cell) - before != Counter(expected["refused"]):
        raise AssertionError("refused %s, foretold %s" % (
            refusals(cell) - before, expected["refused"]))
    print("每个错误都因其应有的理由被拒绝 / every mistake was refused for its own "
          "reason, as foretold", flush=True)


def tell_outcome(cell):
    heading("出了什么", "what came out")
    for row in cell.sql(COUNTS):
        print("  %-14s %-20s %8s" % row)


def prove(cell):
    heading("查验", "verify")
    done = cell.baodao("verify", seconds=300)
    print(done.stdout or
          "  无话可说:哈希链完整,每一步两边一致 / silent: chains unbroken, both "
          "sides of every step agree", flush=True)


def say_where(cell):
    token = cell.baodao("token", "--role", "district_dispatch", "--office",
                        cell.sql("SELECT district FROM log.cell")[0][0],
                        "--person", "demo", "--days", "7").stdout.strip()
    heading("看板", "the board")
    print("  地址 address  http://%s/\n  令牌 token    %s\n"
          "  停止 stop     make down" % (cell.listen(), token))


def main():
    options = argparse.ArgumentParser(prog="tests.stage.demo")
    options.add_argument("--dir", default="build/run", type=Path)
    cell = Cell(options.parse_args().dir)
    try:
        for part in (tell_story, blow_storm, tell_outcome, prove, say_where):
            part(cell)
    except (AssertionError, subprocess.SubprocessError) as error:
        sys.exit("demo: %s" % error)


if __name__ == "__main__":
    main()
