"""A message that kills its worker is set aside, and every fold anew obeys
that; what kills already when it is fetched stands alone."""
import json
import os
import signal
import subprocess
import sys
import time
import unittest

from tests.stage import shared_stage
from tests.stage.servers import TOP

from . import faults
from .again import fold_again
from .reader import transact

LIMIT_S = 240
DEADLY = "这一条使程序退出"
TOO_MUCH = "这一批解开就装不下"
HOMES = ["530103%03d001" % street for street in range(3, 9)]
ISSUES = 120
GAP = ("INSERT INTO log.skip VALUES ('intake', 'issue.commands', %d, 6, 10,"
       " true, 'gap', '', '', 'operator', '2026-03-02')")


def shim():
    """deadly.c as a library."""
    made = TOP / "build" / "test" / "deadly.so"
    made.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-o", made,
                    TOP / "tests/flow/deadly.c", "-ldl"], check=True)
    return made


def issue(n, title):
    one = faults.issue(n, title=title)
    one["key"] = one["data"]["home"] = HOMES[n % len(HOMES)]
    one["actor"] = "community/%s/wang-min" % one["key"]
    return one


class AMessageThatKills(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = shared_stage("killer", test_clock=faults.BORN)

    def test_is_set_aside_alone_and_a_fold_anew_leaves_it_out_too(self):
        stage, daemon = self.stage, self.stage.daemon("intake-1")
        lines = [issue(n, "路灯不亮") for n in range(ISSUES)]
        deadly = lines[ISSUES // 2]
        deadly["data"]["title"] = DEADLY
        deadly["raw"] = json.dumps(deadly.pop("data"), ensure_ascii=False)
        daemon.stop()
        self.all_wait(lines)
        self.assertGreater(len(self.partitions()), 2)
        began = time.monotonic()
        self.start_with_shim(daemon, DEADLY=DEADLY)
        stage.wait(self.letters, 120, "the message to be set aside")
        aside_s = time.monotonic() - began
        faults.quiet(stage)
        print("     set aside after %.1f s and %d deaths, all folded after"
              " %.1f s" % (aside_s, daemon.exits.count(-signal.SIGABRT),
                           time.monotonic() - began),
              file=sys.__stdout__)
        self.assertEqual(set(daemon.exits), {0, -signal.SIGABRT})
        self.assertEqual(self.letters(), [(deadly["raw"].encode().hex(),
                                           deadly["key"], "deadly")])
        self.assertEqual(self.issues(), ISSUES - 1)
        faults.verify(self, stage)
        self.fold_anew()

    def test_what_kills_as_it_is_fetched_stands_until_it_is_resumed(self):
        stage, daemon = self.stage, self.stage.daemon("intake-1")
        letters, issues = self.letters(), self.issues()
        lines = [issue(n, "路灯不亮") for n in range(ISSUES)]
        lines[self.last_in_turn()]["data"]["text"] = TOO_MUCH + "。" * 500
        daemon.stop()
        self.all_wait(lines)
        self.assertGreater(len(self.partitions()), 2)
        without = self.start_with_shim(daemon, TOO_MUCH=TOO_MUCH)
        stage.wait(lambda: len(self.partitions()) == 1 and self.paused(), 120,
                   "all but one partition to be folded")
        waiting, = self.partitions()
        self.assertEqual(self.issues(), issues + ISSUES - waiting)
        (number, by), = self.paused()
        self.assertEqual(by, "intake-1")
        self.assertIn("MemoryMax", stage.baodao("lag").stdout)
        deaths = len(daemon.exits)
        self.assertEqual(set(daemon.exits), {0, -signal.SIGABRT})
        daemon.stop()
        self.all_wait([issue(n, "又不亮了") for n in range(ISSUES)],
                      already=waiting)
        daemon.start()      # what stands is not fetched from a start on either
        stage.wait(lambda: len(self.partitions()) == 1, 60,
                   "the others to be folded")
        self.assertEqual(daemon.exits[deaths:], [0])
        without()
        stage.baodao("resume", "intake/" + number)
        faults.quiet(stage)
        self.assertEqual(self.issues(), issues + 2 * ISSUES)
        self.assertEqual(self.letters(), letters)
        faults.verify(self, stage)

    def test_zz_a_turn_in_which_no_message_comes_is_over(self):
        """A transaction's mark has an offset and is no message."""
        stage, daemon = self.stage, self.stage.daemon("intake-1")
        issues, letters = self.issues(), len(self.letters())
        transact(stage.kafka.address, "panlong.issue.commands", 0, b"x")
        stage.wait(lambda: len(self.letters()) > letters, 30, "a dead letter")
        daemon.stop()
        self.assertEqual(self.waiting()[0], 1)
        stage.sql("UPDATE log.consumer SET starts = 5 WHERE topic ="
                  " 'issue.commands' AND partition = 0")
        self.all_wait([issue(n, "路灯不亮") for n in range(ISSUES)], already=1)
        daemon.start()
        stage.wait(lambda: self.issues() == issues + ISSUES, 60,
                   "the other partitions to be folded")
        self.assertEqual(self.partitions(), [1])
        self.assertIn("nothing_came", daemon.log.read_text())
        self.assertEqual(stage.sql(
            "SELECT starts FROM log.consumer WHERE topic = 'issue.commands'"
            " AND partition = 0"), [("5",)])

    def last_in_turn(self):
        """Of the homes: those before it must not die of what lies there."""
        (home,), = self.stage.sql("SELECT home FROM intake.issue"
                                  " ORDER BY partition DESC LIMIT 1")
        return HOMES.index(home)

    def paused(self):
        return self.stage.sql("SELECT partition, paused_by FROM log.consumer"
                              " WHERE topic = 'issue.commands' AND paused")

    def all_wait(self, lines, already=0):
        feeding = faults.put(self.stage, lines, "deadly")
        self.stage.wait(lambda: sum(self.waiting()) == already + len(lines),
                        30, "all to wait")
        feeding.send_signal(signal.SIGTERM)  # it waits for the fold
        feeding.wait(20)

    def waiting(self):
        return [q["lag"] for q in faults.lag(self.stage)
                if q["topic"] == "issue.commands"]

    def partitions(self):
        return [lag for lag in self.waiting() if lag]

    def start_with_shim(self, daemon, **words):
        before = dict(daemon.env)
        daemon.env.update(
            words, LD_PRELOAD=str(shim()),
            ASAN_OPTIONS=os.environ.get("ASAN_OPTIONS", "")
            + ":verify_asan_link_order=0")
        daemon.launch()

        def without():
            daemon.stop()
            daemon.env = before
            daemon.start()
        self.addCleanup(without)
        return without

    def letters(self):
        return self.stage.sql("SELECT encode(value, 'hex'), convert_from(key,"
                              " 'UTF8'), code FROM log.dead_letter")

    def issues(self, dbname=None):
        return int(self.stage.sql("SELECT count(*) FROM intake.issue",
                                  dbname=dbname)[0][0])

    def fold_anew(self):
        """Without the shim, nothing but its row keeps the message out; and a
        row may say that five more were never there."""
        live = faults.digests(self.stage)
        fold_again(self.stage, "obeys", BATCH_MAX="7")
        self.assertEqual(faults.digests(self.stage, dbname="obeys"), live)
        busy, = self.stage.sql("SELECT partition FROM log.consumer WHERE topic"
                               " = 'issue.commands' ORDER BY next_offset DESC"
                               " LIMIT 1")
        fold_again(self.stage, "ignores", skips=GAP % int(busy[0]),
                   workers=["intake"])
        self.assertEqual(self.issues("ignores"), ISSUES - 5)
