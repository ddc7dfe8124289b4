"""The README's tables of states are those of the code. To put in new ones:
python3 -m tests.store.test_states --write"""
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BIN = Path(os.environ.get("BAODAO_BIN") or TOP / "build/bin")
README = TOP / "README.md"
TABLE = re.compile(r"(<!-- states of baodao-(\w+) -->\n)(.*?)(\n<!-- -->)",
                   re.S)


def states(service):
    return subprocess.run([BIN / ("baodao-" + service), "--states"],
                          capture_output=True, text=True, check=True,
                          timeout=30).stdout.strip()


def written(text):
    return TABLE.sub(lambda m: m[1] + states(m[2]) + m[4], text)


class States(unittest.TestCase):
    def test_the_readme_has_the_tables_of_the_code(self):
        text = README.read_text()
        self.assertEqual({m[1] for m in TABLE.findall(text)},
                         {"dispatch", "track"})
        self.assertEqual(text, written(text),
                         "python3 -m tests.store.test_states --write")


if __name__ == "__main__":
    if "--write" in sys.argv:
        README.write_text(written(README.read_text()))
    else:
        unittest.main()
