"""What intake answers."""
from .model import DESK, DISTRICT, NOTHING, Unknown

OPEN = {"received", "needs_info", "accepted", "answered", "whistled",
        "matching", "self_governed", "handled", "callback", "reopened"}
VOIDABLE = {"received", "needs_info", "accepted", "answered",
            "self_governed", "reopened"}
ROUTABLE = {"accepted", "reopened"}
# word: who may say it, in which states, what it becomes, what is said then
WORDS = {
    "accept": (DESK, {"received"}, "accepted", "issue.accepted"),
    "decline": (DESK, {"received"}, "declined", "issue.declined"),
    "ask": (DESK, {"received"}, "needs_info", "issue.asked"),
    "supply": (("resident", *DESK), {"needs_info"}, "received",
               "issue.supplied"),
    "merge": (DESK, {"received"}, "merged", "issue.merged"),
    "route": (DESK, ROUTABLE, None, "issue.routed"),
    "handle": (DESK, {"answered", "self_governed"}, "handled",
               "issue.handled"),
    "callback": ((*DESK, "reviewer"), {"handled", "callback"}, "callback",
                 "issue.called"),
    "reopen": (("resident", "reviewer", *DESK), {"callback", "closed"},
               "reopened", "issue.reopened"),
    "urge": (("resident", *DESK), OPEN, None, "issue.urged"),
    "void": (("street_lead", *DISTRICT), VOIDABLE, "voided",
             "issue.voided"),
}
RAISERS = ("resident", "officer", "office_lead", "partner", *DESK)
EVERYWHERE = ("worker", "district_dispatch", "district_lead", "reviewer",
              "operator")
PLACED = ("community", "street_clerk", "street_lead")


class Issue:
    __slots__ = ("state", "person", "home", "region", "partition", "route_id",
                 "whistle")

    def __init__(self, said):
        data = said.data
        self.state, self.person = "received", said.person
        self.home, self.region = data["home"], data.get("region",
                                                        data["home"])
        self.partition, self.route_id, self.whistle = said.partition, None, None


class Issues:
    THING = "issue"
    TABLE = "SELECT issue, state FROM intake.issue"

    def __init__(self, tables):
        self.tables, self.issues = tables, {}

    def states(self):
        return {id: issue.state for id, issue in self.issues.items() if issue}

    def forget(self, said):
        for name in ("issue", "subject", "into"):
            if said.data.get(name) in self.issues:
                self.issues[said.data[name]] = None

    def find(self, said, name="issue"):
        """The issue; Unknown when the model has lost track of it. None when
        there is none in this partition."""
        id = said.data[name]
        if id not in self.issues:
            return None
        issue = self.issues[id]
        if not issue:
            raise Unknown()
        return issue

    def say(self, said):
        word = said.type.partition(".")[2]
        if said.type == "issue.raise":
            return self.raised(said)
        if said.type == "issue.noted":      # a hot spot is for intake to find
            return {NOTHING, "issue.hot_spot"}
        if said.type == "clock.passed":
            return self.passed(said)
        if said.type in ("issue.route_done", "issue.route_failed"):
            return self.route_end(said)
        if word not in WORDS:
            raise Unknown()
        roles, states, to, event = WORDS[word]
        if said.role not in roles:
            return "not_allowed"
        issue = self.find(said)
        if not issue:
            return "unknown_issue"
        if issue.partition != said.partition:
            return "wrong_key"
        if not may_speak(said, issue):
            return "not_yours"
        if issue.state not in states:
            return "illegal_transition"
        refused = getattr(self, "check_" + word, lambda *_: None)(said, issue)
        if refused:
            return refused
        issue.state = to or issue.state
        getattr(self, "after_" + word, lambda *_: None)(said, issue)
        return event

    def raised(self, said):
        data = said.data
        if said.role not in RAISERS:
            return "not_allowed"
        if said.key != data["home"]:
            return "wrong_key"
        for name in ("home", "region"):
            if data.get(name) and data[name] not in self.tables.regions:
                return "unknown_region"
        if data.get("matter") and data["matter"] not in self.tables.matters:
            return "unknown_matter"
        if data.get("sealed") or data.get("class"):
            self.issues[said.id] = None     # a seal may be broken, a class no
            raise Unknown()                 # class: not taught
        self.issues[said.id] = Issue(said)
        return "issue.raised"

    def passed(self, said):
        """It only says: look. What is not answered in time is closed."""
        issue = self.issues.get(said.data.get("subject"))
        if issue and issue.state == "needs_info":
            self.issues[said.data["subject"]] = None
        raise Unknown()

    def check_accept(self, said, issue):
        if said.data["matter"] not in self.tables.matters:
            return "unknown_matter"
        region = said.data.get("region", issue.region)
        if region not in self.tables.regions:
            return "unknown_region"
        return None

    def after_accept(self, said, issue):
        issue.region = said.data.get("region", issue.region)

    def check_decline(self, said, _issue):
        if ("issue.decline", said.data["reason"]) not in self.tables.reasons:
            return "unknown_reason"
        return None

    def check_merge(self, said, issue):
        into = self.find(said, "into")
        if not into:
            return "unknown_issue"
        if into.partition != said.partition:
            return "wrong_key"
        if into is issue:
            return "same_issue"
        return None if into.state in OPEN else "into_ended"

    def check_route(self, said, issue):
        if said.data["route"] not in ("answered", "self_governed",
                                      "whistled"):
            raise Unknown()
        if said.data["route"] != "whistled":
            return None
        if "whistle" not in said.data:
            return "required"
        return (None if said.data["whistle"]["kind"] in self.tables.kinds
                else "unknown_kind")

    def after_route(self, said, issue):
        issue.state = said.data["route"]
        issue.route_id = None
        if issue.state == "whistled":
            self.sent(said, issue)

    def sent(self, said, issue):
        """What it is routed by has the id of the row that tells of it, or is
        the case that there was."""
        draft = [row.id for row in said.rows if row.type == b"whistle.draft"]
        issue.whistle = draft[0].hex() if draft else issue.whistle
        issue.route_id = issue.whistle

    def after_callback(self, said, issue):
        """Nobody there: once more. Not solved: open again, and a whistle is
        blown again."""
        answers = [said.data.get(name)
                   for name in ("contacted", "solved", "satisfied")]
        was_called = any(row.type == b"issue.closed" for row in said.rows)
        if answers[1] == "no":
            self.after_reopen(said, issue)
        elif any(answers) or was_called:
            issue.state = "closed"

    def after_reopen(self, said, issue):
        issue.state = "whistled" if issue.whistle else "reopened"

    def route_end(self, said):
        name = "issue" if said.type == "issue.route_done" else "subject"
        issue = self.find(said, name)
        if not issue:
            return "unknown_issue"
        if issue.state not in ("whistled", "matching"):
            return NOTHING
        if said.type == "issue.route_failed":
            issue.state, issue.whistle = "accepted", None
            return "issue.unrouted"
        if issue.route_id != said.data["route_id"].replace("-", ""):
            return NOTHING
        if said.data["outcome"] == "closed":
            issue.state = "handled"
            return "issue.handled"
        issue.state, issue.whistle = "accepted", None
        return "issue.unrouted"


def may_speak(said, issue):
    if said.role in EVERYWHERE:
        return True
    if said.role in PLACED:
        return said.holds(issue.region) or said.holds(issue.home)
    return bool(said.person) and said.person == issue.person
