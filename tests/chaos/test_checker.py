"""The checker, checked: each way to break the promises, built on purpose, is
found under the very fault that makes it matter; the programs as they are, under
all of these faults, leave nothing to find. `make test` leaves out the two faults
that take longest, `make chaos` none (CHECKER=all)."""
import os
import signal
import subprocess
import threading
import unittest

from tests.flow import faults
from tests.stage import Stage
from tests.stage.cell import SUPERUSER, postgres_bin
from tests.stage.process import StageError, wait
from tests.stage.servers import TOP

from . import checker, mutate

LIMIT_S = 240
ALL = os.environ.get("CHECKER") == "all"
long = unittest.skipUnless(ALL, "make chaos runs it")
SLEEP_S = 12            # a transaction may stay idle; sessions end before
SETTINGS = {"dispatch": {"SESSION_MS": 2000, "BATCH_MAX": 50},
            "track": {"SESSION_MS": 2000}}
IDLE = ("SELECT count(*) FROM pg_stat_activity WHERE application_name ="
        " 'dispatch-1' AND state = 'idle in transaction'")
LOCKED = ("SELECT count(*) FROM pg_stat_activity WHERE application_name ="
          " 'dispatch-1' AND wait_event_type = 'Lock'")
QUIET_S = 10
REFUSED = "数据库不收的哨"


class Case(Stage):
    """A cell of two workers, and what is said to them."""

    def __init__(self, name, bin=None):
        super().__init__(TOP / "build" / "test" / "checker" / name, bin=bin,
                         test_clock=faults.BORN, settings=SETTINGS,
                         daemons=("dispatch-1", "track-1"))
        self.said, self.poison = [], []

    def start_daemons(self):
        self.sql("ALTER ROLE baodao_dispatch SET"
                 " idle_in_transaction_session_timeout = '%ds'" % SLEEP_S)
        super().start_daemons()

    def feed(self, lines, name="fed"):
        """Said to Kafka, and no more: nobody waits until it is folded."""
        feeding = faults.put(self, lines, name)
        wait(lambda: feeding.poll() is not None or self.told(len(lines)), 60,
             "Kafka to have %d lines" % len(lines))
        feeding.terminate()
        feeding.wait(20)

    def told(self, count):
        """Whether Kafka holds so many commands more than before."""
        topics = checker.Topics(self.facts()["servers"]["kafka"]["address"])
        held = sum(topics.end("panlong.whistle.commands", p)
                   for p in range(6))
        topics.close()
        self.before = getattr(self, "before", 0)
        if held < self.before + count:
            return False
        self.before = held
        return True

    def whistles(self, count):
        made = [faults.whistle(len(self.said) + n) for n in range(count)]
        self.said += made
        return made

    def violations(self):
        """Their kinds, each with a sentence."""
        try:
            checker.settle(self, QUIET_S)
        except StageError:
            pass                # that too is for the checker to say
        found = checker.check(self, poison=self.poison, seconds=QUIET_S)
        return {line.partition(":")[0]: line for line in reversed(found)}


# --- faults: each leaves the cell running


def nothing(case):
    case.feed(case.whistles(300))


def said_twice(case):
    whistles = case.whistles(300)
    case.feed(whistles)
    case.feed(whistles[:100])


def refused_by_postgresql(case):
    """A commit that does not come: after a while one command stands alone."""
    whistles = case.whistles(100)
    whistles[50]["data"]["facts"] = REFUSED
    case.poison.append(whistles[50]["id"])
    case.sql("ALTER TABLE dispatch.whistle ADD CONSTRAINT refusal CHECK"
             " (facts <> '%s')" % REFUSED)
    case.feed(whistles)
    wait(lambda: faults.number(case, "SELECT count(*) FROM log.dead_letter"),
         60, "the one to be set aside", every=0.2)


def killed_before_the_commit(case):
    """A lock holds the fence up while more is fetched; then it is killed."""
    daemon = case.daemon("dispatch-1")
    holder = subprocess.Popen(
        [postgres_bin() / "psql", "-X", "-q", "-c", "BEGIN", "-c",
         "LOCK TABLE log.consumer IN EXCLUSIVE MODE", "-c", "\\! echo locked",
         "-c", "SELECT pg_sleep(60)", case.conninfo(SUPERUSER)
         + " application_name=holder"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL)
    try:
        holder.stdout.readline()
        case.feed(case.whistles(1000))
        wait(lambda: faults.number(case, LOCKED), 30, "it to wait")
        threading.Event().wait(1)       # what is fetched would be committed
        before = daemon.restarts
        daemon.kill()
    finally:
        case.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                 " WHERE application_name = 'holder'")
        holder.wait(20)
        holder.stdout.close()
    daemon.wait_restart(before, 60)


def slept_past_its_session(case):
    """It wakes with a batch of what was said twice in hand, after another has
    folded more. The fence's lock would hold the other up until PostgreSQL
    ends the sleeper's transaction."""
    slept, other = case.daemon("dispatch-1"), case.add("dispatch-2")
    whistles = case.whistles(300)
    case.feed(whistles)
    checker.settle(case)
    other.start(60)
    wait(lambda: len(owners(case)) == 2, 30, "each to own some")
    feeding = threading.Thread(target=case.feed, args=(whistles * 5,))
    feeding.start()
    wait(lambda: caught(case, slept), 60, "a batch to be open", every=0.01)
    feeding.join()
    case.feed(case.whistles(200))
    wait(lambda: owners(case) == {"dispatch-2"} and folded(case), 60,
         "the other to fold all", every=0.1)
    exits = len(slept.exits)
    slept.send(signal.SIGCONT)
    threading.Event().wait(1)
    other.stop()
    if len(slept.exits) > exits:
        slept.wait_ready(60)
    wait(lambda: owners(case) == {"dispatch-1"}, 60, "it to own all again")
    case.feed(case.whistles(100))


def caught(case, daemon):
    daemon.send(signal.SIGSTOP)
    if faults.number(case, IDLE):
        return True
    daemon.send(signal.SIGCONT)
    return False


def owners(case):
    return {owner for owner, in case.sql(
        "SELECT DISTINCT owner FROM log.consumer WHERE service = 'dispatch'")}


def folded(case):
    return faults.number(
        case, "SELECT sum(next_offset) FROM log.consumer WHERE service ="
        " 'dispatch'") == case.before


class TheChecker(unittest.TestCase):
    def mutant(self, name, fault, *kinds):
        """Its violations are of one of these kinds at least."""
        with Case(name, mutate.build(name)) as case:
            fault(case)
            found = case.violations()
        self.assertTrue(set(kinds) & set(found), found)

    @long
    def test_finds_a_fence_that_is_off(self):
        self.mutant("fence_off", slept_past_its_session, "chain", "offset")

    def test_finds_events_of_what_was_never_committed(self):
        self.mutant("publish_first", refused_by_postgresql, "invented")

    def test_finds_effects_that_came_twice(self):
        self.mutant("dedupe_off", said_twice, "doubled")

    @long
    def test_finds_commands_lost_by_the_offsets_of_kafka(self):
        self.mutant("kafka_offsets", killed_before_the_commit, "lost")

    def test_finds_a_link_that_was_skipped(self):
        self.mutant("link_skipped", nothing, "chain")

    def test_finds_nothing_under_the_same_faults_in_what_we_ship(self):
        faults_ = [nothing, said_twice, refused_by_postgresql]
        if ALL:
            faults_ += [killed_before_the_commit, slept_past_its_session]
        with Case("none") as case:
            for fault in faults_:
                with self.subTest(fault=fault.__name__):
                    fault(case)
                    self.assertEqual(case.violations(), {})
            self.assertEqual(75 in case.daemon("dispatch-1").exits, ALL)
