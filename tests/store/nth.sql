-- nth.sql - for nth.c: keeps a service's rows, puts them back, compares them.

CREATE SCHEMA nth;
CREATE TABLE nth.now (service text, topic text);

-- What a fold writes: the service's own tables and its rows of the log.
CREATE FUNCTION nth.tables() RETURNS SETOF regclass LANGUAGE sql AS $$
    SELECT c.oid::regclass FROM pg_class c
    JOIN pg_namespace s ON s.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition
      AND (s.nspname IN (SELECT service FROM nth.now)
           OR s.nspname = 'vault'
           OR (s.nspname = 'log' AND c.relname IN
               ('entry', 'dead_letter', 'skip', 'consumer')))
    ORDER BY c.oid::regclass::text COLLATE "C"
$$;

CREATE FUNCTION nth.empty() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT nth.tables() LOOP
        EXECUTE format('DELETE FROM %s', t);
    END LOOP;
END $$;

CREATE FUNCTION nth.begin(a_service text, a_topic text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM nth.now;
    INSERT INTO nth.now VALUES (a_service, a_topic);
    PERFORM nth.empty();
    INSERT INTO log.consumer (topic, partition, service, next_offset, epoch,
        starts, at, seq, hash, published, number_day, number_last, messages,
        refused, seen, dead, fenced, paused, draining)
    VALUES (a_topic, 0, a_service, 0, 0, 0, 'epoch', 0, '', 0, 'epoch', 0, 0,
        0, 0, 0, 0, false, false);
END $$;

CREATE FUNCTION nth.kept(t regclass) RETURNS text LANGUAGE sql AS $$
    SELECT format('nth.%I', 'kept ' || t::text)
$$;

CREATE FUNCTION nth.keep() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    FOR t IN SELECT nth.tables() LOOP
        EXECUTE format('DROP TABLE IF EXISTS %s', nth.kept(t));
        EXECUTE format('CREATE TABLE %s AS TABLE %s', nth.kept(t), t);
    END LOOP;
END $$;

CREATE FUNCTION nth.put_back() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
BEGIN
    PERFORM nth.empty();
    SET LOCAL session_replication_role = replica;
    FOR t IN SELECT nth.tables() LOOP
        EXECUTE format('INSERT INTO %s SELECT * FROM %s', t, nth.kept(t));
    END LOOP;
END $$;

CREATE FUNCTION nth.backends() RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM pg_stat_activity, nth.now
    WHERE usename = 'baodao_' || service AND datname = current_database()
$$;

-- Of all rows, once no backend of the service is left: a COMMIT that was on
-- its way has come, or never will.
CREATE FUNCTION nth.digest() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    t regclass;
    one text;
    every text := '';
BEGIN
    LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN nth.backends() = 0;
        PERFORM pg_sleep(0.001);
    END LOOP;
    FOR t IN SELECT nth.tables() LOOP
        EXECUTE format('SELECT coalesce(string_agg(r::text, E''\n'' ORDER BY'
                       ' r::text COLLATE "C"), '''') FROM %s r', t) INTO one;
        every := every || t || E'\n' || one || E'\n';
    END LOOP;
    RETURN md5(every);
END $$;
