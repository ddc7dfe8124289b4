-- 001_log.sql: the cell, the log, offsets, dead letters, reference versions.
--
-- Run by `baodao migrate` inside one transaction, as the database's owner.
-- Roles are made by it before: baodao_<service>, baodao_gateway,
-- baodao_operator. No default, sequence or wall clock in what a fold writes.

CREATE SCHEMA log;
CREATE SCHEMA reference;

-- One row: this database is one cell.
CREATE TABLE log.cell (
    one         boolean PRIMARY KEY DEFAULT true CHECK (one),
    name        text NOT NULL,
    district    text NOT NULL,
    born        timestamptz NOT NULL,
    test_clock  timestamptz          -- the cell's time; NULL in production
);

-- One row a partition of a command topic: who folds it and how far.
CREATE TABLE log.consumer (
    topic         text NOT NULL,      -- without the cell's prefix
    partition     int NOT NULL,
    service       text NOT NULL,
    next_offset   bigint NOT NULL,    -- the next message to fold
    epoch         bigint NOT NULL,    -- raised by every take-over
    starts        int NOT NULL,       -- take-overs without progress since
    at            timestamptz NOT NULL, -- greatest at folded
    seq           bigint NOT NULL,    -- last row of the chain
    hash          bytea NOT NULL,     -- its hash
    published     bigint NOT NULL,    -- seq up to which Kafka has all
    number_day    date NOT NULL,      -- numbers for people: day and last
    number_last   bigint NOT NULL,
    messages      bigint NOT NULL,    -- folded, refused, seen, dead: counters
    refused       bigint NOT NULL,
    seen          bigint NOT NULL,
    dead          bigint NOT NULL,
    fenced        bigint NOT NULL,    -- stale owners turned away
    paused        boolean NOT NULL,
    draining      boolean NOT NULL,
    paused_by     text,
    paused_since  timestamptz,
    owner         text,               -- instance, for people
    PRIMARY KEY (topic, partition)
) WITH (fillfactor = 50);

-- Append-only; ranges by month of the id. verify and take-over read by seq.
CREATE TABLE log.entry (
    id            uuid NOT NULL,
    service       text NOT NULL,
    source_topic  text NOT NULL,
    partition     int NOT NULL,
    seq           bigint NOT NULL,
    cause         uuid NOT NULL,
    cause_digest  bytea NOT NULL,
    topic         text,
    key           text,
    type          text,
    subject       text,
    version       bigint NOT NULL,
    actor         text,
    scope         text,
    reply         text,
    at            timestamptz NOT NULL,
    data          text,
    digest        bytea NOT NULL,
    hash          bytea NOT NULL,
    PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE INDEX entry_seq ON log.entry USING brin (seq) WITH (pages_per_range = 16);
CREATE INDEX entry_subject ON log.entry (subject, at) WHERE subject IS NOT NULL;
-- Ids before and beyond the months that exist (made by migrate and advance).
CREATE TABLE log.entry_rest PARTITION OF log.entry DEFAULT;

CREATE TABLE log.dead_letter (
    service    text NOT NULL,
    topic      text NOT NULL,
    partition  int NOT NULL,
    "offset"   bigint NOT NULL,
    at         timestamptz NOT NULL,
    code       text NOT NULL,
    field      text NOT NULL,
    sentence   text NOT NULL,
    key        bytea NOT NULL,
    value      bytea NOT NULL,
    headers    bytea NOT NULL,   -- name\0 length(be32) value, one after another
    PRIMARY KEY (topic, partition, "offset")
);

-- What each daemon last knew, once a second: who lives, and in which time.
CREATE TABLE log.pulse (
    instance    text PRIMARY KEY,
    service     text NOT NULL,
    wall        timestamptz NOT NULL,
    test_clock  timestamptz,
    reference   bigint NOT NULL,
    partitions  text NOT NULL
);
ALTER TABLE log.pulse ENABLE ROW LEVEL SECURITY;

-- What every replay must leave out, and why.
CREATE TABLE log.skip (
    topic      text NOT NULL,
    partition  int NOT NULL,
    "offset"   bigint NOT NULL,
    why        text NOT NULL,
    by_whom    text NOT NULL,
    at         timestamptz NOT NULL,
    PRIMARY KEY (topic, partition, "offset")
);

CREATE TABLE reference.version (
    version     bigint PRIMARY KEY,
    valid_from  timestamptz NOT NULL,
    digest      bytea NOT NULL,
    loaded_by   text NOT NULL
);

-- A version is a set of files as they were loaded; city/reference_load.c
-- reads them with the same code that checked them.
CREATE TABLE reference.file (
    version  bigint NOT NULL REFERENCES reference.version,
    name     text NOT NULL,
    body     text NOT NULL,
    PRIMARY KEY (version, name)
);

/*
 * First statement of every batch: locks the consumer rows and raises BD001
 * unless each is still mine and where I left it. Answers what a daemon must
 * know besides: pauses, the newest reference version, the cell's time.
 */
CREATE FUNCTION log.fence(a_topic text, a_partitions int[], a_epochs bigint[],
                          a_offsets bigint[],
                          OUT partition int, OUT paused boolean,
                          OUT draining boolean, OUT reference_version bigint,
                          OUT test_clock timestamptz)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    matched int := 0;
    r record;
BEGIN
    FOR r IN
        SELECT c.partition AS p, c.paused AS s, c.draining AS d
        FROM log.consumer c
        JOIN unnest(a_partitions, a_epochs, a_offsets) AS w(p, e, o)
          ON c.partition = w.p AND c.epoch = w.e AND c.next_offset = w.o
        WHERE c.topic = a_topic
        ORDER BY c.partition
        FOR UPDATE OF c
    LOOP
        matched := matched + 1;
        partition := r.p;
        paused := r.s;
        draining := r.d;
        reference_version := (SELECT coalesce(max(version), 0)
                              FROM reference.version);
        test_clock := (SELECT cell.test_clock FROM log.cell AS cell);
        RETURN NEXT;
    END LOOP;
    IF matched <> cardinality(a_partitions) THEN
        RAISE EXCEPTION 'a partition of % is not mine any more', a_topic
            USING ERRCODE = 'BD001';
    END IF;
END $$;

/*
 * A service reads and writes its own rows of log.*, by row-level security on
 * the column service; the operator reads all. Called once for each service.
 */
CREATE FUNCTION log.open_to(a_service text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    role text := 'baodao_' || a_service;
    t text;
BEGIN
    EXECUTE format('GRANT USAGE ON SCHEMA log, reference TO %I', role);
    EXECUTE format('GRANT SELECT ON log.cell, log.skip, reference.version, reference.file TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT ON log.entry, log.dead_letter TO %I', role);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE ON log.consumer, log.pulse TO %I', role);
    FOREACH t IN ARRAY ARRAY['entry', 'dead_letter', 'consumer', 'pulse'] LOOP
        EXECUTE format('CREATE POLICY %I ON log.%I TO %I USING (service = %L) WITH CHECK (service = %L)',
                       a_service, t, role, a_service, a_service);
    END LOOP;
    EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = ''5s''', role);
END $$;

ALTER TABLE log.entry ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.dead_letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE log.consumer ENABLE ROW LEVEL SECURITY;

SELECT log.open_to(s) FROM unnest(ARRAY['intake', 'dispatch', 'track', 'match', 'ledger']) AS s;

GRANT USAGE ON SCHEMA log, reference TO baodao_operator, baodao_gateway;
GRANT SELECT ON ALL TABLES IN SCHEMA log, reference TO baodao_operator;
GRANT UPDATE (paused, draining, paused_by, paused_since) ON log.consumer TO baodao_operator;
GRANT UPDATE (test_clock) ON log.cell TO baodao_operator;
GRANT INSERT ON log.skip, reference.version, reference.file TO baodao_operator;
GRANT DELETE ON log.dead_letter TO baodao_operator;
GRANT SELECT ON log.cell, log.consumer, log.pulse, log.dead_letter, reference.version, reference.file TO baodao_gateway;
CREATE POLICY operator_reads ON log.entry FOR SELECT TO baodao_operator USING (true);
CREATE POLICY operator_all ON log.dead_letter TO baodao_operator USING (true);
CREATE POLICY operator_all ON log.consumer TO baodao_operator USING (true) WITH CHECK (true);
CREATE POLICY operator_reads ON log.pulse FOR SELECT TO baodao_operator USING (true);
CREATE POLICY gateway_reads ON log.pulse FOR SELECT TO baodao_gateway USING (true);
CREATE POLICY gateway_reads ON log.consumer FOR SELECT TO baodao_gateway USING (true);
CREATE POLICY gateway_counts ON log.dead_letter FOR SELECT TO baodao_gateway USING (true);
