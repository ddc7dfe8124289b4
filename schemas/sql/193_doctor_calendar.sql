-- 193_doctor_calendar.sql: a date that the calendar lacks keeps lanes without a
-- due, so the doctor names it. What it knew before is cell_ailments now.

ALTER FUNCTION operate.ailments(timestamptz, timestamptz) RENAME TO cell_ailments;
CREATE FUNCTION operate.ailments(a_now timestamptz, a_wall timestamptz) RETURNS TABLE (ailment text, detail text) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT c.ailment, c.detail FROM operate.cell_ailments(a_now, a_wall) c
    UNION ALL
    SELECT 'calendar', format('it has no %s: %s lanes wait without a due, %s is one of them', g.gap, g.lanes, g.one_of)
      FROM track.gap g
$$;
REVOKE EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION operate.ailments(timestamptz, timestamptz) TO baodao_operator;
