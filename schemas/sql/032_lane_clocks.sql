-- 032_lane_clocks.sql: the clocks of one lane as rows, for who explains them.

-- With the reader's own rights. Of a lane that ended, what still ran has
-- stopped with it.
CREATE FUNCTION track.clocks(a_whistle uuid, a_round int, a_office text) RETURNS TABLE (stage text, kind text, start timestamptz, stop timestamptz, story text, reference_version bigint, calendar_version bigint) LANGUAGE sql STABLE AS $$
    SELECT k.stage, t.kind, k.start, coalesce(k.stop, t.ended), t.story,
           t.reference_version, t.calendar_version
    FROM track.lane t
    CROSS JOIN LATERAL (
        VALUES (1, 'sign', t.sign_start, t.sign_stop),
               (2, 'contact', t.contact_start, t.contact_stop),
               (3, 'arrive', t.arrive_start, t.arrive_stop),
               (4, 'resolve', t.resolve_start, t.resolve_stop),
               (5, 'rework', t.rework_start, t.rework_stop),
               (6, 'accept', t.accept_start, t.accept_stop),
               (7, 'rule', t.rule_start, t.rule_stop))
        AS k (n, stage, start, stop)
    WHERE t.whistle = a_whistle AND t.round = a_round
      AND t.office = a_office AND k.start IS NOT NULL
    ORDER BY k.n
$$;
