/*
 * verify_steps.c - promises 2 and 4 and the table "Steps between workers" of
 * architecture.md, each as a query that must find nothing.
 */
#include "services/baodao/verify.h"

/* Its first column is the text of what breaks it. */
static const struct check {
    const char *rule, *sql;
} checks[] = {
    /* clang-format off */
    { "all that is said is published",
"SELECT format('%s/%s: said %s, published %s', topic, partition, seq, published)"
"  FROM log.consumer WHERE published <> seq" },

    /* Whatever was sent, its receiver has a row of it: so no step is lost. */
    { "a command between workers is folded",
"SELECT format('%s %s about %s, said by %s', e.type, e.id, e.subject, e.service)"
"  FROM log.entry e"
" WHERE e.topic LIKE '%.commands'"
"   AND NOT EXISTS (SELECT FROM log.entry r"
"                    WHERE r.source_topic = e.topic AND r.cause = e.id)" },

    { "a version of a thing is said once",
"SELECT format('%s %s version %s is said %s times', topic, subject, version, count(*))"
"  FROM log.entry WHERE version > 0"
" GROUP BY topic, subject, version HAVING count(*) > 1" },

    { "an issue that is whistled has an open case",
"SELECT format('issue %s (%s) is whistled, its case %s is %s', i.number, i.issue, i.route_id, coalesce(w.state, 'not there'))"
"  FROM intake.issue i LEFT JOIN dispatch.whistle w ON w.id = i.route_id"
" WHERE i.state = 'whistled'"
"   AND coalesce(w.state, '') NOT IN ('draft', 'awaiting_approval', 'issued', 'conference')" },

    { "an open case of an issue has its issue whistled",
"SELECT format('whistle %s (%s) is %s, its issue %s is %s', w.number, w.id, w.state, w.issue, coalesce(i.state, 'not there'))"
"  FROM dispatch.whistle w LEFT JOIN intake.issue i ON i.issue = w.issue"
" WHERE w.issue IS NOT NULL AND (i.issue IS NULL"
"    OR (i.route_id = w.id AND i.state <> 'whistled'"
"        AND w.state IN ('draft', 'awaiting_approval', 'issued', 'conference')"
"        AND i.state NOT IN ('voided', 'merged')))" },

    { "an issue that is matching has an open need",
"SELECT format('issue %s (%s) is matching, its need %s is %s', i.number, i.issue, i.route_id, coalesce(n.state, 'not there'))"
"  FROM intake.issue i LEFT JOIN match.need n ON n.need = i.route_id"
" WHERE i.state = 'matching'"
"   AND coalesce(n.state, '') NOT IN ('published', 'matched')" },

    { "a round has one lane for each office called (promise 4)",
"SELECT CASE WHEN l.whistle IS NULL"
"            THEN format('%s/%s/%s was called and has no lane', c.whistle, c.round, c.office)"
"            ELSE format('lane %s/%s/%s was never called', l.whistle, l.round, l.office) END"
"  FROM dispatch.call c FULL JOIN track.lane l"
"    ON (l.whistle, l.round, l.office) = (c.whistle, c.round, c.office)"
" WHERE c.whistle IS NULL OR l.whistle IS NULL" },

    { "dispatch and track agree on a lane",
"SELECT format('%s/%s/%s: dispatch has it %s as %s, track %s (%s) as %s', c.whistle, c.round, c.office,"
"              CASE WHEN c.open THEN 'open' ELSE 'ended' END, c.role,"
"              CASE WHEN l.open THEN 'open' ELSE 'ended' END, l.state, l.role)"
"  FROM dispatch.call c JOIN track.lane l"
"    ON (l.whistle, l.round, l.office) = (c.whistle, c.round, c.office)"
" WHERE c.open <> l.open OR c.role <> l.role" },

    { "a round that was blown calls somebody",
"SELECT format('whistle %s (%s): nobody is called in round %s', w.number, w.id, r)"
"  FROM dispatch.whistle w CROSS JOIN generate_series(1, w.round) r"
" WHERE NOT EXISTS (SELECT FROM dispatch.call c"
"                    WHERE c.whistle = w.id AND c.round = r)" },

    { "a whistle is open while a lane of its round is",
"SELECT format('whistle %s (%s) is %s with %s open lanes', w.number, w.id, w.state, o.n)"
"  FROM dispatch.whistle w CROSS JOIN LATERAL"
"       (SELECT count(*) AS n FROM dispatch.call c"
"         WHERE c.whistle = w.id AND c.round = w.round AND c.open) o"
" WHERE (w.state = 'issued' AND o.n = 0)"
"    OR (w.state IN ('closed', 'rejected', 'cancelled') AND o.n > 0)" },

    { "a lane that was reassigned has another in its place",
"SELECT format('lane %s/%s/%s went to %s, who has none', l.whistle, l.round, l.office, l.ruling_to)"
"  FROM track.lane l"
" WHERE l.state = 'reassigned' AND NOT EXISTS"
"       (SELECT FROM track.lane n WHERE (n.whistle, n.round, n.office) ="
"               (l.whistle, l.round, l.ruling_to))" },

    { "a rated match is posted, or refused with its reason",
"SELECT format('match %s is rated: the ledger has answered nothing', match)"
"  FROM match.match WHERE state = 'rated' AND post_code IS NULL" },

    { "a posted match has one entry of its beans",
"SELECT format('match %s is posted with %s beans, the ledger has %s entries of %s', m.match, m.beans, e.n, e.beans)"
"  FROM match.match m CROSS JOIN LATERAL"
"       (SELECT count(*) AS n, sum(beans) AS beans FROM ledger.entry e"
"         WHERE e.match = m.match) e"
" WHERE m.state = 'posted' AND (e.n <> 1 OR e.beans <> m.beans)" },

    { "an entry of the ledger has its posted match",
"SELECT format('entry %s: its match %s is %s', e.entry, e.match, coalesce(m.state, 'not there'))"
"  FROM ledger.entry e LEFT JOIN match.match m ON m.match = e.match"
" WHERE m.state IS DISTINCT FROM 'posted'" },

    { "the sum of all postings is zero",
"SELECT format('it is %s', sum(amount)) FROM ledger.posting HAVING sum(amount) <> 0" },

    { "an account holds the sum of its postings",
"SELECT format('%s holds %s, its postings sum to %s', coalesce(a.account, p.account), a.balance, p.sum)"
"  FROM ledger.account a FULL JOIN"
"       (SELECT account, sum(amount) AS sum FROM ledger.posting GROUP BY account) p"
"    ON p.account = a.account"
" WHERE coalesce(a.balance, 0) <> coalesce(p.sum, 0)" },

    { 0 },
    /* clang-format on */
};

static bool take_break(const struct pg_rows *rows, void *context,
                       struct err *err)
{
    const struct check *check = context;

    return rows->count == 0 || err_fatal(err, "broken", "%s: %.*s", check->rule,
                                         TEXT_PRINT(pg_text(rows, 0, 0)));
}

bool verify_steps(struct cli *cli, struct err *err)
{
    for (const struct check *c = checks; c->rule; c++) {
        AUTO(buf) struct buf sql = {0};

        buf_print(&sql, "WITH found AS MATERIALIZED (%s)"
                        " SELECT * FROM found LIMIT 1", c->sql);
        if (!pg_query(cli->pg, buf_string(&sql), NULL, take_break, (void *)c,
                      err))
            return false;
    }
    return true;
}
