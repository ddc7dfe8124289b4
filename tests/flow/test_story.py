"""The demo's day, as a test: every step has its outcome or fails."""
import unittest

from tests.stage import shared_stage

from . import winter
from .story import Story
from .teller import BORN, Part, load_samples

LIMIT_S = 240


class TheStory(unittest.TestCase):
    def test_it_runs_from_the_hard_cases_to_beans(self):
        cell = shared_stage("story", test_clock=winter.BORN)
        load_samples(cell)
        told = list(winter.Winter(cell).play())
        self.assertEqual(len(told), 11)
        self.assertEqual(cell.sql("SELECT count(*) FROM track.lane"
                                  " WHERE open"), [("0",)])
        cell.baodao("time", "to", BORN)
        told = list(Story(cell).play())
        self.assertEqual(sum(isinstance(one, Part) for one in told), 8)
