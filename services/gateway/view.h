/*
 * view.h - what people look at: one statement a page, which makes the JSON.
 *
 * Statements read the schema `view` under row-level security: whoever asks
 * sees what their role and office may, and nothing says how much there is
 * besides.
 */
#ifndef BAODAO_GATEWAY_VIEW_H
#define BAODAO_GATEWAY_VIEW_H

#include <stdbool.h>

#include "common/io/pg.h"

struct request;

/*
 * Parameters of the statement: $1 the cell's time, then the path's values,
 * then the filters as text, NULL when absent. One row with one text: the
 * JSON; no row or NULL is 404.
 */
struct view {
    const struct pg_stmt *statement;
    const char *const *filters; /* NULL-terminated; NULL: none */
};

extern const struct view view_issues, view_issue, view_whistles,
    view_whistle, view_tasks, view_task, view_needs, view_need, view_offers, view_offer,
    view_matches, view_match, view_partners, view_officers, view_whistle_rates, view_beans,
    view_summary, view_groups, view_letters;
extern const struct pg_stmt view_stmts[];

/* For the routes. */
void view_start(struct request *r);
/* Of an ask whose one row holds the JSON; context is the request. */
bool view_take(const struct pg_rows *rows, void *context, struct err *err);
void view_done(void *context, const struct err *err);

#endif
