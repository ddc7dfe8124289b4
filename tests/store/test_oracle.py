"""`baodao oracle`: a line in, a line out, and each sentence of the law as a
case worked by hand."""
import json
import os
import subprocess
import unittest
from datetime import datetime
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
DAY = [["09:00", "12:00"], ["13:30", "17:30"]]
PANLONG = {"calendar": {
    "name": "panlong", "day_minutes": 420,
    "weeks": [{"from": "2026-01-01", "to": "2026-12-31",
               "days": [DAY] * 5 + [[], []]}],
    "days": [{"date": "2026-02-%02d" % d, "kind": "holiday"}
             for d in range(15, 24)]
    + [{"date": "2026-02-14", "kind": "workday"},
       {"date": "2026-02-28", "kind": "workday"},
       {"date": "2026-05-01", "kind": "holiday"}]}}
BAODAO = Path(os.environ.get("BAODAO_BIN") or TOP / "build/bin") / "baodao"


def us(text):
    at = datetime.fromisoformat(text + "+08:00")
    return int(at.timestamp()) * 1_000_000


def shown(value):
    return value and datetime.fromtimestamp(
        value // 1_000_000 + 8 * 3600).strftime("%m-%d %H:%M")


def ask(name, lines):
    sent = "".join(line if isinstance(line, str) else json.dumps(line) + "\n"
                   for line in lines)
    done = subprocess.run([BAODAO, "oracle", name], input=sent.encode(),
                          capture_output=True, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


# (unit, limit, start, due, more): the law as its sentences are worked by hand
CASES = (
    # 10 minutes at night are 10 minutes
    ("minute", 10, "2026-02-17T02:00", "02-17 02:10", {}),
    # [civ 201] the day of the start is not counted; the close ends the day
    ("working_day", 1, "2026-03-06T16:40", "03-09 17:30", {}),
    ("working_day", 1, "2026-03-06T09:00", "03-09 17:30", {}),
    ("working_day", 1, "2026-03-07T03:00", "03-09 17:30", {}),
    # over Spring Festival, a make-up Saturday among the days
    ("working_day", 3, "2026-02-13T10:00", "02-25 17:30", {}),
    ("working_day", 1, "2026-02-27T16:40", "02-28 17:30", {}),
    ("working_day", 1, "2026-03-06T16:40", "03-09 16:40",
     {"counting": "rolling"}),
    # a limit that ends with a segment ends there
    ("working_hour", 1, "2026-03-06T11:00", "03-06 12:00", {}),
    ("working_hour", 1, "2026-03-06T16:40", "03-09 09:10", {}),
    # [civ 203] a last day that is none rolls on, to the close or to 24:00
    ("calendar_day", 7, "2026-03-06T16:40", "03-13 17:30", {}),
    ("calendar_day", 1, "2026-03-06T16:40", "03-09 17:30", {}),
    ("calendar_day", 1, "2026-03-06T16:40", "03-10 00:00",
     {"day_end": "midnight"}),
    # the same day, while it can still be met
    ("working_day", 0, "2026-03-06T17:29", "03-06 17:30", {}),
    ("working_day", 0, "2026-03-06T17:30", "03-09 17:30", {}),
    # a pause over the night gives a working clock nothing
    ("working_hour", 2, "2026-03-05T16:30", "03-06 10:00",
     {"pauses": [{"from_us": us("2026-03-05T18:00"),
                  "to_us": us("2026-03-06T08:00")}]}),
    # their union counts
    ("urgent_hour", 24, "2026-03-05T10:00", "03-06 13:00",
     {"pauses": [{"from_us": us("2026-03-05T12:00"),
                  "to_us": us("2026-03-05T14:00")},
                 {"from_us": us("2026-03-05T11:00"),
                  "to_us": us("2026-03-05T13:00")}]}),
    # an open pause: nobody knows the due
    ("urgent_hour", 24, "2026-03-05T10:00", None,
     {"pauses": [{"from_us": us("2026-03-05T12:00"), "to_us": None}]}),
    ("urgent_hour", 2, "2026-03-05T10:00", "03-05 15:00",
     {"extensions": [{"asked_us": us("2026-03-05T11:00"), "add": 3}]}),
    ("working_day", 1, "2026-03-05T10:00", "03-09 17:30",
     {"extensions": [{"asked_us": us("2026-03-06T17:29"),
                      "to_date": "2026-03-07"}]}),
)

# (what is wrong, the answer less its id)
REFUSED = (
    ({"unit": "fortnight"}, {"error": "bad_row", "field": "unit"}),
    ({"unit": "minute", "counting": "next_day", "day_end": "noon"},
     {"error": "bad_row", "field": "counting"}),
    ({"day_end": "noon", "limit": -1}, {"error": "bad_row",
                                        "field": "day_end"}),
    ({"unit": "minute", "limit": 0}, {"error": "bad_row", "field": "limit"}),
    ({"limit": 1.5}, {"error": "bad_row", "field": "limit"}),
    ({"yellow_percent": 0, "ladder": 7}, {"error": "bad_row",
                                          "field": "yellow_percent"}),
    ({"ladder": [{"step": "b", "percent": 200}, {"step": "a",
                                                 "percent": 100}]},
     {"error": "bad_row", "field": "ladder"}),
    ({"calendar": "kunming"}, {"error": "no_calendar"}),
    ({"limit": 400}, {"error": "calendar_gap", "date": "2027-01-01"}),
    ({"stop_us": 0}, {"error": "stop_before_start"}),
    ({"pauses": [{"from_us": 2, "to_us": 1}]}, {"error": "bad_pause"}),
    ({"extensions": [{"asked_us": us("2026-03-06T17:30"),
                      "to_date": "2026-03-10"}]}, {"error": "extension_late"}),
    ({"extensions": [{"asked_us": us("2026-03-06T10:00"),
                      "to_date": "2026-03-06"}]},
     {"error": "extension_not_later"}),
    ({"extensions": [{"asked_us": us("2026-03-06T10:00"),
                      "to_date": "2026-03-09"}],
      "pauses": [{"from_us": us("2026-03-06T09:00"), "to_us": None}]},
     {"error": "extension_paused"}),
    ({"extensions": [{"asked_us": us("2026-03-06T10:00"),
                      "to_date": "2026-02-30"}]}, {"error": "bad_date"}),
    ({"extensions": [{"asked_us": us("2026-03-06T10:00"), "add": 1}]},
     {"error": "bad_extension"}),
)


class Clock(unittest.TestCase):
    def test_the_law_as_worked_by_hand(self):
        lines = [{"id": n, "calendar": "panlong", "unit": unit, "limit": limit,
                  "start_us": us(start), **more}
                 for n, (unit, limit, start, _, more) in enumerate(CASES)]
        code, out, _ = ask("clock", [PANLONG, *lines])
        self.assertEqual(code, 0)
        answers = [json.loads(line) for line in out.splitlines()]
        self.assertEqual([a["id"] for a in answers], list(range(len(CASES))))
        for case, answer in zip(CASES, answers):
            self.assertEqual(shown(answer["due_us"]), case[3], case)

    def test_an_error_stands_alone_and_the_first_fault_is_named(self):
        plain = {"calendar": "panlong", "unit": "working_day", "limit": 1,
                 "start_us": us("2026-03-05T10:00")}
        lines = [{**plain, "id": n, **wrong}
                 for n, (wrong, _) in enumerate(REFUSED)]
        _, out, _ = ask("clock", [PANLONG, *lines])
        for n, (line, (wrong, answer)) in enumerate(
                zip(out.splitlines(), REFUSED)):
            self.assertEqual(json.loads(line), {"id": n, **answer}, wrong)

    def test_keys_are_sorted_and_nothing_is_put_between(self):
        case = {"id": "六", "unit": "minute", "limit": 10, "start_us": 0,
                "stop_us": 600000000, "now_us": 480000000, "ladder": [
                    {"step": "u/1", "percent": 100}], "nobody": "knows"}
        _, out, _ = ask("clock", [json.dumps(case, ensure_ascii=False) + "\n"])
        self.assertEqual(
            out, '{"budget_us":600000000,"count_from_us":0,'
            '"due_us":600000000,"elapsed_us":480000000,"granted_us":0,'
            '"id":"六","ladder":[{"at_us":600000000,"step":"u/1"}],'
            '"light":null,"on_time":true,"percent":80,'
            '"remaining_us":120000000,"yellow_us":480000000}\n')

    def test_a_bad_calendar_says_so_and_is_not_kept(self):
        bad = {"calendar": {"name": "bad", "day_minutes": 420, "weeks": [
            {"from": "2026-01-01", "to": "2026-12-31",
             "days": [[["12:00", "09:00"]]] * 7}]}}
        case = {"id": 1, "calendar": "bad", "unit": "working_day", "limit": 1,
                "start_us": us("2026-03-05T10:00")}
        _, out, _ = ask("clock", [bad, case, "not json\n"])
        self.assertEqual([json.loads(line)["error"]
                          for line in out.splitlines()],
                         ["bad_calendar", "no_calendar", "bad_json"])

    def test_a_word_that_is_no_oracle_is_not_understood(self):
        code, _, told = ask("weather", [])
        self.assertEqual(code, 2)
        self.assertIn("there is no oracle weather", told)


def officer(name, open, capacity, last_us=None, on_duty=True):
    return {"officer": name, "open": open, "capacity": capacity,
            "last_us": last_us, "on_duty": on_duty}


# (officers, asks, ceiling, who is given): rules.md par. 7 worked by hand
ALLOTS = (
    # 1/4 before 1/3 before 1/2
    ((officer("a", 1, 2), officer("b", 1, 3), officer("c", 1, 4)), 3, None,
     ["c", "b", "a"]),
    # never before long ago; by bytes among equals
    ((officer("b", 0, 1, 7), officer("a1", 0, 1), officer("B", 0, 1)), 3, None,
     ["B", "a1", "b"]),
    # off duty, without capacity: nobody; full ones are not left out
    ((officer("a", 0, 0), officer("b", 0, 9, None, False)), 1, None, [None]),
    ((officer("a", 9, 1),), 1, None, ["a"]),
    # under a ceiling of 100 % a full one is
    ((officer("a", 0, 1),), 2, 100, ["a", None]),
)


class Allot(unittest.TestCase):
    def test_each_sentence_of_the_order(self):
        for n, (officers, asks, ceiling, given) in enumerate(ALLOTS):
            line = {"id": n, "officers": list(officers),
                    "asks": [{"at_us": i + 1} for i in range(asks)],
                    "ceiling_percent": ceiling}
            answer = json.loads(ask("allot", [line])[1])
            self.assertEqual((answer["id"], answer["given"]), (n, given))

    def test_who_is_not_wanted_is_passed_and_all_open_lanes_are_told(self):
        _, out, _ = ask("allot", [{
            "id": "x", "officers": [officer("a", 0, 1), officer("b", 3, 1)],
            "asks": [{"at_us": 1, "not": ["a"]},
                     {"at_us": 2, "not": ["a", "b"]}]}])
        self.assertEqual(out, '{"given":["b",null],"id":"x",'
                              '"open":{"a":0,"b":4}}\n')

    def test_a_line_that_cannot_be_read_is_named(self):
        _, out, _ = ask("allot", [{"id": 1, "officers": [{"officer": "a"}],
                                   "asks": []}])
        self.assertEqual(json.loads(out), {
            "id": 1, "error": "bad_row", "field": "officers"})


if __name__ == "__main__":
    unittest.main()
