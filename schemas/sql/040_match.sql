-- 040_match.sql: partners, needs, offers and the matches between them.

CREATE SCHEMA match;

CREATE TABLE match.partner (
    partner          uuid PRIMARY KEY,
    version          bigint NOT NULL,
    name             text NOT NULL,
    kind             text NOT NULL CHECK (kind IN ('institution', 'market', 'social_org')),
    brand            text NOT NULL CHECK (brand IN ('party', 'property', 'charity')),
    skills           text[] NOT NULL,
    serves           text[] NOT NULL,   -- region codes
    home             text NOT NULL,
    windows          text[] NOT NULL,   -- "from/to" in RFC 3339
    active           boolean NOT NULL,
    capacity         int NOT NULL,
    capacity_left    int NOT NULL CHECK (capacity_left BETWEEN 0 AND capacity),
    commitment       int NOT NULL,
    commitment_left  int NOT NULL CHECK (commitment_left BETWEEN 0 AND commitment),
    rating_sum       bigint NOT NULL,
    rating_count     bigint NOT NULL CHECK (rating_sum BETWEEN rating_count AND 5 * rating_count),
    last_served      timestamptz
) WITH (fillfactor = 80);
CREATE INDEX partner_active ON match.partner (partner) WHERE active;

CREATE TABLE match.need (
    need       uuid PRIMARY KEY,
    version    bigint NOT NULL,
    state      text NOT NULL CHECK (state IN ('published', 'matched', 'closed', 'expired', 'withdrawn')),
    district   text NOT NULL,           -- key of all messages about it
    title      text NOT NULL,
    body       text,
    region     text NOT NULL,
    office     text NOT NULL,           -- who published it
    skills     text[] NOT NULL,
    prefers    text[] NOT NULL,
    conflicts  uuid[] NOT NULL,         -- partners
    starts     timestamptz NOT NULL,
    ends       timestamptz NOT NULL CHECK (ends > starts),
    quantity   int NOT NULL CHECK (quantity > 0),
    issue      uuid,
    home       text,
    why        text,
    partition  int NOT NULL,
    next_due   timestamptz,
    look       int NOT NULL,
    open       boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX need_due ON match.need (next_due) WHERE open AND next_due IS NOT NULL;

CREATE TABLE match.offer (
    offer      uuid PRIMARY KEY,
    version    bigint NOT NULL,
    state      text NOT NULL CHECK (state IN ('published', 'matched', 'closed', 'expired', 'withdrawn')),
    district   text NOT NULL,
    partner    uuid NOT NULL,
    title      text NOT NULL,
    skills     text[] NOT NULL,
    quantity   int NOT NULL CHECK (quantity > 0),
    starts     timestamptz NOT NULL,
    ends       timestamptz NOT NULL CHECK (ends > starts),
    region     text NOT NULL,
    partition  int NOT NULL,
    next_due   timestamptz,
    look       int NOT NULL,
    open       boolean NOT NULL
) WITH (fillfactor = 80);
CREATE INDEX offer_due ON match.offer (next_due) WHERE open AND next_due IS NOT NULL;

CREATE TABLE match.match (
    match              uuid PRIMARY KEY,
    version            bigint NOT NULL,
    state              text NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'expired', 'serving', 'delivered', 'rated', 'posted', 'failed')),
    need               uuid NOT NULL,
    partner            uuid NOT NULL,
    district           text NOT NULL,
    region             text NOT NULL,   -- the need's, for who may see it
    office             text NOT NULL,
    takes              int NOT NULL CHECK (takes > 0),
    commits            int NOT NULL CHECK (commits BETWEEN 0 AND takes),
    score              int NOT NULL,
    terms              text NOT NULL,   -- JSON: [{name, value, weight}]
    proposed           timestamptz NOT NULL,
    accepted           timestamptz,
    serving            timestamptz,
    delivered          timestamptz,
    minutes            int,
    stars              int CHECK (stars BETWEEN 1 AND 5),
    reason             text,
    note               text,
    reviewer           text,
    beans              bigint,
    post_code          text,            -- why the ledger refused
    post_why           text,
    reference_version  bigint NOT NULL, -- whose limit is pinned
    partition          int NOT NULL,
    next_due           timestamptz,
    look               int NOT NULL,
    open               boolean NOT NULL,
    CHECK (state <> 'posted' OR beans IS NOT NULL)
) WITH (fillfactor = 80);
CREATE INDEX match_need ON match.match (need);
CREATE INDEX match_partner ON match.match (partner);
CREATE INDEX match_due ON match.match (next_due) WHERE open AND next_due IS NOT NULL;

GRANT USAGE ON SCHEMA match TO baodao_match, baodao_operator;
GRANT SELECT, INSERT, UPDATE ON ALL TABLES IN SCHEMA match TO baodao_match;
GRANT SELECT ON ALL TABLES IN SCHEMA match TO baodao_operator;
