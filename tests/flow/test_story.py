"""The story that runs, as a test: every step has its outcome or fails."""
import unittest

from tests.stage import shared_stage

from .story import Story
from .teller import BORN, Part, load_samples

LIMIT_S = 240


class TheStory(unittest.TestCase):
    def test_it_runs_from_a_residents_words_to_beans(self):
        cell = shared_stage("story", test_clock=BORN)
        load_samples(cell)
        told = list(Story(cell).play())
        self.assertEqual(sum(isinstance(one, Part) for one in told), 8)
