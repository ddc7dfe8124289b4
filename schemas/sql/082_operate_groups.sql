-- 082_operate_groups.sql: dead letters of one reason, settled over HTTP.
--
-- a_field NULL: whatever the field. As with `baodao dead`, each letter is an
-- act of its own; the group is one more, which says how many.

-- Where they lie, the oldest first; as text, as a path names them.
CREATE FUNCTION operate.http_places(a_topic text, a_code text, a_field text, a_limit int) RETURNS TABLE ("partition" text, "offset" text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.asker();
    RETURN QUERY SELECT d.partition::text, d."offset"::text FROM log.dead_letter d
     WHERE d.topic = a_topic AND d.code = a_code AND (a_field IS NULL OR d.field = a_field)
     ORDER BY d.at, d.partition, d."offset" LIMIT a_limit;
END $$;

-- What was done to some of a group, and how many are left.
CREATE FUNCTION operate.http_group(a_act uuid, a_at timestamptz, a_verb text, a_topic text, a_code text, a_field text, a_why text, a_done bigint) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM operate.act(a_act, a_at, operate.asker(), a_verb, concat_ws('/', a_topic, a_code, a_field), a_why, a_done || ' letters');
    RETURN json_build_object('act', a_act, 'letters', a_done, 'left',
        (SELECT count(*) FROM log.dead_letter d WHERE d.topic = a_topic AND d.code = a_code AND (a_field IS NULL OR d.field = a_field)));
END $$;

-- Takes a whole group away. The letters' acts have the group's time in their
-- ids, and otherwise a digest of it and their place.
CREATE FUNCTION operate.http_drop_group(a_act uuid, a_at timestamptz, a_verb text, a_topic text, a_code text, a_field text, a_why text) RETURNS json LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := operate.asker();
    n bigint;
BEGIN
    WITH gone AS (
        DELETE FROM log.dead_letter d
         WHERE d.topic = a_topic AND d.code = a_code AND (a_field IS NULL OR d.field = a_field)
        RETURNING concat_ws('/', d.topic, d.partition, d."offset") AS place),
    acts AS (SELECT g.place, md5(a_act || g.place) AS m FROM gone g)
    INSERT INTO log.act (act, at, who, verb, subject, why, detail)
    SELECT (left(a_act::text, 15) || substr(m, 1, 3) || '-a' || substr(m, 4, 3) || '-' || substr(m, 7, 12))::uuid,
           a_at, who, 'dead.drop', place, a_why, a_code FROM acts;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 THEN
        RETURN NULL;
    END IF;
    RETURN operate.http_group(a_act, a_at, a_verb, a_topic, a_code, a_field, a_why, n);
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA operate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    operate.http_places(text, text, text, int),
    operate.http_group(uuid, timestamptz, text, text, text, text, text, bigint),
    operate.http_drop_group(uuid, timestamptz, text, text, text, text, text)
    TO baodao_gateway;
