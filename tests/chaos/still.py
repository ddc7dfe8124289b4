"""Partitions that nobody folds, although all is well. At the end a later fault
may have set them free again."""
import time

from tests.stage.process import StageError

from .wire import Topics

STILL_S = 45    # longer than the faults of two steps hold one up


class Still:
    def __init__(self, stage):
        self.stage, self.since = stage, {}
        self.topics = Topics(stage.facts()["servers"]["kafka"]["address"])

    def look(self):
        """A sentence for each that has not moved since STILL_S ago."""
        try:
            return [self.sentence(*place) for place in self.behind()]
        except (OSError, StageError):
            return []       # an engine fell over just now

    def behind(self):
        now = time.monotonic()
        for topic, partition, next_offset in self.stage.sql(
                "SELECT topic, partition, next_offset FROM log.consumer"):
            place = topic, int(partition)
            end = self.topics.end("%s.%s" % (self.stage.cell, topic), place[1])
            known = self.since.get(place)
            if int(next_offset) >= end:
                self.since.pop(place, None)
            elif not known or known[0] != next_offset:
                self.since[place] = next_offset, now
            elif now - known[1] > STILL_S:
                yield place

    def sentence(self, topic, partition):
        return "%s/%d stands at %s although all is well" % (
            topic, partition, self.since[topic, partition][0])

    def close(self):
        self.topics.close()
