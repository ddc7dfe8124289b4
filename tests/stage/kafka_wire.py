"""Asks a Kafka broker who it is and which topics it holds; that is all."""
import socket
import struct

METADATA, VERSION = 3, 4


class Reader:
    """Kafka's big-endian fields, one after the other."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def number(self, form):
        value, = struct.unpack_from(">" + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def text(self):
        size = self.number("h")
        if size < 0:
            return None
        self.at += size
        return self.data[self.at - size:self.at].decode()

    def numbers(self):
        return [self.number("i") for _ in range(self.number("i"))]


def metadata(port, seconds=5):
    """(brokers as {id: "host:port"}, topics as {name: partitions led}).
    Raises OSError while the broker cannot answer."""
    body = struct.pack(">hhih", METADATA, VERSION, 1, -1)
    body += struct.pack(">i?", -1, False)
    with socket.create_connection(("127.0.0.1", port), seconds) as broker:
        broker.sendall(struct.pack(">i", len(body)) + body)
        size, = struct.unpack(">i", take(broker, 4))
        answer = Reader(take(broker, size))
    answer.number("i")
    answer.number("i")
    brokers = {}
    for _ in range(answer.number("i")):
        node = answer.number("i")
        brokers[node] = "%s:%d" % (answer.text(), answer.number("i"))
        answer.text()
    answer.text()
    answer.number("i")
    return brokers, dict(topic(answer) for _ in range(answer.number("i")))


def topic(answer):
    answer.number("h")
    name, _ = answer.text(), answer.number("b")
    led = 0
    for _ in range(answer.number("i")):
        answer.number("h")
        answer.number("i")
        led += answer.number("i") >= 0
        answer.numbers()
        answer.numbers()
    return name, led


def take(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("the broker hung up")
        data += more
    return data
