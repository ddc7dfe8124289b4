/*
 * json.h - writes JSON by appending; no tree, no allocation but the buffer's.
 *
 * A name of NULL means "an item of the array that is open". Text must be
 * valid UTF-8; it is escaped. The writer puts the commas.
 *
 *     struct json j;
 *     json_begin(&j, out);               {
 *     json_uuid(&j, "whistle", &id);       "whistle":"018f…",
 *     json_array(&j, "offices");           "offices":[
 *     json_text(&j, NULL, office);           "CGJ"
 *     json_close(&j);                      ]
 *     json_end(&j);                      }
 */
#ifndef BAODAO_IO_JSON_H
#define BAODAO_IO_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/buf.h"
#include "common/base/id.h"
#include "common/base/text.h"

#define JSON_DEPTH 16

/* libjansson exports functions of these four names; for the linker ours have
 * others. A file that needs both includes <jansson.h> first. */
#define json_object json_write_object
#define json_array json_write_array
#define json_string json_write_string
#define json_null json_write_null

struct json {
    struct buf *out;     /* borrowed */
    char close[JSON_DEPTH];
    uint8_t depth;
    bool comma;
};

void json_begin(struct json *j, struct buf *out); /* opens an object */
void json_end(struct json *j);                    /* closes all that is open */
void json_object(struct json *j, const char *name);
void json_array(struct json *j, const char *name);
void json_close(struct json *j); /* the innermost object or array */

void json_text(struct json *j, const char *name, struct text value);
void json_string(struct json *j, const char *name, const char *value);
/* Writes nothing when the text is empty: for optional fields. */
void json_text_if(struct json *j, const char *name, struct text value);
void json_string_if(struct json *j, const char *name, const char *value);
void json_int(struct json *j, const char *name, int64_t value);
void json_bool(struct json *j, const char *name, bool value);
void json_uuid(struct json *j, const char *name, const struct uuid *value);
void json_null(struct json *j, const char *name);
/* RFC 3339 in UTC; INSTANT_NONE gives null. */
void json_instant(struct json *j, const char *name, int64_t at_us);
/* A civil date (instant.h). */
void json_date(struct json *j, const char *name, int32_t day);
/* Bytes that are JSON already. */
void json_raw(struct json *j, const char *name, struct text value);

#endif
