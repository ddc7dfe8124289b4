"""What a daemon holds, how soon it works, how soon another works for it; and
a year's part folded anew."""
import subprocess
import time

from tests.stage.process import StageError

from . import cost
from .ground import Ask
from .legs import LEGS, WAITING

MOST_KIB = 64 * 1024
HOLD_S = 10
TAKE_OVER_S = 60
REPLAY_S = 3600
LASTS = 150000    # messages that a round of starts does not use up
YEAR = 25_000_000    # Beijing's hotline


def folded_query(topic):
    return ("SELECT coalesce(sum(next_offset), 0)::bigint FROM log.consumer"
            " WHERE topic = '%s'" % topic)


def memory(ground, options):
    """Each daemon with so many messages before it: what it holds at most."""
    if not options.waiting:
        return [], []
    for leg in (*LEGS, *WAITING):
        ground.feed(leg, options.waiting)
        ground.say("%d wait in %s" % (options.waiting, leg.topic))
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
                      "waiting": options.waiting, "rss_kib": now,
                      "most_kib": most})
    for daemon in daemons:
        daemon.stop()
    print("\nresident with %d messages waiting (KiB, now and at most; "
          "the bound is %d)" % (options.waiting, MOST_KIB))
    for line in lines:
        print("%-9s %7d %7d%s" % (
            line["leg"], line["rss_kib"], line["most_kib"],
            "" if line["most_kib"] < MOST_KIB else "  OVER"))
    return lines, []


def until_more(ask, query, than, seconds=TAKE_OVER_S):
    """Seconds until the number is more."""
    began = time.monotonic()
    while ask.number(query) <= than:
        if time.monotonic() - began > seconds:
            raise StageError("nothing was folded in %d s" % seconds)
        time.sleep(0.002)
    return time.monotonic() - began


def a_start(ground, leg, ask):
    """From the start of the program to its first commit."""
    query = folded_query(leg.topic)
    before, began = ask.number(query), time.monotonic()
    worker = ground.stage.add(leg.service + "-1")
    worker.launch()
    until_more(ask, query, before)
    return time.monotonic() - began


def a_death(ground, leg, ask, again):
    """From kill -9 until each partition that the dead one held has been taken
    over and folded on: by itself, started again, or by another."""
    name = leg.service + "-1"
    held = ground.stage.sql(
        "SELECT partition, epoch FROM log.consumer WHERE topic = '%s'"
        " AND owner = '%s'" % (leg.topic, name))
    if not held:
        raise StageError("%s holds nothing" % name)
    query = ("SELECT count(*) FROM log.consumer WHERE topic = '%s'"
             " AND starts = 0 AND (%s)" % (leg.topic, " OR ".join(
                 "partition = %s AND epoch > %s" % tuple(one)
                 for one in held)))
    worker = ground.stage.daemon(name)
    if not again:
        worker.wanted.clear()
    worker.kill()
    return until_more(ask, query, len(held) - 1)


def starts(ground, options):
    """Starts and take-overs of track's worker amid a long backlog, which it
    folds one by one, so that it lasts."""
    leg = LEGS[0]
    ground.feed(leg, options.rounds * LASTS)
    ask, times = Ask(ground.stage.conninfo("postgres")), {}
    ground.stage.settings = {leg.service: {"BATCH_MAX": 20}}
    try:
        for _ in range(options.rounds):
            times.setdefault("start", []).append(a_start(ground, leg, ask))
            time.sleep(1)
            times.setdefault("killed, started anew", []).append(
                a_death(ground, leg, ask, True))
            other = ground.stage.add(leg.service + "-2")
            other.launch()
            other.wait_ready()
            time.sleep(5)
            times.setdefault("killed, another takes over", []).append(
                a_death(ground, leg, ask, False))
            other.stop()
            ground.stage.daemon(leg.service + "-1").stop()
    finally:
        ground.stage.settings = {}
        ask.close()
    lines = [{"bench": "start", "leg": leg.name, "what": what,
              "runs": len(some), "p50_s": round(sorted(some)[len(some) // 2],
                                                3),
              "most_s": round(max(some), 3)} for what, some in times.items()]
    print()
    for line in lines:
        print("%-28s p50 %6.2f s, at most %6.2f s, of %d" % (
            line["what"], line["p50_s"], line["most_s"], line["runs"]))
    return lines, []


def replay(ground, options):
    """So many issue.raise, folded by --replay into a database without any."""
    leg = next(one for one in LEGS if one.service == "intake")
    ground.feed(leg, options.replay)
    ground.say("%d issue.raise lie in Kafka" % options.replay)
    env = ground.environment("baodao_intake", "baodao_floor")
    env.update({"INSTANCE": "replay-intake", "SIDE": ""})
    before, began = cost.processors(ground.stage), time.monotonic()
    done = subprocess.run(
        [ground.stage.bin / "baodao-intake", "--replay"], env=env,
        capture_output=True, text=True, timeout=REPLAY_S)
    seconds = time.monotonic() - began
    if done.returncode:
        raise StageError("replay: %s" % done.stderr[-500:])
    rows = int(ground.stage.sql("SELECT count(*) FROM intake.issue",
                                dbname="baodao_floor")[0][0])
    if rows != options.replay:
        raise StageError("%d issues of %d" % (rows, options.replay))
    spent = {name: round((value - before[name]) * 1e6 / rows, 1) for
             name, value in cost.processors(ground.stage).items()}
    line = {"bench": "replay", "leg": leg.name, "rows": rows,
            "seconds": round(seconds, 1), "per_second": round(rows / seconds),
            "us_per_message": spent,
            "year_minutes": round(YEAR / (rows / seconds) / 60, 1)}
    print("\nreplay: %d issues in %.0f s, %d/s; 25 million would take %.0f "
          "minutes (asked for: under 25)" % (
              rows, seconds, line["per_second"], line["year_minutes"]))
    return [line], []
