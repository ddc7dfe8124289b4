-- 132_report_views.sql - reports with their attachments; after 060.

CREATE OR REPLACE FUNCTION view.reports(a_whistle uuid, a_round int, a_office text) RETURNS json LANGUAGE sql STABLE AS $$
    SELECT coalesce(json_agg(json_build_object(
               'n', r.n, 'at', r.at, 'answer', r.answer, 'internal', r.internal,
               'received', r.received, 'contacted', r.contacted,
               'measure', r.measure, 'limit_note', r.limit_note,
               'attachments', coalesce(r.attachments::json, '[]')) ORDER BY r.n), '[]')
    FROM track.report r
    WHERE (r.whistle, r.round, r.office) = (a_whistle, a_round, a_office)
$$;
