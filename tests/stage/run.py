"""The one test runner: unit-test programs and Python test modules.

    python3 -m tests.stage.run [-k WORD] [--bin DIR] FILE...

A FILE ending in .py is a unittest module; any other is a cmocka program, or
one that counts as a test by its exit status. Two run at a time, each in a
process of its own; a module that says ALONE = True has the machine to itself
at the end. Prints the whole output of what failed, and of nothing else; at
the end each line that says FAIL once more, and the sum.
"""
import argparse
import importlib
import os
import re
import signal
import subprocess
import sys
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .servers import TOP
from .stage import sanitizer_reports, shared

PROGRAM_S = 300
TEST_S = 120    # a test module may set LIMIT_S to another number
CHECKED = {
    "ASAN_OPTIONS": "detect_leaks=1:strict_string_checks=1"
                    ":detect_stack_use_after_return=1",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
}
LANES = 2
SUM = re.compile(r"(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\n")
STEP = re.compile(r"\[ +(RUN|OK|FAILED|SKIPPED|ERROR) +\] *(.*)")


class Told(Exception):
    """SIGTERM: the test at hand fails, its servers are stopped, and no other
    test is begun."""
    came = False


def heed():
    def told(*_):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        Told.came = True
        raise Told("told to stop")
    signal.signal(signal.SIGTERM, told)


class Count:
    """How many passed, failed, were skipped."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def __str__(self):
        text = "%d passed, %d failed" % (self.passed, self.failed)
        return text + (", %d skipped" % self.skipped if self.skipped else "")


def read_cmocka(output, code):
    """What a cmocka program's output says. A test that began and came to no
    end has failed; so has a program that ran none, or that ended badly
    although each of its tests passed."""
    count, open_test, seen = Count(), None, False
    for line in output.splitlines():
        step = STEP.search(line)
        if not step:
            seen = seen or "[==========]" in line
            continue
        word, seen = step[1], True
        if word == "RUN":
            count.failed += open_test is not None
            open_test = step[2]
        elif open_test is not None and word != "ERROR":
            count.passed += word == "OK"
            count.failed += word == "FAILED"
            count.skipped += word == "SKIPPED"
            open_test = None
    count.failed += open_test is not None
    if not seen and code == 0:
        count.passed += 1
    elif not count.failed and (code or not count.passed + count.skipped):
        count.failed += 1
    return count


def run_program(path):
    began = time.monotonic()
    try:
        done = subprocess.run(
            [os.path.abspath(path)], stdout=subprocess.PIPE, cwd=TOP,
            stderr=subprocess.STDOUT, timeout=PROGRAM_S)
        output, code = done.stdout.decode(errors="replace"), done.returncode
    except subprocess.TimeoutExpired as late:
        output = (late.stdout or b"").decode(errors="replace")
        output, code = output + "\nnot ended in %d s" % PROGRAM_S, 1
    except OSError as error:
        output, code = str(error), 1
    count = read_cmocka(output, code)
    more = str(count)
    if count.failed:
        more += "\n%s\n  exit status %d" % (output.rstrip(), code)
    line(not count.failed, path, began, more)
    return count


def line(well, name, began, more=""):
    say("%-4s %6.1f s  %s%s" % ("ok" if well else "FAIL",
                                time.monotonic() - began, name,
                                "  " + more if more else ""))


fails = []    # first lines of what was said to have failed


def say(text):
    """Past the buffer that holds back what a test prints."""
    if text.startswith("FAIL"):
        fails.append(text.partition("\n")[0])
    print(text, file=sys.__stdout__, flush=True)


class Result(unittest.TestResult):
    """Prints a line a test, and a failure as soon as it is known."""

    shouldStop = property(lambda self: Told.came, lambda self, value: None)

    def __init__(self):
        super().__init__()
        self.buffer, self.count = True, Count()
        self.began, self.bad, self.skip = time.monotonic(), [], False

    def startTest(self, test):
        super().startTest(test)
        self.began, self.bad, self.skip = time.monotonic(), [], False
        limit = getattr(sys.modules[type(test).__module__], "LIMIT_S", TEST_S)
        signal.signal(signal.SIGALRM, lambda *_: late(limit))
        signal.alarm(limit)

    def stopTest(self, test):
        signal.alarm(0)
        noise = self.noise() if self.bad else ""
        super().stopTest(test)
        if self.skip and not self.bad:
            self.count.skipped += 1
            line(True, test.id(), self.began, "skipped: " + self.skip)
            return
        self.count.passed += not self.bad
        self.count.failed += bool(self.bad)
        line(not self.bad, test.id(), self.began)
        if self.bad:
            say("\n".join([*self.bad, noise]).rstrip())

    def noise(self):
        return "".join(stream.getvalue() for stream in
                       (self._stdout_buffer, self._stderr_buffer) if stream)

    def addError(self, test, err):
        self.blame(test, err)

    def addFailure(self, test, err):
        self.blame(test, err)

    def addSubTest(self, test, subtest, err):
        if err:
            self.blame(subtest, err)

    def addSkip(self, test, reason):
        self.skip = reason
        if not isinstance(test, unittest.TestCase):
            self.count.skipped += 1
            line(True, str(test), self.began, "skipped: " + reason)

    def addUnexpectedSuccess(self, test):
        self.bad.append("%s passed, though it is marked as failing" % test)

    def blame(self, test, err):
        text = "%s\n%s" % (test, self._exc_info_to_string(err, test))
        if isinstance(test, unittest.TestCase) or hasattr(test, "test_case"):
            self.bad.append(text)
        else:    # setUpClass, setUpModule and the like
            self.count.failed += 1
            line(False, str(test), self.began)
            say((text + self.noise()).rstrip())


def late(limit):
    raise TimeoutError("this test is not done after %d s" % limit)


def run_module(path, word):
    """All tests of one module, but for those whose name lacks the word."""
    result = Result()
    name = str(Path(path).resolve().relative_to(TOP))[:-3].replace("/", ".")
    try:
        module = importlib.import_module(name)
    except Exception as error:    # one broken module must not stop the others
        result.count.failed += 1
        line(False, name, result.began, "cannot be read: %r" % error)
        return result.count
    loader = unittest.TestLoader()
    loader.testNamePatterns = ["*%s*" % word] if word else None
    suite = loader.loadTestsFromModule(module)
    suite.run(result)
    if not result.testsRun and not word and not result.count.failed:
        result.count.failed += 1
        line(False, name, result.began, "holds no test")
    return result.count


def stop_stages():
    """A daemon that does not drain when it is told to go is a failure. What
    stands idle would slow the next module down."""
    count = Count()
    for stage, _ in shared.values():
        for late_one in stage.stop():
            count.failed += 1
            say("FAIL " + late_one)
    shared.clear()
    return count


def check_logs(began):
    """A daemon of a checked build that complained in its log is a failure."""
    count = Count()
    for place in sorted((TOP / "build" / "test").glob("*/log")):
        for log, said in sanitizer_reports(place.parent, since=began):
            count.failed += 1
            say("FAIL %s/%s: %s" % (place, log, said))
    return count


class Lanes:
    """Runs files, two at a time."""

    def __init__(self, options):
        self.options, self.children, self.sum = options, [], Count()
        self.over = False

    def run(self, paths, lanes):
        with ThreadPoolExecutor(lanes) as pool:
            for count in pool.map(self.one, paths):
                self.sum.add(count)

    def one(self, path):
        if self.over:
            return Count()
        return (self.module if path.endswith(".py") else run_program)(path)

    def module(self, path):
        """By another of us; what it says is passed on as it comes."""
        words = [sys.executable, "-m", "tests.stage.run", "--one"]
        if self.options.word:
            words += ["-k", self.options.word]
        child = subprocess.Popen([*words, path], stdout=subprocess.PIPE,
                                 text=True)
        self.children.append(child)
        count = Count()
        for said in child.stdout:
            sum_ = SUM.fullmatch(said)
            if sum_:
                count.passed, count.failed, count.skipped = (
                    int(number or 0) for number in sum_.groups())
            else:
                say(said.rstrip("\n"))
        if child.wait() and not count.failed:
            count.failed += 1
            say("FAIL %s: exit status %d" % (path, child.returncode))
        return count

    def end(self, *_):
        self.over = True
        for child in self.children:
            child.terminate()
        sys.exit(143)


def is_alone(path):
    return path.endswith(".py") and "\nALONE = True" in Path(path).read_text()


def run_one(path, word):
    """What a child of ours does."""
    sum_ = Count()
    heed()
    try:
        sum_.add(run_module(path, word))
    except Told:
        unittest.doModuleCleanups()
    sum_.add(stop_stages())
    return sum_


def run_all(options):
    lanes, began = Lanes(options), time.time()
    signal.signal(signal.SIGTERM, lanes.end)
    files = [path for path in options.files if path.endswith(".py")
             or (options.word or "") in path]
    lanes.run([path for path in files if not is_alone(path)], LANES)
    lanes.run([path for path in files if is_alone(path)], 1)
    lanes.sum.add(check_logs(began))
    return lanes.sum


def main(words):
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("-k", dest="word", help="only tests with this word")
    parser.add_argument("--bin", help="where the daemons are")
    parser.add_argument("--one", action="store_true",
                        help="this module, in this process")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args(words)
    if options.bin:
        os.environ["BAODAO_BIN"] = os.path.abspath(options.bin)
    for name, value in CHECKED.items():
        os.environ.setdefault(name, value)
    os.chdir(TOP)
    sys.path.insert(0, str(TOP))
    if options.one:
        sum_ = run_one(options.files[0], options.word)
    else:
        sum_ = run_all(options)
        for text in fails[:]:
            say(text)
    print(sum_)
    if Told.came:
        return 143
    return 1 if sum_.failed or not (sum_.passed or options.one) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
