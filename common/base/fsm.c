/* fsm.c - steps, lists and prints tables of edges. */
#include "common/base/fsm.h"

#include <string.h>

#define LIST_SIZE 160

static const struct fsm_edge *edge_of(const struct fsm *f, int from, int on)
{
    for (size_t i = 0; i < f->edge_count; i++)
        if (f->edges[i].from == from && f->edges[i].on == on)
            return &f->edges[i];
    return NULL;
}

/* A number out of the table (a damaged row) is "?". */
static const char *name_of(const char *const *names, int index)
{
    for (int i = 0; names[i]; i++)
        if (i == index)
            return names[i];
    return "?";
}

static const char *article(const char *noun)
{
    return noun[0] != '\0' && strchr("aeiou", noun[0]) ? "an" : "a";
}

/* "sign, excuse"; what no longer fits is left out. */
static void list_allowed(const struct fsm *f, int from, char list[LIST_SIZE])
{
    size_t used = 0;

    list[0] = '\0';
    for (size_t i = 0; i < f->edge_count; i++) {
        const char *verb = name_of(f->verbs, f->edges[i].on);
        const char *comma = used > 0 ? ", " : "";
        size_t size = strlen(comma) + strlen(verb);

        if (f->edges[i].from != from || used + size >= LIST_SIZE)
            continue;
        snprintf(list + used, LIST_SIZE - used, "%s%s", comma, verb);
        used += size;
    }
}

bool fsm_step(const struct fsm *f, int from, int on, int *ret_to,
              struct err *err)
{
    const struct fsm_edge *edge = edge_of(f, from, on);
    char allowed[LIST_SIZE];

    if (edge) {
        *ret_to = edge->to;
        return true;
    }
    list_allowed(f, from, allowed);
    return err_reject(err, "illegal_transition", "state",
                      "%s %s that is %s cannot take %s; allowed now: %s",
                      article(f->thing), f->thing, name_of(f->states, from),
                      name_of(f->verbs, on),
                      allowed[0] != '\0' ? allowed : "nothing");
}

bool fsm_allows(const struct fsm *f, int from, int on)
{
    return edge_of(f, from, on) != NULL;
}

void fsm_print(const struct fsm *f, struct buf *out)
{
    buf_print(out, "| %s is | on | becomes |\n|---|---|---|\n", f->thing);
    for (size_t i = 0; i < f->edge_count; i++)
        buf_print(out, "| %s | %s | %s |\n",
                  name_of(f->states, f->edges[i].from),
                  name_of(f->verbs, f->edges[i].on),
                  name_of(f->states, f->edges[i].to));
}

int name_index(const char *const *names, struct text word)
{
    for (int i = 0; names[i]; i++)
        if (text_is(word, names[i]))
            return i;
    return -1;
}
