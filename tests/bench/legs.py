"""What is measured: a leg is one worker folding one kind of command. The
words are those of the reference data; a message has about 500 bytes."""
from dataclasses import dataclass

COMMUNITIES = ",".join("53010300300%d" % n for n in (1, 2, 4, 5))
FACTS = ("小龙路12号院内有人私自搭建彩钢房约二十平方米,占用消防通道,"
         "居民多次反映,社区两次上门劝阻未停工。现场有电焊作业,"
         "旁边堆放液化气瓶,请执法部门到场处置。")



@dataclass(frozen=True)
class Leg:
    """A backlog: what the feeder is told, and who folds it. NOW in the data
    is the time of feeding."""
    service: str
    topic: str
    type: str
    actor: str
    keys: str
    data: dict
    floor: bool = True    # a bare program can do it: nothing is loaded
    reply: str = ""

    @property
    def name(self):
        return self.service


# Officers to be allotted, half of them in each office.
OFFICERS = 16
DUTY = Leg("dispatch", "whistle.commands", "office.duty", "operator//bench",
           "CGJ,ZJJ", {"office": "@key", "officer": "@id", "name": "样例",
                       "on_duty": True, "capacity": 1000})

# Partners that a need finds, all of one skill.
PARTNERS = 16
PARTNER = Leg("match", "match.commands", "partner.register",
              "district_dispatch/530103/bench", "530103",
              {"partner": "@id", "name": "样例合伙人", "kind": "market",
               "brand": "property", "skills": ["plumbing"],
               "serves": ["530103"], "home": "530103003002",
               "windows": [{"from": "2020-01-01T00:00:00Z",
                            "to": "2090-01-01T00:00:00Z"}],
               "capacity": 1000000, "enabled": True})

# Track comes first: what dispatch sends it would come in between.
LEGS = (
    # 2 lanes with their clocks; twice task.assigned
    Leg("track", "task.commands", "task.assign", "worker/dispatch/", "@", {
        "whistle": "@id", "round": 1, "number": "哨20260302-03-0042",
        "kind": "emergency", "matter": "E0101", "region": "530103003001",
        "street": "530103003000", "facts": FACTS, "reference_version": 1,
        "start": "NOW", "lanes": [{"office": "CGJ", "role": "lead"},
                                  {"office": "ZJJ", "role": "assist"}]}),
    # 1 whistle, 2 calls, 2 officers; whistle.drafted, whistle.issued and the
    # command task.assign
    Leg("dispatch", "whistle.commands", "whistle.draft", "worker/intake/",
        "@", {
            "kind": "emergency", "matter": "E0101", "region": "530103003001",
            "street": "530103003000", "facts": FACTS, "place": "小龙路12号",
            "lng": 102745000, "lat": 25065000, "lead": "CGJ",
            "assists": ["ZJJ"], "submit": True}),
    # 1 issue; issue.raised
    Leg("intake", "issue.commands", "issue.raise", "resident//bench",
        COMMUNITIES, {
            "home": "@key", "title": "楼下夜间烧烤油烟扰民", "text": FACTS,
            "place": "晓东路12号", "lng": 102745000, "lat": 25065000,
            "matter": "E0101"}),
)

# What a batch of these decides depends on the rows that the batch before
# saved: no floor can have it ready.
LADEN = (
    # 1 need, 1 match; need.published and match.proposed
    Leg("match", "match.commands", "need.publish",
        "street_clerk/530103003000/bench", "530103",
        {"title": "水管漏水,需要上门修理", "region": "530103003001",
         "skills": ["plumbing"], "from": "NOW", "to": "2089-01-01T00:00:00Z",
         "quantity": 1}, floor=False),
    # 1 entry of two postings, its member's account; ledger.posted, and
    # match.post_done
    Leg("ledger", "ledger.commands", "ledger.post", "worker/match/", "530103",
        {"match": "@id", "member": "@id", "rule": "service_hour",
         "activity": "@id", "minutes": 60, "served": "NOW",
         "reviewer": "bench"}, floor=False,
        reply="match.commands|530103|match.post_done|@id"),
)

# More backlogs, for the measure of memory alone; all are refused.
WAITING = (
    Leg("match", "match.commands", "need.withdraw",
        "street_clerk/530103003000/bench", "530103",
        {"need": "@id", "why": FACTS * 2}),
    Leg("ledger", "ledger.commands", "ledger.reverse", "operator//bench",
        "530103", {"entry": "@id", "why": FACTS * 2}),
)
