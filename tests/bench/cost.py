"""Where processor time and memory go, by process, from /proc."""
import os
from pathlib import Path

TICK_S = 1 / os.sysconf("SC_CLK_TCK")


def stat(pid):
    """(parent, own seconds, seconds of reaped children) or None."""
    try:
        text = Path("/proc/%d/stat" % pid).read_text()
    except OSError:
        return None
    fields = text.rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) * TICK_S
    reaped = (int(fields[13]) + int(fields[14])) * TICK_S
    return int(fields[1]), own, reaped


def family_s(pid):
    """Processor seconds of a process, its children and those that ended."""
    total = 0.0
    for entry in Path("/proc").glob("[0-9]*"):
        seen = stat(int(entry.name))
        if seen and int(entry.name) == pid:
            total += seen[1] + seen[2]
        elif seen and seen[0] == pid:
            total += seen[1]
    return total


def own_s(pid):
    seen = stat(pid)
    return seen[1] if seen else 0.0


def processors(stage, workers=()):
    """{process: processor seconds so far}; the workers' together."""
    used = {"postgres": family_s(stage.postgres.pid),
            "kafka": own_s(stage.kafka.pid), "redis": own_s(stage.redis.pid)}
    if workers:
        used["worker"] = sum(own_s(worker.pid) for worker in workers)
    return used


def memory_kib(pid):
    """(now, at most) of what is resident."""
    lines = Path("/proc/%d/status" % pid).read_text().splitlines()
    found = {line.split(":")[0]: line.split()[1] for line in lines
             if line.startswith("Vm")}
    return int(found["VmRSS"]), int(found["VmHWM"])
