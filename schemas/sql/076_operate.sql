-- 076_operate.sql: an operator's deeds, each with its row in log.act in the
-- same transaction.
--
-- They have the owner's rights, so that the operator needs none on the tables.

CREATE SCHEMA operate;
GRANT USAGE ON SCHEMA operate TO baodao_operator;

-- Types of commands that the gateway does not take at present.
CREATE TABLE gateway.pause (
    type   text PRIMARY KEY,
    who    text NOT NULL,
    since  timestamptz NOT NULL,
    why    text NOT NULL
);
GRANT SELECT ON gateway.pause TO baodao_gateway, baodao_operator;

CREATE FUNCTION operate.act(a_act uuid, a_at timestamptz, a_who text, a_verb text, a_subject text, a_why text, a_detail text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log.act (act, at, who, verb, subject, why, detail)
    VALUES (a_act, a_at, a_who, a_verb, a_subject, coalesce(a_why, ''), coalesce(a_detail, ''));
END $$;

/*
 * pause, resume or drain of a service's partitions; a_partition NULL: all.
 * a_ends are Kafka's ends of a_partitions: a drain goes up to there. The
 * consumer rows are locked in the fence's order.
 */
CREATE FUNCTION operate.steer(a_act uuid, a_at timestamptz, a_who text, a_verb text, a_service text, a_partition int, a_why text, a_partitions int[], a_ends bigint[]) RETURNS TABLE (topic text, "partition" int, next_offset bigint, stop_at bigint) LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.act(a_act, a_at, a_who, a_verb, concat_ws('/', a_service, a_partition), a_why, '');
    PERFORM 1 FROM log.consumer c
      WHERE c.service = a_service AND (a_partition IS NULL OR c.partition = a_partition)
      ORDER BY c.topic, c.partition FOR UPDATE;
    RETURN QUERY
        UPDATE log.consumer c
           SET paused = a_verb = 'pause', draining = a_verb = 'drain',
               drain_to = CASE WHEN a_verb = 'drain' THEN
                   (SELECT w.e FROM unnest(a_partitions, a_ends) AS w(p, e) WHERE w.p = c.partition) END,
               paused_by = CASE WHEN a_verb <> 'resume' THEN a_who END,
               paused_since = CASE WHEN a_verb <> 'resume' THEN a_at END,
               paused_why = CASE WHEN a_verb <> 'resume' THEN a_why END
         WHERE c.service = a_service AND (a_partition IS NULL OR c.partition = a_partition)
        RETURNING c.topic, c.partition, c.next_offset, log.stop_at(c.paused, c.draining, c.drain_to);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'nobody has ever folded %', concat_ws('/', a_service, a_partition) USING ERRCODE = '22023';
    END IF;
END $$;

-- pause or resume of a type of commands at the gateway.
CREATE FUNCTION operate.steer_type(a_act uuid, a_at timestamptz, a_who text, a_verb text, a_type text, a_why text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.act(a_act, a_at, a_who, a_verb, a_type, a_why, '');
    DELETE FROM gateway.pause WHERE type = a_type;
    IF a_verb = 'pause' THEN
        INSERT INTO gateway.pause (type, who, since, why) VALUES (a_type, a_who, a_at, a_why);
    END IF;
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA operate FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA operate TO baodao_operator;
