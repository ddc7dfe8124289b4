"""Lives of issues, whistles and needs, with every wrong turn that people
take: who is not allowed speaks, too soon, twice, about what is not there."""
import json

from tests.flow.teller import DISTRICT, SAMPLES

HOME, STREET = "530103003001", "530103003000"
OTHER_HOME, OTHER_STREET = "530103004001", "530103004000"
RESIDENT = "resident//chaos-%d"
COMMUNITY = "community/%s/desk-01"
CLERK, LEAD = "street_clerk/%s/clerk-01", "street_lead/%s/lead-01"
DISPATCH = "district_dispatch/%s/dispatch-01" % DISTRICT
OFFICES = ("CGJ", "SWJ", "ZJJ")
STEPS = ("sign", "contact", "arrive", "start")
RESIDENTS = 8


class Over(Exception):
    """The load has been told to stop."""


def streets():
    return (STREET, OTHER_STREET)


def officers():
    """Office -> those of the sample rosters."""
    found = {}
    with open(SAMPLES / "rosters.ndjson", encoding="utf-8") as file:
        for line in file:
            duty = json.loads(line)["data"]
            found.setdefault(duty["office"], []).append(duty["officer"])
    return found


ROSTER = officers()


def everybody():
    """Each who speaks in any of the lives."""
    yield DISPATCH
    for n in range(RESIDENTS):
        yield RESIDENT % n
    for home in (HOME, OTHER_HOME):
        yield COMMUNITY % home
    for street in streets():
        yield CLERK % street
        yield LEAD % street
    for office in OFFICES:
        yield officer(office)


def officer(office):
    return "officer/%s/%s" % (office, ROSTER[office][0])


def live(client):
    """One life, of one kind or another."""
    kind = client.random.choices(
        (answered, whistled, by_hand, need, nonsense), (3, 3, 4, 1, 2))[0]
    kind(client)


def told(answer):
    """A command that did what it says."""
    return answer.status in (200, 201)


class Place:
    """Where a life is lived, and by whom."""

    def __init__(self, client):
        pick = client.random.random() < 0.7
        self.home = HOME if pick else OTHER_HOME
        self.street = STREET if pick else OTHER_STREET
        self.resident = RESIDENT % client.random.randrange(RESIDENTS)
        self.community = COMMUNITY % self.home
        self.clerk, self.lead = CLERK % self.street, LEAD % self.street
        self.other = CLERK % (OTHER_STREET if pick else STREET)


def issue(client, place):
    """Raised; its path, or None."""
    body = {"home": place.home, "title": "路灯不亮(乱)",
            "text": "小区门口的灯三天没亮了(%d)" % client.random.randrange(10 ** 6)}
    answer = client.tell(place.resident, "issue.raise", "/v1/issues", body)
    return "/v1/issues/" + answer.id if answer.id and told(answer) else None


def at_issue(client, path, word, who, body):
    return client.tell(who, "issue." + word, path + "/" + word, body)


def accept(client, path, place):
    wrong_turn(client, path, place)
    return told(at_issue(client, path, "accept", place.community,
                         {"matter": "P0102", "class": "ordinary"}))


def wrong_turn(client, path, place):
    """Something that must be refused, or changes little."""
    roll = client.random.randrange(8)
    if roll == 0:
        at_issue(client, path, "handle", place.community, {"answer": "太早"})
    elif roll == 1:
        at_issue(client, path, "decline", place.other, {"reason": "finished"})
    elif roll == 2:
        at_issue(client, path, "urge", place.resident, {"note": "快一点"})
    elif roll == 3:
        at_issue(client, path, "accept", place.community,
                 {"matter": "X9999", "class": "ordinary"})
    elif roll == 4:
        at_issue(client, path, "void", place.resident, {"why": "无权"})


def answered(client):
    place = Place(client)
    path = issue(client, place)
    if not path or not accept(client, path, place):
        return
    at_issue(client, path, "route", place.community,
             {"route": "answered", "answer": "已转物业"})
    wrong_turn(client, path, place)
    at_issue(client, path, "handle", place.community, {"answer": "灯已修好"})
    call_back(client, path, place)


def call_back(client, path, place):
    roll = client.random.random()
    said = ({} if roll < 0.2 else {"contacted": "yes", "solved": "no"}
            if roll < 0.3 else
            {"contacted": "yes", "solved": "yes", "satisfied": "yes"})
    at_issue(client, path, "callback", place.community, said)


def whistled(client):
    """The community cannot solve it; the street approves, offices come."""
    place = Place(client)
    path = issue(client, place)
    if not path or not accept(client, path, place):
        return
    kind = "enforcement" if client.random.random() < 0.7 else "emergency"
    if not told(at_issue(client, path, "route", place.community, {
            "route": "whistled", "whistle": {
                "kind": kind, "facts": "三次上门无果", "tried": "劝导"}})):
        return
    whistle = the_whistle(client, path, place)
    if not whistle:
        return
    if kind == "enforcement":
        approve(client, whistle, place)
    lanes(client, whistle, place)
    if until(client, lambda: (client.see(place.community, path) or {}).get(
            "state") == "handled"):
        call_back(client, path, place)


def the_whistle(client, path, place):
    seen = until(client, lambda: (client.see(place.community, path) or {})
                 .get("whistle"))
    return seen and until(client, lambda: client.see(
        place.clerk, "/v1/whistles/" + seen) and seen)


def until(client, look, tries=40):
    for _ in range(tries):
        found = look()
        if found:
            return found
        client.nap(0.25)
    return None


def approve(client, whistle, place):
    path = "/v1/whistles/" + whistle
    roll = client.random.random()
    if roll < 0.15:
        client.tell(place.clerk, "whistle.approve", path + "/approve", {})
    if roll > 0.92:
        client.tell(place.lead, "whistle.reject", path + "/reject",
                    {"reason": "street_can_solve"})
        return
    client.tell(place.lead, "whistle.approve", path + "/approve",
                {"note": "同意"})
    if 0.15 < roll < 0.25:
        client.tell(place.lead, "whistle.approve", path + "/approve", {})


def by_hand(client):
    """A street blows it itself; nobody must approve."""
    place = Place(client)
    answer = client.tell(place.clerk, "whistle.draft", "/v1/whistles", {
        "kind": "emergency", "matter": "P0102", "region": place.home,
        "street": place.street, "facts": "井盖缺失(%d)"
        % client.random.randrange(10 ** 6), "lead": "SWJ",
        "assists": ["CGJ"], "submit": True})
    if not answer.id or not told(answer):
        return
    if client.random.random() < 0.15:
        client.tell(place.clerk, "whistle.cancel", "/v1/whistles/%s/cancel"
                    % answer.id, {"why": "已补装"})
    lanes(client, answer.id, place)


def lanes(client, whistle, place):
    """Each office goes its way, the lead last; then the street accepts."""
    page = until(client, lambda: (client.see(
        DISPATCH, "/v1/tasks?whistle=" + whistle) or {}).get("items"))
    ways = sorted(page or (), key=lambda lane: lane["role"] == "lead")
    for lane in ways:
        work(client, whistle, lane["office"], place)
    for lane in ways:
        if client.random.random() < 0.1:
            task(client, whistle, lane["office"], "rework", place.clerk,
                 {"why": "未清理"})
        task(client, whistle, lane["office"], "accept", place.clerk, {
            "score_report_in": 90, "score_handling": 90, "score_result": 90})


def task(client, whistle, office, word, who, body):
    return client.tell(who, "task." + word, "/v1/tasks/%s/1/%s/%s" % (
        whistle, office, word), body)


def work(client, whistle, office, place):
    who = officer(office) if office in OFFICES else DISPATCH
    for word in STEPS:
        roll = client.random.random()
        if roll < 0.04:
            continue                # a stage left out is missed later
        if roll < 0.08:
            task(client, whistle, office, word,
                 officer(OFFICES[office == OFFICES[0]]), {})
        note = {} if word == "start" else {"note": "办理中"}
        task(client, whistle, office, word, who, note)
        if roll > 0.95:
            task(client, whistle, office, word, who, note)
    task(client, whistle, office, "report", who, {
        "internal": "内部", "answer": "已处置", "received_at":
        "2026-03-02T08:30:00+08:00", "contacted": "已联系", "measure": "已修",
        "limit_note": "时限内"})


def need(client):
    """A street asks for help; whoever is proposed takes it or not."""
    place = Place(client)
    answer = client.tell(place.clerk, "need.publish", "/v1/needs", {
        "title": "上门照护(乱)", "region": place.home,
        "skills": ["elder_care"], "quantity": 1,
        "from": "2026-03-05T09:00:00+08:00",
        "to": "2026-03-20T12:00:00+08:00"})
    if answer.id and told(answer) and client.random.random() < 0.5:
        for _ in range(2):          # the second time it is gone already
            client.tell(place.clerk, "need.withdraw", "/v1/needs/%s/withdraw"
                        % answer.id, {"why": "已解决"})


def nonsense(client):
    """About what is not there, and by whom it does not concern."""
    place = Place(client)
    nobody = client.load.ids.new(client.random)
    client.tell(place.lead, "whistle.approve", "/v1/whistles/%s/approve"
                % nobody, {})
    task(client, nobody, "CGJ", "sign", officer("CGJ"), {})
    client.tell(place.resident, "whistle.draft", "/v1/whistles", {})
    client.tell(DISPATCH, "ledger.reverse", "/v1/entries/%s/reverse"
                % nobody, {"why": "无权"})
    client.tell(place.clerk, "whistle.draft", "/v1/whistles", {
        "kind": "emergency", "matter": "X9999", "region": place.home,
        "street": place.street, "facts": "没有这种事", "submit": True})
