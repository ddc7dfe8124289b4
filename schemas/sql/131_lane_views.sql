-- 131_lane_views.sql - suspended lanes, asked extensions and missing dates are
-- seen; the lead sees the assists; after 060, which it changes.

-- A lead coordinates: while its own lane is open it sees the round's others.
-- Not by the reader's rights, since it is what gives them.
CREATE FUNCTION track.led(a_office text) RETURNS TABLE (whistle uuid, round int) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT l.whistle, l.round FROM track.lane l
    WHERE l.open AND l.office = a_office AND l.role = 'lead'
$$;
REVOKE EXECUTE ON FUNCTION track.led(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION track.led(text) TO baodao_gateway;

DROP POLICY gateway_reads ON track.lane;
CREATE POLICY gateway_reads ON track.lane FOR SELECT TO baodao_gateway USING (
    (SELECT view.sees_all())
    OR office = (SELECT view.office())
    OR street = (SELECT view.office())
    OR starts_with(region, (SELECT view.stem(view.office())))
    OR (whistle, round) IN (SELECT l.whistle, l.round
                            FROM track.led((SELECT view.office())) l));

SELECT view.guard('track.document', 'track', $$
    EXISTS (SELECT 1 FROM track.lane l
            WHERE (l.whistle, l.round, l.office) =
                  (document.whistle, document.round, document.office))$$);

-- What was handed out because of a lane, oldest first.
CREATE FUNCTION view.documents(a_whistle uuid, a_round int, a_office text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
               'number', d.number, 'stage', d.stage, 'step', d.step,
               'at', d.at, 'due', d.due, 'text', d.words)
               ORDER BY d.at, d.number), '[]')
    FROM track.document d
    WHERE (d.whistle, d.round, d.office) = (a_whistle, a_round, a_office)
$$;

-- gap: the first date that the calendar lacks, where a due is empty for it;
-- review: a suspended lane comes back; extension: one that is asked.
DROP FUNCTION view.task(timestamptz);
CREATE FUNCTION view.task(a_now timestamptz) RETURNS TABLE (task text, whistle uuid, round int, office text, version bigint, number text, kind text, matter text, region text, street text, issue uuid, role text, state text, hold text, holder text, open boolean, light text, stage text, due timestamptz, clocks json, start timestamptz, late boolean, forced boolean, returns int, reworks int, return_reason text, ruling text, ruling_to text, excuse text, ended timestamptz, gap date, review timestamptz, extension text) LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', t.whistle, t.round, t.office), t.whistle, t.round,
           t.office, t.version, t.number, t.kind, t.matter, t.region,
           t.street, t.issue, t.role, t.state, t.hold, t.holder, t.open,
           c.light, c.stage, c.due, c.clocks, t.start, t.late, t.forced,
           t.returns, t.reworks, t.return_reason, t.ruling, t.ruling_to,
           t.excuse, t.ended, t.gap, t.review,
           substring(t.story FROM 'ask/[^ ]*')
    FROM track.lane t
    CROSS JOIN LATERAL (
        SELECT (array_agg(r.light ORDER BY array_position(ARRAY['red', 'yellow', 'green'], r.light)))[1] AS light,
               (array_agg(r.stage ORDER BY r.due))[1] AS stage,
               min(r.due) AS due,
               coalesce(json_agg(r ORDER BY r.due), '[]') AS clocks
        FROM (SELECT k.stage, k.yellow, k.due,
                     view.light(a_now, k.yellow, k.due) AS light
              FROM (VALUES ('sign', t.sign_yellow, t.sign_due, t.sign_stop),
                           ('contact', t.contact_yellow, t.contact_due, t.contact_stop),
                           ('arrive', t.arrive_yellow, t.arrive_due, t.arrive_stop),
                           ('resolve', t.resolve_yellow, t.resolve_due, t.resolve_stop),
                           ('rework', t.rework_yellow, t.rework_due, t.rework_stop),
                           ('accept', t.accept_yellow, t.accept_due, t.accept_stop),
                           ('rule', t.rule_yellow, t.rule_due, t.rule_stop))
                   AS k (stage, yellow, due, stop)
              WHERE t.open AND k.due IS NOT NULL AND k.stop IS NULL) r) c
$$;

-- gaps: which dates the calendar must learn, and how many lanes wait for it.
CREATE OR REPLACE FUNCTION view.summary(a_now timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('at', a_now,
        'issues', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM intake.issue GROUP BY state) i),
        'whistles', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM dispatch.whistle GROUP BY state) w),
        'lanes', (SELECT coalesce(json_object_agg(light, n), '{}') FROM (
            SELECT coalesce(light, 'none') AS light, count(*) AS n
            FROM view.task(a_now) WHERE open GROUP BY 1) l),
        'gaps', (SELECT coalesce(json_agg(g), '[]') FROM (
            SELECT gap, count(*) AS lanes, min(number) AS one_of
            FROM track.lane WHERE open AND gap IS NOT NULL
            GROUP BY gap ORDER BY gap) g),
        'matches', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM match.match GROUP BY state) m))
$$;
