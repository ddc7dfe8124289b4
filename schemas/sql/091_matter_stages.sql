-- 091_matter_stages.sql - stages of a matter (fence, repair, reinstate): the
-- lead goes through them one after the other, each with its own clock.

-- An eighth clock's marks reach the sign bit of an int.
ALTER TABLE track.lane
    ALTER marks TYPE bigint,
    ADD stage        text,                 -- the one that runs; NULL: none
    ADD stage_start  timestamptz,
    ADD stage_yellow timestamptz,
    ADD stage_due    timestamptz,
    ADD stage_stop   timestamptz,
    ADD stage_late   boolean NOT NULL DEFAULT false; -- one of them was late

-- Those that are done.
CREATE TABLE track.stage (
    whistle      uuid NOT NULL,
    round        int NOT NULL,
    office       text NOT NULL,
    stage        text NOT NULL,
    start        timestamptz NOT NULL,
    due          timestamptz,              -- none: the calendar had no answer
    stop         timestamptz NOT NULL,
    PRIMARY KEY (whistle, round, office, stage)
);
GRANT SELECT, INSERT ON track.stage TO baodao_track;
GRANT SELECT ON track.stage TO baodao_operator;
