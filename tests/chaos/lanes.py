"""Lanes against what called them, holders against what gave them, Redis
against both."""
import json
from collections import Counter

from tests.stage.process import StageError, wait

from .rows import rows

CALLED = ("SELECT data FROM log.entry WHERE topic = 'task.commands'"
          " AND type = 'task.assign'")
LANES = ("SELECT whistle, round, office, coalesce(holder, ''), state, open"
         " FROM track.lane")
# The last row of the log that tells a lane's holder; a lane is one key.
HELD = ("SELECT DISTINCT ON (subject) subject, data::json->>'holder'"
        " FROM log.entry WHERE topic = 'task.events' AND version > 0"
        " ORDER BY subject, version DESC")
CALLS = "SELECT whistle, round, office, open FROM dispatch.call"


def check(stage, found):
    lanes = {}
    for whistle, round, office, holder, state, open in rows(stage, LANES):
        lanes[b"%s/%s/%s" % (whistle, round, office)] = (holder, state, open)
    check_called(stage, lanes, found)
    check_calls(stage, lanes, found)
    check_holders(stage, lanes, found)


def check_called(stage, lanes, found):
    """One lane for each office that a round's task.assign names."""
    called = set()
    for data, in rows(stage, CALLED):
        assign = json.loads(data)
        for lane in assign["lanes"]:
            called.add(("%s/%d/%s" % (assign["whistle"], assign["round"],
                                      lane["office"])).encode())
    for lane in called - lanes.keys():
        found("lanes", "%s was called, and has no lane", lane.decode())
    for lane in lanes.keys() - called:
        found("lanes", "%s has a lane, and was not called", lane.decode())


def check_calls(stage, lanes, found):
    """What dispatch counts of them."""
    calls = {b"%s/%s/%s" % row[:3]: row[3] for row in rows(stage, CALLS)}
    for lane in calls.keys() ^ lanes.keys():
        found("lanes", "%s is only in one of dispatch.call and track.lane",
              lane.decode())
    for lane, open in calls.items():
        if lane in lanes and lanes[lane][2] != open:
            found("lanes", "%s is %s, but its call says open=%s",
                  lane.decode(), lanes[lane][1].decode(), open.decode())


def check_holders(stage, lanes, found):
    for lane, holder in rows(stage, HELD):
        kept = lanes.get(lane)
        if kept and kept[0] != (holder or b""):
            found("lanes", "%s is held by %s, but was last told to be %s's",
                  lane.decode(), kept[0].decode() or "nobody",
                  (holder or b"nobody").decode())


# --- Redis


def check_redis(stage, found, settle, seconds):
    """dispatch sets its counts right at a take-over: after one, what Redis
    counts of each officer must be what PostgreSQL has."""
    workers = [daemon for name, daemon in stage.daemons.items()
               if name.startswith("dispatch")]
    if not workers:
        return
    for daemon in workers:
        daemon.stop()
    for daemon in workers:
        daemon.start()
    try:
        wait(lambda: not differences(stage), seconds, "Redis to be right",
             every=0.5)
    except StageError:
        for who, (redis, postgres) in sorted(differences(stage).items()):
            found("redis", "%s has %s open lanes in Redis, %s in PostgreSQL",
                  who, redis, postgres)
    try:
        settle()
    except StageError as late:
        found("offset", "after a take-over: %s", late)


def differences(stage):
    """officer -> (lanes in Redis, lanes in PostgreSQL)."""
    counted = in_redis(stage)
    open = Counter({"%s/%s" % (office, holder): int(count)
                    for office, holder, count in stage.sql(
                        "SELECT office, holder, count(*) FROM track.lane"
                        " WHERE open AND holder IS NOT NULL GROUP BY 1, 2")})
    return {who: (lanes, open[who]) for who, lanes in counted.items()
            if lanes != open[who]}


def in_redis(stage):
    """officer on duty -> open lanes, of every office."""
    counted = {}
    for key in stage.redis.cli("--scan", "--pattern", "duty:*:of").split():
        office = key.split(":")[1]
        flat = stage.redis.cli("HGETALL", key).split("\n")
        for officer, line in zip(flat[::2], flat[1::2]):
            counted["%s/%s" % (office, officer)] = int(line.split(" ")[0])
    return counted
