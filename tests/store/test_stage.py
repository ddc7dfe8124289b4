"""The stage itself: its servers come up, survive a kill, and go down; its
supervisor, proxy and runner do what they say."""
import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest
from pathlib import Path

from tests.stage import Cell, Proxy, Stage, StageError, free_port, wait
from tests.stage import stage as stages
from tests.stage.client import Events
from tests.stage.process import Daemon, alive, end, start_ticks
from tests.stage.run import read_cmocka

PLACE = Path("build/test/stage")
LIMIT_S = 120


class Servers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = Stage(PLACE, daemons=(), birth=()).start()
        cls.addClassCleanup(cls.stage.stop)

    def test_a_query_gives_text_and_tells_null_from_nothing(self):
        rows = self.stage.sql("SELECT 1, NULL, '', E'a\\nb' UNION ALL "
                              "SELECT 2, 'x', '哨', 'c' ORDER BY 1")
        self.assertEqual(rows, [("1", None, "", "a\nb"),
                                ("2", "x", "哨", "c")])
        self.assertEqual(self.stage.sql("SELECT 1 WHERE false"), [])
        self.assertEqual(self.stage.sql_json("SELECT 7 AS n;"), [{"n": 7}])

    def test_a_wrong_query_raises_with_its_text(self):
        with self.assertRaisesRegex(StageError, "nowhere"):
            self.stage.sql("SELECT * FROM nowhere")

    def test_postgres_sorts_by_bytes_and_knows_chinese(self):
        self.assertEqual(self.stage.sql(
            "SELECT datcollate, datctype, pg_encoding_to_char(encoding)"
            " FROM pg_database WHERE datname = current_database()"),
            [("C.UTF-8", "C.UTF-8", "UTF8")])

    def test_what_postgres_has_committed_survives_its_murder(self):
        self.stage.sql("CREATE TABLE kept (n int); "
                       "INSERT INTO kept VALUES (42)")
        self.stage.postgres.kill()
        with self.assertRaises(StageError):
            self.stage.sql("SELECT 1")
        self.stage.postgres.start()
        self.assertEqual(self.stage.sql("SELECT n FROM kept"), [("42",)])

    def test_postgres_stops_in_each_mode_and_starts_again(self):
        for mode in ("smart", "fast", "immediate"):
            with self.subTest(mode):
                self.stage.postgres.stop(mode)
                self.assertFalse(self.stage.postgres.running())
                self.stage.postgres.start()

    def test_redis_forgets_when_it_is_killed(self):
        redis = self.stage.redis
        self.assertEqual(redis.cli("SET", "k", "哨"), "OK")
        self.assertEqual(redis.cli("GET", "k"), "哨")
        redis.kill()
        redis.start()
        self.assertEqual(redis.cli("DBSIZE"), "0")

    def test_kafka_comes_back_on_its_port_after_a_kill(self):
        self.assertEqual(self.stage.kafka.topics(), {})
        self.stage.kafka.kill()
        self.assertFalse(self.stage.kafka.ready())
        self.stage.kafka.start()
        self.assertTrue(self.stage.kafka.ready())

    def test_a_proxy_stands_before_kafka_and_postgres(self):
        for server in (self.stage.kafka, self.stage.postgres):
            with self.subTest(server.name), server.proxy() as proxy:
                socket.create_connection(("127.0.0.1", proxy.port), 5).close()

    def test_stage_json_names_what_runs(self):
        facts = Cell(PLACE).facts()
        for name in ("kafka", "postgres", "redis"):
            one = facts["servers"][name]
            self.assertTrue(alive(one["pid"], one["start"]), name)
        self.assertEqual(Cell(PLACE).sql("SELECT 1"), [("1",)])


class Down(unittest.TestCase):
    def test_what_a_crashed_stage_left_is_ended(self):
        place = PLACE.with_name("crashed")
        keeper = subprocess.Popen(
            [sys.executable, "-c", "from tests.stage import Stage\n"
             "import os\n"
             "Stage(%r, daemons=(), birth=()).start(); os._exit(9)"
             % str(place)])
        self.assertEqual(keeper.wait(60), 9)
        left = [(s["pid"], s["start"])
                for s in Cell(place).facts()["servers"].values()]
        self.assertTrue(all(alive(*one) for one in left))
        self.assertTrue(stages.down(place))
        self.assertFalse(any(alive(*one) for one in left))
        self.assertFalse(stages.down(place))

    def test_a_pid_that_now_is_another_process_is_left_alone(self):
        other = subprocess.Popen(["sleep", "60"])
        self.addCleanup(other.wait)
        self.addCleanup(other.kill)
        end(other.pid, start_ticks(other.pid) - 1)
        self.assertIsNone(other.poll())


SLEEPER = """
import http.server, os, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
    def log_message(self, *_):
        pass
print('{"said": "up"}', flush=True)
host, port = os.environ["SIDE"].split(":")
http.server.HTTPServer((host, int(port)), Ready).serve_forever()
"""


class Supervision(unittest.TestCase):
    def daemon(self, program):
        PLACE.mkdir(parents=True, exist_ok=True)
        log = PLACE / "daemon.log"
        log.unlink(missing_ok=True)
        side = "127.0.0.1:%d" % free_port()
        one = Daemon("x-1", log, [sys.executable, "-c", program],
                     {**os.environ, "SIDE": side}, side)
        self.addCleanup(one.stop)
        return one

    def test_who_is_killed_is_started_again_and_counted(self):
        one = self.daemon(SLEEPER)
        one.start()
        first = one.pid
        one.kill(signal.SIGKILL)
        one.wait_restart(0)
        self.assertNotEqual(one.pid, first)
        self.assertEqual((one.exits, one.restarts), ([-9], 1))

    def test_who_is_stopped_stays_down_until_started(self):
        one = self.daemon(SLEEPER)
        one.start()
        one.stop()
        time.sleep(Daemon.FIRST_S * 2)
        self.assertFalse(one.running())
        one.start()
        self.assertTrue(one.ready())

    def test_a_frozen_daemon_can_be_stopped(self):
        one = self.daemon(SLEEPER)
        one.start()
        one.kill(signal.SIGSTOP)
        one.stop()
        self.assertFalse(one.running())

    def test_exit_75_is_restarted_with_growing_pauses(self):
        one = self.daemon("import sys; sys.exit(75)")
        one.launch()
        wait(lambda: one.restarts >= 2, 10, "two restarts")
        self.assertEqual(set(one.exits), {75})

    def test_exit_0_is_the_end(self):
        one = self.daemon("print('no socket')")
        with self.assertRaisesRegex(StageError, "no socket"):
            one.start()
        self.assertEqual((one.exits, one.restarts), ([0], 0))

    def test_who_never_gets_ready_is_named_with_the_end_of_its_log(self):
        one = self.daemon("import time; print('hm', flush=True);"
                          "time.sleep(60)")
        with self.assertRaisesRegex(StageError, "x-1 to be ready(.|\n)*hm"):
            one.start(seconds=1)


class Ports(unittest.TestCase):
    """Each drawer is a process of its own, as each test module is."""
    DRAW = """
import sys
from tests.stage import process
if sys.argv[1:]:
    process.LOWEST = int(sys.argv[1])
    process.EPHEMERAL = process.LOWEST + 1
try:
    print(process.free_port(), flush=True)
except process.StageError:
    print("none", flush=True)
sys.stdin.read()
"""

    def draw(self, *only):
        """(drawer, what it drew: any port, or only this one)."""
        drawer = subprocess.Popen(
            [sys.executable, "-c", self.DRAW, *only], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(drawer.communicate)
        return drawer, drawer.stdout.readline().strip()

    def test_a_port_is_given_once_until_who_was_given_it_is_dead(self):
        first, port = self.draw()
        self.assertEqual(self.draw(port)[1], "none")
        first.kill()
        first.wait()
        heir, again = self.draw(port)
        self.assertEqual(again, port)
        self.assertEqual(self.draw(port)[1], "none")
        self.assertIsNone(heir.poll())

    def test_a_port_that_somebody_listens_on_is_not_given(self):
        with socket.create_server(("127.0.0.1", 0)) as stranger:
            port = str(stranger.getsockname()[1])
            self.assertEqual(self.draw(port)[1], "none")
        self.assertEqual(self.draw(port)[1], port)


class Born(unittest.TestCase):
    """With programs that only say what they were told."""

    def setUp(self):
        self.place = PLACE.with_name("born")
        self.bin = self.place / "bin"
        self.bin.mkdir(parents=True, exist_ok=True)
        self.program("baodao", "import json, os, sys\n"
                     "print(json.dumps([sys.argv[1:], dict(os.environ)]))\n"
                     "sys.exit(sys.argv[1] == 'refuse')\n")
        self.program("baodao-track", SLEEPER)

    def program(self, name, text):
        path = self.bin / name
        path.write_text("#!%s\n%s" % (sys.executable, text))
        path.chmod(0o755)

    def stage(self, **options):
        return Stage(self.place, bin=self.bin, **options)

    def test_a_cell_is_born_its_daemons_run_and_go(self):
        told = []
        with self.stage(daemons=("track-1", "track-2"), say=told.append,
                        test_clock="2026-03-02T08:30+08:00") as stage:
            words, env = json.loads(stage.baodao("lag").stdout)
            self.assertEqual(words, ["lag"])
            self.assertIn("user=baodao_operator", env["POSTGRES"])
            self.assertEqual(env["CELL"], "panlong")
            stage.daemon("track-2").kill()
            stage.daemon("track-2").wait_restart(0)
            self.assertEqual(Cell(self.place).ends(),
                             {"track-1": [], "track-2": [-9]})
            self.assertEqual(stage.logs("track-1"), [{"said": "up"}])
            pids = [stage.daemon(n).pid for n in stage.daemons]
        self.assertIn("migrate --test-clock=2026-03-02T08:30+08:00",
                      "\n".join(told))
        self.assertEqual([start_ticks(pid) for pid in pids], [None, None])

    def test_a_step_that_fails_takes_the_stage_down_with_its_words(self):
        stage = self.stage(birth=((("refuse", "{dir}"), "postgres"),))
        with self.assertRaisesRegex(StageError, "baodao refuse .*exit 1"):
            stage.start()
        self.assertFalse(any(server.running() for server in stage.servers()))


class Proxies(unittest.TestCase):
    def setUp(self):
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)
        threading.Thread(target=self.echo, args=(server,),
                         daemon=True).start()
        self.proxy = Proxy(server.getsockname()).start()
        self.addCleanup(self.proxy.stop)

    def echo(self, server):
        def one(peer):
            with peer, contextlib.suppress(ConnectionError):
                while data := peer.recv(65536):
                    peer.sendall(data)
        while True:
            try:
                threading.Thread(target=one, args=(server.accept()[0],),
                                 daemon=True).start()
            except OSError:
                return

    def client(self):
        client = socket.create_connection(("127.0.0.1", self.proxy.port), 5)
        self.addCleanup(client.close)
        client.settimeout(5)
        return client

    def say(self, client, data):
        client.sendall(data)
        self.assertEqual(client.recv(len(data)), data)

    def test_a_cut_resets_and_refuses_until_healed(self):
        client = self.client()
        self.say(client, b"one")
        self.proxy.cut()
        with self.assertRaises(ConnectionResetError):
            client.recv(1)
        with self.assertRaises(ConnectionError):
            self.client().recv(1)
        self.proxy.heal()
        self.say(self.client(), b"three")

    def test_silence_holds_bytes_back_until_healed(self):
        client = self.client()
        self.say(client, b"one")
        self.proxy.silence()
        client.sendall(b"two")
        client.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            client.recv(3)
        self.proxy.heal()
        client.settimeout(5)
        self.assertEqual(client.recv(3), b"two")

    def test_what_is_swallowed_never_comes_and_is_reset_when_healed(self):
        client = self.client()
        self.say(client, b"one")
        self.proxy.swallow()
        client.sendall(b"two")
        client.settimeout(0.3)
        with self.assertRaises(TimeoutError):
            client.recv(3)
        self.assertEqual(self.proxy.did["swallowed"], 1)
        self.proxy.heal()
        with self.assertRaises(ConnectionResetError):
            client.recv(3)
        self.say(self.client(), b"three")

    def test_a_slow_line_takes_its_time(self):
        client = self.client()
        self.proxy.slow(20000)
        began = time.monotonic()
        client.sendall(bytes(10000))
        got = 0
        while got < 10000:
            got += len(client.recv(10000))
        self.assertGreater(time.monotonic() - began, 0.4)


class EventStream(unittest.TestCase):
    def test_events_are_collected_as_they_come(self):
        class Source(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                self.send_response(200)
                self.end_headers()
                self.wfile.write(b': hello\n\nid: 1\nevent: lane\n'
                                 b'data: {"v":\ndata: 2}\n\nid: 2\n'
                                 b'data: plain\n\n')

            def log_message(self, *_):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Source)
        self.addCleanup(server.server_close)
        threading.Thread(target=server.handle_request, daemon=True).start()
        with Events("127.0.0.1:%d" % server.server_port) as events:
            events.wait(lambda event: event["id"] == "2")
        self.assertEqual(events.list, [
            {"id": "1", "event": "lane", "data": {"v": 2}},
            {"id": "2", "data": "plain"}])


class Runner(unittest.TestCase):
    """As a process of its own, over a module made for it."""
    PLACE = Path("build/test/runner")

    def launch(self, name, text):
        self.PLACE.mkdir(parents=True, exist_ok=True)
        path = self.PLACE / (name + ".py")
        path.write_text("import subprocess, time, unittest\n" + text)
        runner = subprocess.Popen(
            [sys.executable, "-m", "tests.stage.run", str(path)], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(runner.kill)
        return runner

    def test_why_a_class_could_not_be_set_up_is_told(self):
        said, _ = self.launch("sets_up", """
class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        print("it said this before")
        raise OSError("no such engine")

    def test_nothing(self):
        pass
""").communicate(timeout=60)
        self.assertRegex(said, "FAIL .*setUpClass")
        self.assertIn("no such engine", said)
        self.assertIn("it said this before", said)
        again, sum_ = said.splitlines()[-2:]
        self.assertIn(again, said.splitlines()[:-2])
        self.assertRegex(again, "^FAIL .*setUpClass")
        self.assertEqual(sum_, "0 passed, 1 failed")

    def test_told_to_stop_amid_a_test_it_ends_what_it_started(self):
        pid = self.PLACE / "pid"
        pid.unlink(missing_ok=True)
        runner = self.launch("sleeps", """
def setUpModule():
    child = subprocess.Popen(["sleep", "600"])
    unittest.addModuleCleanup(child.wait)
    unittest.addModuleCleanup(child.kill)
    open("%s", "w").write("%%d\\n" %% child.pid)

class Case(unittest.TestCase):
    def test_a(self):
        time.sleep(600)

    def test_b(self):
        time.sleep(600)
""" % pid)
        wait(lambda: pid.exists() and pid.read_text().endswith("\n"), 60,
             "a test to sleep")
        child = int(pid.read_text())
        ticks = start_ticks(child)
        runner.send_signal(signal.SIGTERM)
        said, _ = runner.communicate(timeout=30)
        self.assertEqual(runner.returncode, 143)
        self.assertFalse(alive(child, ticks))
        self.assertRegex(said, "FAIL .*test_a")
        self.assertIn("told to stop", said)
        self.assertNotIn("test_b", said)


class Counting(unittest.TestCase):
    def test_each_outcome_of_a_program_is_counted(self):
        ok = "[ RUN      ] a\n[       OK ] a\n"
        bad = "[ RUN      ] b\n[  ERROR   ] --- x\n[  FAILED  ] b\n"
        listed = "[  FAILED  ] tests: 1 test(s), listed below:\n" \
                 "[  FAILED  ] b\n"
        cut = "[ RUN      ] c\nSegmentation fault\n"
        skip = "[ RUN      ] d\n[  SKIPPED ] d\n"
        for output, code, want in (
                (ok, 0, (1, 0, 0)), (ok + bad + listed, 1, (1, 1, 0)),
                (ok + cut, -11, (1, 1, 0)), (ok + skip, 0, (1, 0, 1)),
                (ok, 23, (1, 1, 0)), ("", 0, (1, 0, 0)), ("", 1, (0, 1, 0)),
                ("[==========] Running 0 test(s).\n", 0, (0, 1, 0))):
            with self.subTest(output=output, code=code):
                got = read_cmocka(output, code)
                self.assertEqual((got.passed, got.failed, got.skipped), want)
