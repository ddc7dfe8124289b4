/* cmd_doctor.c - why is nothing moving? In sentences, with the next step. */
#include "services/baodao/doctor.h"
#include "services/baodao/verbs.h"

static void print_text(const struct doctor *d, int i)
{
    const struct ailment *a = &ailments[i];
    struct text detail = buf_text(&d->details[i]);

    if (d->health[i] == UNKNOWN)
        printf("? %s: %.*s\n", a->name, TEXT_PRINT(detail));
    if (d->health[i] == WRONG)
        printf("✗ %s: %s / %s\n    %.*s\n    → %s\n", a->name, a->chinese,
               a->english, TEXT_PRINT(detail), a->next);
}

static void print_json(const struct doctor *d, int i)
{
    AUTO(buf) struct buf line = {0};
    struct json j;

    json_begin(&j, &line);
    ailment_write(&j, i, d->health[i], buf_text(&d->details[i]));
    json_end(&j);
    printf("%s\n", buf_string(&line));
}

static bool tell(const struct doctor *d, bool as_json, struct err *err)
{
    int wrong = 0;

    for (int i = 0; ailments[i].name; i++) {
        wrong += d->health[i] == WRONG;
        (as_json ? print_json : print_text)(d, i);
    }
    if (wrong > 0)
        return err_reject(err, "unwell", "", "%d 处有问题 / %d things are wrong",
                          wrong, wrong);
    if (!as_json)
        printf("一切正常 / all is well\n");
    return true;
}

bool cmd_doctor(struct cli *cli, struct err *err)
{
    struct cli_option options[] = {{.name = "json", .is_flag = true}, {0}};
    struct doctor d = {.cli = cli};
    bool well;

    if (!cli_words(cli, options, NULL, 0, 0, err) ||
        !cli_need(cli->name, "CELL", err))
        return false;
    doctor_look(&d);
    well = tell(&d, options[0].value, err);
    doctor_cleanup(&d);
    return well;
}
