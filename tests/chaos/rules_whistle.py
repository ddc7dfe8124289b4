"""What dispatch answers."""
import json

from .model import DISTRICT, NOTHING, STREET, Unknown, holds

ISSUERS = (*STREET, "office_lead", "district_dispatch")
JUDGES = ("street_lead", "office_lead", *DISTRICT)
TAKERS = (*STREET, "office_lead", *DISTRICT)
ENDS = ("accepted", "reassigned", "cancelled", "excused")


class Whistle:
    __slots__ = ("state", "kind", "street", "eyes", "round", "open", "issue")

    def __init__(self, said):
        data = said.data
        self.state, self.kind, self.street = "draft", data["kind"], data["street"]
        by = data.get("by", "//") if said.role == "worker" else ""
        self.eyes = {said.person, by.split("/", 2)[-1] if by else said.person}
        self.eyes.discard("")
        self.round, self.open, self.issue = 0, set(), data.get("issue")


class Whistles:
    THING = "whistle"
    TABLE = "SELECT id, state FROM dispatch.whistle"

    def __init__(self, tables):
        self.tables, self.whistles = tables, {}

    def states(self):
        return {id: one.state for id, one in self.whistles.items() if one}

    def forget(self, said):
        if said.data.get("whistle") in self.whistles:
            self.whistles[said.data["whistle"]] = None

    def say(self, said):
        word = said.type.partition(".")[2]
        rule = getattr(self, "say_" + word, None)
        if not rule or not said.type.startswith("whistle."):
            raise Unknown()
        return rule(said)

    def find(self, said):
        id = said.data["whistle"]
        if id not in self.whistles:
            return None
        if not self.whistles[id]:
            raise Unknown()
        return self.whistles[id]

    # --- drafted

    def say_draft(self, said):
        if said.role not in (*ISSUERS, "worker"):
            return "not_allowed"
        refused = self.check_draft(said)
        if refused:
            return refused
        if said.data.get("home") and not said.data.get("issue"):
            raise Unknown()
        whistle = self.whistles[said.id] = Whistle(said)
        if said.data.get("submit"):
            self.go_on(said, whistle)
        return "whistle.drafted"

    def check_draft(self, said):
        data, tables = said.data, self.tables
        for name, known in (("kind", tables.kinds), ("matter", tables.matters),
                            ("region", tables.regions)):
            if data[name] not in known:
                return "unknown_" + name
        offices = data.get("assists", [])
        if not {data["street"], data.get("lead", data["street"]),
                *offices} <= tables.offices:
            return "unknown_office"
        if len({data.get("lead"), *offices}) < 1 + len(offices):
            return "office_twice"
        if said.role not in tables.kinds[data["kind"]]["issue_roles"].split():
            return "not_allowed"
        if not speaks_for(said, data["street"]):
            return "not_yours"
        if data["street"].isdigit() and not holds(data["street"],
                                                  data["region"]):
            return "region_outside"
        return None if said.key == said.id else "wrong_key"

    def go_on(self, said, whistle):
        if self.tables.kinds[whistle.kind]["needs_approval"] == "yes":
            whistle.state = "awaiting_approval"
        else:
            self.issue(said, whistle)

    def issue(self, said, whistle):
        """Who is called is what the row to track names."""
        whistle.state, whistle.round = "issued", whistle.round + 1
        whistle.open = called(said)

    # --- decided

    def say_approve(self, said):
        whistle, refused = self.judge(said)
        if refused:
            return refused
        self.issue(said, whistle)
        return "whistle.issued"

    def say_reject(self, said):
        whistle, refused = self.judge(said)
        if refused:
            return refused
        if ("whistle.reject", said.data["reason"]) not in self.tables.reasons:
            return "unknown_reason"
        whistle.state = "rejected"
        return "whistle.rejected"

    def judge(self, said):
        if said.role not in JUDGES:
            return None, "not_allowed"
        whistle = self.find(said)
        if not whistle:
            return None, "not_found"
        if whistle.state != "awaiting_approval":
            return None, "illegal_transition"
        if said.role not in self.tables.kinds[whistle.kind][
                "approve_roles"].split():
            return None, "not_allowed"
        if not speaks_for(said, whistle.street):
            return None, "not_yours"
        if not said.person:
            return None, "no_person"
        return whistle, "same_person" if said.person in whistle.eyes else None

    def say_cancel(self, said):
        if said.role not in TAKERS:
            return "not_allowed"
        whistle = self.find(said)
        if not whistle:
            return "not_found"
        if not speaks_for(said, whistle.street):
            return "not_yours"
        if whistle.state not in ("draft", "awaiting_approval", "issued"):
            return "illegal_transition"
        whistle.state = "cancelled"
        return "whistle.cancelled"

    # --- from track and intake

    def say_lane(self, said):
        whistle = self.find(said)
        if not whistle:
            raise Unknown()
        if said.data["fact"] == "unsigned_half":
            return self.pass_over(said, whistle)
        if said.data["fact"] not in ENDS:
            return NOTHING
        if said.data["round"] == whistle.round:
            was_open = said.data["office"] in whistle.open
            whistle.open.discard(said.data["office"])
            if was_open and not whistle.open and whistle.state == "issued":
                whistle.state = "closed"
                return "whistle.closed"
        return NOTHING

    def pass_over(self, said, whistle):
        """The desk is told; lanes of rounds before are not kept here."""
        if said.data["round"] != whistle.round:
            return {NOTHING, "whistle.passed_over"}
        return ("whistle.passed_over"
                if said.data["office"] in whistle.open else NOTHING)

    def say_again(self, said):
        whistle = self.find(said)
        if not whistle:
            return "not_found"
        if whistle.state != "closed":
            return "illegal_transition"
        if said.data["issue"] != whistle.issue:
            return "other_issue"
        self.issue(said, whistle)
        return "whistle.issued"


def called(said):
    for row in said.rows:
        if row.type == b"task.assign":
            return {lane["office"] for lane in json.loads(row.data)["lanes"]}
    return set()


def speaks_for(said, street):
    return (said.role in ("worker", "operator", *DISTRICT)
            or said.office == street or said.holds(street))
