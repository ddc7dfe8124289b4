-- 021_dispatch_rounds.sql - what a case keeps of its earlier rounds, its
-- conference and its escalation.

ALTER TABLE dispatch.whistle
    ADD conferred     text,              -- asked to the last conference: "A,B"
    ADD escalation    text,              -- why the district was asked
    ADD escalated_at  timestamptz;

-- A round that another has followed; the last one stands in the whistle.
CREATE TABLE dispatch.past_round (
    whistle    uuid NOT NULL,
    round      int NOT NULL,
    facts      text,                     -- none: the case's
    issued_at  timestamptz NOT NULL,
    ended_at   timestamptz NOT NULL,
    street     text NOT NULL,
    PRIMARY KEY (whistle, round)
);

GRANT SELECT, INSERT ON dispatch.past_round TO baodao_dispatch;
GRANT SELECT ON dispatch.past_round TO baodao_operator;
