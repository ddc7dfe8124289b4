"""A cell's topics folded again into an empty database beside the live one."""
import subprocess

from tests.stage.cell import postgres_bin

WORKERS = ("intake", "dispatch", "track", "match", "ledger")


def fold_again(cell, dbname, skips=None, workers=WORKERS, **settings):
    """Makes the database, takes the reference data and what is left out (or
    what this SQL says), and has each worker fold to the present end."""
    cell.sql("CREATE DATABASE " + dbname, dbname="postgres")
    run_program(cell, dbname, "postgres", "baodao", "migrate",
                "--test-clock=" + cell.facts()["test_clock"],
                "--district=530103")
    run_program(cell, dbname, "baodao_operator", "baodao", "reference",
                "load", cell.facts()["schemas"] + "/reference")
    cell.sql(skipped(cell) if skips is None else skips, dbname=dbname)
    for worker in workers:
        run_program(cell, dbname, "baodao_" + worker, "baodao-" + worker,
                    "--replay", **settings)


def skipped(cell):
    """The cell's rows of log.skip, taken as README says."""
    return subprocess.run(
        [postgres_bin() / "pg_dump", "--data-only", "--table=log.skip",
         cell.conninfo("postgres")],
        check=True, capture_output=True, text=True, timeout=60).stdout


def run_program(cell, dbname, user, program, *words, **more):
    env = {**cell.environment(user), **more,
           "POSTGRES": cell.conninfo(user, dbname)}
    done = subprocess.run([cell.facts()["bin"] + "/" + program, *words],
                          env=env, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise AssertionError("%s %s: exit %d\n%s" % (
            program, " ".join(words), done.returncode,
            (done.stdout + done.stderr)[-3000:]))
