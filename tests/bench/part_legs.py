"""Each leg of a message's way against its floors, in batches of several
sizes; and two workers against two bare connections."""
from statistics import median

from . import floors
from .legs import LADEN, LEGS

FULL, ONE = 1000, 1
LEAST_BATCH = 200
SIZES = (1, 10, 50, 100, 200, 500, 1000, "+Inf")
PROCESSES = ("worker", "postgres", "kafka", "redis")
PARTS = ("decode", "load", "decide", "save", "publish", "wait")


def one_run(ground, leg, rows, batch, floor_first):
    """Worker and floor on the same messages, in either order."""
    runs = {}
    ground.feed(leg, rows)
    whos = ("floor", "worker") if floor_first else ("worker", "floor")
    for who in whos if leg.floor else ("worker",):
        runs[who] = (ground.floor if who == "floor" else ground.drain)(
            leg, rows, batch)
    if leg.floor:
        ground.compare(leg)
    ground.say("%-8s batch %-4d %6.0f/s%s" % (
        leg.name, batch, runs["worker"]["per_second"],
        "  floor %6.0f/s" % runs["floor"]["per_second"] if leg.floor else ""))
    return runs


def batches(options):
    """(messages in a batch, messages of a run)."""
    return ((FULL, options.rows), (500, options.rows),
            (50, max(options.rows // 4, options.ones)), (ONE, options.ones))


def spread(values):
    """How far the rounds lie apart, as a part of their median."""
    middle = median(values)
    return round((max(values) - min(values)) / middle, 3) if middle else 0


def middle(runs, who, *path):
    values = []
    for run in runs:
        value = run[who]
        for step in path:
            value = value[step]
        values.append(value)
    return median(values)


def phase_us(runs, name):
    """The worker's wall time in a phase, microseconds a message."""
    return median(
        run["worker"]["metrics"].get("baodao_%s_seconds_total" % name, 0)
        * 1e6 / (run["worker"]["metrics"].get("baodao_messages_total") or 1)
        for run in runs)


def sum_up(leg, batch, rows, runs):
    """The line of bench.json."""
    used = {process: round(middle(runs, "worker", "us", process), 1)
            for process in PROCESSES}
    line = {
        "bench": "leg", "leg": leg.name, "batch": batch, "rows": rows,
        "runs": len(runs),
        "per_second": round(middle(runs, "worker", "per_second")),
        "spread": spread([run["worker"]["per_second"] for run in runs]),
        "B": round(used["postgres"] / (sum(used.values()) or 1), 3),
        "us_per_message": used,
        "worker_us": {name: round(phase_us(runs, name), 2)
                      for name in PARTS},
    }
    if leg.floor:
        line.update({
            "A": round(median(run["worker"]["per_second"]
                              / run["floor"]["per_second"] for run in runs),
                       3),
            "floor_per_second": round(middle(runs, "floor", "per_second")),
            "floor_us": {who: round(middle(runs, "floor", "us", who), 1)
                         for who in ("client", "postgres")}})
    return line


def median_batch(runs):
    """(bounds between which the median batch lies, messages a batch)."""
    pages = [run["worker"]["metrics"] for run in runs]

    def total(name):
        return sum(page.get("baodao_batch_messages_" + name, 0)
                   for page in pages)

    least = 0
    for most in SIZES:
        if total('bucket{le="%s"}' % most) >= total("count") / 2:
            return least, most, total("sum") / (total("count") or 1)
        least = most


def table(lines):
    print("\n%-9s %5s %9s %7s %9s %6s %6s | processor us a message\n"
          "%-9s %5s %9s %7s %9s %6s %6s | %7s %8s %6s %6s %7s" % (
              "", "", "", "", "floor A", "ratio", "share", "leg", "batch",
              "per s", "spread", "per s", "A", "B", *PROCESSES, "sum"))
    for line in lines:
        used = line["us_per_message"]
        print("%-9s %5d %9d %7.2f %9s %6s %6.2f | %7.1f %8.1f %6.1f %6.1f "
              "%7.1f" % (
                  line["leg"], line["batch"], line["per_second"],
                  line["spread"], line.get("floor_per_second", "-"),
                  line.get("A", "-"), line["B"],
                  *(used[process] for process in PROCESSES),
                  sum(used.values())))
    print("\nwall us a message in the worker (full batches)")
    for line in lines:
        if line["batch"] == FULL:
            print("%-9s %s" % (line["leg"], "  ".join(
                "%s %.1f" % pair for pair in line["worker_us"].items())))


def judge(found, lines):
    """Prints the ratios; gives the reasons to fail."""
    at = {(line["leg"], line["batch"]): line for line in lines}
    failures = []
    print()
    for leg in (*LEGS, *LADEN):
        full, one = at[leg.name, FULL], at[leg.name, ONE]
        least, most, mean = median_batch(found[leg.name, FULL])
        print("%-9s median batch %s-%s (%.0f a batch)%s" % (
            leg.name, least, most, mean,
            "" if least >= LEAST_BATCH else ", UNDER %d" % LEAST_BATCH))
        failures += floors.judge("full/one", leg.name,
                                 full["per_second"] / one["per_second"])
        if leg.floor:
            failures += floors.judge("A", leg.name, full["A"])
    return failures


def legs(ground, options):
    """(lines of bench.json, reasons to fail); leg after leg, in each the
    rounds go through all sizes."""
    found, lines = {}, []
    for leg in (*LEGS, *LADEN):
        ground.forget_lanes()
        for turn in range(options.rounds):
            for batch, rows in batches(options):
                found.setdefault((leg.name, batch), []).append(
                    one_run(ground, leg, rows, batch, turn % 2))
        lines += [sum_up(leg, batch, rows, found[leg.name, batch])
                  for batch, rows in batches(options)]
    table(lines)
    return lines, judge(found, lines)


def two(ground, options):
    lines, failures = [], []
    for leg in LEGS:
        ground.forget_lanes()
        runs = []
        for turn in range(options.rounds):
            ground.feed(leg, 3 * options.rows)
            run = {}
            for who in (("floor", "worker"), ("worker", "floor"))[turn % 2]:
                run[who] = (ground.two_floors(leg, FULL) if who == "floor"
                            else ground.drain(leg, 3 * options.rows, FULL,
                                              workers=2))
            ground.compare(leg)
            ground.say("two %-8s %6.0f/s  floors %6.0f/s" % (
                leg.name, run["worker"]["per_second"],
                run["floor"]["per_second"]))
            runs.append(run)
        used = {process: round(middle(runs, "worker", "us", process), 1)
                for process in PROCESSES}
        ratio = median(run["worker"]["per_second"]
                       / run["floor"]["per_second"] for run in runs)
        lines.append({
            "bench": "two", "leg": leg.name, "batch": FULL,
            "rows": 3 * options.rows, "runs": len(runs),
            "per_second": round(middle(runs, "worker", "per_second")),
            "spread": spread([run["worker"]["per_second"] for run in runs]),
            "floor_per_second": round(middle(runs, "floor", "per_second")),
            "A": round(ratio, 3), "us_per_message": used})
    print()
    for line in lines:
        failures += floors.judge("two", line["leg"], line["A"])
    return lines, failures
