"""Takes topics and messages away from a broker, as a mishap does."""
import struct

from tests.chaos.wire import Broker

DELETE_TOPICS, DELETE_RECORDS = (20, 1), (21, 0)


def string(text):
    raw = text.encode()
    return struct.pack(">h", len(raw)) + raw


def ask(cell, kind, body):
    broker = Broker(cell.facts()["servers"]["kafka"]["address"])
    try:
        return broker.ask(kind, body)
    finally:
        broker.close()


def delete_topics(cell, *topics):
    """The error of each, 0 for none."""
    body = struct.pack(">i", len(topics)) + b"".join(
        string("%s.%s" % (cell.facts()["cell"], topic)) for topic in topics)
    answer = ask(cell, DELETE_TOPICS, body + struct.pack(">i", 10000))
    answer.number("i")      # throttle
    return [(answer.text(), answer.number("h"))[1]
            for _ in range(answer.number("i"))]


def delete_records(cell, topic, partition, before):
    """The partition's low mark afterwards."""
    name = "%s.%s" % (cell.facts()["cell"], topic)
    body = (struct.pack(">i", 1) + string(name) + struct.pack(
        ">iiqi", 1, partition, before, 10000))
    answer = ask(cell, DELETE_RECORDS, body)
    for _ in range(2):      # throttle, topics
        answer.number("i")
    answer.text()
    for _ in range(2):      # partitions, partition
        answer.number("i")
    low = answer.number("q")
    assert answer.number("h") == 0, "DeleteRecords failed"
    return low
