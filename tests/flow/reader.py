"""A group of readers as others write them: librdkafka, offsets in Kafka."""
import ctypes
import time

RD = ctypes.CDLL("librdkafka.so.1")
for name in ("rd_kafka_conf_new", "rd_kafka_new",
             "rd_kafka_topic_partition_list_new", "rd_kafka_consumer_poll",
             "rd_kafka_topic_new", "rd_kafka_init_transactions",
             "rd_kafka_begin_transaction", "rd_kafka_commit_transaction"):
    getattr(RD, name).restype = ctypes.c_void_p
PRODUCER, CONSUMER, COPY = 0, 1, 2


def pointer(value):
    return ctypes.c_void_p(value)


class Reader:
    """One member of a group; reads from the beginning what is new to it."""

    def __init__(self, brokers, group, topic):
        conf, why = RD.rd_kafka_conf_new(), ctypes.create_string_buffer(200)
        for key, value in (("bootstrap.servers", brokers), ("group.id", group),
                           ("auto.offset.reset", "earliest"),
                           ("enable.auto.commit", "false")):
            if RD.rd_kafka_conf_set(pointer(conf), key.encode(),
                                    value.encode(), why, len(why)):
                raise ValueError(why.value)
        self.rk = RD.rd_kafka_new(CONSUMER, pointer(conf), why, len(why))
        RD.rd_kafka_poll_set_consumer(pointer(self.rk))
        topics = RD.rd_kafka_topic_partition_list_new(1)
        RD.rd_kafka_topic_partition_list_add(pointer(topics), topic.encode(),
                                             -1)
        RD.rd_kafka_subscribe(pointer(self.rk), pointer(topics))
        RD.rd_kafka_topic_partition_list_destroy(pointer(topics))

    def read(self, count, seconds=20):
        """Reads until so many have come and, for a moment, no more; commits;
        gives how many there were."""
        got, end = 0, time.monotonic() + seconds
        while time.monotonic() < end:
            message = RD.rd_kafka_consumer_poll(pointer(self.rk), 500)
            if message:
                got += ctypes.c_int.from_address(message).value == 0
                RD.rd_kafka_message_destroy(pointer(message))
            elif got >= count:
                break
        RD.rd_kafka_commit(pointer(self.rk), None, 0)
        return got

    def close(self):
        RD.rd_kafka_consumer_close(pointer(self.rk))
        RD.rd_kafka_destroy(pointer(self.rk))


def transact(brokers, topic, partition, value):
    """One message, by a producer with transactions: theirs, not ours."""
    conf, why = RD.rd_kafka_conf_new(), ctypes.create_string_buffer(200)
    for key, setting in (("bootstrap.servers", brokers),
                         ("transactional.id", "stranger")):
        if RD.rd_kafka_conf_set(pointer(conf), key.encode(), setting.encode(),
                                why, len(why)):
            raise ValueError(why.value)
    rk = pointer(RD.rd_kafka_new(PRODUCER, pointer(conf), why, len(why)))
    where = pointer(RD.rd_kafka_topic_new(rk, topic.encode(), None))
    for failed in (RD.rd_kafka_init_transactions(rk, 30000),
                   RD.rd_kafka_begin_transaction(rk),
                   RD.rd_kafka_produce(where, partition, COPY, value,
                                       ctypes.c_size_t(len(value)), None,
                                       ctypes.c_size_t(0), None),
                   RD.rd_kafka_commit_transaction(rk, 30000)):
        if failed:
            raise ValueError("the transaction failed")
    RD.rd_kafka_topic_destroy(where)
    RD.rd_kafka_destroy(rk)
