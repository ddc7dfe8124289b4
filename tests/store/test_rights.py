"""A role may write what is its own, and nothing else: each is tried."""
import unittest

from tests.stage import StageError, shared_stage

WORKERS = ("intake", "dispatch", "track", "match", "ledger")
OWN = {"intake": {"intake", "vault"}, "gateway": {"gateway"}}
TABLES = ("SELECT format('%I.%I', n.nspname, c.relname), n.nspname"
          " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
          " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
          " AND n.nspname !~ '^(pg_|information_schema)' ORDER BY 1")
# One row that fits, but for the service in it.
LOG_ROWS = {
    "log.entry": "INSERT INTO log.entry SELECT gen_random_uuid(), '{0}', 't',"
                 " 0, 1, gen_random_uuid(), '', NULL, NULL, NULL, NULL, 0,"
                 " NULL, NULL, NULL, now(), NULL, '', ''",
    "log.dead_letter": "INSERT INTO log.dead_letter VALUES ('{0}', 't', 0, 0,"
                       " now(), 'c', 'f', 's', '', '', '')",
    "log.pulse": "INSERT INTO log.pulse VALUES ('{0}-test', '{0}', now(),"
                 " NULL, 0, '')",
    "log.skip": "INSERT INTO log.skip VALUES ('{0}', 't', 0, 1, 1, false, 'c',"
                " 'f', 's', '{0}', now())",
    "log.consumer": "INSERT INTO log.consumer VALUES ('t', 0, '{0}', 0, 0, 0,"
                    " now(), 0, '', 0, now(), 0, 0, 0, 0, 0, 0, false, false,"
                    " NULL, NULL, NULL)",
}


class Rights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stage = shared_stage("rights", daemons=())
        cls.tables = cls.stage.sql(TABLES)

    def may(self, role, query):
        """Whether the role's statement is let through; it is undone."""
        try:
            self.stage.sql("BEGIN; %s; ROLLBACK" % query,
                           user="baodao_" + role)
            return True
        except StageError as error:
            said = str(error)
            if "permission denied" in said or "row-level security" in said:
                return False
            raise

    def granted(self, role, table, right):
        """By the table, or by any column of it."""
        return self.stage.sql(
            "SELECT has_table_privilege('baodao_%s', '%s', '%s')%s" % (
                role, table, right, " OR has_any_column_privilege("
                "'baodao_%s', '%s', '%s')" % (role, table, right)
                if right in ("INSERT", "UPDATE") else ""))[0][0] == "t"

    def test_the_gateway_can_insert_only_in_its_own_schema(self):
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            found = {schema for table, schema in self.tables
                     if self.granted("gateway", table, right)}
            self.assertLessEqual(found, OWN["gateway"], right)
        self.assertTrue(any(self.granted("gateway", table, "INSERT")
                            for table, _ in self.tables))

    def test_a_worker_can_write_only_in_its_own_schema_and_the_log(self):
        for role in WORKERS:
            own = OWN.get(role, {role}) | {"log"}
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                found = {schema for table, schema in self.tables
                         if self.granted(role, table, right)}
                self.assertLessEqual(found, own, (role, right))

    def test_nobody_changes_or_takes_away_a_row_of_the_log(self):
        for table in ("log.entry", "log.act", "log.skip"):
            for role in (*WORKERS, "gateway", "operator"):
                for right in ("UPDATE", "DELETE", "TRUNCATE"):
                    self.assertFalse(self.granted(role, table, right),
                                     (role, table, right))

    def test_the_others_tables_are_tried_and_refused(self):
        for role in (*WORKERS, "gateway"):
            for table, schema in self.tables:
                if schema in (*WORKERS, "vault") and schema not in OWN.get(
                        role, {role}):
                    self.assertFalse(
                        self.may(role, "DELETE FROM " + table),
                        "%s in %s" % (role, table))

    def test_a_worker_writes_log_rows_of_its_own_service_alone(self):
        for role in WORKERS:
            other = "track" if role != "track" else "intake"
            for table, row in LOG_ROWS.items():
                self.assertTrue(self.may(role, row.format(role)),
                                "%s in %s" % (role, table))
                self.assertFalse(self.may(role, row.format(other)),
                                 "%s as %s in %s" % (role, other, table))

    def test_a_gap_is_accepted_by_people_a_letter_set_aside_by_workers(self):
        letter = LOG_ROWS["log.skip"].format("track")
        gap = letter.replace("false", "true")
        self.assertTrue(self.may("operator", gap))
        self.assertFalse(self.may("operator", letter))
        self.assertFalse(self.may("track", gap))

    def test_a_worker_sees_no_log_row_of_another_service(self):
        row = LOG_ROWS["log.dead_letter"].format("track")
        self.stage.sql(row)
        count = "SELECT count(*) FROM log.dead_letter"
        seen = {role: self.stage.sql(count, user="baodao_" + role)[0][0]
                for role in WORKERS}
        self.stage.sql("DELETE FROM log.dead_letter")
        self.assertEqual(seen, {role: "1" if role == "track" else "0"
                                for role in WORKERS})

    def test_the_gateway_operates_for_operators_alone(self):
        deeds = ("http_ailments(now(), now(), '{}', '{}', '{}')",
                 "http_groups()", "http_letters('t', NULL, 1, NULL, NULL)",
                 "http_letter('t', 0, 0)",
                 "http_settle(gen_random_uuid(), now(), 'dead.drop', 't', 0,"
                 " 0, 'x')",
                 "http_places('t', 'c', NULL, 1)",
                 "http_group(gen_random_uuid(), now(), 'dead.replay-group',"
                 " 't', 'c', NULL, 'x', 1)",
                 "http_drop_group(gen_random_uuid(), now(),"
                 " 'dead.drop-group', 't', 'c', NULL, 'x')",
                 "http_rewind(gen_random_uuid(), now(), 'rewind', 'g', 'c',"
                 " 'c.t', '0', 'x')",
                 "http_steer(gen_random_uuid(), now(), 'pause', 'intake',"
                 " NULL, 'x', '{}', '{}', '{}')",
                 "http_steer_type(gen_random_uuid(), now(), 'pause',"
                 " 'issue.raise', 'x')")
        found = self.stage.sql(
            "SELECT proname FROM pg_proc p WHERE pronamespace ="
            " 'operate'::regnamespace AND has_function_privilege("
            "'baodao_gateway', p.oid, 'EXECUTE') ORDER BY 1")
        self.assertEqual([name for name, in found],
                         sorted(deed.split("(")[0] for deed in deeds))
        for deed in deeds:
            for actor in ("operator//o", "auditor//a", "resident//operator",
                          "district_lead/530103/operator"):
                self.assertEqual(
                    self.may("gateway", "SET LOCAL app.actor = '%s'; SELECT *"
                             " FROM operate.%s" % (actor, deed)),
                    actor == "operator//o", (actor, deed))
            self.assertFalse(self.may("intake", "SET LOCAL app.actor ="
                                      " 'operator//o'; SELECT * FROM"
                                      " operate." + deed), deed)

    def test_the_gateway_counts_letters_and_reads_none(self):
        self.assertTrue(self.may("gateway", "SELECT count(*) FROM"
                                 " log.dead_letter WHERE topic = 't'"))
        self.assertFalse(self.may("gateway", "SELECT value FROM"
                                  " log.dead_letter"))
