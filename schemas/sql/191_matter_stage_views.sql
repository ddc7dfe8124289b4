-- 191_matter_stage_views.sql - stages of a matter are seen; after 060 and 131,
-- which it changes.

SELECT view.guard('track.stage', 'track', $$
    EXISTS (SELECT 1 FROM track.lane l
            WHERE (l.whistle, l.round, l.office) =
                  (stage.whistle, stage.round, stage.office))$$);

-- What is done, in its order.
CREATE FUNCTION view.stages(a_whistle uuid, a_round int, a_office text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
               'stage', s.stage, 'start', s.start, 'due', s.due,
               'stop', s.stop, 'on_time', s.stop <= s.due)
               ORDER BY s.start), '[]')
    FROM track.stage s
    WHERE (s.whistle, s.round, s.office) = (a_whistle, a_round, a_office)
$$;

-- matter: whose stage it is; NULL of the kind's own.
DROP FUNCTION track.clocks(uuid, int, text);
CREATE FUNCTION track.clocks(a_whistle uuid, a_round int, a_office text) RETURNS TABLE (stage text, kind text, start timestamptz, stop timestamptz, story text, reference_version bigint, calendar_version bigint, matter text) LANGUAGE sql STABLE AS $$
    SELECT k.stage, t.kind, k.start, coalesce(k.stop, t.ended), t.story,
           t.reference_version, t.calendar_version, k.matter
    FROM track.lane t
    CROSS JOIN LATERAL (
        VALUES (1, 'sign', t.sign_start, t.sign_stop, NULL),
               (2, 'contact', t.contact_start, t.contact_stop, NULL),
               (3, 'arrive', t.arrive_start, t.arrive_stop, NULL),
               (5, 'resolve', t.resolve_start, t.resolve_stop, NULL),
               (6, 'rework', t.rework_start, t.rework_stop, NULL),
               (7, 'accept', t.accept_start, t.accept_stop, NULL),
               (8, 'rule', t.rule_start, t.rule_stop, NULL),
               (4, t.stage, t.stage_start, t.stage_stop, t.matter)
        UNION ALL
        SELECT 4, s.stage, s.start, s.stop, t.matter FROM track.stage s
        WHERE (s.whistle, s.round, s.office) = (t.whistle, t.round, t.office))
        AS k (n, stage, start, stop, matter)
    WHERE t.whistle = a_whistle AND t.round = a_round
      AND t.office = a_office AND k.start IS NOT NULL
    ORDER BY k.n, k.start
$$;

-- The stage that runs is one clock more.
CREATE OR REPLACE FUNCTION view.task(a_now timestamptz) RETURNS TABLE (task text, whistle uuid, round int, office text, version bigint, number text, kind text, matter text, region text, street text, issue uuid, role text, state text, hold text, holder text, open boolean, light text, stage text, due timestamptz, clocks json, start timestamptz, late boolean, forced boolean, returns int, reworks int, return_reason text, ruling text, ruling_to text, excuse text, ended timestamptz, gap date, review timestamptz, extension text) LANGUAGE sql STABLE AS $$
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
                           ('rule', t.rule_yellow, t.rule_due, t.rule_stop),
                           (t.stage, t.stage_yellow, t.stage_due, t.stage_stop))
                   AS k (stage, yellow, due, stop)
              WHERE t.open AND k.due IS NOT NULL AND k.stop IS NULL) r) c
$$;
