"""What goes wrong on a storm day: each mistake stops nobody but itself."""
from .storm_script import MINUTE, SECOND

EACH = 20               # of every kind, on a whole day
NOBODY = "00000000-0000-7000-8000-000000000001"


def make_mistakes(storm):
    """Adds them to a story that is told, with what must become of each."""
    count = max(1, EACH // storm.part)
    for make in MISTAKES:
        make(storm, count)


def spread(things, count):
    """So many of them, from first to last."""
    things = list(things)
    if len(things) < count:
        raise ValueError("the day is too small for this")
    return [things[i * len(things) // count] for i in range(count)]


def later(storm, at):
    return at + storm.between(SECOND, MINUTE)


# --- what cannot be read: a dead letter, with its bytes


def unreadable(storm, count, text, code, type="issue.raise", headers=None):
    """{home} and {issue} stand for those of an issue of the day."""
    for issue in spread(storm.issues, count):
        said = text.replace("{home}", issue.home).replace("{issue}", issue.id)
        storm.script.say(later(storm, issue.last), type, issue.home,
                         storm.resident(issue),
                         said.encode("utf-8", "surrogateescape"), dead=code,
                         headers=headers)


WHOLE = '{"home":"{home}","title":"完整(样例)","text":"完整(样例)"}'


def cut_off(storm, count):
    unreadable(storm, count, '{"home":"{home}","title":"断了的', "malformed")


def not_utf8(storm, count):
    unreadable(storm, count,
               '{"home":"{home}","title":"\udcb1\udca8","text":"?"}',
               "malformed")


def incomplete(storm, count):
    unreadable(storm, count, '{"home":"{home}","title":"没有正文(样例)"}',
               "required")


def of_wrong_type(storm, count):
    unreadable(storm, count, '{"issue":"{issue}","note":7}', "type",
               type="issue.urge")


def unknown_type(storm, count):
    unreadable(storm, count, WHOLE, "unknown_type",
               headers={"ce_type": "issue.shout"})


def without_id(storm, count):
    unreadable(storm, count, WHOLE, "bad_header", headers={"ce_id": None})


# --- the same id again


def said_again(storm, count):
    """First with another body, then as it was: each for what it is."""
    for issue in spread(storm.issues, count):
        at, said = later(storm, issue.last), issue.raised
        for data, fate in (({**said, "text": "另一件事(样例)"},
                            {"dead": "id_reused"}), (said, {"repeats": True})):
            storm.script.say(at, "issue.raise", issue.home,
                             storm.resident(issue), data, id=issue.id, **fate)


# --- who may not


def resident_accepts(storm, count):
    for issue in spread(storm.issues, count):
        about(storm, issue, "accept", "not_allowed", storm.resident(issue),
              **{"matter": issue.matter, "class": "ordinary"})


def other_street_declines(storm, count):
    streets = sorted({issue.street for issue in storm.issues
                      if len(issue.street) > 6})
    inside = [issue for issue in storm.issues if len(issue.street) > 6]
    for issue in spread(inside, count):
        other = streets[streets.index(issue.street) - 1]
        about(storm, issue, "decline", "not_yours", storm.clerk(other),
              reason="finished")


def other_office_signs(storm, count):
    for whistle in spread(ran(storm), count):
        other = next(code for code in ("FGJ", "CZJ")
                     if code not in whistle.roll)
        whistle.task(whistle.signed[whistle.roll[0]] + SECOND, "sign",
                     whistle.roll[0], whistle.officer(other),
                     refused="other_office")


# --- what the state forbids


def accepted_twice(storm, count):
    taken = [issue for issue in storm.issues
             if issue.state in ("handled", "closed", "answered")]
    for issue in spread(taken, count):
        about(storm, issue, "accept", "illegal_transition",
              **{"matter": issue.matter, "class": "ordinary"})


def handled_before_routed(storm, count):
    waiting = [issue for issue in storm.issues if issue.state == "received"]
    for issue in spread(waiting, count):
        about(storm, issue, "handle", "illegal_transition",
              answer=storm.text("handled"))


def approved_twice(storm, count):
    for whistle in spread((one for one in ran(storm)
                         if one.kind != "emergency"), count):
        whistle.say(whistle.issued + SECOND, "approve", whistle.lead(),
                    refused="illegal_transition")


def signed_twice(storm, count):
    for whistle in spread(ran(storm), count):
        whistle.task(whistle.signed[whistle.roll[0]] + 2 * SECOND, "sign",
                     whistle.roll[0], refused="illegal_transition")


def started_unseen(storm, count):
    for whistle in spread(ran(storm), count):
        whistle.task(whistle.signed[whistle.roll[0]] + 3 * SECOND, "start",
                     whistle.roll[0], refused="stage_missing")


# --- what does not exist


def unknown_matter(storm, count):
    for issue in spread(storm.issues, count):
        again(storm, issue, "unknown_matter", matter="X9999")


def unknown_region(storm, count):
    for issue in spread(storm.issues, count):
        again(storm, issue, "unknown_region", region="530103099099")


def unknown_issue(storm, count):
    for issue in spread(storm.issues, count):
        storm.script.say(later(storm, issue.last), "issue.urge", issue.home,
                         storm.resident(issue), {"issue": NOBODY},
                         refused="unknown_issue")


def unknown_whistle(storm, count):
    for whistle in spread(ran(storm), count):
        storm.script.say(whistle.issued + 4 * SECOND, "whistle.approve",
                         NOBODY, whistle.lead(), {"whistle": NOBODY},
                         refused="not_found")


def uncalled_office(storm, count):
    for whistle in spread(ran(storm), count):
        other = next(code for code in ("ZWFWJ", "RSJ")
                     if code not in whistle.roll)
        whistle.task(whistle.signed[whistle.roll[0]] + 4 * SECOND, "sign",
                     other, refused="no_such_lane")


def about(storm, issue, verb, code, actor=None, **data):
    storm.script.say(later(storm, issue.last), "issue." + verb, issue.home,
                     actor or storm.desk(issue), {"issue": issue.id, **data},
                     refused=code)


def again(storm, issue, code, **wrong):
    storm.script.say(later(storm, issue.last), "issue.raise", issue.home,
                     storm.resident(issue), {**issue.raised, **wrong},
                     refused=code)


def ran(storm):
    """The whistles that went all the way."""
    return (whistle for whistle in storm.lanes.all if whistle.working)


MISTAKES = (cut_off, not_utf8, incomplete, of_wrong_type, unknown_type,
            without_id, said_again, resident_accepts, other_street_declines,
            other_office_signs, accepted_twice, handled_before_routed,
            approved_twice, signed_twice, started_unseen, unknown_matter,
            unknown_region, unknown_issue, unknown_whistle, uncalled_office)
