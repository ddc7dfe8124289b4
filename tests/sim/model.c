/* model.c - the toy's rules once more, in one pass and without batches. */
#include "tests/sim/model.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/instant.h"
#include "tests/sim/toy.h"

struct thing {
    struct text key;
    int64_t value, version, due_us, look;
};

struct effect {
    struct text id, value;
};

static struct {
    struct thing things[COUNTERS_MAX];
    int thing_count;
    struct effect *effects;
    size_t effect_count, effect_room;
    int notes;
    int64_t at_us; /* of the partition */
    int64_t last_offset;
} model;

void model_begin(void)
{
    free(model.effects);
    memset(&model, 0, sizeof(model));
    model.last_offset = -1;
}

static struct thing *thing_of(struct text key)
{
    for (int i = 0; i < model.thing_count; i++)
        if (text_equal(model.things[i].key, key))
            return &model.things[i];
    if (model.thing_count == COUNTERS_MAX)
        abort();
    model.things[model.thing_count].key = key;
    return &model.things[model.thing_count++];
}

void model_counter(struct text key, int64_t *ret_value, int64_t *ret_version)
{
    const struct thing *t = thing_of(key);

    *ret_value = t->value;
    *ret_version = t->version;
}

int model_notes(void)
{
    return model.notes;
}

static struct effect *effect_of(struct text id)
{
    for (size_t i = 0; i < model.effect_count; i++)
        if (text_equal(model.effects[i].id, id))
            return &model.effects[i];
    return NULL;
}

static void add_effect(const struct record_in *r)
{
    if (model.effect_count == model.effect_room) {
        model.effect_room = model.effect_room ? 2 * model.effect_room : 64;
        model.effects = realloc(model.effects,
                                model.effect_room * sizeof(*model.effects));
        if (!model.effects)
            abort();
    }
    model.effects[model.effect_count++] = (struct effect){ r->id, r->value };
}

/* ---- what is said ---- */

static void say(struct model_said *said, const struct record_in *r,
                const char *type, struct text data)
{
    struct model_row *row = &said->rows[said->count++];

    row->type = text_of(type);
    row->data = data;
    if (!uuid_parse(r->id, &row->cause))
        abort();
}

static struct text value_of(const struct thing *t)
{
    return keep_print("{\"value\":%lld}", (long long)t->value);
}

static bool has_reply(const struct record_in *r)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (text_is(r->headers[i].name, "ce_reply"))
            return true;
    return false;
}

static void refuse(struct model_said *said, const struct record_in *r,
                   const char *code, const char *field, const char *sentence,
                   struct model_count *count)
{
    bool reply = has_reply(r);
    struct text subject = reply ? keep_print("\"subject\":\"%.*s\",",
                                             TEXT_PRINT(r->key))
                                : TEXT("");

    say(said, r, reply ? "other.refused" : "toy.refused",
        keep_print("{%.*s\"command\":\"%.*s\",\"code\":\"%s\",\"field\":\"%s\""
                   ",\"sentence\":\"%s\"}", TEXT_PRINT(subject),
                   TEXT_PRINT(r->type), code, field, sentence));
    count->refused++;
}

/* ---- rules ---- */

static int64_t number_in(struct text json, const char *name)
{
    const char *at = strstr(json.bytes, name);

    return at ? strtoll(at + strlen(name) + 2, NULL, 10) : 0;
}

static bool change(struct thing *t, const struct record_in *r, int64_t at_us,
                   struct model_said *said, struct model_count *count)
{
    int64_t amount = number_in(r->value, "amount");
    bool takes = text_is(r->type, "toy.take");

    if (takes && amount > t->value) {
        refuse(said, r, "insufficient", "amount", "there is not enough",
               count);
        return false;
    }
    if (!takes && t->value + amount > TOY_FULL) {
        refuse(said, r, "full", "amount", "the counter is full", count);
        return false;
    }
    if (!takes && amount == 0)
        return true;
    t->value += takes ? -amount : amount;
    t->version++;
    if (!takes && amount % 7 == 0) {
        t->due_us = at_us + TOY_DUE_US;
        t->look = 0;
    }
    say(said, r, takes ? "toy.taken" : "toy.added", value_of(t));
    if (!takes && amount >= TOY_NOTES_AT)
        say(said, r, "other.note", value_of(t));
    return true;
}

static void look(struct thing *t, const struct record_in *r, int64_t at_us,
                 struct model_said *said)
{
    const char *due = strstr(r->value.bytes, "\"due\":\"");
    struct text rest, when;
    int64_t due_us;

    if (!due)
        abort();
    when = text_cut(text_of(due + 7), '"', &rest);
    if (!instant_parse(when, &due_us))
        abort();
    if (t->due_us != due_us || t->look != number_in(r->value, "look"))
        return;
    if (at_us < t->due_us) {
        t->look++;
        return;
    }
    t->due_us = t->value = 0;
    t->version++;
    say(said, r, "toy.expired", value_of(t));
}

static const char *decide(const struct record_in *r, int64_t at_us,
                          struct model_said *said, struct model_count *count)
{
    struct thing *t = thing_of(r->key), before = *t;

    if (r->kind == KIND_OLD) {
        refuse(said, r, "too_old", "id",
               "命令编号早于 90 天前,请重新提交 / the id is over 90 days old: "
               "say it again with a new one", count);
    } else if (text_is(r->type, "clock.passed")) {
        look(t, r, at_us, said);
    } else if (change(t, r, at_us, said, count)) {
        if (strstr(r->value.bytes, "refuse me")) {
            *t = before;
            said->count = 0;
            return "22021";
        }
        model.notes++;
    }
    if (said->count == 0)
        say(said, r, "", TEXT(""));
    return NULL;
}

static const char *judge(const struct record_in *r, bool deadly,
                         struct model_said *said, struct model_count *count)
{
    const struct effect *e = effect_of(r->id);
    const char *dead;

    if (deadly)
        return "deadly";
    if (r->kind == KIND_POISON)
        return ""; /* by which keyword does not matter */
    if (r->kind == KIND_MISROUTED)
        return "misrouted";
    if (e && text_equal(e->value, r->value)) {
        count->seen++;
        return NULL;
    }
    if (e)
        return "id_reused";
    if (r->kind == KIND_BOMB)
        return "deadly";
    dead = decide(r, model.at_us, said, count);
    if (!dead)
        add_effect(r);
    return dead;
}

const char *model_fold(const struct record_in *r, bool deadly,
                       struct model_said *said, struct model_count *count)
{
    const char *dead;

    if (r->offset == 0)
        model.at_us = 0;
    if (r->at_us > model.at_us)
        model.at_us = r->at_us;
    dead = judge(r, deadly, said, count);
    count->messages++;
    count->dead += dead != NULL;
    return dead;
}
