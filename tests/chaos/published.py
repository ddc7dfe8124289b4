"""Every row of the log is in Kafka, as it is, in order; and no event is there
that no row tells."""
import hashlib
import struct

from .rows import rows

PLACE = struct.Struct(">IHq")       # ordinal, number of its source, seq
ROWS = ("SELECT replace(id::text, '-', ''), source_topic, partition, seq,"
        " type, key, encode(digest, 'hex'), cause, subject, version, actor"
        " FROM log.entry WHERE topic = '%s'")


def check(stage, topics, log, found, say):
    """A topic at a time, so that only its ids are held in memory."""
    cell = stage.facts()["cell"]
    for name in [n for n, in stage.sql(
            "SELECT DISTINCT topic FROM log.entry WHERE topic IS NOT NULL"
            " UNION SELECT replace(topic, '.commands', '.events')"
            " FROM log.consumer ORDER BY 1")]:
        Topic(stage, topics, log.keys, found, cell, name).check()
        say("%s is compared" % name)


def print_of(*fields):
    return hashlib.blake2b(b"\x00".join(f or b"" for f in fields),
                           digest_size=12).digest()


class Topic:
    def __init__(self, stage, topics, keys, found, cell, name):
        self.stage, self.topics, self.keys = stage, topics, keys
        self.found, self.cell, self.name = found, cell, name
        self.sources, self.said = {}, {}

    def check(self):
        self.load()
        self.is_there = bytearray(len(self.said))
        self.last = {}          # (key, source) -> seq of its last first time
        full = "%s.%s" % (self.cell, self.name)
        for partition in self.topics.partitions(full):
            for record in self.topics.read(full, partition):
                self.compare(record, partition)
        missing = self.is_there.count(0)
        if missing:
            self.found("unpublished", "%d rows of the log are not in %s; the "
                       "first is %s", missing, self.name, self.first_missing())

    def load(self):
        for (id, topic, partition, seq, *about) in rows(
                self.stage, ROWS % self.name):
            source = self.sources.setdefault((topic, partition),
                                             len(self.sources))
            self.said[bytes.fromhex(id.decode())] = (
                PLACE.pack(len(self.said), source, int(seq))
                + print_of(*about))

    def compare(self, record, partition):
        try:
            id = bytes.fromhex((record.header("ce_id") or b"").decode()
                               .replace("-", ""))
        except ValueError:
            id = None
        said = self.said.get(id)
        if said is None:
            if self.name.endswith(".events"):
                self.found("invented", "%s/%d offset %d (%s) is not in the "
                           "log", self.name, partition, record.offset,
                           text(record, "ce_type"))
            return
        ordinal, source, seq = PLACE.unpack_from(said)
        if said[PLACE.size:] != self.print_of(record):
            self.found("changed", "%s/%d offset %d (%s) is not what the log "
                       "says", self.name, partition, record.offset,
                       text(record, "ce_type"))
        if not self.is_there[ordinal]:
            self.is_there[ordinal] = 1
            self.in_order(record, partition, source, seq)

    def in_order(self, record, partition, source, seq):
        """At its first appearance, after all that its key's source has
        committed before."""
        before = self.last.get((record.key, source), 0)
        if seq < before:
            self.found("order", "%s/%d offset %d (%s): row %d of its source "
                       "comes after row %d of the same key", self.name,
                       partition, record.offset, text(record, "ce_type"), seq,
                       before)
        self.last[record.key, source] = max(before, seq)

    def print_of(self, record):
        digest = self.keys.digest(record.value or b"").hex().encode()
        return print_of(record.header("ce_type"), record.key, digest,
                        record.header("ce_cause"),
                        record.header("ce_subject"),
                        record.header("ce_sequence") or b"0",
                        record.header("ce_actor"))

    def first_missing(self):
        ordinal = self.is_there.index(0)
        return next(id.hex() for id, said in self.said.items()
                    if PLACE.unpack_from(said)[0] == ordinal)


def text(record, header):
    return (record.header(header) or b"?").decode(errors="replace")
