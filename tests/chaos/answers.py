"""What clients were told, against what the log says."""
import json
import uuid

# How a refusal goes back to the worker whose command was refused.
REPLIES = ("issue.route_failed", "task.reassign_failed", "match.post_done",
           "match.post_refused")


class Outcome:
    """Types of a command's rows, the code if it was refused, and the digest
    of its body."""
    __slots__ = ("types", "refused", "digest")

    def __init__(self, types, refused, digest):
        self.types, self.refused, self.digest = types, refused, digest


def refusal(group):
    """The code with which a command was refused, or None. A refusal that
    goes back to a worker is a command of its own type."""
    row = group[0]
    if len(group) != 1 or not row.data:
        return None
    kind = (row.type or b"").decode()
    if kind.endswith(".refused"):
        return json.loads(row.data)["code"]
    if kind in REPLIES:
        return json.loads(row.data).get("code")
    return None


def outcome(group, refused):
    return Outcome({(row.type or b"").decode() for row in group}, refused,
                   group[0].cause_digest)


def wanted(load):
    """Ids, as bytes, of which somebody was told something."""
    found = set()
    for said in load.said if load else ():
        if said.id:
            found.add(uuid.UUID(said.id).bytes)
    return found


def check(load, outcomes, found):
    for said in load.said if load else ():
        if said.id:
            check_one(said, outcomes.get(uuid.UUID(said.id).bytes), found)


def check_one(said, outcome, found):
    for answer in said.answers:
        if answer.status in (200, 201, 202) and not outcome:
            found("lost", "%s %s was answered %s, but the log has nothing "
                  "of it", said.type, said.id, answer)
        elif answer.status in (200, 201) and (
                outcome.refused or answer.type not in outcome.types):
            found("answer", "%s %s was answered %s, but the log says %s",
                  said.type, said.id, answer,
                  outcome.refused or sorted(outcome.types))
        elif is_refusal(answer) and outcome and (
                outcome.refused != answer.reason):
            found("answer", "%s %s was refused as %s, but the log says %s",
                  said.type, said.id, answer.reason,
                  outcome.refused or sorted(outcome.types))
        elif is_refusal(answer) and not outcome:
            found("lost", "%s %s was refused as %s, but the log has nothing "
                  "of it", said.type, said.id, answer.reason)


def is_refusal(answer):
    """Said by a worker: the gateway's own refusals come before there is an
    id. One for another body under the same id is a dead letter's."""
    return (400 <= answer.status < 500 and answer.id
            and answer.reason not in ("id_reused", "no_outcome"))
