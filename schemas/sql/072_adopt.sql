-- 072_adopt.sql: a topic that was lost is taken on again, empty as it is.
--
-- Offsets of what was folded lie before the new beginning from now on: a dead
-- letter at -1 was the last message of the topic that is gone. So no letter's
-- place is taken twice, and no row of log.skip covers a new message.
--
-- What Kafka had acknowledged in there and nobody has folded is published
-- again by its sender: `published` goes back to before it, and the sender's
-- next take-over says in order all that lies behind, to whatever topic. What
-- is said twice so is known by its id or its sequence.

CREATE FUNCTION log.adopt_topic(a_topic text, a_lows bigint[],
                                a_since timestamptz)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    away constant bigint := 1::bigint << 60; -- a shift meets nobody there
    again bigint;
    c record;
BEGIN
    FOR c IN SELECT partition, next_offset - a_lows[partition + 1] AS shift
               FROM log.consumer WHERE topic = a_topic FOR UPDATE
    LOOP
        UPDATE log.dead_letter SET "offset" = "offset" - away
         WHERE topic = a_topic AND partition = c.partition;
        UPDATE log.dead_letter SET "offset" = "offset" + away - c.shift
         WHERE topic = a_topic AND partition = c.partition;
        UPDATE log.skip SET first = first - away, last = last - away
         WHERE topic = a_topic AND partition = c.partition;
        UPDATE log.skip SET first = first + away - c.shift,
                            last = last + away - c.shift
         WHERE topic = a_topic AND partition = c.partition;
        UPDATE log.consumer SET next_offset = a_lows[partition + 1],
                                epoch = epoch + 1, starts = 0
         WHERE topic = a_topic AND partition = c.partition;
    END LOOP;
    WITH lost AS (
        SELECT e.source_topic, e.partition, min(e.seq) AS seq, count(*) AS n
          FROM log.entry e
         WHERE e.topic = a_topic AND e.at >= a_since
           AND NOT EXISTS (SELECT FROM log.entry f
                            WHERE f.source_topic = a_topic AND f.cause = e.id)
         GROUP BY 1, 2),
    sent AS (
        UPDATE log.consumer s
           SET published = least(s.published, l.seq - 1), epoch = s.epoch + 1
          FROM lost l
         WHERE s.topic = l.source_topic AND s.partition = l.partition)
    SELECT coalesce(sum(n), 0) INTO again FROM lost;
    RETURN again;
END $$;
REVOKE EXECUTE ON FUNCTION log.adopt_topic(text, bigint[], timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.adopt_topic(text, bigint[], timestamptz) TO baodao_operator;
