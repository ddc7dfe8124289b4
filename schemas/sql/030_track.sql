-- 030_track.sql: lanes (one called office's part of a round), their reports
-- and scores. Written by track alone; times are the messages' own.

CREATE SCHEMA track;

CREATE TABLE track.lane (
    whistle            uuid NOT NULL,
    round              int NOT NULL,
    office             text NOT NULL,
    version            bigint NOT NULL,
    partition          int NOT NULL,
    number             text NOT NULL,      -- the whistle's, for people
    kind               text NOT NULL,
    matter             text NOT NULL,
    region             text NOT NULL,
    street             text NOT NULL,      -- the office that whistled
    issue              uuid,
    role               text NOT NULL CHECK (role IN ('lead', 'assist', 'added')),
    state              text NOT NULL CHECK (state IN (
                           'assigned', 'signed', 'contacted', 'arrived',
                           'working', 'reported', 'rework', 'accepted',
                           'reassigned', 'cancelled', 'excused')),
    hold               text CHECK (hold IN ('return', 'suspended')),
    holder             text,               -- officer; NULL waits at the desk
    reference_version  bigint NOT NULL,    -- limits are of this one
    calendar_version   bigint NOT NULL,    -- dues by this one's calendar
    -- Clocks. A stop says when the stage was done, even where no limit gave it
    -- a clock (no start); no due beside a start: see gap.
    start              timestamptz NOT NULL, -- whistle issued, or ruled
    sign_start         timestamptz,
    sign_yellow        timestamptz,
    sign_due           timestamptz,
    sign_stop          timestamptz,
    contact_start      timestamptz,
    contact_yellow     timestamptz,
    contact_due        timestamptz,
    contact_stop       timestamptz,
    arrive_start       timestamptz,
    arrive_yellow      timestamptz,
    arrive_due         timestamptz,
    arrive_stop        timestamptz,
    resolve_start      timestamptz,
    resolve_yellow     timestamptz,
    resolve_due        timestamptz,
    resolve_stop       timestamptz,
    rework_start       timestamptz,
    rework_yellow      timestamptz,
    rework_due         timestamptz,
    rework_stop        timestamptz,
    accept_start       timestamptz,
    accept_yellow      timestamptz,
    accept_due         timestamptz,
    accept_stop        timestamptz,
    rule_start         timestamptz,        -- a return awaits its ruling
    rule_yellow        timestamptz,
    rule_due           timestamptz,
    rule_stop          timestamptz,
    marks              int NOT NULL,       -- said so far, 4 bits a clock
    gap                date,               -- first date without calendar
    late               boolean NOT NULL,   -- a clock stopped after its due
    forced             boolean NOT NULL,   -- never returnable after
    returns            int NOT NULL,
    reworks            int NOT NULL,
    return_reason      text,
    evidence           text,
    ruling             text CHECK (ruling IN ('force', 'reassign')),
    ruling_to          text,
    excuse             text,               -- coded reason
    ended              timestamptz,
    open               boolean NOT NULL,   -- not ended
    next_due           timestamptz,        -- next mark of a running clock
    look               int NOT NULL,
    PRIMARY KEY (whistle, round, office)
) WITH (fillfactor = 80);

CREATE INDEX lane_due ON track.lane (next_due)
    WHERE open AND next_due IS NOT NULL;
-- An office's own open lanes are the list that is read most, by every officer
-- all day; without it each page would read all lanes ever. No column of it
-- changes but open, once.
CREATE INDEX lane_office ON track.lane (office) WHERE open;

-- One row a report. internal is for the district's own people, answer for the
-- public: a reader of one has no need of the other.
CREATE TABLE track.report (
    whistle      uuid NOT NULL,
    round        int NOT NULL,
    office       text NOT NULL,
    n            int NOT NULL,             -- 1, one more after each rework
    at           timestamptz NOT NULL,
    officer      text,
    internal     text NOT NULL,
    answer       text NOT NULL,
    received     timestamptz NOT NULL,
    contacted    text NOT NULL,
    measure      text NOT NULL,
    limit_note   text NOT NULL,
    PRIMARY KEY (whistle, round, office, n)
);

-- The street's scores at its acceptance.
CREATE TABLE track.score (
    whistle      uuid NOT NULL,
    round        int NOT NULL,
    office       text NOT NULL,
    at           timestamptz NOT NULL,
    officer      text,
    report_in    int NOT NULL CHECK (report_in BETWEEN 0 AND 100),
    handling     int NOT NULL CHECK (handling BETWEEN 0 AND 100),
    result       int NOT NULL CHECK (result BETWEEN 0 AND 100),
    bonus        int NOT NULL CHECK (bonus >= 0),
    deduction    int NOT NULL CHECK (deduction >= 0),
    note         text,
    PRIMARY KEY (whistle, round, office)
);

-- What dispatch counts an officer's load by, and nothing more.
CREATE VIEW track.open_lane AS
    SELECT whistle, round, office, holder AS officer, state, start AS since
    FROM track.lane WHERE open;

GRANT USAGE ON SCHEMA track TO baodao_track, baodao_dispatch, baodao_operator;
GRANT SELECT, INSERT, UPDATE ON track.lane TO baodao_track;
GRANT SELECT, INSERT ON track.report, track.score TO baodao_track;
GRANT SELECT ON track.open_lane TO baodao_dispatch;
GRANT SELECT ON ALL TABLES IN SCHEMA track TO baodao_operator;
