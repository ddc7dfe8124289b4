/* rule_account.c - who holds how many beans. */
#include "common/base/instant.h"
#include "services/ledger/ledger.h"

const char *const entry_state_names[] = {
    "posted",
    "expired",
    "reversed",
    NULL,
};

void ledger_begin(struct batch *b)
{
    struct ledger_state *state = b->state;

    slots_start(&state->entries, &b->arena);
    slots_start(&state->accounts, &b->arena);
}

struct account *ledger_account(struct ledger_state *state, struct text name)
{
    bool is_new;
    struct account *a =
        slots_get(&state->accounts, name.bytes, name.size, sizeof(*a), &is_new);

    if (is_new)
        a->name = arena_text(state->accounts.arena, name);
    return a;
}

struct account *ledger_member(struct decision *d, struct text member)
{
    return ledger_account(d->state, arena_print(d->arena, ACCOUNT_MEMBER "%.*s",
                                                TEXT_PRINT(member)));
}

void ledger_join(struct account *a, struct entry *e)
{
    e->next = a->entries;
    a->entries = e;
}

static void add_to(struct account *a, int64_t amount)
{
    a->balance += amount;
    a->version++;
    a->changed = true;
}

void ledger_move(struct decision *d, const struct entry *e,
                 struct account *from, struct account *to, int64_t amount)
{
    struct ledger_state *state = d->state;
    const struct uuid *operation = &d->message->id;
    struct transfer *t;

    if (amount == 0)
        return;
    t = arena_give(d->arena, sizeof(*t));
    *t = (struct transfer){
        .operation = *operation,
        .entry = e->id,
        .from = from,
        .to = to,
        .amount = amount,
        .at_us = d->at_us,
    };
    if (state->last && uuid_equal(&state->last->operation, operation))
        t->n = state->last->n + 1;
    if (state->last)
        state->last->next = t;
    else
        state->transfers = t;
    state->last = t;
    state->transfer_count++;
    add_to(from, -amount);
    add_to(to, amount);
}

bool ledger_expire(struct decision *d, struct entry *e)
{
    if (e->available == 0 || e->expires_us == INSTANT_NONE ||
        d->at_us < e->expires_us)
        return false;
    ledger_move(d, e, ledger_member(d, e->member),
                ledger_account(d->state, TEXT(ACCOUNT_EXPIRED)), e->available);
    e->available = 0;
    return true;
}
