-- 083_rewind_http.sql: readers are rewound over HTTP, by who may.
--
-- NULL: the group is a worker's, whose offsets never go back. a_act NULL: a
-- dry run, which is no act.

CREATE FUNCTION operate.http_rewind(a_act uuid, a_at timestamptz, a_verb text, a_group text, a_cell text, a_topic text, a_to text, a_why text) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    who text := operate.asker();
BEGIN
    IF EXISTS (SELECT FROM log.consumer c WHERE a_cell || '.' || c.service = a_group) THEN
        RETURN NULL;
    END IF;
    IF a_act IS NOT NULL THEN
        PERFORM operate.act(a_act, a_at, who, a_verb, concat_ws('/', a_group, a_topic), a_why, 'to ' || a_to);
    END IF;
    RETURN 'ok';
END $$;

REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA operate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operate.http_rewind(uuid, timestamptz, text, text, text, text, text, text) TO baodao_gateway;
