"""Holds what lies in Kafka against what lies in PostgreSQL, and both against
what was said. It asks no program of ours for the truth.

    settle(stage)                   # nothing moves any more
    for sentence in check(stage, load):
        print(sentence)

A sentence begins with its kind:

    lost        an accepted command without effect or refusal
    doubled     a command with more than one effect
    invented    rows of the log, or events, that nothing in Kafka explains
    offset      next_offset or a counter is not what Kafka's messages make
    chain       a row, its id, its digest or its link is not what it must be
    unpublished a row of the log that Kafka does not hold
    changed     Kafka holds a row otherwise than the log
    order       rows of one key in Kafka not in the order of their commits
    dead        a dead letter that was not poison
    lanes       lanes and calls, or a holder, that the log does not tell
    model       an answer or a state that the rules do not allow
    answer      a client was told what the log does not say
    redis       Redis counts an officer's open lanes otherwise
"""
import uuid
from itertools import groupby
from pathlib import Path

from tests.stage.process import wait

from . import answers, lanes, published
from .chain import Keys, plain_digest
from .found import Found
from .model import Model
from .rows import rows
from .wire import Topics

SERVICES = {"issue": "intake", "whistle": "dispatch", "task": "track",
            "match": "match", "ledger": "ledger"}
GENESIS = bytes(32)
LOG = ("SELECT replace(id::text, '-', ''), service, source_topic, partition,"
       " seq, replace(cause::text, '-', ''), encode(cause_digest, 'hex'),"
       " topic, key, type, subject, version, actor, scope, reply,"
       " (extract(epoch FROM at) * 1000000)::bigint, data,"
       " encode(digest, 'hex'), encode(hash, 'hex') FROM log.entry"
       " ORDER BY source_topic, partition, seq")


class Row:
    """One of the log."""
    __slots__ = ("id", "service", "source_topic", "partition", "seq",
                 "cause", "cause_digest", "topic", "key", "type", "subject",
                 "version", "actor", "scope", "reply", "at_us", "data",
                 "digest", "hash")
    HEX = ("id", "cause", "cause_digest", "digest", "hash")
    NUMBERS = ("partition", "seq", "version", "at_us")

    def __init__(self, fields):
        for name, field in zip(self.__slots__, fields):
            setattr(self, name, field)
        for name in self.HEX:
            setattr(self, name, bytes.fromhex(getattr(self, name).decode()))
        for name in self.NUMBERS:
            setattr(self, name, int(getattr(self, name)))


def check(stage, load=None, poison=(), say=lambda line: None, seconds=120):
    """The violations. load: its answers must be in the log, and none of its
    poison counts. poison: what may be a dead letter: ids, exact bodies
    (bytes), or (topic, partition, offset). seconds: until the cell must be
    quiet again after a take-over."""
    found = Found()
    topics = Topics(stage.facts()["servers"]["kafka"]["address"])
    poison = set(poison) | (load.poison if load else set())
    try:
        lanes.check_redis(stage, found, lambda: settle(stage, seconds),
                          min(30, seconds))
        log = Log(stage, topics, found, poison, answers.wanted(load))
        log.read(say)
        published.check(stage, topics, log, found, say)
        lanes.check(stage, found)
        answers.check(load, log.outcomes, found)
    finally:
        topics.close()
    return found.all()


def settle(stage, seconds=120):
    """Until all that Kafka holds is folded and published, as PostgreSQL and
    Kafka tell it; twice the same, so that nothing is on its way."""
    topics = Topics(stage.facts()["servers"]["kafka"]["address"])
    seen = []

    def look():
        seen.append(still(stage, topics))
        return seen[-1] and seen[-2:-1] == seen[-1:]
    try:
        wait(look, seconds, "all to be folded and published", every=0.5)
    finally:
        topics.close()


def still(stage, topics):
    """What there is; None while something moves."""
    now = []
    for topic, p, offset, seq, done in stage.sql(
            "SELECT topic, partition, next_offset, seq, published"
            " FROM log.consumer ORDER BY 1, 2"):
        end = topics.end(stage.facts()["cell"] + "." + topic, int(p))
        if int(offset) != end or seq != done:
            return None
        now.append((topic, p, offset, seq))
    return now


class Log:
    """One pass over the log, beside the commands that made it: PostgreSQL's
    rows by chain, Kafka's messages by offset, both in the same order."""

    def __init__(self, stage, topics, found, poison, wanted):
        self.stage, self.topics, self.found = stage, topics, found
        self.cell, self.keys = stage.facts()["cell"], Keys(stage.dir / "keys")
        self.poison, self.wanted = poison, wanted
        self.outcomes = {}      # id -> what came of a command that is wanted
        self.unexplained = []   # dead letters
        self.model = Model(Path(stage.facts()["schemas"]))
        self.consumers = {
            (topic, int(p)): [int(n) for n in more[:-1]] + [more[-1]]
            for topic, p, *more in stage.sql(
                "SELECT topic, partition, next_offset, seq, messages,"
                " refused, seen, dead, encode(hash, 'hex')"
                " FROM log.consumer")}
        self.dead = {(topic, int(p), int(offset))
                     for topic, p, offset in stage.sql(
                         "SELECT topic, partition, \"offset\""
                         " FROM log.dead_letter UNION SELECT topic,"
                         " partition, generate_series(first, last)"
                         " FROM log.skip")}

    def read(self, say):
        log = map(Row, rows(self.stage, LOG))
        chains = groupby(log, lambda row: (row.source_topic.decode(),
                                           row.partition))
        at = next(chains, None)
        for place in sorted(self.consumers):
            mine = iter(())
            while at and at[0] < place:
                self.found("invented", "the log has rows of %s/%d, that "
                           "nobody folds", *at[0])
                at = next(chains, None)
            if at and at[0] == place:
                mine = at[1]
            Fold(self, *place).check(mine)
            say("%s/%d is read" % place)
            if at and at[0] == place:
                at = next(chains, None)
        for id, digest, sentence in self.unexplained:
            used = self.outcomes.get(id)    # again, in another partition
            if not used or used.digest == digest:
                self.found("dead", "%s", sentence)
        self.model.check_states(self.stage, self.found)
        say(str(self.model))


class Fold:
    """One partition of a command topic."""

    def __init__(self, log, topic, partition):
        self.log, self.found, self.keys = log, log.found, log.keys
        self.topic, self.partition = topic, partition
        self.service = SERVICES[topic.partition(".")[0]]
        self.hash, self.seq, self.at_us = GENESIS, 0, 0
        self.seen = {}          # id -> the first bytes of its body's digest
        self.messages = self.refused = self.repeats = self.dead = 0

    def check(self, chain):
        self.groups = groupby(map(self.linked, chain),
                              lambda row: row.cause)
        self.step()
        end = 0
        for record in self.log.topics.read(
                "%s.%s" % (self.log.cell, self.topic), self.partition):
            end = record.offset + 1
            self.messages += 1
            self.at_us = max(self.at_us, 1000 * record.at_ms)
            self.account(record)
        while self.group:
            self.found("invented", "%s is the cause of rows in %s/%d, but "
                       "Kafka does not hold it there", name(self.cause),
                       self.topic, self.partition)
            self.step()
        self.compare(end)

    def step(self):
        """The rows of the next command; None at the end."""
        cause, rows_ = next(self.groups, (None, ()))
        self.cause, self.group = cause, list(rows_)

    def linked(self, row):
        """A row, its place in the chain looked at."""
        self.seq += 1
        if row.seq != self.seq:
            self.found("chain", "%s: row %d follows row %d", self,
                       row.seq, self.seq - 1)
            self.seq = row.seq
        if self.keys.link(self.hash, row) != row.hash:
            self.found("chain", "%s: the link of row %d is broken", self,
                       row.seq)
        if row.data is not None and self.keys.digest(row.data) != row.digest:
            self.found("chain", "%s: the data of row %d has another digest",
                       self, row.seq)
        self.hash = row.hash
        return row

    # --- one message

    def account(self, record):
        """Effect or refusal, repeat, or dead letter: exactly one of them."""
        id = id_of(record)
        place = (self.topic, self.partition, record.offset)
        while self.group and self.cause != id and self.cause in self.seen:
            self.found("doubled", "%s has rows twice in %s", name(self.cause),
                       self)
            self.step()
        if place in self.log.dead:
            self.account_dead(record, id, place)
        elif id in self.seen:
            self.account_repeat(record, id)
        elif self.group and self.cause == id:
            self.account_effect(record, id)
        else:
            self.found("lost", "%s at offset %d of %s (%s) has neither "
                       "effect nor refusal", name(id), record.offset, self,
                       said(record, "ce_type"))

    def account_dead(self, record, id, place):
        self.dead += 1
        if self.log.poison & {place, record.value, id and name(id)}:
            return
        if id in self.seen and self.seen[id] != digest_of(record)[:8]:
            return                  # the same id with another body
        self.log.unexplained.append((
            id, digest_of(record), "%s at offset %d of %s (%s) is a dead "
            "letter, but no poison" % (name(id), record.offset, self,
                                       said(record, "ce_type"))))

    def account_repeat(self, record, id):
        self.repeats += 1
        if self.seen[id] != digest_of(record)[:8]:
            self.found("doubled", "%s at offset %d of %s has another body "
                       "than before, and is no dead letter", name(id),
                       record.offset, self)
        if self.group and self.cause == id:
            self.found("doubled", "%s has rows again for its repeat at offset "
                       "%d of %s", name(id), record.offset, self)
            self.step()

    def account_effect(self, record, id):
        group, digest = self.group, digest_of(record)
        self.seen[id] = digest[:8]
        for n, row in enumerate(group):
            if row.id != self.keys.row_id(self.topic.encode(), id, n):
                self.found("doubled" if n else "chain", "row %d of %s has not "
                           "the id of row %d of %s", row.seq, self, n,
                           name(id))
            if row.cause_digest != digest or row.at_us != self.at_us or \
                    row.service.decode() != self.service:
                self.found("chain", "row %d of %s tells another body, instant "
                           "or service than its command %s", row.seq, self,
                           name(id))
        refused = answers.refusal(group)
        self.refused += refused is not None
        if id in self.log.wanted:
            self.log.outcomes[id] = answers.outcome(group, refused)
        self.log.model.fold(self, record, group, refused)
        self.step()

    # --- all of them

    def compare(self, end):
        """What the consumer's row says of it."""
        *kept, hash = self.log.consumers[self.topic, self.partition]
        mine = [end, self.seq, self.messages, self.refused, self.repeats,
                self.dead, self.hash.hex()]
        for word, theirs, ours in zip(
                ("next_offset", "seq", "messages", "refused", "seen", "dead",
                 "hash"), [*kept, hash or GENESIS.hex()], mine):
            if theirs != ours:
                self.found("offset", "%s: log.consumer says %s %s, it is %s",
                           self, word, theirs, ours)

    def __str__(self):
        return "%s/%d" % (self.topic, self.partition)


def id_of(record):
    """ce_id as 16 bytes, or None."""
    try:
        return uuid.UUID((record.header("ce_id") or b"").decode()).bytes
    except ValueError:
        return None


def digest_of(record):
    """Of the body, as its sender says, or else as it is."""
    said_ = record.header("ce_digest")
    if said_:
        try:
            return bytes.fromhex(said_.decode())
        except ValueError:
            return said_
    return plain_digest(record.value or b"")


def said(record, header):
    return (record.header(header) or b"?").decode(errors="replace")


def name(id):
    return str(uuid.UUID(bytes=id)) if id else "a message without id"
