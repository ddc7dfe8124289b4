"""Which broker leads what, asked of one of them."""
import socket
import struct

from tests.stage.kafka_wire import METADATA, VERSION, Reader, take


def look(port, seconds=3):
    """(ids of the brokers that live, {"topic/partition": leader's id}).
    Raises OSError while this broker cannot answer."""
    body = struct.pack(">hhih", METADATA, VERSION, 1, -1)
    body += struct.pack(">i?", -1, False)
    with socket.create_connection(("127.0.0.1", port), seconds) as broker:
        broker.settimeout(seconds)
        broker.sendall(struct.pack(">i", len(body)) + body)
        size, = struct.unpack(">i", take(broker, 4))
        answer = Reader(take(broker, size))
    answer.number("i")
    answer.number("i")
    living = set()
    for _ in range(answer.number("i")):
        living.add(answer.number("i"))
        answer.text()
        answer.number("i")
        answer.text()
    answer.text()
    answer.number("i")
    leaders = {}
    for _ in range(answer.number("i")):
        leaders.update(leaders_of(answer))
    return living, leaders


def leaders_of(answer):
    answer.number("h")
    name, _ = answer.text(), answer.number("b")
    found = {}
    for _ in range(answer.number("i")):
        answer.number("h")
        partition = answer.number("i")
        found["%s/%d" % (name, partition)] = answer.number("i")
        answer.numbers()
        answer.numbers()
    return found
