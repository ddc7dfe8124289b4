/* machine.c - the sentence of a refused step, and the table of all steps. */
#include "common/city/machine.h"

#include <string.h>

#include "common/city/actor.h"

#define TYPE_SIZE 64

/* Roles of a verb; none: only the system says it. */
static unsigned roles_of(const struct machine *m, int verb)
{
    char type[TYPE_SIZE];

    if (m->commands && m->commands[verb])
        snprintf(type, sizeof(type), "%s", m->commands[verb]);
    else
        snprintf(type, sizeof(type), "%s%.*s", m->prefix,
                 (int)strcspn(m->fsm->verbs[verb], " "), m->fsm->verbs[verb]);
    return actor_roles(text_of(type)) & ~(1U << ROLE_WORKER);
}

static bool is_listed(const struct machine *m, const struct fsm_edge *e,
                      int from, uint64_t may)
{
    return e->from == from && may >> e->on & 1 && roles_of(m, e->on) != 0;
}

/* Is this edge the first listed one from the state with its roles? */
static bool is_first_of_group(const struct machine *m,
                              const struct fsm_edge *edge, uint64_t may)
{
    for (const struct fsm_edge *e = m->fsm->edges; e < edge; e++)
        if (is_listed(m, e, edge->from, may) &&
            roles_of(m, e->on) == roles_of(m, edge->on))
            return false;
    return true;
}

/* "contact, arrive (office called)" */
static void put_group(const struct machine *m, const struct fsm_edge *first,
                      uint64_t may, bool chinese, struct buf *out)
{
    const struct fsm_edge *end = m->fsm->edges + m->fsm->edge_count;
    unsigned roles = roles_of(m, first->on);
    const char *gap = "";

    for (const struct fsm_edge *e = first; e < end; e++) {
        if (!is_listed(m, e, first->from, may) || roles_of(m, e->on) != roles)
            continue;
        buf_print(out, "%s%s", gap,
                  (chinese ? m->verb_words : m->fsm->verbs)[e->on]);
        gap = chinese ? "、" : ", ";
    }
    buf_print(out, chinese ? "(" : " (");
    actor_print(roles, chinese, out);
    buf_print(out, ")");
}

static void put_allowed(const struct machine *m, int from, uint64_t may,
                        bool chinese, struct buf *out)
{
    const char *gap = "";

    for (size_t i = 0; i < m->fsm->edge_count; i++) {
        const struct fsm_edge *e = &m->fsm->edges[i];

        if (!is_listed(m, e, from, may) || !is_first_of_group(m, e, may))
            continue;
        buf_print(out, "%s", gap);
        put_group(m, e, may, chinese, out);
        gap = chinese ? ";" : "; ";
    }
    if (!gap[0])
        buf_print(out, chinese ? "无" : "nothing");
}

bool machine_step(const struct machine *m, int from, int on, uint64_t may,
                  int *ret_to, struct err *err)
{
    AUTO(buf) struct buf chinese = {0};
    AUTO(buf) struct buf english = {0};

    if (fsm_step(m->fsm, from, on, ret_to, NULL))
        return true;
    if (!err)
        return false;
    put_allowed(m, from, may, true, &chinese);
    put_allowed(m, from, may, false, &english);
    return err_reject(err, "illegal_transition", "state",
                      "%s%s,不能%s;现在可:%s / a%s %s that is %s cannot take "
                      "%s; allowed now: %s",
                      m->word, m->state_words[from], m->verb_words[on],
                      buf_string(&chinese),
                      strchr("aeiou", m->fsm->thing[0]) ? "n" : "",
                      m->fsm->thing,
                      m->fsm->states[from], m->fsm->verbs[on],
                      buf_string(&english));
}

/* ---- for the README ---- */

/* Is this edge the first one from its state with its roles? */
static bool is_first_printed(const struct machine *m,
                             const struct fsm_edge *edge)
{
    for (const struct fsm_edge *e = m->fsm->edges; e < edge; e++)
        if (e->from == edge->from && roles_of(m, e->on) == roles_of(m, edge->on))
            return false;
    return true;
}

static void print_group(const struct machine *m, const struct fsm_edge *first,
                        struct buf *out)
{
    const struct fsm *f = m->fsm;
    unsigned roles = roles_of(m, first->on);
    const char *gap = "";

    for (const struct fsm_edge *e = first; e < f->edges + f->edge_count; e++) {
        if (e->from != first->from || roles_of(m, e->on) != roles)
            continue;
        buf_print(out, "%s%s %s", gap, m->verb_words[e->on], f->verbs[e->on]);
        if (e->to != e->from)
            buf_print(out, " → %s", f->states[e->to]);
        gap = ", ";
    }
    buf_print(out, " *(");
    if (roles)
        actor_print(roles, false, out);
    else
        buf_print(out, "the system");
    buf_print(out, ")*");
}

static void print_state(const struct machine *m, int state, struct buf *out)
{
    const struct fsm *f = m->fsm;
    const char *gap = "";

    buf_print(out, "| %s %s | ", m->state_words[state], f->states[state]);
    for (const struct fsm_edge *e = f->edges; e < f->edges + f->edge_count;
         e++) {
        if (e->from != state || !is_first_printed(m, e))
            continue;
        buf_print(out, "%s", gap);
        print_group(m, e, out);
        gap = "; ";
    }
    buf_print(out, "%s |\n", gap[0] ? "" : "ends here");
}

void machine_print(const struct machine *m, struct buf *out)
{
    const struct fsm *f = m->fsm;

    buf_print(out, "| a%s %s that is | may be told |\n|---|---|\n",
              strchr("aeiou", f->thing[0]) ? "n" : "", f->thing);
    for (int state = 0; f->states[state]; state++)
        print_state(m, state, out);
}
