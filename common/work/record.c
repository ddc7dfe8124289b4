/* record.c - the link of a log row in its chain. */
#include "common/work/record.h"

static void field(struct digest_state *s, struct text t)
{
    if (t.size > 0)
        digest_text(s, t);
    else
        digest_null(s);
}

void record_link(struct record *r, const uint8_t chain_key[KEY_SIZE],
                 const struct digest *previous)
{
    struct digest_state s;

    digest_begin(&s, chain_key);
    digest_field(&s, previous->bytes, DIGEST_SIZE);
    digest_field(&s, r->id.bytes, sizeof(r->id.bytes));
    digest_text(&s, text_of(r->service));
    digest_text(&s, text_of(r->source_topic));
    digest_int(&s, r->partition);
    digest_int(&s, r->seq);
    digest_field(&s, r->cause.bytes, sizeof(r->cause.bytes));
    digest_field(&s, r->cause_digest.bytes, DIGEST_SIZE);
    field(&s, r->topic);
    field(&s, r->key);
    field(&s, r->type);
    field(&s, r->subject);
    digest_int(&s, r->version);
    field(&s, r->actor);
    field(&s, r->scope);
    field(&s, r->reply);
    digest_int(&s, r->at_us);
    digest_field(&s, r->digest.bytes, DIGEST_SIZE);
    digest_end(&s, &r->hash);
}
