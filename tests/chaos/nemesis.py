"""Breaks the stage by a schedule that the seed alone decides."""
import json
import random
import subprocess
import threading
import time
from collections import Counter, namedtuple
from pathlib import Path

from tests.stage.process import StageError, wait

from . import (faults_daemons, faults_engines, faults_network, faults_words)
from .still import Still

KINDS = {kind.name: kind for part in (faults_daemons, faults_engines,
                                      faults_network, faults_words)
         for kind in part.FAULTS}
WELL_S = 120
PAIRED = 0.45       # of all steps strike twice at once
LONGER_S = 15       # that a fault which has not bitten lasts on

Strike = namedtuple("Strike", "kind target seconds seed")


def schedule(seed, seconds):
    """[(pause, [Strike, …]), …], drawn from a deck of all kinds that is not
    mixed again before it is empty."""
    rng, deck, plan, left = random.Random(seed), [], [], seconds
    while left > 0:
        pause = round(rng.uniform(0.5, 2.5), 1)
        strikes = [draw(rng, deck)]
        if rng.random() < PAIRED:
            strikes += other(rng, deck, strikes[0])
        plan.append((pause, strikes))
        left -= pause + max(one.seconds for one in strikes) + 1.5
    return plan


def draw(rng, deck):
    if not deck:
        deck += [name for name in sorted(KINDS)
                 for _ in range(KINDS[name].often)]
        rng.shuffle(deck)
    kind = KINDS[deck.pop()]
    return Strike(kind.name, rng.choice(kind.targets),
                  round(rng.uniform(*kind.seconds), 1), rng.randrange(1 << 30))


def other(rng, deck, first):
    """A second one with another subject, if the next card is one."""
    second = draw(rng, deck)
    if subject(first) != subject(second):
        return [second]
    deck.append(second.kind)
    return []


def subject(strike):
    return KINDS[strike.kind].subject(strike.target)


class Nemesis:
    """run() follows the schedule. Then: bites {kind: [sentence, …]}, idle
    (strikes without a bite), broken (promises that did not hold meanwhile),
    poison (ids of messages that nobody can fold)."""

    def __init__(self, stage, watch, plan, old, say):
        self.stage, self.watch, self.plan = stage, watch, plan
        self.old, self.say = Path(old), say
        self.bites, self.idle, self.broken = {}, [], []
        self.poison, self.kills, self.said = set(), [], 0

    def run(self):
        still = Still(self.stage)
        for number, (pause, strikes) in enumerate(self.plan, 1):
            time.sleep(pause)
            try:
                wait(self.stage.well, WELL_S, "all to be well", every=0.3)
            except StageError as error:
                self.broken.append("%s; not ready: %s" % (error, self.ill()))
            self.broken += still.look()
            if self.broken:
                break
            self.step(number, strikes)
        still.close()

    def ill(self):
        return [one.name for one in (*self.stage.servers(),
                                     *self.stage.daemons.values())
                if not (one.running() and one.ready())]

    def step(self, number, strikes):
        faults = [KINDS[s.kind](self, s.target, s.seconds, s.seed)
                  for s in strikes]
        for fault in faults:
            fault.alone = len(faults) == 1
        hands = [threading.Thread(target=self.strike, args=(fault,))
                 for fault in faults]
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()
        for fault in faults:
            self.prove(number, fault)

    def strike(self, fault):
        """Strikes, looks on, heals: what goes wrong on the way is noted."""
        fault.wrong = None
        try:
            fault.strike()
            until = time.monotonic() + fault.lasts_s
            at_most = until + LONGER_S
            while time.monotonic() < until or (
                    time.monotonic() < at_most and not fault.bitten()):
                fault.look()
                time.sleep(0.5 if time.monotonic() + 0.5 < until else 0.1)
        except Exception as error:
            fault.wrong = error
        try:
            fault.heal()
        except Exception as error:
            fault.wrong = fault.wrong or error

    def prove(self, number, fault):
        what = fault.name + (" of %s" % fault.target if fault.target else "")
        sentence = ""
        if isinstance(fault.wrong, StageError):
            self.broken.append("%s: %s" % (what, fault.wrong))
        try:
            sentence = "" if fault.wrong else fault.bite()
        except Exception as error:
            fault.wrong = error
        if sentence:
            self.bites.setdefault(fault.name, []).append(sentence)
        else:
            self.idle.append("%d. %s, %.1f s%s" % (
                number, what, fault.lasts_s,
                ": %r" % fault.wrong if fault.wrong else ""))
        self.say("%3d. %-42s %s" % (
            number, what, sentence or "NO BITE " + repr(fault.wrong)))

    # --- messages

    def say_lines(self, lines):
        """Gives Kafka these lines by `baodao replay`, in the background: it
        waits until all is folded, which may take its time."""
        self.said += 1
        path = self.stage.dir / ("nemesis-%d.ndjson" % self.said)
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n"
                                for line in lines))
        with open(self.stage.dir / "log" / "nemesis.replay", "ab") as log:
            subprocess.Popen(
                [Path(self.stage.facts()["bin"]) / "baodao", "replay", path],
                env=self.stage.environment("baodao_operator"), stdout=log,
                stderr=log, stdin=subprocess.DEVNULL)

    def say_poison(self, service):
        line = faults_words.poison(service, random.Random(self.said))
        self.poison.add(line["id"])
        self.say_lines([line])

    # --- what came of it

    def table(self):
        """A line a kind: how often it struck and bit, and one proof."""
        struck = Counter(strike.kind for _, strikes in self.plan
                         for strike in strikes)
        lines = []
        for kind in sorted(struck):
            bites = self.bites.get(kind, [])
            lines.append("%-32s %2d struck %2d bit   %s" % (
                kind, struck[kind], len(bites), bites[-1] if bites else ""))
        return lines

    def take_overs(self, alone):
        """Seconds from kill -9 to a successor, and to its first batch: two
        sorted lists. alone: of kills that struck alone."""
        both = [self.watch.take_overs(service, at)
                for service, at, fault in self.kills
                if fault.alone or not alone]
        return [sorted(sum(lists, [])) for lists in zip(*both)] or [[], []]
