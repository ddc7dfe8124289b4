-- 050_ledger.sql: beans in double entry.
--
-- A transfer names both its sides and a positive amount, so that no operation
-- can fail to sum to zero. Transfers are only added: nobody is granted more.

CREATE SCHEMA ledger;

-- One earn, and the lot of beans that it gave.
CREATE TABLE ledger.entry (
    entry      uuid PRIMARY KEY,
    version    bigint NOT NULL,
    state      text NOT NULL CHECK (state IN ('posted', 'expired', 'reversed')),
    district   text NOT NULL,            -- key of all messages about it
    match      uuid NOT NULL,
    member     text NOT NULL,
    rule       text NOT NULL,
    activity   text NOT NULL,
    minutes    int NOT NULL,             -- that counted
    beans      bigint NOT NULL CHECK (beans > 0),
    available  bigint NOT NULL CHECK (available BETWEEN 0 AND beans),
    served     timestamptz NOT NULL,
    served_on  date NOT NULL,            -- in Shanghai
    reviewer   text NOT NULL CHECK (reviewer <> member),
    expires    timestamptz,
    why        text,                     -- reversed
    counts     boolean NOT NULL CHECK (counts = (state <> 'reversed')),
    partition  int NOT NULL,
    next_due   timestamptz,
    look       int NOT NULL,
    open       boolean NOT NULL CHECK (open = (available > 0))
) WITH (fillfactor = 80);
-- One earn a member, activity, rule and date.
CREATE UNIQUE INDEX entry_once ON ledger.entry (member, activity, rule, served_on) WHERE counts;
CREATE INDEX entry_due ON ledger.entry (next_due) WHERE open AND next_due IS NOT NULL;

-- mint, expired, member/<id>: sums of their transfers.
CREATE TABLE ledger.account (
    account  text PRIMARY KEY,
    version  bigint NOT NULL,
    balance  bigint NOT NULL,
    CHECK (CASE account WHEN 'mint' THEN balance <= 0 ELSE balance >= 0 END)
) WITH (fillfactor = 80);

CREATE TABLE ledger.transfer (
    operation  uuid NOT NULL,            -- the command that moved them
    n          int NOT NULL,
    entry      uuid NOT NULL,
    giver      text NOT NULL,
    taker      text NOT NULL CHECK (taker <> giver),
    amount     bigint NOT NULL CHECK (amount > 0),
    at         timestamptz NOT NULL,
    PRIMARY KEY (operation, n)
);
CREATE INDEX transfer_entry ON ledger.transfer (entry);

-- The two sides of each transfer.
CREATE VIEW ledger.posting WITH (security_invoker = true) AS
    SELECT operation, n, entry, giver AS account, -amount AS amount, at FROM ledger.transfer
    UNION ALL
    SELECT operation, n, entry, taker, amount, at FROM ledger.transfer;

GRANT USAGE ON SCHEMA ledger TO baodao_ledger, baodao_operator;
GRANT SELECT, INSERT, UPDATE ON ledger.entry, ledger.account TO baodao_ledger;
GRANT SELECT, INSERT ON ledger.transfer TO baodao_ledger;
GRANT SELECT ON ALL TABLES IN SCHEMA ledger TO baodao_operator;
