-- 077_doctor.sql: what PostgreSQL alone can say about why nothing moves.
--
-- A row an ailment; no row when all is well. `baodao doctor` knows the sentence
-- that belongs to each name. a_now is the cell's time, a_wall
-- the asker's clock: pulses are written by the daemons' own.

CREATE FUNCTION operate.ailments(a_now timestamptz, a_wall timestamptz) RETURNS TABLE (ailment text, detail text) LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    lives interval := interval '10 seconds';
    t regclass;
    due timestamptz;
BEGIN
    RETURN QUERY SELECT 'sessions', format('%s (pid %s) has been idle in a transaction for %s s', coalesce(nullif(s.application_name, ''), s.usename), s.pid, extract(epoch FROM clock_timestamp() - s.state_change)::int)
      FROM pg_stat_activity s
     WHERE s.datname = current_database() AND s.state LIKE 'idle in transaction%' AND clock_timestamp() - s.state_change > lives;
    RETURN QUERY SELECT 'locks', format('%s (pid %s) waits for pid %s', coalesce(nullif(s.application_name, ''), s.usename), s.pid, array_to_string(pg_blocking_pids(s.pid), ', '))
      FROM pg_stat_activity s
     WHERE s.datname = current_database() AND s.wait_event_type = 'Lock' AND clock_timestamp() - s.query_start > interval '3 seconds';

    RETURN QUERY SELECT 'pauses', format('%s/%s %s by %s since %s: %s', c.service, c.partition, CASE WHEN c.paused THEN 'paused' WHEN c.next_offset < c.drain_to THEN 'draining' ELSE 'drained' END, c.paused_by, to_char(c.paused_since AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI'), c.paused_why)
      FROM log.consumer c WHERE c.paused OR c.draining ORDER BY c.topic, c.partition;
    RETURN QUERY SELECT 'pauses', format('%s at the gateway by %s since %s: %s', p.type, p.who, to_char(p.since AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI'), p.why)
      FROM gateway.pause p ORDER BY p.type;

    RETURN QUERY SELECT 'owners', format('%s/%s was last held by %s, which has said nothing since %s', c.topic, c.partition, coalesce(c.owner, 'nobody'), coalesce(to_char(p.wall AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI:SS'), 'ever'))
      FROM log.consumer c LEFT JOIN log.pulse p ON p.instance = c.owner
     WHERE p.wall IS NULL OR p.wall < a_wall - lives ORDER BY c.topic, c.partition;
    RETURN QUERY SELECT 'owners', format('%s/%s: its last owner %s lives and does not hold it', c.topic, c.partition, c.owner)
      FROM log.consumer c JOIN log.pulse p ON p.instance = c.owner
     WHERE p.wall >= a_wall - lives AND c.partition::text <> ALL (string_to_array(p.partitions, ' ')) ORDER BY c.topic, c.partition;

    RETURN QUERY SELECT 'clocks', format('the clock of %s is %s s ahead of ours', p.instance, extract(epoch FROM p.wall - a_wall)::int)
      FROM log.pulse p WHERE p.wall > a_wall + interval '3 seconds' ORDER BY p.instance;
    RETURN QUERY SELECT 'clocks', format('PostgreSQL''s clock is %s s off ours', extract(epoch FROM clock_timestamp() - a_wall)::int)
     WHERE clock_timestamp() - a_wall NOT BETWEEN interval '-3 seconds' AND interval '3 seconds';
    RETURN QUERY SELECT 'clocks', format('Kafka dated a message of %s/%s %s s ahead of ours', c.topic, c.partition, extract(epoch FROM c.at - a_wall)::int)
      FROM log.consumer c, log.cell l WHERE l.test_clock IS NULL AND c.at > a_wall + interval '3 seconds' ORDER BY c.topic, c.partition;

    FOR t IN SELECT d.attrelid::regclass FROM pg_attribute d JOIN pg_attribute o ON o.attrelid = d.attrelid AND o.attname = 'open' JOIN pg_class c ON c.oid = d.attrelid AND c.relkind = 'r'
              WHERE d.attname = 'next_due' ORDER BY d.attrelid::regclass::text
    LOOP
        EXECUTE format('SELECT min(next_due) FROM %s WHERE open AND next_due IS NOT NULL', t) INTO due;
        IF due < a_now - interval '1 minute' THEN
            RETURN QUERY SELECT 'alarms', format('a row of %s was due at %s', t, to_char(due AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI:SS'));
        END IF;
    END LOOP;

    RETURN QUERY SELECT 'deaths', format('%s/%s at offset %s: %s take-overs without progress', c.topic, c.partition, c.next_offset, c.starts)
      FROM log.consumer c WHERE c.starts > 3 ORDER BY c.topic, c.partition;
    RETURN QUERY SELECT 'deaths', format('%s/%s offset %s was set aside: %s', d.topic, d.partition, d."offset", d.sentence)
      FROM log.dead_letter d WHERE d.code = 'deadly' ORDER BY d.at LIMIT 10;
    RETURN QUERY SELECT 'letters', format('%s %s %s: %s in the last hour, %s in all', d.topic, d.code, d.field, count(*) FILTER (WHERE d.at > a_now - interval '1 hour'), count(*))
      FROM log.dead_letter d GROUP BY d.topic, d.code, d.field HAVING max(d.at) > a_now - interval '1 hour' ORDER BY count(*) DESC LIMIT 10;

    RETURN QUERY SELECT 'reference', 'there is no version at all' WHERE NOT EXISTS (SELECT FROM reference.version);
    RETURN QUERY SELECT 'reference', format('%s has version %s, %s is valid since %s', p.instance, p.reference, v.version, to_char(v.valid_from AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI'))
      FROM log.pulse p, (SELECT r.version, r.valid_from FROM reference.version r WHERE r.valid_from < a_now - interval '1 minute' ORDER BY r.version DESC LIMIT 1) v
     WHERE p.wall >= a_wall - lives AND p.reference > 0 AND p.reference < v.version ORDER BY p.instance;

    RETURN QUERY SELECT 'months', format('%s rows of the log lie in no month, the first of %s', count(*), min(e.at)::date) FROM log.entry_rest e HAVING count(*) > 0;
    RETURN QUERY SELECT 'months', format('there is no log.entry_%s', m) FROM to_char((a_now + interval '7 days') AT TIME ZONE interval '08:00', 'YYYY_MM') AS m
     WHERE to_regclass('log.entry_' || m) IS NULL;
END $$;

-- Where PostgreSQL keeps its files, for who can look at the disk.
CREATE FUNCTION operate.data_directory() RETURNS text LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT current_setting('data_directory')
$$;

REVOKE EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz), operate.data_directory() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz) TO baodao_operator;
GRANT EXECUTE ON FUNCTION operate.data_directory() TO baodao_operator;
