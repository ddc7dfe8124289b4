"""An older build to run beside the new: of a git ref, by default the last
tag; before there is one, this source less an optional field."""
import os
import re
import shutil
import subprocess

from tests.stage.process import StageError
from tests.stage.servers import TOP

PLACE = TOP / "build" / "chaos" / "old"
PROGRAMS = ("dispatch", "track")
# (file, what is taken away): an arrival has no note, a draft no contact.
LESS = (
    ("schemas/messages/task.arrive.json", r',\s*"note": \{[^}]*\}'),
    ("services/track/messages.c", r"(?<=F_INT\(struct task_stage, lat\),)"
     r"\s*F_TEXT\(struct task_stage, note\),"),
    ("schemas/messages/whistle.draft.json", r'\s*"contact": \{[^}]*\},'),
    ("services/dispatch/messages.c", r"F_TEXT\(struct draft_in, contact\),"),
)


def git(*words):
    return subprocess.run(["git", *words], cwd=TOP, capture_output=True)


def build():
    """Makes PLACE/bin and PLACE/schemas; returns PLACE and what it is."""
    ref = os.environ.get("OLD") or git(
        "describe", "--tags", "--abbrev=0").stdout.decode().strip()
    source = PLACE / "source"
    if ref:
        check_out(ref, source)
    else:
        copy_less(source)
    make(source)
    for name in ("bin", "schemas"):
        link = PLACE / name
        link.unlink(missing_ok=True)
        link.symlink_to(source / ("build/bin" if name == "bin" else name))
    return PLACE, ref or "this source less an optional field"


def check_out(ref, source):
    done = git("archive", ref)
    if done.returncode:
        raise StageError("OLD=%s: %s" % (ref, done.stderr.decode()))
    shutil.rmtree(source, ignore_errors=True)
    source.mkdir(parents=True)
    with subprocess.Popen(["tar", "-x", "-C", source],
                          stdin=subprocess.PIPE) as tar:
        tar.communicate(done.stdout)


def copy_less(source):
    """Only what changed is written, so that make has little to do."""
    less = dict(map(taken_away, *zip(*LESS)))
    for part in ("common", "services", "schemas", "Makefile"):
        for path in [TOP / part, *(TOP / part).rglob("*")]:
            name = str(path.relative_to(TOP))
            if path.is_file():
                put(source / name, less.get(name) or path.read_bytes())


def taken_away(name, pattern):
    text, count = re.subn(pattern, "", (TOP / name).read_text())
    if count != 1:
        raise StageError("old: %s does not hold %s once" % (name, pattern))
    return name, text.encode()


def put(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_bytes() != data:
        path.write_bytes(data)


def make(source):
    env = {name: value for name, value in os.environ.items()
           if name not in ("MAKEFLAGS", "MFLAGS", "MODE", "BUILD")}
    done = subprocess.run(
        ["make", "-j2", "-C", source,
         *("build/bin/baodao-" + name for name in PROGRAMS)],
        env=env, capture_output=True, text=True)
    if done.returncode:
        raise StageError("the old build failed:\n"
                         + (done.stdout + done.stderr)[-3000:])
