/*
 * check.c - what must hold, judged apart from the code that is judged: the
 * commands that Kafka holds are folded once more by a model of a few lines,
 * and PostgreSQL and Kafka must hold what follows from them, once.
 */
#include <stdio.h>
#include <string.h>

#include "common/base/instant.h"
#include "common/io/pg_epoch.h"
#include "tests/sim/db.h"
#include "tests/sim/model.h"

/* Below, nobody is condemned for dying. Who was frozen until another took over
 * is dead to that one. */
#define INNOCENT_LIVES 5

/* ---- while it runs ---- */

static void check_row(const struct session *s, int p,
                      const struct consumer_row *r)
{
    if (r->next.next_offset < r->kept.next_offset)
        broken("partition %d goes back from offset %lld to %lld", p,
               (long long)r->kept.next_offset, (long long)r->next.next_offset);
    if (r->next.seq < r->kept.seq || r->next.epoch < r->kept.epoch)
        broken("partition %d: seq or epoch goes back", p);
    if (r->next.published > r->next.seq)
        broken("partition %d: more published than said", p);
    if (r->next.next_offset != r->kept.next_offset &&
        s->epoch[p] != r->kept.epoch)
        broken("partition %d: an owner of epoch %lld changes what belongs to "
               "epoch %lld", p, (long long)s->epoch[p],
               (long long)r->kept.epoch);
}

void check_commit(const struct session *s)
{
    for (int p = 0; p < world->partitions; p++)
        if (world->db->consumers[p].lock == s->tx)
            check_row(s, p, &world->db->consumers[p]);
}

static struct entry *entry_called(struct text id)
{
    struct uuid bytes;

    if (!uuid_parse(id, &bytes))
        return NULL;
    for (struct entry *e = world->db->first; e; e = e->newer)
        if (e->tx == 0 && memcmp(e->cells[0].bytes, bytes.bytes, 16) == 0)
            return e;
    return NULL;
}

void check_published(const struct record_in *r)
{
    const struct entry *e = entry_called(r->id);

    if (text_is(r->type, "clock.passed"))
        return;
    if (!e)
        broken("%.*s came into Kafka before it was committed",
               TEXT_PRINT(r->type));
    else if (!text_equal(e->cells[14], r->value))
        broken("%.*s says something else in Kafka", TEXT_PRINT(r->type));
}

/* ---- when all is quiet ---- */

static struct entry *entry_at(int partition, int64_t seq)
{
    struct entry *found = NULL;

    for (struct entry *e = world->db->first; e; e = e->newer) {
        if (e->tx != 0 || e->partition != partition || e->seq != seq)
            continue;
        if (found)
            broken("partition %d has row %lld twice", partition,
                   (long long)seq);
        found = e;
    }
    return found;
}

bool check_quiet(void)
{
    if (world->commands_left > 0 || !kafka_idle() || !pg_idle())
        return false;
    for (int p = 0; p < world->partitions; p++) {
        const struct consumer_row *r = &world->db->consumers[p];

        if (r->lock != 0 || r->kept.next_offset != world->topics[0].high[p] ||
            r->kept.published != r->kept.seq)
            return false;
    }
    for (int i = 0; i < world->db->counter_count; i++)
        if (world->db->counters[i].kept.due != 0)
            return false;
    return true;
}

static const struct letter *letter_at(int partition, int64_t offset)
{
    for (const struct letter *l = world->db->letters; l; l = l->next)
        if (l->tx == 0 && l->partition == partition && l->offset == offset)
            return l;
    return NULL;
}

static void check_dead(int p, const struct record_in *r, const char *code)
{
    const struct letter *l = letter_at(p, r->offset);

    if (!code && l)
        broken("%d/%lld is a dead letter (%.*s)", p, (long long)r->offset,
               TEXT_PRINT(l->code));
    else if (code && (!l || (*code && !text_is(l->code, code))))
        broken("%d/%lld should be a dead letter (%s), is %.*s", p,
               (long long)r->offset, code,
               l ? (int)l->code.size : 4,
               l ? l->code.bytes : "none");
}

static void check_entry(int p, int64_t seq, const struct model_row *want)
{
    const struct entry *e = entry_at(p, seq);

    if (!e)
        broken("partition %d lacks row %lld", p, (long long)seq);
    else if (!text_equal(e->cells[7], want->type) ||
             memcmp(e->cells[3].bytes, want->cause.bytes, 16) != 0 ||
             !text_equal(e->cells[14], want->data))
        broken("row %lld of partition %d says %.*s %.*s, not %.*s %.*s",
               (long long)seq, p, TEXT_PRINT(e->cells[7]),
               TEXT_PRINT(e->cells[14]), TEXT_PRINT(want->type),
               TEXT_PRINT(want->data));
}

static void field(struct digest_state *s, struct text t)
{
    if (t.bytes && t.size > 0)
        digest_text(s, t);
    else
        digest_null(s);
}

static int64_t int_of(struct text t)
{
    int64_t n = 0;

    for (size_t i = 0; i < t.size; i++)
        n = (int64_t)((uint64_t)n << 8 | (uint8_t)t.bytes[i]);
    return n;
}

static void link_of(const struct entry *e, const struct digest *previous,
                    struct digest *ret)
{
    const struct text *c = e->cells;
    struct digest_state s;
    uint8_t key[KEY_SIZE];

    memset(key, 'c', sizeof(key));
    digest_begin(&s, key);
    digest_field(&s, previous->bytes, DIGEST_SIZE);
    digest_field(&s, c[0].bytes, 16);
    digest_text(&s, TEXT("toy"));
    digest_text(&s, TEXT("toy.commands"));
    digest_int(&s, e->partition);
    digest_int(&s, e->seq);
    digest_field(&s, c[3].bytes, 16);
    digest_field(&s, c[4].bytes, DIGEST_SIZE);
    for (int i = 5; i <= 8; i++)
        field(&s, c[i]);
    digest_int(&s, int_of(c[9]));
    for (int i = 10; i <= 12; i++)
        field(&s, c[i]);
    digest_int(&s, int_of(c[13]) + PG_EPOCH_US);
    digest_field(&s, c[15].bytes, DIGEST_SIZE);
    digest_end(&s, ret);
}

static void check_chain(int p, const struct consumer *c)
{
    struct digest head = { 0 }, link;

    for (int64_t seq = 1; seq <= c->seq; seq++) {
        const struct entry *e = entry_at(p, seq);

        if (!e) {
            broken("partition %d lacks row %lld", p, (long long)seq);
            return;
        }
        link_of(e, &head, &link);
        if (memcmp(e->cells[16].bytes, link.bytes, DIGEST_SIZE) != 0)
            broken("partition %d: the chain breaks at %lld", p,
                   (long long)seq);
        head = link;
    }
    if (c->seq > 0 && memcmp(c->hash.bytes, head.bytes, DIGEST_SIZE) != 0)
        broken("partition %d: the head is not the last link", p);
}

static int64_t lives_lost(void)
{
    return world->counted[COUNTED_DEATHS] + world->counted[COUNTED_FREEZES];
}

static void check_partition(int p)
{
    const struct consumer *c = &world->db->consumers[p].kept;
    struct model_count want = { 0 };
    int64_t seq = 0;

    for (const struct record_in *r = world->topics[0].first[p]; r;
         r = r->next) {
        const struct letter *l = letter_at(p, r->offset);
        bool deadly = l && text_is(l->code, "deadly");
        struct model_said said = { 0 };
        const char *dead;

        if (deadly && r->kind != KIND_BOMB && lives_lost() < INNOCENT_LIVES)
            broken("%d/%lld is condemned after %lld deaths", p,
                   (long long)r->offset, (long long)lives_lost());
        dead = model_fold(r, deadly, &said, &want);
        check_dead(p, r, dead);
        for (int i = 0; i < said.count; i++)
            check_entry(p, ++seq, &said.rows[i]);
    }
    if (seq != c->seq)
        broken("partition %d has %lld rows, not %lld", p, (long long)c->seq,
               (long long)seq);
    check_chain(p, c);
    if (want.messages != c->messages || want.refused != c->refused ||
        want.seen != c->seen || want.dead != c->dead)
        broken("partition %d counts messages %lld refused %lld seen %lld dead "
               "%lld, not %lld %lld %lld %lld", p, (long long)c->messages,
               (long long)c->refused, (long long)c->seen, (long long)c->dead,
               (long long)want.messages, (long long)want.refused,
               (long long)want.seen, (long long)want.dead);
}

/* First appearances of a key's messages are in the order of their rows. */
static void check_order(const struct topic *t, int p)
{
    for (const struct record_in *r = t->first[p]; r; r = r->next) {
        struct entry *e = entry_called(r->id);

        if (!e || e->published)
            continue;
        e->published = true;
        for (const struct entry *o = world->db->first; o; o = o->newer)
            if (o->tx == 0 && !o->published && o->seq < e->seq &&
                o->partition == e->partition && o->cells[5].bytes &&
                text_equal(o->cells[5], e->cells[5]) &&
                text_equal(o->cells[6], e->cells[6]))
                broken("%s: row %lld of key %.*s came before row %lld",
                       t->name, (long long)e->seq, TEXT_PRINT(e->cells[6]),
                       (long long)o->seq);
    }
}

static void check_kafka(void)
{
    for (int t = 1; t < TOPICS; t++)
        for (int p = 0; p < world->topics[t].partitions; p++)
            check_order(&world->topics[t], p);
    for (const struct entry *e = world->db->first; e; e = e->newer)
        if (e->tx == 0 && e->cells[5].bytes && !e->published)
            broken("row %lld of partition %d never came into Kafka",
                   (long long)e->seq, (int)e->partition);
}

static void check_counters(void)
{
    for (int i = 0; i < world->db->counter_count; i++) {
        const struct counter *c = &world->db->counters[i].kept;
        int64_t value, version;

        model_counter(c->key, &value, &version);
        if (c->value != value || c->version != version)
            broken("%.*s is %lld in version %lld, not %lld in %lld",
                   TEXT_PRINT(c->key), (long long)c->value,
                   (long long)c->version, (long long)value,
                   (long long)version);
    }
}

static void check_notes(void)
{
    int count = 0;

    for (const struct note *n = world->db->notes; n; n = n->next) {
        if (n->tx != 0)
            continue;
        count++;
        for (const struct note *o = n->next; o; o = o->next)
            if (o->tx == 0 && text_equal(o->id, n->id))
                broken("a command took effect twice");
    }
    if (count != model_notes())
        broken("%d commands took effect, not %d", count, model_notes());
}

void check_end(void)
{
    model_begin();
    for (int p = 0; p < world->partitions; p++)
        check_partition(p);
    check_counters();
    check_notes();
    check_kafka();
}
