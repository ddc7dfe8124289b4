-- 123_whistle_rate.sql - how often each street whistles, as a band: too few
-- and too many are both wrong (rounds issued by issues received).

-- A number of weights.csv, of the version that holds at a_now.
CREATE FUNCTION view.weight(a_name text, a_now timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT (regexp_match(f.body, '^' || replace(a_name, '.', '\.') || ',(-?[0-9]+)', 'n'))[1]::bigint
    FROM reference.file f JOIN reference.version v USING (version)
    WHERE f.name = 'weights.csv' AND v.valid_from <= a_now
    ORDER BY version DESC LIMIT 1
$$;

-- Of a month ("2026-03", Shanghai's; none: a_now's), for the streets that the
-- reader answers for. It counts what the reader may not open, and says no
-- more than the count: hence the owner's rights. Merged and voided issues are
-- none; a department's whistles are no street's.
CREATE FUNCTION view.whistle_rate(a_now timestamptz, a_month text)
RETURNS TABLE (street text, month text, issued bigint, received bigint, percent numeric, band text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    WITH period AS (
        SELECT f AS starts, f + interval '1 month' AS ends
        FROM (SELECT coalesce(to_date(a_month, 'YYYY-MM')::timestamp,
                              date_trunc('month', a_now AT TIME ZONE '+08:00'::interval)) AS f) m
    ), span AS (
        SELECT starts AT TIME ZONE '+08:00'::interval AS a, ends AT TIME ZONE '+08:00'::interval AS z,
               to_char(starts, 'YYYY-MM') AS name
        FROM period
    ), counted AS (
        SELECT w.street, 1 AS issued, 0 AS received
        FROM dispatch.whistle w, span WHERE w.issued_at >= a AND w.issued_at < z
        UNION ALL
        SELECT p.street, 1, 0
        FROM dispatch.past_round p, span WHERE p.issued_at >= a AND p.issued_at < z
        UNION ALL
        SELECT i.street, 0, 1
        FROM intake.issue i, span WHERE i.received_at >= a AND i.received_at < z
                                    AND i.state NOT IN ('merged', 'voided')
    ), summed AS (
        SELECT c.street, sum(c.issued) AS issued, sum(c.received) AS received
        FROM counted c
        WHERE c.street ~ '^[0-9]{9}000$'
          AND ((SELECT view.sees_all()) OR starts_with(c.street, (SELECT view.stem(view.office()))))
        GROUP BY c.street
    )
    SELECT s.street, span.name, s.issued, s.received,
           round(100.0 * s.issued / nullif(s.received, 0), 2),
           CASE WHEN s.received = 0 THEN NULL
                WHEN s.issued * 1000 < s.received * view.weight('whistle.low_permille', a_now) THEN 'too_few'
                WHEN s.issued * 1000 > s.received * view.weight('whistle.high_permille', a_now) THEN 'too_many'
                ELSE 'in_band' END
    FROM summed s, span
$$;
REVOKE EXECUTE ON FUNCTION view.whistle_rate(timestamptz, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION view.whistle_rate(timestamptz, text) TO baodao_gateway, baodao_operator;

-- Where and when officers work.
DROP FUNCTION view.officer(timestamptz);
CREATE FUNCTION view.officer(a_now timestamptz) RETURNS TABLE (office text, officer text, name text, skills text[], capacity int, on_duty boolean, on_leave boolean, leave_from timestamptz, leave_to timestamptz, place text, line text, shift text) LANGUAGE sql STABLE AS $$
    SELECT o.office, o.officer, o.name, string_to_array(o.skills, ','),
           o.capacity, o.on_duty,
           coalesce(a_now >= o.leave_from AND a_now < o.leave_to, false),
           o.leave_from, o.leave_to, o.place, o.line, o.shift
    FROM dispatch.officer o
$$;
