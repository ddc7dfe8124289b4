"""Who asked, and at which number, lies nowhere in the open."""
import json
import unittest

from tests.stage import shared_stage

from . import faults
from .people import People

NAME, PHONE, PUBLIC = "诸葛秘密人", "13987650419", "门前路灯整夜不亮"
LIMIT_S = 120


def files(stage):
    """Every file that Kafka, PostgreSQL, Redis and our daemons have written."""
    for place in (stage.kafka.home, stage.postgres.home, stage.dir / "log"):
        for path in place.rglob("*"):
            if path.is_file() and path.stat().st_size:
                yield path


def holds(path, words):
    """Those of the words that the file's bytes hold. Read, not mapped: a file
    may be cut short meanwhile."""
    found, rest = set(), b""
    with open(path, "rb") as file:
        while chunk := file.read(1 << 20):
            data = rest + chunk
            found |= {word for word in words if word.encode() in data}
            rest = data[-64:]
    return found


class Secrets(unittest.TestCase):
    def test_a_name_and_a_phone_are_found_in_no_byte_that_is_kept(self):
        stage = shared_stage("secrets", test_clock=faults.BORN)
        self.plant(stage)
        faults.quiet(stage)
        stage.sql("CHECKPOINT")
        found = {path: holds(path, (NAME, PHONE, PUBLIC))
                 for path in files(stage)}
        self.assertEqual([path for path, words in found.items()
                          if words & {NAME, PHONE}], [])
        self.assert_public_is_found(stage, found)

    def plant(self, stage):
        """Over HTTP, by the command line, and in a message that is refused."""
        people = People(stage)
        who = "community/%s/wang-min" % faults.HOME
        asked = {"home": faults.HOME, "title": PUBLIC, "text": PUBLIC,
                 "matter": "P0102",
                 "requester": {"name": NAME, "phone": PHONE}}
        people.say(who, "/v1/issues", asked)
        status, _ = people.post(who, "/v1/issues",
                                {**asked, "matter": "no such matter"})
        self.assertGreaterEqual(status, 400)
        line = faults.issue(1)
        line["data"] = asked
        faults.done(stage, faults.put(stage, [line], "planted"))
        (stage.dir / "planted.ndjson").unlink()
        self.edit(stage, people, asked)

    def edit(self, stage, people, asked):
        """Two letters that cannot be read are edited, one by each way."""
        broken = [faults.issue(n) for n in (2, 3)]
        for line in broken:
            del line["data"]
            line.update(raw="{", key=faults.HOME)
        faults.done(stage, faults.put(stage, broken, "broken"))
        one, two = stage.sql("SELECT topic, partition, \"offset\""
                             " FROM log.dead_letter WHERE code = 'malformed'")
        status, _, answer = stage.http(
            "POST", "/v1/dead-letters/%s/%s/%s/edit" % one,
            people.token("operator//op"), {"why": "补全", "value": asked})
        self.assertEqual(status, 200, answer)
        path = stage.dir / "edited.json"
        path.write_text(json.dumps(asked))
        stage.baodao("dead", "replay", *two, "--edit", path)
        path.unlink()
        faults.quiet(stage)
        self.assertEqual(stage.sql("SELECT count(*) FROM intake.issue"),
                         [("4",)])

    def assert_public_is_found(self, stage, found):
        """The search sees what is there: in Kafka and in PostgreSQL."""
        for home in (stage.kafka.home, stage.postgres.home):
            self.assertTrue([path for path, words in found.items()
                             if PUBLIC in words and home in path.parents],
                            home)
        letters = stage.sql("SELECT count(*) FROM log.dead_letter WHERE"
                            " position(convert_to('%s', 'UTF8') IN value) > 0"
                            % PHONE)
        self.assertEqual(letters, [("0",)])
