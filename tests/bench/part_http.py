"""Over HTTP, beside the workers: how long until a command is accepted, until
its outcome is known, until its event is on a stream; and streams that idle."""
import json
import socket
import subprocess
import time

from tests.flow.people import People
from tests.stage.process import StageError

from . import cost

WHO, LISTENS = "community/530103003001/li", "district_dispatch/530103/wang"
ISSUE = json.dumps({"home": "530103003001", "title": "路灯不亮",
                    "text": "小区门口的灯三天没亮了"}, ensure_ascii=False)
RATES = (100, 1000, 5000)
STREAMS = 2000
IDLE_S = 20


def beside_workers(ground, **limits):
    """The gateway and who folds what it is told."""
    daemons = [ground.stage.add("intake-1"),
               ground.stage.add("gateway-1", **limits)]
    for daemon in daemons:
        daemon.launch()
    for daemon in daemons:
        daemon.wait_ready()
    return daemons


def play(ground, people, rate, seconds, prefer):
    host, _, port = ground.stage.listen().partition(":")
    env = dict(ground.environment("baodao_operator"), TOKEN=people.token(WHO))
    if not prefer:
        env["STREAM_TOKEN"] = people.token(LISTENS)
    done = subprocess.run(
        [ground.programs / "httpload", host, port, "/v1/issues", str(rate),
         str(seconds), prefer], env=env, input=ISSUE, capture_output=True,
        text=True, timeout=seconds + 120)
    if done.returncode:
        raise StageError("httpload: %s" % done.stderr[-500:])
    return json.loads(done.stdout)


def tell(line):
    def three(name):
        times = line.get(name, {})
        return " ".join("%9.1f" % times[mark] if mark in times else "%9s" % "-"
                        for mark in ("p50", "p99", "p999"))
    heard = line["event_ms"]["count"]
    print("%6d %-8s %s  %s  %d refused, %d lost, client late by %.1f ms%s" % (
        line["rate"], line["until"], three("answer_ms"),
        three("event_ms"), line["refused"], line["lost"], line["late_ms"],
        "; %d of %d events heard" % (heard, line["sent"])
        if 0 < heard < line["sent"] else ""))


def http(ground, options):
    """Each rate twice: answers are 202 at once, or wait for the outcome."""
    people, lines = People(ground.stage), []
    daemons = beside_workers(ground)
    try:
        play(ground, people, 50, 2, "")    # plans, connections, caches
        for rate in options.rates:
            for until, prefer in (("202", ""), ("outcome", "wait=10")):
                before = {one.name: cost.own_s(one.pid) for one in daemons}
                line = play(ground, people, rate, options.seconds, prefer)
                line.update({"bench": "http", "rate": rate, "until": until,
                             "us": {one.name[:-2]: round(
                                 (cost.own_s(one.pid) - before[one.name])
                                 * 1e6 / line["sent"], 1)
                                 for one in daemons}})
                lines.append(line)
                ground.say("http %d/s until %s" % (rate, until))
                time.sleep(2)
    finally:
        for daemon in daemons:
            daemon.stop()
    print("\n%6s %-8s %-29s  %s" % ("per s", "until", "answer ms p50 p99 p99.9",
                                    "event on a stream ms p50 p99 p99.9"))
    for line in lines:
        tell(line)
    return lines, []


def streams(ground, options):
    """What so many streams hold that nobody has anything to say to."""
    people = People(ground.stage)
    daemons = beside_workers(ground, STREAMS_MAX=options.streams + 10,
                             CONNECTIONS_MAX=options.streams + 100)
    gateway, open_ones = daemons[1], []
    host, _, port = ground.stage.listen().partition(":")
    ask = ("GET /v1/events HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream"
           "\r\nAuthorization: Bearer %s\r\n\r\n"
           % people.token(LISTENS)).encode()
    try:
        empty = cost.memory_kib(gateway.pid)[0]
        for _ in range(options.streams):
            one = socket.create_connection((host, int(port)), timeout=10)
            one.sendall(ask)
            if not one.recv(4096).startswith(b"HTTP/1.1 200"):
                raise StageError("a stream was refused after %d"
                                 % len(open_ones))
            open_ones.append(one)
        before = cost.own_s(gateway.pid)
        time.sleep(IDLE_S)
        idle = (cost.own_s(gateway.pid) - before) / IDLE_S
        full = cost.memory_kib(gateway.pid)[0]
        busy = play(ground, people, 100, 10, "")
    finally:
        for one in open_ones:
            one.close()
        for daemon in daemons:
            daemon.stop()
    line = {"bench": "streams", "streams": options.streams,
            "rss_kib": full, "kib_each": round((full - empty)
                                               / options.streams, 2),
            "idle_processor": round(idle, 4), "beside_100_per_s": busy}
    print("\n%d idle streams: %d KiB resident, %.1f KiB each, %.2f %% of a "
          "core; an event to all of them at 100/s: p99 %.1f ms" % (
              options.streams, full, line["kib_each"], 100 * idle,
              busy["event_ms"].get("p99", 0)))
    return [line], []
