-- 002_months.sql: months of the log, made ahead by `baodao migrate` and
-- `baodao time`. The operator owns no table, so the maker has the owner's
-- rights and takes nothing but an instant.

-- The smallest id of an instant, as uuid_first() in common/base/id.h.
CREATE FUNCTION log.first_id(a_at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT (lpad(to_hex(floor(extract(epoch FROM a_at) * 1000)::bigint), 12, '0')
            || repeat('0', 20))::uuid
$$;

-- Shanghai months from three before an instant (a command may be 90 days old)
-- to three after it. Those that exist stay; what lay in the rest moves.
CREATE FUNCTION log.make_months(a_at timestamptz) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    month timestamp;
    name text;
    first uuid;
    beyond uuid;
BEGIN
    LOCK TABLE log.entry IN SHARE UPDATE EXCLUSIVE MODE;
    FOR i IN -3..3 LOOP
        month := date_trunc('month', a_at AT TIME ZONE interval '08:00')
                 + make_interval(months => i);
        name := to_char(month, '"entry_"YYYY_MM');
        CONTINUE WHEN to_regclass('log.' || name) IS NOT NULL;
        first := log.first_id(month AT TIME ZONE interval '08:00');
        beyond := log.first_id((month + interval '1 month')
                               AT TIME ZONE interval '08:00');
        EXECUTE format('CREATE TABLE log.%I (LIKE log.entry INCLUDING ALL)', name);
        EXECUTE format('WITH moved AS (DELETE FROM log.entry_rest WHERE id >= %L AND id < %L RETURNING *)'
                       ' INSERT INTO log.%I SELECT * FROM moved', first, beyond, name);
        EXECUTE format('ALTER TABLE log.entry ATTACH PARTITION log.%I FOR VALUES FROM (%L) TO (%L)',
                       name, first, beyond);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION log.make_months(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION log.make_months(timestamptz) TO baodao_operator;
