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

    @property
    def name(self):
        return self.service


# Officers to be allotted, half of them in each office.
OFFICERS = 16
DUTY = Leg("dispatch", "whistle.commands", "office.duty", "operator//bench",
           "CGJ,ZJJ", {"office": "@key", "officer": "@id", "name": "样例",
                       "on_duty": True, "capacity": 1000})

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

# More backlogs, for the measure of memory alone; all are refused.
WAITING = (
    Leg("match", "match.commands", "need.withdraw",
        "street_clerk/530103003000/bench", "530103",
        {"need": "@id", "why": FACTS * 2}),
    Leg("ledger", "ledger.commands", "ledger.reverse", "operator//bench",
        "530103", {"entry": "@id", "why": FACTS * 2}),
)
