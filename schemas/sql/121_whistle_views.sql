-- 121_whistle_views.sql - a case with its whole history, for everybody who is
-- called in its last round or to its conference; after 060, which it changes.

DROP POLICY gateway_reads ON dispatch.whistle;
CREATE POLICY gateway_reads ON dispatch.whistle FOR SELECT TO baodao_gateway USING (
    (SELECT view.sees_all())
    OR starts_with(region, (SELECT view.stem(view.office())))
    OR street = (SELECT view.office())
    OR (SELECT view.office()) = ANY (string_to_array(conferred, ','))
    OR EXISTS (SELECT 1 FROM dispatch.call c
               WHERE c.whistle = id AND c.office = (SELECT view.office())));

SELECT view.guard('dispatch.past_round', 'dispatch', $$
    EXISTS (SELECT 1 FROM dispatch.whistle w WHERE w.id = whistle)$$);

CREATE OR REPLACE VIEW view.whistle WITH (security_invoker = true) AS
SELECT w.id AS whistle, w.version, w.number, w.state, w.kind, w.matter,
       w.region, w.street, w.facts, w.tried, w.place, w.lng, w.lat, w.lead,
       string_to_array(w.assists, ',') AS assists, w.contact, w.meet_at,
       w.meet_place, w.issue, w.reason, w.round, w.round_facts,
       split_part(w.drafted_by, '/', 2) AS drafted_by,
       split_part(w.approved_by, '/', 2) AS approved_by,
       w.drafted_at, w.issued_at, w.ended_at,
       string_to_array(w.conferred, ',') AS conferred,
       w.escalation, w.escalated_at
FROM dispatch.whistle w;

-- The two below are asked for a case that the reader was shown: who sees the
-- case sees all of it, whoever was called before. Hence not the reader's
-- rights; only internal notes and scores stay with their offices.

-- Every round: who was called, and what came of each lane.
CREATE FUNCTION view.rounds(a_whistle uuid) RETURNS json LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT coalesce(json_agg(json_build_object(
               'round', r.round, 'facts', coalesce(r.facts, r.first_facts),
               'issued_at', r.issued_at, 'ended_at', r.ended_at,
               'offices', (
                   SELECT json_agg(json_build_object(
                              'office', c.office, 'role', c.role,
                              'first_receiver', c.role = 'lead' AND c.replaces IS NULL,
                              'replaces', c.replaces, 'state', l.state,
                              'late', l.late, 'returns', l.returns,
                              'return_reason', l.return_reason,
                              'ruling', l.ruling, 'reworks', l.reworks,
                              'measure', p.measure, 'answer', p.answer)
                              ORDER BY c.role <> 'lead', c.office)
                   FROM dispatch.call c
                   LEFT JOIN track.lane l USING (whistle, round, office)
                   LEFT JOIN LATERAL (
                       SELECT measure, answer FROM track.report t
                       WHERE (t.whistle, t.round, t.office) = (c.whistle, c.round, c.office)
                       ORDER BY n DESC LIMIT 1) p ON true
                   WHERE c.whistle = a_whistle AND c.round = r.round))
               ORDER BY r.round), '[]')
    FROM (SELECT round, facts, issued_at, ended_at,
                 (SELECT w.facts FROM dispatch.whistle w WHERE w.id = a_whistle) AS first_facts
          FROM dispatch.past_round WHERE whistle = a_whistle
          UNION ALL
          SELECT round, round_facts, issued_at, ended_at, w.facts
          FROM dispatch.whistle w WHERE w.id = a_whistle AND w.round > 0) r
$$;

CREATE FUNCTION view.whistle_timeline(a_subject text) RETURNS json LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT view.timeline(a_subject)
$$;
REVOKE EXECUTE ON FUNCTION view.rounds(uuid), view.whistle_timeline(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION view.rounds(uuid), view.whistle_timeline(text) TO baodao_gateway, baodao_operator;
