-- 078_operate_http.sql: what an operator asks and does over HTTP.
--
-- The gateway may call these functions; it has no right on what they touch.
-- Each asks view.actor() who it is, and who it is stands in log.act.

GRANT USAGE ON SCHEMA operate TO baodao_gateway;

-- The queues count letters; what is in one is for operators.
REVOKE SELECT ON log.dead_letter FROM baodao_gateway;
GRANT SELECT (topic, "partition") ON log.dead_letter TO baodao_gateway;

-- The operator who asks; anybody else is refused.
CREATE FUNCTION operate.asker() RETURNS text LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF (view.actor())[1] <> 'operator' THEN
        RAISE EXCEPTION 'permission denied: this is for operators' USING ERRCODE = '42501';
    END IF;
    RETURN current_setting('app.actor');
END $$;

-- ---- why nothing moves ----

/*
 * operate.ailments, and the partitions that nobody has ever folded: Kafka's
 * are given with their ends, as far as they are known.
 */
CREATE FUNCTION operate.http_ailments(a_now timestamptz, a_wall timestamptz, a_topics text[], a_partitions int[], a_ends bigint[]) RETURNS TABLE (ailment text, detail text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.asker();
    RETURN QUERY SELECT a.ailment, a.detail FROM operate.ailments(a_now, a_wall) a;
    RETURN QUERY SELECT 'never', format('%s/%s, at most %s messages wait', w.t, w.p, w.e)
      FROM unnest(a_topics, a_partitions, a_ends) AS w(t, p, e)
     WHERE w.e IS NOT NULL AND NOT EXISTS (SELECT FROM log.consumer c WHERE c.topic = w.t AND c.partition = w.p);
END $$;

-- ---- dead letters ----

-- By their reason; "group" orders them and says where a page begins.
CREATE FUNCTION operate.http_groups() RETURNS TABLE ("group" text, topic text, code text, field text, count bigint, first timestamptz, last timestamptz, sentence text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.asker();
    RETURN QUERY SELECT concat_ws('/', d.topic, d.code, d.field), d.topic, d.code, d.field, count(*), min(d.at), max(d.at), max(d.sentence)
      FROM log.dead_letter d GROUP BY d.topic, d.code, d.field;
END $$;

-- A page of a topic's letters; a_after is "partition/offset".
CREATE FUNCTION operate.http_letters(a_topic text, a_after text, a_limit int, a_code text, a_field text) RETURNS TABLE ("partition" int, "offset" bigint, at timestamptz, code text, field text, sentence text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.asker();
    RETURN QUERY SELECT d.partition, d."offset", d.at, d.code, d.field, d.sentence FROM log.dead_letter d
     WHERE d.topic = a_topic AND (a_code IS NULL OR d.code = a_code) AND (a_field IS NULL OR d.field = a_field)
       AND (a_after IS NULL OR (d.partition, d."offset") > (split_part(a_after, '/', 1)::int, split_part(a_after, '/', 2)::bigint))
     ORDER BY d.partition, d."offset" LIMIT a_limit;
END $$;

-- One with its bytes.
CREATE FUNCTION operate.http_letter(a_topic text, a_partition int, a_offset bigint) RETURNS TABLE (code text, field text, sentence text, key bytea, value bytea, headers bytea, at timestamptz) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.asker();
    RETURN QUERY SELECT d.code, d.field, d.sentence, d.key, d.value, d.headers, d.at FROM log.dead_letter d
     WHERE d.topic = a_topic AND d.partition = a_partition AND d."offset" = a_offset;
END $$;

-- ---- deeds: NULL when there is nothing to do it to ----

-- Takes a letter away that is dropped, or that Kafka has again.
CREATE FUNCTION operate.http_settle(a_act uuid, a_at timestamptz, a_verb text, a_topic text, a_partition int, a_offset bigint, a_why text) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := operate.asker();
    code text;
BEGIN
    DELETE FROM log.dead_letter d
     WHERE d.topic = a_topic AND d.partition = a_partition AND d."offset" = a_offset RETURNING d.code INTO code;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM operate.act(a_act, a_at, who, a_verb, concat_ws('/', a_topic, a_partition, a_offset), a_why, code);
    RETURN json_build_object('act', a_act);
END $$;

-- operate.steer; the ends are those of all topics of commands.
CREATE FUNCTION operate.http_steer(a_act uuid, a_at timestamptz, a_verb text, a_service text, a_partition int, a_why text, a_topics text[], a_partitions int[], a_ends bigint[]) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := operate.asker();
    partitions int[];
    ends bigint[];
BEGIN
    IF NOT EXISTS (SELECT FROM log.consumer c WHERE c.service = a_service AND (a_partition IS NULL OR c.partition = a_partition)) THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(w.p), array_agg(w.e) INTO partitions, ends FROM unnest(a_topics, a_partitions, a_ends) AS w(t, p, e)
     WHERE EXISTS (SELECT FROM log.consumer c WHERE c.service = a_service AND c.topic = w.t);
    RETURN (SELECT json_build_object('act', a_act, 'items', json_agg(s ORDER BY s.topic, s.partition))
              FROM operate.steer(a_act, a_at, who, a_verb, a_service, a_partition, a_why, partitions, ends) s);
END $$;

CREATE FUNCTION operate.http_steer_type(a_act uuid, a_at timestamptz, a_verb text, a_type text, a_why text) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := operate.asker();
BEGIN
    PERFORM operate.steer_type(a_act, a_at, who, a_verb, a_type, a_why);
    RETURN json_build_object('act', a_act);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA operate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    operate.http_ailments(timestamptz, timestamptz, text[], int[], bigint[]),
    operate.http_groups(),
    operate.http_letters(text, text, int, text, text),
    operate.http_letter(text, int, bigint),
    operate.http_settle(uuid, timestamptz, text, text, int, bigint, text),
    operate.http_steer(uuid, timestamptz, text, text, int, text, text[], int[], bigint[]),
    operate.http_steer_type(uuid, timestamptz, text, text, text)
    TO baodao_gateway;
