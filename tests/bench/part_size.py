"""Large tables: the dispatch leg while its tables hold more and more rows."""
import time

from . import floors
from .legs import LEGS
from .part_legs import FULL, PROCESSES, middle, spread

CHUNK = 500_000
SPAN_S = 60 * 86400     # the rows' ids lie in the 60 days before

# An id of the form and the spread of people's: time, then chance.
ID = ("(lpad(to_hex({first} + i::bigint * {step}), 12, '0') || '7'"
      " || substr(md5(i::text), 1, 3) || '8' || substr(md5(i::text), 4, 15))"
      "::uuid")
# (table, the column that is an id, which row is copied)
TABLES = (
    ("dispatch.whistle", "id", "SELECT * FROM dispatch.whistle LIMIT 1"),
    ("dispatch.call", "whistle", "SELECT * FROM dispatch.call LIMIT 1"),
    ("log.entry", "id", "SELECT * FROM log.entry WHERE service = 'dispatch'"
     " AND type = 'whistle.issued' LIMIT 1"),
)


def columns(ground, table, but):
    schema, _, name = table.partition(".")
    return [row[0] for row in ground.stage.sql(
        "SELECT column_name FROM information_schema.columns"
        " WHERE table_schema = '%s' AND table_name = '%s'"
        " AND column_name <> '%s' ORDER BY ordinal_position"
        % (schema, name, but))]


def fill(ground, have, want):
    """Rows from number `have` up to `want`, copies of a folded one under ids
    of their own, set by set."""
    first = int((time.time() - SPAN_S) * 1000)
    id = ID.format(first=first, step=max(SPAN_S * 1000 // 10**7, 1))
    for table, key, row in TABLES:
        others = columns(ground, table, key)
        for begin in range(have, want, CHUNK):
            ground.stage.sql(
                "INSERT INTO %s (%s, %s) SELECT %s, %s FROM (%s) t,"
                " generate_series(%d, %d) i" % (
                    table, key, ", ".join(others), id,
                    ", ".join("t." + name for name in others), row, begin,
                    min(begin + CHUNK, want) - 1))
        ground.stage.sql("ANALYZE " + table)
    ground.stage.sql("CHECKPOINT")
    ground.say("%d rows in each of %d tables" % (want, len(TABLES)))


def rows(ground, options):
    leg = next(one for one in LEGS if one.service == "dispatch")
    ground.feed(leg, 2000)
    ground.drain(leg, 2000, FULL)    # a row to copy, plans, Redis
    lines, have = [], 0
    for size in options.sizes:
        fill(ground, have, size)
        have, runs = size, []
        for _ in range(options.rounds):
            ground.feed(leg, options.rows)
            runs.append({"worker": ground.drain(leg, options.rows, FULL)})
        lines.append({
            "bench": "rows", "leg": leg.name, "rows": size,
            "runs": len(runs),
            "per_second": round(middle(runs, "worker", "per_second")),
            "spread": spread([run["worker"]["per_second"] for run in runs]),
            "us_per_message": {process: round(
                middle(runs, "worker", "us", process), 1)
                for process in PROCESSES}})
        ground.say("%9d rows: %6.0f/s, us %s" % (
            size, lines[-1]["per_second"], lines[-1]["us_per_message"]))
    if options.sizes[0] != 10**4 or options.sizes[-1] != 10**7:
        return lines, []
    small, large = (sum(line["us_per_message"].values())
                    for line in (lines[0], lines[-1]))
    return lines, floors.judge("rows 10^7/10^4", leg.name, large / small)
