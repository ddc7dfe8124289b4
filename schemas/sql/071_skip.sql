-- 071_skip.sql: what every fold leaves out: live, replayed or restored.
--
-- A message that killed its worker, or that PostgreSQL refused for its data,
-- is a dead letter by what happened and not by what it says; a gap is what
-- Kafka had deleted before it was folded. Neither can be found out again, so
-- both are rows here, and a copy of them goes with the topics that are folded
-- anew. A gap of a million messages is one row.

-- So far only notes of what operators did with dead letters; no fold read them.
INSERT INTO log.act (act, at, who, verb, subject, why, detail)
SELECT md5(concat_ws('/', topic, partition, "offset"))::uuid, at, by_whom,
       'dead.settled', concat_ws('/', topic, partition, "offset"), why, ''
  FROM log.skip;
DROP TABLE log.skip;

CREATE TABLE log.skip (
    service    text NOT NULL,
    topic      text NOT NULL,
    partition  int NOT NULL,
    first      bigint NOT NULL,  -- offsets, both ends inside
    last       bigint NOT NULL,
    gap        boolean NOT NULL, -- passed over; else dead letters with this:
    code       text NOT NULL,
    field      text NOT NULL,
    sentence   text NOT NULL,    -- of a gap: why it was accepted
    by_whom    text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (topic, partition, first),
    CHECK (first <= last)
);

-- A worker may set a message of its own aside; only a person accepts a gap.
ALTER TABLE log.skip ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT ON log.skip TO baodao_operator;
CREATE POLICY operator_reads ON log.skip FOR SELECT TO baodao_operator USING (true);
CREATE POLICY operator_gaps ON log.skip FOR INSERT TO baodao_operator WITH CHECK (gap);

CREATE FUNCTION log.open_skip_to(a_service text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    role text := 'baodao_' || a_service;
BEGIN
    EXECUTE format('GRANT SELECT, INSERT ON log.skip TO %I', role);
    EXECUTE format('CREATE POLICY %I ON log.skip TO %I USING (service = %L) WITH CHECK (service = %L AND NOT gap)',
                   a_service, role, a_service, a_service);
END $$;

-- As in 001_log.sql, with the above.
CREATE OR REPLACE FUNCTION log.open_to(a_service text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    role text := 'baodao_' || a_service;
    t text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA log, reference TO %I', role);
    EXECUTE format('GRANT SELECT ON log.cell, reference.version, reference.file TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON log.entry, log.dead_letter TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON log.consumer, log.pulse TO %I', role);
    FOREACH t IN ARRAY ARRAY['entry', 'dead_letter', 'consumer', 'pulse'] LOOP
        EXECUTE format('CREATE POLICY %I ON log.%I TO %I USING (service = %L) WITH CHECK (service = %L)',
                       a_service, t, role, a_service, a_service);
    END LOOP;
    PERFORM log.open_skip_to(a_service);
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', role);
END $$;

-- Services that the log was opened to before: their policies bear their names.
SELECT log.open_skip_to(policyname)
  FROM pg_policies
 WHERE schemaname = 'log' AND tablename = 'entry'
   AND 'baodao_' || policyname = roles[1];
