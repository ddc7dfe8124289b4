"""What a checker has found: sentences, each under the name of its kind, and
no more of a kind than a person reads."""
from collections import Counter

MOST = 8


class Found:
    """found("lost", "%s has neither effect nor refusal", place)"""

    def __init__(self):
        self.sentences, self.counts = [], Counter()

    def __call__(self, kind, text, *words):
        self.counts[kind] += 1
        if self.counts[kind] <= MOST:
            self.sentences.append("%s: %s" % (kind, text % words))

    def all(self):
        """The sentences, and how many more of a kind there were."""
        return self.sentences + [
            "%s: and %d more" % (kind, count - MOST)
            for kind, count in self.counts.items() if count > MOST]
