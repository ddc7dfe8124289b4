"""Other ways to whistle, as a part of the story: who is placed there, a team
called in mid-round, a conference, a second round, a department that calls a
street, and each street's rate."""
from .teller import DISPATCH, Part, Teller, check

GRID = "530103005001"
GRID_STREET = "530103005000"
GRID_CLERK = "street_clerk/%s/he-ping" % GRID_STREET
FIRST = "office_lead/CGJ/duan-ping"


class Calls(Teller):
    def called(self):
        yield Part("六、哨的另几种吹法", "6. Other ways to whistle")
        path = self.blow(GRID_CLERK, lead="CGJ", facts="违建占了消防通道")
        lane = self.of(path, "CGJ", lambda l: l["holder"])
        check(lane["holder"], "cgj-grid-01", "who is placed in the community")
        yield self.step("下沉到该社区、同一条线的 %s 先接单" % lane["holder"],
                        "the officer placed there for this line comes first")
        yield from self.team_added(path)
        yield from self.conferred(path)
        yield from self.again(path)
        yield from self.street_called()
        rates = self.see(DISPATCH, "/v1/whistle-rates")["items"]
        check({r["band"] for r in rates} <= {"too_few", "in_band", "too_many",
                                             None}, True, "the bands")
        yield self.step("本月吹哨率:" + ";".join(
            "%s %d 哨/%d 诉求" % (r["street"], r["issued"], r["received"])
            for r in rates), "each street's whistle rate, as a band")

    def blow(self, who, **body):
        answer = self.say(who, "/v1/whistles", {
            "kind": "emergency", "matter": "E0101", "region": GRID,
            "street": who.split("/")[1], "submit": True, **body})
        return "/v1/whistles/" + answer["id"]

    def at(self, path, office, word="", round=1):
        return "/v1/tasks/%s/%d/%s%s" % (path[-36:], round, office, word)

    def of(self, path, office, ready, round=1):
        return self.people.until(DISPATCH, self.at(path, office, "", round),
                                 ready, "%s's lane" % office)

    def excused(self, path, who, *offices, round=1):
        for office in offices:
            self.of(path, office, lambda lane: True, round)
            self.say(who, self.at(path, office, "/excuse", round),
                     {"reason": "not_needed"})
        self.people.state(who, path, "closed")

    def team_added(self, path):
        self.say(FIRST, path + "/add_lane", {"office": "BBT"})
        lane = self.of(path, "BBT", lambda l: True)
        check((lane["role"], lane["holder"]), ("added", None), "the team")
        self.say("officer/BBT/bbt-01", self.at(path, "BBT", "/claim"))
        self.people.refused("officer/BBT/bbt-02",
                            self.at(path, "BBT", "/claim"), {}, "held")
        yield self.step("首接单位加派帮帮团;bbt-01 领办,bbt-02 晚了一步",
                        "the first receiver adds a standing team; one claims "
                        "the lane, the second is told whose it is")

    def conferred(self, path):
        self.say(FIRST, path + "/confer", {"offices": ["CGJ", "BBT", "XFJY"]})
        self.say(FIRST, path + "/conclude", {
            "minutes": "先清通道,再拆违建", "came": ["CGJ", "XFJY"],
            "outcome": "resume"})
        self.people.state("office_lead/XFJY/chief", path, "issued")
        yield self.step("首接负责:召集会商,两家到会,议定后继续办",
                        "a conference: who came, the minutes, and on it goes")

    def again(self, path):
        self.excused(path, GRID_CLERK, "CGJ", "BBT")
        self.say(GRID_CLERK, path + "/again")
        seen = self.people.until(FIRST, path, lambda w: len(w["rounds"]) == 2,
                                 "two rounds")
        check(seen["rounds"][0]["offices"][0]["state"], "excused", "round 1")
        self.excused(path, GRID_CLERK, "CGJ", round=2)
        yield self.step("一键再吹第二轮,被叫单位看得到第一轮的经过",
                        "one press blows again; round 2 sees round 1")

    def street_called(self):
        path = self.blow(FIRST, lead=GRID_STREET, facts="请街道劝导沿街商户")
        self.of(path, GRID_STREET, lambda lane: True)
        self.say(GRID_CLERK, self.at(path, GRID_STREET, "/sign"))
        self.excused(path, FIRST, GRID_STREET)
        yield self.step("城管局吹哨,街道报到,由城管局评判",
                        "a department calls a street, and judges it")
