"""Streams rows out of PostgreSQL by COPY: a million of them in little memory.

    for id, seq in rows(stage, "SELECT id, seq FROM log.entry"):
"""
import re
import subprocess

from tests.stage.cell import SUPERUSER, postgres_bin
from tests.stage.process import StageError

ESCAPE = re.compile(rb"\\(.)")
MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t",
         b"v": b"\v"}
NULL = b"\\N"


def rows(cell, query):
    """Tuples of bytes; NULL is None."""
    psql = subprocess.Popen(
        [postgres_bin() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c",
         "COPY (%s) TO STDOUT" % query, cell.conninfo(SUPERUSER)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with psql:
        for line in psql.stdout:
            yield tuple(map(read, line[:-1].split(b"\t")))
        why = psql.stderr.read()
    if psql.returncode:
        raise StageError("%s\nin: %s" % (why.decode(errors="replace"), query))


def read(field):
    if b"\\" not in field:
        return field
    if field == NULL:
        return None
    return ESCAPE.sub(lambda found: MEANT.get(found[1], found[1]), field)
