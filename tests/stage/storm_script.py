"""Lines for `baodao replay`, said in any order, written in that of time."""
import base64
import json
import random
from collections import Counter
from datetime import datetime

SECOND = 1000           # instants are ms after midnight of the day
MINUTE, HOUR = 60 * SECOND, 3600 * SECOND


class Script:
    """The commands of a day, and what must become of them."""

    def __init__(self, day, seed):
        self.day, self.random = day, random.Random(seed)
        midnight = datetime.fromisoformat(day + "T00:00:00+08:00")
        self.midnight_ms = int(midnight.timestamp()) * SECOND
        self.lines, self.waits = [], 0
        self.said, self.refused, self.dead = Counter(), Counter(), Counter()
        self.repeated = 0

    def between(self, least, most):
        return self.random.randint(int(least), int(most))

    def new_id(self, at):
        """A UUIDv7 of that instant."""
        bits = self.random.getrandbits(74)
        value = ((self.midnight_ms + at) << 80 | 7 << 76
                 | bits >> 62 << 64 | 2 << 62 | bits & (1 << 62) - 1)
        text = "%032x" % value
        return "-".join((text[:8], text[8:12], text[12:16], text[16:20],
                         text[20:]))

    def time(self, at):
        seconds, ms = divmod(at, SECOND)
        return "%sT%02d:%02d:%02d.%03d+08:00" % (
            self.day, seconds // 3600, seconds // 60 % 60, seconds % 60, ms)

    def say(self, at, type, key, actor, data, id=None, after=None,
            refused=None, dead=None, repeats=False, headers=None):
        """One command; key None: its own id. data: an object, or bytes that
        are sent as they are. after: the instant of what other workers must
        have folded before. headers: what stands over ours. Gives its id."""
        id = id or self.new_id(at)
        line = {"type": type, "id": id, "key": key or id, "actor": actor,
                "time": self.time(at)}
        if isinstance(data, bytes):
            line["raw_base64"] = base64.b64encode(data).decode()
        else:
            line["data"] = data
        if headers:
            line["headers"] = headers
        self.lines.append((at, len(self.lines), after, line))
        self.said[type] += 1
        self.repeated += repeats
        if refused:
            self.refused[refused] += 1
        if dead:
            self.dead[dead] += 1
        return id

    def write(self, path):
        encode = json.JSONEncoder(ensure_ascii=False,
                                  separators=(",", ":")).encode
        waited, last = -1, -1
        with open(path, "w", encoding="utf-8") as file:
            for at, _, after, line in sorted(self.lines,
                                             key=lambda one: one[:2]):
                if after is not None and after > waited:
                    file.write('{"wait":true}\n')
                    self.waits, waited = self.waits + 1, last
                file.write(encode(line) + "\n")
                last = at
            file.write('{"wait":true}\n')
            self.waits += 1
