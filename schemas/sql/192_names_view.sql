-- 192_names_view.sql - the board calls offices and streets by their names.

-- code -> name, of the reference data that hold at a_now.
CREATE FUNCTION view.names(a_now timestamptz) RETURNS json LANGUAGE sql STABLE AS $$
    WITH file AS (
        SELECT DISTINCT ON (f.name) regexp_split_to_array(f.body, '\r?\n') AS lines
        FROM reference.file f JOIN reference.version v USING (version)
        WHERE f.name IN ('offices.csv', 'regions.csv') AND v.valid_from <= a_now
        ORDER BY f.name, version DESC
    ), line AS (
        SELECT string_to_array(lines[1], ',') AS head, string_to_array(l, ',') AS cells
        FROM file, unnest(lines[2:]) AS l
    ), named AS (
        SELECT cells[array_position(head, 'code')] AS code,
               coalesce(nullif(cells[array_position(head, 'short')], ''),
                        cells[array_position(head, 'name')]) AS name,
               cells[array_position(head, 'level')] AS level
        FROM line
    )
    SELECT coalesce(json_object_agg(code, name), '{}') FROM named
    WHERE code <> '' AND name <> '' AND (level IS NULL OR level IN ('district', 'street'))
$$;

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
            SELECT state, count(*) AS n FROM match.match GROUP BY state) m),
        'names', view.names(a_now))
$$;
