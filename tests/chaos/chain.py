"""Ids, digests and the hash chain of the log, made again from their
description (design: architecture, the log), not by our library."""
import hashlib

NULL = b"\xff" * 8


class Keys:
    def __init__(self, folder):
        self.chain, self.derive, self.body = (
            (folder / name).read_bytes() for name in ("chain", "derive",
                                                      "body"))

    def digest(self, data):
        return hashlib.blake2b(data, key=self.body, digest_size=32).digest()

    def row_id(self, topic, cause, n):
        """The id of a command's n-th row: its cause's time, then a hash."""
        said = hashlib.blake2b(framed(topic) + framed(cause)
                               + framed(number(n)),
                               key=self.derive, digest_size=32).digest()
        id = bytearray(cause[:6] + said[:10])
        id[6] = id[6] & 0x0f | 0x80
        id[8] = id[8] & 0x3f | 0x80
        return bytes(id)

    def link(self, previous, row):
        """The hash of a row after the one before it."""
        return hashlib.blake2b(b"".join((
            framed(previous), framed(row.id), framed(row.service),
            framed(row.source_topic), framed(number(row.partition)),
            framed(number(row.seq)), framed(row.cause),
            framed(row.cause_digest), or_null(row.topic), or_null(row.key),
            or_null(row.type), or_null(row.subject),
            framed(number(row.version)), or_null(row.actor),
            or_null(row.scope), or_null(row.reply), framed(number(row.at_us)),
            framed(row.digest))), key=self.chain, digest_size=32).digest()


def plain_digest(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def number(n):
    return n.to_bytes(8, "big", signed=True)


def framed(field):
    return len(field).to_bytes(8, "big") + field


def or_null(field):
    return framed(field) if field else NULL
