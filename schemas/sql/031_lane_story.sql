-- 031_lane_story.sql: what a lane's clocks have been through, and what is
-- handed out at each step of the supervision ladder.

ALTER TABLE track.lane
    ADD COLUMN story  text,         -- suspensions and extensions (story.h)
    ADD COLUMN review timestamptz;  -- a suspended lane comes back by itself

-- One row a document (督办单), as it was handed out.
CREATE TABLE track.document (
    number   text PRIMARY KEY,
    whistle  uuid NOT NULL,
    round    int NOT NULL,
    office   text NOT NULL,
    stage    text NOT NULL,
    step     text NOT NULL,
    at       timestamptz NOT NULL,
    due      timestamptz NOT NULL,
    words    text NOT NULL          -- in both languages
);
CREATE INDEX document_lane ON track.document (whistle, round, office);

-- Lanes whose calendar does not reach: which date is missing, for how many.
CREATE VIEW track.gap AS
    SELECT gap, count(*) AS lanes, min(number) AS one_of
    FROM track.lane WHERE open AND gap IS NOT NULL GROUP BY gap;

GRANT SELECT, INSERT ON track.document TO baodao_track;
GRANT SELECT ON track.document, track.gap TO baodao_operator;
