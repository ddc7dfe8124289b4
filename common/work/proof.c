/*
 * proof.c - the first message of a partition that was taken over is the last
 * one that was folded, unless the topic is another one.
 *
 * It is read with the first fetch, so that a take-over waits for nothing.
 */
#include "common/work/proof.h"

#include <string.h>

#include "common/work/worker.h"

void record_proof(const struct kafka_record *record,
                  const uint8_t body_key[KEY_SIZE], struct digest *ret)
{
    struct digest_state s;
    struct text name, value;

    digest_begin(&s, body_key);
    digest_int(&s, record->at_us);
    digest_text(&s, record->key);
    digest_text(&s, record->value);
    for (size_t i = 0; kafka_header(record, i, &name, &value); i++) {
        digest_text(&s, name);
        digest_text(&s, value);
    }
    digest_end(&s, ret);
}

int64_t fetch_offset(const struct partition *p)
{
    return p->gathered_offset - (p->unproven ? 1 : 0);
}

void prove_from(struct partition *p, int64_t low)
{
    p->unproven = p->last_offset >= low &&
                  p->last_offset == p->kept.next_offset - 1;
}

bool proves(struct worker *w, const struct kafka_record *record,
            struct err *err)
{
    struct partition *p = w->partitions[record->partition];
    struct digest digest;

    if (!p || !p->unproven || record->offset < p->last_offset)
        return true;
    record_proof(record, w->keys.body, &digest);
    if (record->offset != p->last_offset || !digest_equal(&digest, &p->last))
        return err_fatal(err, "topic_anew",
                         "%s/%d: what lies before offset %lld is not what was "
                         "folded: the topic was deleted and made anew: "
                         "`baodao topics adopt %s --why …`",
                         w->topic, p->number,
                         (long long)p->kept.next_offset, w->service->topic);
    p->unproven = false;
    return true;
}
