/* pauses.c - what is not taken, and what its senders are told. */
#include "services/gateway/pauses.h"

#include <string.h>

#include "services/gateway/gateway.h"
#include "services/gateway/problem.h"
#include "services/gateway/request.h"

void pauses_take(struct pauses *p, const struct pg_rows *rows)
{
    p->count = 0;
    for (int i = 0; i < rows->count && i < PAUSES_MAX; i++) {
        struct paused_type *t = &p->items[p->count++];

        pg_code(rows, i, 0, t->type, sizeof(t->type));
        pg_code(rows, i, 1, t->who, sizeof(t->who));
        pg_code(rows, i, 2, t->since, sizeof(t->since));
        pg_code(rows, i, 3, t->why, sizeof(t->why));
    }
}

bool pauses_refuse(struct request *r)
{
    const struct pauses *p = &r->gateway->pauses;

    for (size_t i = 0; i < p->count; i++) {
        const struct paused_type *t = &p->items[i];

        if (strcmp(t->type, r->route->type) != 0)
            continue;
        problem_answer(r, 503, "paused", "type",
                       arena_print(&r->arena,
                                   "%s 自 %s 起暂停受理: %s / %s is not taken "
                                   "since %s, by %s: %s",
                                   t->type, t->since, t->why, t->type,
                                   t->since, t->who, t->why)
                           .bytes);
        return true;
    }
    return false;
}
