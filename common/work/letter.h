/* letter.h - a dead letter with its exact bytes, read and said again. */
#ifndef BAODAO_WORK_LETTER_H
#define BAODAO_WORK_LETTER_H

#include "common/base/arena.h"
#include "common/base/digest.h"
#include "common/base/id.h"
#include "common/io/kafka_out.h"
#include "common/io/pg.h"

#define LETTER_HEADERS_MAX 64

struct letter {
    struct arena arena; /* owns all that follows, unless another does */
    const char *topic;  /* without the cell's prefix */
    int32_t partition;
    int64_t offset;
    const char *code, *field, *sentence;
    struct text key, value;
    struct kafka_out_header headers[LETTER_HEADERS_MAX];
    size_t header_count;
};

/*
 * Of a row that begins with code, field, sentence, key, value, headers; the
 * bytes are copied into the arena.
 */
MUST_CHECK bool letter_take(const struct pg_rows *rows, struct arena *arena,
                            struct letter *l, struct err *err);
/* Bytes of log.dead_letter.headers: name, 0, length in big endian, value; one
 * after another. False when they are cut off. */
MUST_CHECK bool letter_unpack(struct text bytes, struct letter *l);
/* Empty when there is none. */
struct text letter_find(const struct letter *l, const char *name);
/* Puts a header in the place of the one there; an empty value is left out.
 * What it says is copied into the arena. */
void letter_header(struct letter *l, struct arena *arena, const char *name,
                   struct text value);
/* Makes it another message: with this value, which is borrowed, its digest,
 * and a new id, whose cause is the old one. */
void letter_edit(struct letter *l, struct arena *arena, struct text value,
                 const struct uuid *id, const struct digest *digest);
/* The message as it is, bound for where its key belongs; it borrows all.
 * topic has the cell's prefix. */
struct kafka_out_message letter_message(const struct letter *l,
                                        const char *topic, int64_t at_us);

#endif
