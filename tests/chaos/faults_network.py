"""What lies between the daemons and an engine: cut, silent, half open, slow,
dropping connections."""
from .fault import Fault
from .stage import SERVICES

DOORS = ("kafka-1", "kafka-2", "kafka-3", "kafka",
         *("postgres-" + service for service in (*SERVICES, "gateway")),
         "postgres", "redis")


class OfNetwork(Fault):
    """target: the name of a proxy, or the beginning of the names of several.
    did: what its proxies count when it bites."""

    targets, seconds, did = DOORS, (3, 9), ()

    def __init__(self, *args):
        super().__init__(*args)
        self.proxies = [proxy for name, proxy in self.stage.proxies.items()
                        if name.startswith(self.target)]

    @classmethod
    def subject(cls, target):
        return target.partition("-")[0]

    def counts(self):
        return {word: sum(proxy.did[word] for proxy in self.proxies)
                for word in self.did}

    def strike(self):
        self.before = self.counts()
        for proxy in self.proxies:
            self.hit(proxy)

    def bitten(self):
        return self.counts() != self.before

    def heal(self):
        for proxy in self.proxies:
            proxy.heal()

    def bite(self):
        did = {word: count - self.before[word]
               for word, count in self.counts().items()
               if count > self.before[word]}
        return ", ".join("%d %s" % (n, word) for word, n in did.items())


class Cut(OfNetwork):
    name, did = "network cut", ("reset", "refused")

    def hit(self, proxy):
        proxy.cut()


class Silence(OfNetwork):
    name, did = "network silent", ("held",)

    def hit(self, proxy):
        proxy.silence()


class HalfOpen(OfNetwork):
    name, did = "network half open", ("swallowed",)

    def hit(self, proxy):
        proxy.swallow()


class Slow(OfNetwork):
    name, did = "network slow", ("slowed",)

    def hit(self, proxy):
        proxy.slow(self.rng.choice((2000, 8000, 30000)))


class Dropped(OfNetwork):
    """Connections are reset, again and again; new ones are welcome."""
    name, did = "connections dropped", ("reset",)

    def hit(self, proxy):
        proxy.reset()

    def look(self):
        for proxy in self.proxies:
            self.hit(proxy)


FAULTS = (Cut, Silence, HalfOpen, Slow, Dropped)
