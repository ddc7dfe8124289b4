"""Reads topics from Kafka with nothing of Kafka's or ours in between: the
checker must not see through the eyes of what it checks.

    for record in Topics("127.0.0.1:9092").read("panlong.task.events", 0):
        record.offset, record.header("ce_id"), record.value
"""
import socket
import struct
import time

from tests.stage import kafka_wire

from . import lz4

FETCH, OFFSETS, METADATA = (1, 4), (2, 1), (3, 4)
EARLIEST, LATEST = -2, -1
CHUNK = 4 << 20         # bytes asked for at a time
PATIENCE_S = 60
CONTROL, APPENDED, COMPRESSED, LZ4 = 0x20, 0x08, 0x07, 3
BATCH = struct.Struct(">qiibIhiqqqhii")


class Record:
    """One message as it lies in Kafka."""
    __slots__ = ("offset", "at_ms", "key", "value", "headers")

    def __init__(self, offset, at_ms, key, value, headers):
        self.offset, self.at_ms = offset, at_ms
        self.key, self.value, self.headers = key, value, headers

    def header(self, name):
        """The last one of that name, as bytes; None if there is none."""
        return self.headers.get(name)


class Broker:
    """One connection, asked and answered in turn."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.line = socket.create_connection((host, int(port)), 30)

    def ask(self, kind, body):
        head = struct.pack(">hhih", *kind, 1, -1)
        self.line.sendall(struct.pack(">i", len(head) + len(body))
                          + head + body)
        size, = struct.unpack(">i", kafka_wire.take(self.line, 4))
        answer = kafka_wire.Reader(take(self.line, size))
        answer.number("i")
        return answer

    def close(self):
        self.line.close()


class Topics:
    """What the brokers hold; which of them leads may change meanwhile."""

    def __init__(self, addresses):
        self.addresses = addresses.split(",")
        self.brokers, self.leaders = {}, {}

    def partitions(self, topic):
        return sorted(self._leaders(topic))

    def names(self):
        self._look()
        return sorted(self.leaders)

    def end(self, topic, partition):
        """The offset that the next message will get."""
        return self._offset(topic, partition, LATEST)

    def begin(self, topic, partition):
        return self._offset(topic, partition, EARLIEST)

    def read(self, topic, partition):
        """Each record from the first to what is the last one now."""
        end = self.end(topic, partition)
        at = self.begin(topic, partition)
        while at < end:
            got = self._fetch(topic, partition, at)
            for record in records(got):
                if at <= record.offset < end:
                    yield record
            at = max(at, after(got))

    def close(self):
        for broker in self.brokers.values():
            broker.close()
        self.brokers = {}

    # --- asking

    def _offset(self, topic, partition, which):
        def read(answer):
            answer.number("i")
            answer.text()
            answer.number("i")
            answer.number("i")
            error = answer.number("h")
            answer.number("q")
            return error, answer.number("q")
        body = (struct.pack(">ii", -1, 1) + text(topic)
                + struct.pack(">iiq", 1, partition, which))
        return self._patiently(topic, partition, OFFSETS, body, read)

    def _fetch(self, topic, partition, offset):
        def read(answer):
            answer.number("i")
            answer.number("i")
            answer.text()
            answer.number("i")
            answer.number("i")
            error = answer.number("h")
            answer.number("q")
            answer.number("q")
            for _ in range(max(0, answer.number("i"))):
                answer.number("q")
                answer.number("q")
            size = max(0, answer.number("i"))
            return error, answer.data[answer.at:answer.at + size]
        body = (struct.pack(">iiiibi", -1, 500, 1, CHUNK, 0, 1) + text(topic)
                + struct.pack(">iiqi", 1, partition, offset, CHUNK))
        return self._patiently(topic, partition, FETCH, body, read)

    def _patiently(self, topic, partition, kind, body, read):
        """A broker that is away or does not lead any more is asked for
        again."""
        until = time.monotonic() + PATIENCE_S
        while True:
            try:
                leader = self._leaders(topic)[partition]
                error, found = read(self._broker(leader).ask(kind, body))
                if not error:
                    return found
                why = "error %d" % error
            except (OSError, KeyError) as broken:
                why = repr(broken)
            self.close()
            self.leaders = {}
            if time.monotonic() > until:
                raise ConnectionError("%s/%d: %s" % (topic, partition, why))
            time.sleep(0.3)

    def _broker(self, address):
        if address not in self.brokers:
            self.brokers[address] = Broker(address)
        return self.brokers[address]

    def _leaders(self, topic):
        if topic not in self.leaders:
            self._look()
        return self.leaders[topic]

    def _look(self):
        """Asks whichever broker answers who leads what."""
        for address in self.addresses:
            try:
                broker = Broker(address)
                try:
                    self.leaders = leaders(broker.ask(
                        METADATA, struct.pack(">i?", -1, False)))
                    return
                finally:
                    broker.close()
            except OSError as broken:
                last = broken
        raise last


def leaders(answer):
    """{topic: {partition: address of its leader}} of a metadata answer."""
    answer.number("i")
    addresses = {}
    for _ in range(answer.number("i")):
        node = answer.number("i")
        addresses[node] = "%s:%d" % (answer.text(), answer.number("i"))
        answer.text()
    answer.text()
    answer.number("i")
    found = {}
    for _ in range(answer.number("i")):
        answer.number("h")
        name, _ = answer.text(), answer.number("b")
        led = found[name] = {}
        for _ in range(answer.number("i")):
            answer.number("h")
            partition, leader = answer.number("i"), answer.number("i")
            answer.numbers()
            answer.numbers()
            if leader in addresses:
                led[partition] = addresses[leader]
    return found


def text(name):
    return struct.pack(">h", len(name)) + name.encode()


def take(connection, size):
    """As kafka_wire.take, for answers of megabytes."""
    data, got = bytearray(size), 0
    view = memoryview(data)
    while got < size:
        more = connection.recv_into(view[got:])
        if not more:
            raise ConnectionError("the broker hung up")
        got += more
    return bytes(data)


# --- batches of records


def batches(data):
    """(place, fields) of each whole batch."""
    at = 0
    while at + BATCH.size <= len(data):
        fields = BATCH.unpack_from(data, at)
        if at + 12 + fields[1] > len(data):
            return              # the rest of it comes with the next answer
        yield at, fields
        at += 12 + fields[1]


def after(data):
    """The offset behind the last whole batch; 0 if there is none."""
    return max((f[0] + f[6] + 1 for _, f in batches(data)), default=0)


def unpacked(data, at, fields):
    """(the bytes, the place of the batch's first record in them)."""
    packed = fields[5] & COMPRESSED
    if packed not in (0, LZ4):
        raise ValueError("compression %d: nobody of ours uses it" % packed)
    start, end = at + BATCH.size, at + 12 + fields[1]
    return (lz4.unpack(data[start:end]), 0) if packed else (
        data, start)


def records(whole):
    for at, fields in batches(whole):
        base, flags, first_ms, last_ms = fields[0], fields[5], *fields[7:9]
        if flags & CONTROL:
            continue
        data, at = unpacked(whole, at, fields)
        for _ in range(fields[12]):
            size, at = varint(data, at)
            delta, place = varint(data, at + 1)
            yield read_record(data, place, base, last_ms if flags & APPENDED
                              else first_ms + delta)
            at += size


def read_record(data, at, base, at_ms):
    delta, at = varint(data, at)
    key, at = piece(data, at)
    value, at = piece(data, at)
    count, at = varint(data, at)
    headers = {}
    for _ in range(count):
        name, at = piece(data, at)
        headers[name.decode("utf-8", "replace")], at = piece(data, at)
    return Record(base + delta, at_ms, key, value, headers)


def varint(data, at):
    """(zigzag number, the place after it)."""
    byte = data[at]
    if byte < 0x80:
        return (byte >> 1) ^ -(byte & 1), at + 1
    number, shift = 0, 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7f) << shift
        if byte < 0x80:
            return (number >> 1) ^ -(number & 1), at
        shift += 7


def piece(data, at):
    """Bytes with their length before them; None for Kafka's null."""
    size, at = varint(data, at)
    return (None, at) if size < 0 else (data[at:at + size], at + size)
