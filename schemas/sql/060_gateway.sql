-- 060_gateway.sql: what people may see, and what the gateway itself keeps.
--
-- The gateway reads the views below as baodao_gateway, each transaction as
-- one actor: app.actor = "role/office/person", set by set_config(..., true).
-- Views run with the reader's rights; the policies on the services' tables
-- say which rows an actor sees. Without app.actor every one of them fails.

CREATE SCHEMA gateway;
CREATE SCHEMA view;

-- Bearer tokens: hash = keyed digest of the token's text (key "token").
CREATE TABLE gateway.token (
    hash     bytea PRIMARY KEY CHECK (octet_length(hash) = 32),
    role     text NOT NULL,
    office   text NOT NULL,     -- '' for residents
    person   text NOT NULL,
    name     text NOT NULL,     -- for people who look after tokens
    made     timestamptz NOT NULL,
    expires  timestamptz NOT NULL
);

-- Idempotency keys that are no UUIDv7 of today: the command's id of each.
CREATE TABLE gateway.idempotency (
    actor  text NOT NULL,
    key    text NOT NULL,
    id     uuid NOT NULL,
    made   timestamptz NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_made ON gateway.idempotency USING brin (made);

GRANT USAGE ON SCHEMA gateway TO baodao_gateway, baodao_operator;
GRANT SELECT ON gateway.token TO baodao_gateway;
GRANT SELECT, INSERT, DELETE ON gateway.token TO baodao_operator;
GRANT SELECT, INSERT, DELETE, UPDATE (key) ON gateway.idempotency
    TO baodao_gateway;
GRANT USAGE ON SCHEMA view TO baodao_gateway, baodao_operator;
ALTER ROLE baodao_gateway SET statement_timeout = '10s';
ALTER ROLE baodao_gateway SET timezone = 'UTC';
-- A page is planned for the filters that it has.
ALTER ROLE baodao_gateway SET plan_cache_mode = 'force_custom_plan';

-- ---- who asks ----

-- {role, office, person}; fails when nobody has said who asks.
CREATE FUNCTION view.actor() RETURNS text[] LANGUAGE plpgsql STABLE AS $$
DECLARE
    wire text := current_setting('app.actor', true);
BEGIN
    IF coalesce(wire, '') = '' THEN
        RAISE EXCEPTION 'app.actor is not set' USING ERRCODE = 'BD002';
    END IF;
    RETURN ARRAY[split_part(wire, '/', 1), split_part(wire, '/', 2),
                 substr(wire, length(split_part(wire, '/', 1)) +
                              length(split_part(wire, '/', 2)) + 3)];
END $$;

CREATE FUNCTION view.sees_all() RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT (view.actor())[1] IN ('district_dispatch', 'district_lead',
                                 'operator', 'auditor', 'reviewer')
$$;

-- The actor's office; NULL when there is none, so that it equals nothing.
CREATE FUNCTION view.office() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif((view.actor())[2], '')
$$;

CREATE FUNCTION view.person() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT nullif((view.actor())[3], '')
$$;

-- What the codes of all regions in a region begin with: "530103003000" gives
-- "530103003". Of an office that is no region: itself.
CREATE FUNCTION view.stem(a_region text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a_region ~ '^[0-9]{9}000$' THEN left(a_region, 9)
                ELSE a_region END
$$;

-- A scope ("530103003001,CGJ") holds my office, or a region in or over mine.
CREATE FUNCTION view.in_scope(a_scope text, a_office text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(bool_or(s = a_office
                            OR (s ~ '^[0-9]+$' AND a_office ~ '^[0-9]+$'
                                AND (starts_with(s, view.stem(a_office))
                                     OR starts_with(a_office, view.stem(s))))),
                    false)
    FROM unnest(string_to_array(a_scope, ',')) AS s
$$;

-- ---- which rows ----

-- A table that the gateway reads: the service keeps all its rows, the
-- operator reads all, the gateway those of the condition.
CREATE FUNCTION view.guard(a_table regclass, a_service text, a_using text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', a_table);
    EXECUTE format('CREATE POLICY own ON %s TO %I USING (true) WITH CHECK (true)', a_table, 'baodao_' || a_service);
    EXECUTE format('CREATE POLICY operator_reads ON %s FOR SELECT TO baodao_operator USING (true)', a_table);
    EXECUTE format('CREATE POLICY gateway_reads ON %s FOR SELECT TO baodao_gateway USING (%s)', a_table, a_using);
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO baodao_gateway', a_service);
    EXECUTE format('GRANT SELECT ON %s TO baodao_gateway', a_table);
END $$;

-- Functions in a subselect are asked once a statement, not once a row.
SELECT view.guard('intake.issue', 'intake', $$
    (SELECT view.sees_all())
    OR starts_with(region, (SELECT view.stem(view.office())))
    OR starts_with(home, (SELECT view.stem(view.office())))
    OR person = (SELECT view.person())$$);
SELECT view.guard('intake.callback', 'intake', $$
    EXISTS (SELECT 1 FROM intake.issue i WHERE i.issue = callback.issue)$$);

SELECT view.guard('dispatch.whistle', 'dispatch', $$
    (SELECT view.sees_all())
    OR starts_with(region, (SELECT view.stem(view.office())))
    OR street = (SELECT view.office())
    OR EXISTS (SELECT 1 FROM dispatch.call c
               WHERE c.whistle = id AND c.office = (SELECT view.office()))$$);
SELECT view.guard('dispatch.call', 'dispatch', $$
    (SELECT view.sees_all()) OR office = (SELECT view.office())$$);
SELECT view.guard('dispatch.officer', 'dispatch', $$
    (SELECT view.sees_all()) OR office = (SELECT view.office())
    OR starts_with(office, (SELECT view.stem(view.office())))$$);

SELECT view.guard('track.lane', 'track', $$
    (SELECT view.sees_all())
    OR office = (SELECT view.office())
    OR street = (SELECT view.office())
    OR starts_with(region, (SELECT view.stem(view.office())))$$);
SELECT view.guard(t::regclass, 'track', format($$
    EXISTS (SELECT 1 FROM track.lane l
            WHERE (l.whistle, l.round, l.office) =
                  (%1$s.whistle, %1$s.round, %1$s.office))$$, split_part(t, '.', 2)))
FROM unnest(ARRAY['track.report', 'track.score']) AS t;

SELECT view.guard('ledger.entry', 'ledger', $$
    (SELECT view.sees_all())
    OR member IN ((SELECT view.person()), (SELECT view.office()))$$);
SELECT view.guard('ledger.account', 'ledger', $$
    (SELECT view.sees_all())
    OR account IN ('member/' || (SELECT view.person()),
                   'member/' || (SELECT view.office()))$$);

SELECT view.guard('match.partner', 'match', '(SELECT view.actor()) IS NOT NULL');
SELECT view.guard('match.need', 'match', '(SELECT view.actor()) IS NOT NULL');
SELECT view.guard('match.offer', 'match', '(SELECT view.actor()) IS NOT NULL');
SELECT view.guard('match.match', 'match', $$
    (SELECT view.sees_all())
    OR office = (SELECT view.office())
    OR starts_with(region, (SELECT view.stem(view.office())))
    OR partner::text = (SELECT view.office())$$);

-- The log: what I said myself, and what my office's scope holds. Residents
-- and partners, who have no office in scopes, see what the things that they
-- see have come to.
GRANT SELECT ON log.entry TO baodao_gateway;
CREATE POLICY gateway_reads ON log.entry FOR SELECT TO baodao_gateway USING (
    (SELECT view.sees_all())
    OR actor = (SELECT current_setting('app.actor'))
    OR view.in_scope(scope, (SELECT view.office()))
    OR EXISTS (SELECT 1 FROM intake.issue i
               WHERE (SELECT view.office()) IS NULL AND i.issue::text = subject));

-- ---- the log ----

CREATE VIEW view.entry WITH (security_invoker = true) AS
SELECT id, cause, cause_digest, topic, type, subject, version, actor, at, data
FROM log.entry;

-- What happened to a subject, oldest first. Masks stand in the resource,
-- under its own rule.
CREATE FUNCTION view.timeline(a_subject text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
               'id', e.id, 'at', e.at, 'type', e.type, 'version', e.version,
               'role', split_part(e.actor, '/', 1),
               'office', split_part(e.actor, '/', 2),
               'data', e.data::jsonb - ARRAY['name_masked', 'phone_masked'])
               ORDER BY e.version, e.at, e.seq), '[]')
    FROM log.entry e
    WHERE e.subject = a_subject AND e.version > 0
$$;

-- ---- issues ----

-- A confidential requester is hidden from everyone below the district but
-- themselves.
CREATE VIEW view.issue WITH (security_invoker = true) AS
SELECT i.issue, i.version, i.number, i.state, i.home, i.region, i.street,
       i.matter, i.class, i.title, i.text, i.place, i.lng, i.lat,
       i.confidential,
       CASE WHEN s.shown THEN i.name_masked END AS name_masked,
       CASE WHEN s.shown THEN i.phone_masked END AS phone_masked,
       i.reason, i.note, i.question, i.supplied, i.answer, i.route,
       i.route_id, i.whistle, i.merged_into, i.urges, i.calls, i.reopens,
       i.stage, i.due, i.overdue, i.received_at, i.accepted_at, i.handled_at,
       i.closed_at
FROM intake.issue i
CROSS JOIN LATERAL (SELECT NOT i.confidential OR (SELECT view.sees_all())
                           OR i.person = (SELECT view.person()) AS shown) s;

-- ---- lanes ----

-- The light of a clock: green, from 80 % of its limit yellow, red when due.
CREATE FUNCTION view.light(a_now timestamptz, a_yellow timestamptz, a_due timestamptz) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN a_now >= a_due THEN 'red'
                WHEN a_now >= a_yellow THEN 'yellow'
                WHEN a_due IS NOT NULL THEN 'green' END
$$;

-- Lanes with their running clocks; the light is the worst of them, stage and
-- due are of the clock that is due first. None of them when it has ended.
CREATE FUNCTION view.task(a_now timestamptz) RETURNS TABLE (task text, whistle uuid, round int, office text, version bigint, number text, kind text, matter text, region text, street text, issue uuid, role text, state text, hold text, holder text, open boolean, light text, stage text, due timestamptz, clocks json, start timestamptz, late boolean, forced boolean, returns int, reworks int, return_reason text, ruling text, ruling_to text, excuse text, ended timestamptz) LANGUAGE sql STABLE AS $$
    SELECT concat_ws('/', t.whistle, t.round, t.office), t.whistle, t.round,
           t.office, t.version, t.number, t.kind, t.matter, t.region,
           t.street, t.issue, t.role, t.state, t.hold, t.holder, t.open,
           c.light, c.stage, c.due, c.clocks, t.start, t.late, t.forced,
           t.returns, t.reworks, t.return_reason, t.ruling, t.ruling_to,
           t.excuse, t.ended
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

-- What an office has reported of a lane, and the street's scores of it.
CREATE FUNCTION view.reports(a_whistle uuid, a_round int, a_office text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
               'n', r.n, 'at', r.at, 'answer', r.answer, 'internal', r.internal,
               'received', r.received, 'contacted', r.contacted,
               'measure', r.measure, 'limit_note', r.limit_note) ORDER BY r.n), '[]')
    FROM track.report r
    WHERE (r.whistle, r.round, r.office) = (a_whistle, a_round, a_office)
$$;
CREATE FUNCTION view.score(a_whistle uuid, a_round int, a_office text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('at', s.at, 'report_in', s.report_in,
               'handling', s.handling, 'result', s.result, 'bonus', s.bonus,
               'deduction', s.deduction, 'note', s.note)
    FROM track.score s
    WHERE (s.whistle, s.round, s.office) = (a_whistle, a_round, a_office)
$$;

-- ---- whistles ----

CREATE VIEW view.whistle WITH (security_invoker = true) AS
SELECT w.id AS whistle, w.version, w.number, w.state, w.kind, w.matter,
       w.region, w.street, w.facts, w.tried, w.place, w.lng, w.lat, w.lead,
       string_to_array(w.assists, ',') AS assists, w.contact, w.meet_at,
       w.meet_place, w.issue, w.reason, w.round, w.round_facts,
       split_part(w.drafted_by, '/', 2) AS drafted_by,
       split_part(w.approved_by, '/', 2) AS approved_by,
       w.drafted_at, w.issued_at, w.ended_at
FROM dispatch.whistle w;

-- Officers with what is open in their hands.
CREATE FUNCTION view.officer(a_now timestamptz) RETURNS TABLE (office text, officer text, name text, skills text[], capacity int, on_duty boolean, on_leave boolean, leave_from timestamptz, leave_to timestamptz) LANGUAGE sql STABLE AS $$
    SELECT o.office, o.officer, o.name, string_to_array(o.skills, ','),
           o.capacity, o.on_duty,
           coalesce(a_now >= o.leave_from AND a_now < o.leave_to, false),
           o.leave_from, o.leave_to
    FROM dispatch.officer o
$$;

-- ---- needs, offers, matches ----

CREATE VIEW view.partner WITH (security_invoker = true) AS
SELECT partner, version, name, kind, brand, skills, serves, home, windows,
       active, capacity, capacity_left, commitment, commitment_left,
       rating_sum, rating_count, last_served
FROM match.partner;

CREATE VIEW view.need WITH (security_invoker = true) AS
SELECT need, version, state, title, body AS text, region, office, skills,
       prefers, starts AS "from", ends AS "to", quantity, issue, why,
       next_due AS due
FROM match.need;

CREATE VIEW view.offer WITH (security_invoker = true) AS
SELECT offer, version, state, partner, title, skills, quantity,
       starts AS "from", ends AS "to", region
FROM match.offer;

CREATE VIEW view.match WITH (security_invoker = true) AS
SELECT m.match, m.version, m.state, m.need, m.partner, p.name AS partner_name,
       m.region, m.office, m.takes, m.score, m.terms::json AS terms,
       m.proposed, m.accepted, m.serving, m.delivered, m.minutes, m.stars,
       m.reason, m.note, m.beans, m.post_code, m.post_why,
       CASE WHEN m.open THEN m.next_due END AS due
FROM match.match m
LEFT JOIN match.partner p ON p.partner = m.partner;

-- ---- beans ----

-- NULL for who has no account, or when it is not the reader's to see.
CREATE FUNCTION view.beans(a_member text, a_now timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('member', a_member, 'at', a_now,
        'available', a.balance,
        'entries', (SELECT coalesce(json_agg(e), '[]') FROM (
            SELECT entry, state, match, rule, activity, minutes, beans,
                   available, served, reviewer, expires, why
            FROM ledger.entry WHERE member = a_member
            ORDER BY served DESC, entry LIMIT 200) e))
    FROM ledger.account a WHERE a.account = 'member/' || a_member
$$;

-- ---- the board ----

CREATE FUNCTION view.summary(a_now timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT json_build_object('at', a_now,
        'issues', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM intake.issue GROUP BY state) i),
        'whistles', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM dispatch.whistle GROUP BY state) w),
        'lanes', (SELECT coalesce(json_object_agg(light, n), '{}') FROM (
            SELECT coalesce(light, 'none') AS light, count(*) AS n
            FROM view.task(a_now) WHERE open GROUP BY 1) l),
        'matches', (SELECT coalesce(json_object_agg(state, n), '{}') FROM (
            SELECT state, count(*) AS n FROM match.match GROUP BY state) m))
$$;

GRANT SELECT ON ALL TABLES IN SCHEMA view TO baodao_gateway;
