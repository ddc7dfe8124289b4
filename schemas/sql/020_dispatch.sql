-- 020_dispatch.sql - whistles, the offices they call, and the roster.
--
-- Written by baodao-dispatch alone. track.open_lane, which it also reads, is
-- granted by the migration that makes it.

CREATE SCHEMA dispatch;

-- A case and its last round.
CREATE TABLE dispatch.whistle (
    id                 uuid PRIMARY KEY,
    version            bigint NOT NULL,
    partition          int NOT NULL,
    state              text NOT NULL CHECK (state IN ('draft',
                           'awaiting_approval', 'issued', 'conference',
                           'closed', 'rejected', 'cancelled')),
    number             text NOT NULL,    -- for people: 哨20261123-03-0042
    kind               text NOT NULL,
    matter             text NOT NULL,
    region             text NOT NULL,    -- where it is
    street             text NOT NULL,    -- the office that issues it
    facts              text NOT NULL,
    tried              text,             -- by the street itself
    place              text,
    lng                int,              -- 1e-6 degrees
    lat                int,
    lead               text,             -- the street's proposal
    assists            text,             -- "A,B"
    contact            text,
    meet_at            timestamptz,
    meet_place         text,
    issue              uuid,             -- that it was routed from
    home               text,             -- that issue's key
    drafted_by         text NOT NULL,    -- role/office/person
    submitted_by       text,
    approved_by        text,
    reason             text,             -- of the rejection or cancellation
    round              int NOT NULL,     -- the last one blown, 0 none
    round_facts        text,             -- of a round after the first
    reference_version  bigint NOT NULL,  -- that the round was issued under
    drafted_at         timestamptz NOT NULL,
    issued_at          timestamptz,      -- of the last round
    ended_at           timestamptz,
    CHECK ((round > 0) = (issued_at IS NOT NULL))
) WITH (fillfactor = 80);

-- One office called in one round: what dispatch knows of a lane.
CREATE TABLE dispatch.call (
    whistle      uuid NOT NULL,
    round        int NOT NULL,
    office       text NOT NULL,
    role         text NOT NULL CHECK (role IN ('lead', 'assist', 'added')),
    open         boolean NOT NULL,
    passed_over  text,                   -- the officer who did not sign
    replaces     text,
    partition    int NOT NULL,
    PRIMARY KEY (whistle, round, office)
) WITH (fillfactor = 80);

CREATE TABLE dispatch.officer (
    office      text NOT NULL,
    officer     text NOT NULL,
    name        text NOT NULL,
    skills      text,                    -- "a,b"
    version     bigint NOT NULL,
    capacity    int NOT NULL CHECK (capacity >= 0),
    on_duty     boolean NOT NULL,
    leave_from  timestamptz,
    leave_to    timestamptz CHECK (leave_to > leave_from),
    PRIMARY KEY (office, officer)
);

GRANT USAGE ON SCHEMA dispatch TO baodao_dispatch, baodao_operator;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA dispatch
    TO baodao_dispatch;
GRANT SELECT ON ALL TABLES IN SCHEMA dispatch TO baodao_operator;
