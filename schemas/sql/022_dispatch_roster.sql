-- 022_dispatch_roster.sql - where and when an officer works; who of a pool
-- claimed a lane.

ALTER TABLE dispatch.officer
    ADD place  text,                     -- region of 力量下沉, with its line
    ADD line   text CHECK (line IN ('supervision', 'public_service',
                   'social_safety', 'governance', 'mobilisation')),
    ADD shift  text,                     -- of shifts.csv; none: all hours
    ADD CHECK ((place IS NULL) = (line IS NULL));

ALTER TABLE dispatch.call
    ADD claimed_by  text,                -- the officer who took it himself
    ADD half        boolean NOT NULL DEFAULT false; -- of the sign limit gone
