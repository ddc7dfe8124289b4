-- 194_doctor_archive.sql: a WAL that nobody takes elsewhere is found out by the
-- doctor, not by who wants to restore. What it knew before is data_ailments now.

ALTER FUNCTION operate.ailments(timestamptz, timestamptz) RENAME TO data_ailments;
CREATE FUNCTION operate.ailments(a_now timestamptz, a_wall timestamptz) RETURNS TABLE (ailment text, detail text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT d.ailment, d.detail FROM operate.data_ailments(a_now, a_wall) d
    UNION ALL
    SELECT 'archive', CASE WHEN s.wal_status = 'lost' THEN 'its slot has lost WAL: drop the slot, start it, make a base backup'
                           ELSE format('nobody takes it: %s wait', pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_flush_lsn(), s.restart_lsn))) END
      FROM pg_replication_slots s
     WHERE s.slot_name = 'archive' AND (s.wal_status = 'lost' OR NOT s.active)
    UNION ALL
    SELECT 'archive', format('there are backups, the last of %s, and no slot "archive": what came since would be lost', to_char(max(a.at) AT TIME ZONE interval '08:00', 'YYYY-MM-DD HH24:MI'))
      FROM log.act a
     WHERE a.verb = 'backup' AND current_setting('archive_mode') = 'off'
       AND NOT EXISTS (SELECT FROM pg_replication_slots s WHERE s.slot_type = 'physical')
    HAVING count(*) > 0
$$;
REVOKE EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz) TO baodao_operator;
