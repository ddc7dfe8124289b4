-- 075_pause.sql: partitions that stand still by an operator's word.
--
-- A pause stops a partition where it is. A drain lets it fold what lay in
-- Kafka when it was asked, up to drain_to, and then stand still.

ALTER TABLE log.consumer ADD COLUMN paused_why text;
ALTER TABLE log.consumer ADD COLUMN drain_to bigint;
GRANT UPDATE (paused_why, drain_to) ON log.consumer TO baodao_operator;

-- The offset from which on nothing is folded; NULL: it goes on.
CREATE FUNCTION log.stop_at(a_paused boolean, a_draining boolean, a_drain_to bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a_paused THEN 0 WHEN a_draining THEN coalesce(a_drain_to, 0) END
$$;

/*
 * As in 001_log.sql, and says where each partition stands still. An older
 * daemon asks for the columns that it knows.
 */
DROP FUNCTION log.fence(text, int[], bigint[], bigint[]);
CREATE FUNCTION log.fence(a_topic text, a_partitions int[], a_epochs bigint[],
                          a_offsets bigint[],
                          OUT partition int, OUT paused boolean,
                          OUT draining boolean, OUT reference_version bigint,
                          OUT test_clock timestamptz, OUT stop_at bigint)
RETURNS SETOF record LANGUAGE plpgsql AS $$
DECLARE
    matched int := 0;
    r record;
BEGIN
    FOR r IN
        SELECT c.partition AS p, c.paused AS s, c.draining AS d,
               log.stop_at(c.paused, c.draining, c.drain_to) AS stop
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
        stop_at := r.stop;
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
