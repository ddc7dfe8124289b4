"""Whistles in great number, and what must be true once all are folded."""
import json
import signal
import socket
import struct
import subprocess
import uuid
from pathlib import Path

from tests.stage import kafka_wire
from tests.stage.process import StageError

BORN = "2026-03-02T08:30+08:00"     # a Monday
BORN_MS = 1772411400000
DISTRICT, STREET, HOME = "530103", "530103003000", "530103003001"
CLERK = "street_clerk/%s/zhao-lei" % STREET
CALLED = ("CGJ", "SWJ")             # by every whistle of the storm


def new_id(n):
    """An id of the cell's own time."""
    raw = bytearray(uuid.uuid4().bytes)
    raw[:6] = (BORN_MS + n % 1000).to_bytes(6, "big")
    raw[6] = 0x70 | raw[6] & 0x0f
    return str(uuid.UUID(bytes=bytes(raw)))


def whistle(n, facts="路面塌陷,请速到现场处置"):
    one = new_id(n)
    return {"type": "whistle.draft", "id": one, "key": one, "actor": CLERK,
            "data": {"kind": "emergency", "matter": "P0102", "region": HOME,
                     "street": STREET, "facts": "%s(%d)" % (facts, n),
                     "lead": CALLED[1], "assists": [CALLED[0]],
                     "submit": True}}


def issue(n, **more):
    home = HOME if n % 2 else "530103004001"
    return {"type": "issue.raise", "id": new_id(n), "key": home,
            "actor": "community/%s/wang-min" % home,
            "data": {"home": home, "matter": "P0102", "title": "路面塌陷",
                     "text": "路面塌陷,有车陷住(%d)" % n, **more}}


def need(n):
    """A need that no partner of an empty cell can serve."""
    return {"type": "need.publish", "id": new_id(n), "key": DISTRICT,
            "actor": CLERK,
            "data": {"title": "上门理发(%d)" % n, "region": HOME,
                     "skills": ["haircut"], "quantity": 1,
                     "from": "2026-03-05T09:00:00+08:00",
                     "to": "2026-03-20T12:00:00+08:00"}}


def post(n):
    """Beans that a member grants itself: refused, once each. (One that is
    posted belongs to a match, else verify finds it.)"""
    member = new_id(n)
    return {"type": "ledger.post", "id": new_id(n), "key": DISTRICT,
            "actor": "worker/match/",
            "data": {"match": new_id(n), "member": member,
                     "rule": "service_hour", "activity": new_id(n),
                     "minutes": 60, "served": "2026-03-02T08:00:00+08:00",
                     "reviewer": member}}


def put(cell, lines, name="storm"):
    """Starts `baodao replay` of these lines; a process to end with done()."""
    path = cell.dir / (name + ".ndjson")
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n"
                            for line in lines))
    with open(cell.dir / "log" / (name + ".replay"), "wb") as log:
        return subprocess.Popen(
            [Path(cell.facts()["bin"]) / "baodao", "replay", path],
            env=cell.environment("baodao_operator"), stdout=log, stderr=log,
            stdin=subprocess.DEVNULL)


def done(cell, feeding, seconds=300):
    """Until the feeder has said all and everything said is folded."""
    try:
        feeding.wait(seconds)
    except subprocess.TimeoutExpired:
        feeding.kill()
        raise
    quiet(cell, seconds)


def lag(cell):
    return [json.loads(line) for line in
            cell.baodao("lag", "--json").stdout.splitlines()]


def caught_up(cell):
    """The queues when all is folded and published; else None."""
    try:
        queues = lag(cell)
    except StageError:      # an engine is away
        return None
    behind = [q for q in queues if q["lag"] or q["published"] != q["seq"]]
    return None if behind else queues


def still(cell):
    queues = caught_up(cell)
    return queues and [(q["next_offset"], q["seq"]) for q in queues]


def quiet(cell, seconds=120):
    """Until nothing moves any more: twice the same, half a second apart."""
    seen = []

    def look():
        seen.append(still(cell))
        return seen[-1] and seen[-2:-1] == seen[-1:]
    cell.wait(look, seconds, "all to be folded and published", every=0.5)


def number(cell, query):
    return int(cell.sql(query)[0][0])


def assert_exact(test, cell, whistles):
    """Each message counted once, each whistle's lanes there once, each
    command's rows in the log once, and the chains whole."""
    # dispatch may hand lanes to officers still: a look a second
    queues = cell.wait(lambda: caught_up(cell), 60, "the last to be folded")
    for q in filter(lambda q: q["high"], queues):
        place = "%s/%d" % (q["topic"], q["partition"])
        test.assertEqual(q["next_offset"], q["high"], place)
        test.assertEqual(q["messages"], q["high"], place)
    ids = [one["id"] for one in whistles]
    rows = dict(cell.sql("SELECT id::text, state FROM dispatch.whistle"))
    test.assertEqual([i for i in ids if rows.get(i) != "issued"], [])
    assert_lanes(test, cell, set(ids))
    assert_log(test, cell)


def assert_lanes(test, cell, ids):
    lanes = cell.sql("SELECT whistle::text, string_agg(office, ' ' ORDER BY"
                     " office) FROM track.lane WHERE round = 1 GROUP BY 1")
    wrong = [row for row in lanes
             if row[0] in ids and row[1] != " ".join(CALLED)]
    test.assertEqual(wrong, [])
    test.assertEqual(ids - {row[0] for row in lanes}, set(), "without lanes")
    test.assertEqual(number(cell, "SELECT count(*) FROM track.lane"),
                     number(cell, "SELECT count(*) FROM dispatch.call"))


def assert_log(test, cell):
    """No number of a chain is missing or double; nothing is said twice."""
    test.assertEqual(cell.sql(
        "SELECT c.topic, c.partition, c.seq, count(e.id), min(e.seq),"
        " max(e.seq), count(DISTINCT e.seq) FROM log.consumer c"
        " LEFT JOIN log.entry e ON e.source_topic = c.topic"
        " AND e.partition = c.partition GROUP BY 1, 2, 3"
        " HAVING count(e.id) <> c.seq OR count(DISTINCT e.seq) <> c.seq"
        " OR coalesce(max(e.seq), 0) <> c.seq"), [])
    test.assertEqual(cell.sql(
        "SELECT type, subject, count(*) FROM log.entry"
        " WHERE type IN ('whistle.issued', 'task.assign', 'issue.raised')"
        " GROUP BY 1, 2 HAVING count(*) > 1 LIMIT 5"), [])
    # Each command left rows under its own id: as many causes as messages
    # that were neither repeats nor dead.
    test.assertEqual(cell.sql(
        "SELECT c.topic, c.partition, c.messages, c.seen, c.dead,"
        " count(DISTINCT e.cause) FROM log.consumer c"
        " LEFT JOIN log.entry e ON e.source_topic = c.topic"
        " AND e.partition = c.partition GROUP BY 1, 2, 3, 4, 5"
        " HAVING count(DISTINCT e.cause) <> c.messages - c.seen - c.dead"),
        [])
    verify(test, cell)


def verify(test, cell):
    found = cell.baodao("verify", check=False, seconds=300)
    test.assertEqual(found.returncode, 0, found.stdout + found.stderr)


# --- what a fold has made

TABLES = ("SELECT format('%I.%I', schemaname, tablename) FROM pg_tables"
          " WHERE schemaname IN ('intake', 'dispatch', 'track', 'match',"
          " 'ledger', 'vault', 'log') AND tablename NOT IN ('consumer',"
          " 'pulse', 'cell', 'act') ORDER BY 1")
# Of a consumer's row what a fold decides: not who folds it, and how often.
CONSUMER = ("(SELECT topic, partition, next_offset, at, seq, hash,"
            " number_day, number_last, messages, refused, seen, dead"
            " FROM log.consumer WHERE next_offset > 0)")


def digests(cell, dbname=None):
    """Each table that workers write -> (rows, digest of all rows)."""
    tables = [row[0] for row in cell.sql(TABLES, dbname=dbname)]
    query = " UNION ALL ".join(
        "SELECT '%s', count(*), coalesce(md5(string_agg(md5(t::text), ''"
        " ORDER BY md5(t::text))), '') FROM %s t" % (name.split(" ")[0], name)
        for name in [*tables, CONSUMER])
    return {row[0]: row[1:] for row in cell.sql(query, dbname=dbname)}


# --- a worker with a batch in hand

OPEN = ("SELECT count(*) FROM pg_stat_activity WHERE application_name = '%s'"
        " AND state = 'idle in transaction' AND backend_xid IS NOT NULL")


def stop_amid_batch(cell, name, seconds=60):
    """SIGSTOP when its transaction has passed the fence: the rows of its
    partitions are locked and a batch is in hand. Proven by PostgreSQL, after
    the worker has been stopped."""
    daemon = cell.daemon(name)

    def caught():
        daemon.send(signal.SIGSTOP)
        if number(cell, OPEN % name):
            return True
        daemon.send(signal.SIGCONT)
        return False
    cell.wait(caught, seconds, "a batch to be open in " + name, every=0.01)


# --- the offsets that Kafka keeps

OFFSET_FETCH, DELETE_GROUPS, NON_EMPTY = 9, 42, 68


def string(text):
    return struct.pack(">h", len(text.encode())) + text.encode()


def ask_kafka(cell, request, version, body):
    """A Reader of the broker's answer, behind its correlation."""
    host, port = cell.facts()["servers"]["kafka"]["address"].split(":")
    body = struct.pack(">hhih", request, version, 1, -1) + body
    with socket.create_connection((host, int(port)), 10) as broker:
        broker.sendall(struct.pack(">i", len(body)) + body)
        size, = struct.unpack(">i", kafka_wire.take(broker, 4))
        answer = kafka_wire.Reader(kafka_wire.take(broker, size))
    answer.number("i")
    return answer


def delete_group(cell, group):
    """Kafka forgets the group and its offsets: 0, or its error's number."""
    answer = ask_kafka(cell, DELETE_GROUPS, 0,
                       struct.pack(">i", 1) + string(group))
    for _ in range(2):      # throttle, groups
        answer.number("i")
    answer.text()
    return answer.number("h")


def committed(cell, group, topic, partitions):
    """{partition: offset} as Kafka has them of the group; -1: none."""
    answer = ask_kafka(
        cell, OFFSET_FETCH, 1,
        string(group) + struct.pack(">i", 1) + string(topic)
        + struct.pack(">i%di" % partitions, partitions, *range(partitions)))
    answer.number("i")
    answer.text()
    offsets = {}
    for _ in range(answer.number("i")):
        partition = answer.number("i")
        offsets[partition] = answer.number("q")
        answer.text()
        answer.number("h")
    return offsets
