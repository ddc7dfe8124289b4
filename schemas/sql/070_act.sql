-- 070_act.sql: what operators did, to what, and why. Append-only; written in
-- the transaction of the deed. No fold reads it.

CREATE TABLE log.act (
    act     uuid PRIMARY KEY,   -- its time is when it was done
    at      timestamptz NOT NULL, -- the cell's time
    who     text NOT NULL,
    verb    text NOT NULL,      -- "dead.drop"
    subject text NOT NULL,      -- "issue.commands/3/17"
    why     text NOT NULL,      -- "" where the verb asks for none
    detail  text NOT NULL       -- what came of it, for people; may be ""
);
CREATE INDEX act_at ON log.act (at);

GRANT SELECT, INSERT ON log.act TO baodao_operator;
GRANT SELECT ON log.act TO baodao_gateway;
