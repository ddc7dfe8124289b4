/* explain.c - a lane's clocks explained: which days counted, who was late
 * and why. */
#include "services/baodao/explain.h"

#include "common/city/sheet.h"

struct page {
    struct cli *cli;
    const char *subject;
    struct arena arena;
    struct clock_line {
        struct clock_line *next;
        struct clock_row row;
    } *first, **last;
};

static bool take_clocks(const struct pg_rows *rows, void *context,
                        struct err *err)
{
    struct page *p = context;

    (void)err;
    for (int i = 0; i < rows->count; i++) {
        struct clock_line *line = arena_give(&p->arena, sizeof(*line));

        clock_row_take(rows, i, &p->arena, &line->row);
        *p->last = line;
        p->last = &line->next;
    }
    return true;
}

static void print_steps(struct text steps)
{
    while (steps.size > 0) {
        struct text step = text_cut(steps, '\n', &steps);

        printf("  %.*s\n", TEXT_PRINT(step));
    }
}

static bool print_clock(struct page *p, const struct clock_row *row,
                        struct err *err)
{
    struct clock_sheet sheet;

    if (!clock_sheet(row, cli_now(p->cli), &p->arena, &sheet, err))
        return false;
    printf("%.*s\n", TEXT_PRINT(row->stage));
    print_steps(sheet.steps);
    return true;
}

static bool print_all(struct page *p, struct err *err)
{
    if (!p->first)
        return err_reject(err, "not_found", "", "there is no task %s",
                          p->subject);
    for (struct clock_line *line = p->first; line; line = line->next) {
        if (!city_reference.refresh(p->cli->pg, line->row.limits, err) ||
            !city_reference.refresh(p->cli->pg, line->row.calendar, err) ||
            !print_clock(p, &line->row, err))
            return false;
    }
    return true;
}

bool show_clock(struct cli *cli, const char *subject, struct err *err)
{
    struct page p = {.cli = cli, .subject = subject};
    struct pg_params params = {0};
    bool done;

    p.last = &p.first;
    pg_param_text(&params, text_of(subject));
    done = pg_query(cli->pg,
                    "SELECT c.stage, c.kind, c.start, c.stop, c.story,"
                    "       c.reference_version, c.calendar_version,"
                    "       c.matter"
                    "  FROM track.clocks(split_part($1, '/', 1)::uuid,"
                    "                    split_part($1, '/', 2)::int,"
                    "                    split_part($1, '/', 3)) c",
                    &params, take_clocks, &p, err) &&
           print_all(&p, err);
    arena_release(&p.arena);
    return done;
}
