"""More than the gateway takes: what is over its bounds is refused with 503
and Retry-After, what was taken is folded once. (`make overload` is the same at
full size.)"""
import os
import signal
import socket
import threading
import time
import unittest
from pathlib import Path

from tests.bench import overload
from tests.flow.people import People
from tests.stage import Stage

ALONE = True    # ten times what this machine can take
LIMIT_S = 180
PLACE = Path("build/test/overload")
LIMITS = {"COMMANDS_MAX": 20, "COMMAND_WAIT_MS": 500, "STREAMS_MAX": 1,
          "WAITS_MAX": 0, "RECEIVE_S": 1, "IDLE_S": 4}
CHECKED_KIB = 1024 * 1024    # a checked build's shadow memory is most of it
WHO, LOOKS = overload.WHO, overload.LOOKS
ISSUE = overload.ISSUE


class Overload(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, daemons=("intake-1", "gateway-1"),
                          settings={"gateway": LIMITS}).start()
        cls.addClassCleanup(cls.stage.stop)
        cls.people = People(cls.stage)
        cls.people.token(WHO), cls.people.token(LOOKS)

    def raise_issue(self, *headers):
        return self.stage.http("POST", "/v1/issues", self.people.token(WHO),
                               ISSUE, dict(headers))

    def look(self):
        return self.stage.http("GET", "/v1/issues",
                               self.people.token(LOOKS))[0]

    def taken_again(self):
        self.stage.wait(lambda: self.raise_issue()[0] == 202, 30,
                        "a command to be taken again")

    def kafka_sleeps(self, seconds):
        """Stops the broker now; a thread wakes it."""
        pid = self.stage.kafka.pid
        os.kill(pid, signal.SIGSTOP)
        waker = threading.Timer(seconds, os.kill, (pid, signal.SIGCONT))
        waker.start()
        self.addCleanup(waker.join)

    def test_a_wave_is_cut_and_what_was_taken_is_folded_once(self):
        threading.Timer(4, self.kafka_sleeps, (2,)).start()
        result = overload.run(self.stage, 20, 10, 6, calm=2)
        self.assertEqual(overload.faults(result, CHECKED_KIB), [])
        self.assertGreater(len(result["accepted"]), 100)
        self.assertGreater(result["shed"], 0)
        self.taken_again()

    def test_when_kafka_is_slow_commands_are_refused_and_reads_go_on(self):
        self.taken_again()
        self.kafka_sleeps(3)
        first = []
        patient = threading.Thread(
            target=lambda: first.append(self.raise_issue()[0]))
        patient.start()
        time.sleep(1)
        status, headers, problem = self.raise_issue()
        self.assertEqual((status, problem["reason"]), (503, "busy"))
        self.assertGreaterEqual(int(headers["retry-after"]), 1)
        self.assertEqual(self.look(), 200)
        patient.join()
        self.assertEqual(first, [202])
        self.assertGreater(self.stage.metrics("gateway-1")[
            'baodao_shed_total{reason="command_wait"}'], 0)
        self.taken_again()

    def test_retry_after_grows_while_it_lasts(self):
        self.taken_again()
        time.sleep(6)    # over admit.c's CALM_US: a new wave begins
        self.kafka_sleeps(6)
        threading.Thread(target=self.raise_issue).start()
        time.sleep(1)
        asked = []
        for _ in range(12):
            status, headers, _ = self.raise_issue()
            if status == 503:
                asked.append(int(headers["retry-after"]))
            time.sleep(0.3)
        self.assertGreater(max(asked[-4:]), asked[0])
        self.taken_again()

    def test_one_stream_too_many_is_refused_and_a_place_is_free_again(self):
        token = self.people.token(LOOKS)
        with self.stage.events(token):
            status, headers, _ = self.stage.http("GET", "/v1/events", token)
            self.assertEqual(status, 503)
            self.assertIn("retry-after", headers)

        def place():
            with self.stage.events(token) as stream:
                return stream.status == 200
        self.stage.wait(place, 40, "the place of the stream that ended")

    def test_where_too_many_wait_the_answer_is_202_at_once(self):
        status, _, answer = self.raise_issue(("Prefer", "wait=10"))
        self.assertEqual((status, answer["status"]), (202, "accepted"))

    def late(self):
        return self.stage.metrics("gateway-1")["baodao_http_late_total"]

    def test_who_sends_a_byte_now_and_then_is_hung_up_on(self):
        host, port = self.stage.listen().split(":")
        before = self.late()
        for begin in (b"POST /v1/issues HTTP/1.1\r\nHost: x\r\n", b"GET "):
            with socket.create_connection((host, int(port)), 10) as line:
                line.sendall(begin)
                line.settimeout(0.2)
                self.stage.wait(lambda: self.drip(line), 30,
                                "the gateway to hang up")
        self.assertGreaterEqual(self.late(), before + 2)

    def drip(self, line):
        """True once the other side has gone."""
        try:
            line.sendall(b"x")
            return line.recv(100) == b""
        except TimeoutError:
            return False
        except OSError:
            return True


if __name__ == "__main__":
    unittest.main()
