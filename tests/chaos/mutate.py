"""Builds the programs with one fault in their source."""
import os
import shutil
import subprocess
from pathlib import Path

from tests.stage.process import StageError
from tests.stage.servers import TOP

PATCHES = TOP / "tests" / "chaos" / "mutants"
SOURCES = ("common", "services", "schemas", "Makefile")
WORKERS = ("dispatch", "track")


def build(name):
    """The folder of programs built with mutants/NAME.patch. What the build
    under test has compiled is taken over, so that little is left to do."""
    bin = Path(os.environ.get("BAODAO_BIN") or TOP / "build" / "bin").resolve()
    mode = "san" if "san" in bin.parts else "release"
    place = TOP / "build" / "mutants" / mode / name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for source in SOURCES:
        run("cp", "-a", TOP / source, place)
    objects = Path("build") / mode
    if (TOP / objects).exists():
        (place / "build").mkdir()
        run("cp", "-a", TOP / objects, place / "build")
    run("patch", "-s", "-p1", "-i", PATCHES / (name + ".patch"), "-d", place)
    there = Path("build") / (mode if mode == "san" else "") / "bin"
    run("make", "-s", "-C", place, "MODE=" + mode, *(
        there / ("baodao-" + worker) for worker in WORKERS))
    shutil.copy(bin / "baodao", place / there)
    return place / there


def run(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True,
                          text=True, cwd=TOP, timeout=300,
                          env={**os.environ, "MAKEFLAGS": ""})
    if done.returncode:
        raise StageError("%s\n%s%s" % (" ".join(map(str, words)),
                                       done.stdout, done.stderr))
