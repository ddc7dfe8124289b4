"""What match and ledger answer, as far as the load goes."""
from .model import DESK, Unknown


class Needs:
    """A need is published once and withdrawn once; matches are not taught."""
    THING, TABLE = "need", None

    def __init__(self, tables):
        self.tables, self.needs = tables, {}

    def forget(self, said):
        if said.data.get("need") in self.needs:
            self.needs[said.data["need"]] = None

    def say(self, said):
        if said.type == "need.publish":
            return self.publish(said)
        if said.type == "need.withdraw":
            return self.withdraw(said)
        if said.type == "partner.register":
            raise Unknown()
        self.needs = dict.fromkeys(self.needs)
        raise Unknown()

    def publish(self, said):
        if said.role not in (*DESK, "worker"):
            return "not_allowed"
        if said.data["region"] not in self.tables.regions:
            return "unknown_region"
        if not said.holds(said.data["region"]):
            raise Unknown()
        self.needs[said.id] = "published"
        return "need.published"

    def withdraw(self, said):
        if said.role not in DESK:
            return "not_allowed"
        if said.data["need"] not in self.needs:
            return "unknown_need"
        if not self.needs[said.data["need"]]:
            raise Unknown()
        if self.needs[said.data["need"]] != "published":
            return "illegal_transition"
        self.needs[said.data["need"]] = "withdrawn"
        return "need.withdrawn"


class Ledger:
    """No beans for oneself, and none taken back that were never given."""
    THING, TABLE = "entry", None

    def forget(self, said):
        pass

    def say(self, said):
        if said.type != "ledger.post" or said.role != "worker":
            raise Unknown()
        if said.data["reviewer"] == said.data["member"]:
            return "reviewer_is_beneficiary"
        raise Unknown()
