-- 010_intake.sql: issues, calls to their requesters, hot spots; and the vault.
--
-- Written by baodao_intake alone, as the fold of issue.commands. Times come
-- from messages; nothing here has a default.

CREATE SCHEMA intake;
CREATE SCHEMA vault;

CREATE TABLE intake.issue (
    issue         uuid NOT NULL,     -- the id of its issue.raise
    version       bigint NOT NULL,
    number        text NOT NULL,     -- 诉20260302-03-0042
    partition     int NOT NULL,
    home          text NOT NULL,     -- the key; never changes
    state         text NOT NULL CHECK (state IN (
        'received', 'needs_info', 'declined', 'merged', 'accepted',
        'deliberating', 'decided', 'answered', 'whistled', 'matching',
        'self_governed', 'handled', 'callback', 'closed', 'reopened',
        'voided')),
    open          boolean NOT NULL,
    region        text NOT NULL,
    street        text NOT NULL,     -- or the district, where no street is
    matter        text,
    class         text,
    title         text NOT NULL,
    text          text,
    place         text,
    lng           bigint,            -- 1e-6 degrees
    lat           bigint,
    confidential  boolean NOT NULL,
    person        text,              -- who raised it
    requester     uuid,              -- in vault.person
    name_masked   text,
    phone_masked  text,
    reason        text,              -- coded, the last given
    note          text,
    question      text,
    supplied      text,
    answer        text,              -- public
    route         text CHECK (route IN ('answered', 'whistled', 'matching',
                                        'self_governed')),
    route_id      uuid,              -- the case or need of the last route
    whistle       uuid,              -- the case that would whistle again
    merged_into   uuid,
    urges         bigint NOT NULL CHECK (urges >= 0),
    calls         bigint NOT NULL CHECK (calls >= 0),
    reopens       bigint NOT NULL CHECK (reopens >= 0),
    received_at   timestamptz NOT NULL,
    accepted_at   timestamptz,
    handled_at    timestamptz,
    closed_at     timestamptz,
    stage         text CHECK (stage IN ('triage', 'info', 'feedback',
                                        'callback')),
    clock_start   timestamptz,
    due           timestamptz,       -- of the clock that runs
    reference_version bigint NOT NULL, -- whose limit it has
    pauses        text,              -- of triage: from-to,… in µs
    overdue       boolean NOT NULL,
    next_due      timestamptz,       -- NULL when nothing is waited for
    look          bigint NOT NULL,
    PRIMARY KEY (issue),
    CHECK (open = (state NOT IN ('declined', 'merged', 'closed', 'voided')))
) WITH (fillfactor = 80);
CREATE INDEX issue_due ON intake.issue (next_due)
    WHERE open AND next_due IS NOT NULL;
CREATE INDEX issue_region ON intake.issue (region, issue);

-- Every call; the first and last answers to a question are read from here.
CREATE TABLE intake.callback (
    issue      uuid NOT NULL,
    call       bigint NOT NULL,
    at         timestamptz NOT NULL,
    contacted  text CHECK (contacted IN ('yes', 'no')),
    solved     text CHECK (solved IN ('yes', 'partly', 'no')),
    satisfied  text CHECK (satisfied IN ('yes', 'basically', 'no')),
    note       text,
    person     text,
    PRIMARY KEY (issue, call)
);

-- Accepted issues of one matter in one region of the rule's level.
CREATE TABLE intake.hot_spot (
    region       text NOT NULL,
    matter       text NOT NULL,
    version      bigint NOT NULL,
    count        bigint NOT NULL,
    recent       text,               -- at,at,… in µs, within the window
    supervision  uuid,               -- NULL: none is open
    raised_at    timestamptz,
    PRIMARY KEY (region, matter)
) WITH (fillfactor = 80);

-- Requesters, encrypted under a key of their own, which is wrapped by one
-- that intake alone can derive. Erasing a person: key becomes NULL.
CREATE TABLE vault.person (
    person  uuid NOT NULL,
    issue   uuid NOT NULL,
    key     bytea,
    name    bytea,
    phone   bytea,
    at      timestamptz NOT NULL,
    PRIMARY KEY (person)
);

GRANT USAGE ON SCHEMA intake, vault TO baodao_intake;
GRANT SELECT, INSERT, UPDATE ON intake.issue, intake.hot_spot TO baodao_intake;
GRANT SELECT, INSERT ON intake.callback, vault.person TO baodao_intake;
GRANT USAGE ON SCHEMA intake TO baodao_operator;
GRANT SELECT ON ALL TABLES IN SCHEMA intake TO baodao_operator;
