/* session.c - from a bearer token to an actor. */
#include "services/gateway/session.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/city/actor.h"
#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

#define KNOWN 1024
#define KNOWN_US (30 * SECOND_US)
#define TOKEN_MAX 128

struct known {
    struct digest hash;
    int64_t until_us; /* monotonic; 0: nobody */
    char wire[sizeof(((struct session *)0)->wire)];
    int64_t expires_us;
};

/* A token's place follows from its hash; the newer one stays. */
struct sessions {
    struct known known[KNOWN];
};

enum { FIND };
const struct pg_stmt session_stmts[] = {
    [FIND] = { "session_find",
               "SELECT concat(role, '/', office, '/', person), expires"
               "  FROM gateway.token WHERE hash = $1" },
    { 0 },
};

struct sessions *sessions_open(void)
{
    struct sessions *s = calloc(1, sizeof(*s));

    if (!s)
        abort();
    return s;
}

void sessions_close(struct sessions *s)
{
    free(s);
}

static struct known *place_of(struct request *r)
{
    const uint8_t *hash = r->session.hash.bytes;

    return &r->gateway->sessions->known[(hash[0] << 8 | hash[1]) % KNOWN];
}

static void enter(struct request *r)
{
    struct session *s = &r->session;

    if (!actor_parse(text_of(s->wire), &s->actor, NULL) ||
        role_of(s->actor.role) < 0 || s->expires_us <= instant_now())
        problem_answer(r, 401, "no_token", "Authorization",
                       "令牌缺失、无效或已过期 / the token is missing, unknown "
                       "or expired");
    else if (r->route->operators && role_of(s->actor.role) != ROLE_OPERATOR)
        problem_answer(r, 403, "not_allowed", "actor",
                       "只有运维可用 / for operators");
    else
        s->then(r);
}

static bool take_session(const struct pg_rows *rows, void *context,
                         struct err *err)
{
    struct request *r = context;
    struct session *s = &r->session;

    (void)err;
    if (rows->count > 0 &&
        text_copy(pg_text(rows, 0, 0), s->wire, sizeof(s->wire)))
        s->expires_us = pg_instant(rows, 0, 1);
    return true;
}

static void found(void *context, const struct err *err)
{
    struct request *r = context;
    struct known *known = place_of(r);

    if (err) {
        problem_from(r, err);
        return;
    }
    known->hash = r->session.hash;
    known->until_us = instant_monotonic() + KNOWN_US;
    known->expires_us = r->session.expires_us;
    memcpy(known->wire, r->session.wire, sizeof(known->wire));
    enter(r);
}

static void look_up(struct request *r)
{
    r->ask = (struct pool_ask){
        .statement = &session_stmts[FIND],
        .take = take_session,
        .done = found,
        .context = r,
    };
    pg_param_bytes(&r->ask.params, r->session.hash.bytes, DIGEST_SIZE);
    pool_ask(r->gateway->pool, &r->ask);
}

/* The token of "Bearer …"; empty when there is none. */
static struct text token_of(const struct request *r)
{
    struct text token = request_header(r, "Authorization");

    if (token.size < 7 || strncasecmp(token.bytes, "Bearer ", 7) != 0)
        return (struct text){ "", 0 };
    token.bytes += 7;
    token.size -= 7;
    return token.size <= TOKEN_MAX ? token : (struct text){ "", 0 };
}

void session_start(struct request *r, void (*then)(struct request *r))
{
    struct text token = token_of(r);
    struct known *known;

    r->session.then = then;
    if (token.size == 0) {
        enter(r);
        return;
    }
    digest_of(r->gateway->keys.token, token.bytes, token.size,
              &r->session.hash);
    known = place_of(r);
    if (known->until_us <= instant_monotonic() ||
        !digest_equal(&known->hash, &r->session.hash)) {
        look_up(r);
        return;
    }
    r->session.expires_us = known->expires_us;
    memcpy(r->session.wire, known->wire, sizeof(known->wire));
    enter(r);
}

bool session_sees_all(const struct request *r)
{
    static const unsigned all =
        1U << ROLE_DISTRICT_DISPATCH | 1U << ROLE_DISTRICT_LEAD |
        1U << ROLE_OPERATOR | 1U << ROLE_AUDITOR | 1U << ROLE_REVIEWER;

    return all & 1U << role_of(r->session.actor.role);
}
