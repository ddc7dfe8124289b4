"""Everybody who speaks to a cell over HTTP, each with a token of their own."""
import json

from tests.stage.process import wait

WAIT_S = 20


class People:
    """Who is "role/office/person"; a token is made when one first speaks.

        people.say("community/530103003001/wang", "/v1/issues/…/urge", {})
    """

    def __init__(self, cell):
        self.cell, self.tokens = cell, {}

    def token(self, who):
        if who not in self.tokens:
            role, office, person = who.split("/")
            words = ["--role", role]
            words += ["--office", office] if office else []
            words += ["--person", person] if person else []
            self.tokens[who] = self.cell.baodao("token", *words).stdout.strip()
        return self.tokens[who]

    def post(self, who, path, body, wait_s=WAIT_S):
        """(status, answer) once its outcome is known."""
        status, _, answer = self.cell.http(
            "POST", path, self.token(who), body,
            {"Prefer": "wait=%d" % wait_s}, seconds=wait_s + 10)
        return status, answer

    def say(self, who, path, body=None):
        """What came of it; it must not be refused."""
        status, answer = self.post(who, path, body or {})
        if status not in (200, 201):
            raise AssertionError("%s: POST %s %s: %d %s" % (
                who, path, json.dumps(body, ensure_ascii=False), status,
                json.dumps(answer, ensure_ascii=False)))
        return answer

    def refused(self, who, path, body, reason):
        """The problem; it must be refused for this reason."""
        status, answer = self.post(who, path, body)
        if status < 400 or answer.get("reason") != reason:
            raise AssertionError("%s: POST %s: %d %s, not refused as %s" % (
                who, path, status, json.dumps(answer, ensure_ascii=False),
                reason))
        return answer

    def see(self, who, path):
        status, _, answer = self.cell.http("GET", path, self.token(who))
        if status != 200:
            raise AssertionError("%s: GET %s: %d %s"
                                 % (who, path, status, answer))
        return answer

    def hidden(self, who, path):
        """It must not be theirs to see."""
        status, _, answer = self.cell.http("GET", path, self.token(who))
        if status not in (403, 404):
            raise AssertionError("%s sees %s: %d %s"
                                 % (who, path, status, answer))

    def until(self, who, path, predicate, what, seconds=20):
        """The first answer for which predicate is true; it may not be there
        at first."""
        last = []

        def look():
            status, _, answer = self.cell.http("GET", path, self.token(who))
            last[:] = [answer]
            return answer if status == 200 and predicate(answer) else None
        try:
            return wait(look, seconds, what, every=0.1)
        except AssertionError as late:
            raise AssertionError("%s; last seen: %s" % (late, json.dumps(
                last, ensure_ascii=False)[:3000])) from None

    def state(self, who, path, state):
        """The thing, once it has come to this state."""
        return self.until(who, path, lambda thing: thing["state"] == state,
                          "%s to be %s" % (path, state))


def types(thing):
    """What has happened to a thing, oldest first."""
    return [event["type"] for event in thing["timeline"]]
