/*
 * schema.h - one call checks the bytes of a message against its JSON Schema
 * and fills a plain struct by a table of fields.
 *
 * The schema is compiled once, from the very file in schemas/messages/, into
 * a flat program; schema_fill() walks the bytes once, without a tree. A
 * schema with a keyword that is not in the subset is refused at load.
 *
 * Subset of draft 2020-12: $schema $id $defs $ref (to "#/$defs/…" or
 * "common.json#/$defs/…") title description examples type properties required
 * additionalProperties (true, false or a schema) items minItems maxItems enum
 * const minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum
 * format (asserted: uuid date-time date; others refused at load) and x-… .
 * Beside a $ref only keywords that do not descend; const not beside enum; at
 * most 64 properties in one object.
 * Numbers in our schemas are integers; the suite's other numbers are compared
 * exactly as decimals where a keyword needs it.
 *
 *     struct sign { struct uuid whistle; int64_t round; char office[25]; };
 *     static const struct field sign_fields[] = {
 *         F_UUID(struct sign, whistle),
 *         F_INT(struct sign, round),
 *         F_CODE(struct sign, office),
 *         { 0 },
 *     };
 */
#ifndef BAODAO_IO_SCHEMA_H
#define BAODAO_IO_SCHEMA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/arena.h"
#include "common/base/err.h"
#include "common/base/id.h"
#include "common/base/text.h"

enum field_kind {
    FIELD_NONE,
    FIELD_CODE,    /* string -> char[size] with its zero; absent: "" */
    FIELD_TEXT,    /* string -> struct text in the arena; absent: empty */
    FIELD_UUID,    /* string -> struct uuid; absent: nil */
    FIELD_INSTANT, /* date-time -> int64_t _us; absent: INSTANT_NONE */
    FIELD_DATE,    /* date -> int32_t day; absent: INT32_MIN */
    FIELD_INT,     /* integer -> int64_t; absent: INT_ABSENT */
    FIELD_BOOL,    /* boolean -> bool; absent: false */
    FIELD_ENUM,    /* string -> int, its index in names; absent: -1 */
    FIELD_OBJECT,  /* object -> struct inside; absent: as if {} was given,
                    * but required members are not asked for */
    FIELD_LIST,    /* array -> struct list of items of `size` bytes */
    FIELD_RAW,     /* any value -> struct text: its bytes as they came */
};

#define INT_ABSENT INT64_MIN

struct list {
    void *items; /* in the arena; count things of the field's size */
    size_t count;
};

struct field {
    const char *name;
    enum field_kind kind;
    size_t at;   /* offset in the struct */
    size_t size; /* FIELD_CODE: of the array; FIELD_LIST: of an item;
                  * FIELD_OBJECT: of the struct inside */
    const char *const *names;   /* FIELD_ENUM; NULL-terminated */
    const struct field *fields; /* FIELD_OBJECT, FIELD_LIST of objects; a
                                 * list of plain values has one field whose
                                 * name is "" and whose at is 0 */
};

#define F_AT_(s, m) .name = #m, .at = offsetof(s, m)
#define F_CODE(s, m)                                                          \
    { F_AT_(s, m), .kind = FIELD_CODE, .size = sizeof(((s *)0)->m) }
#define F_TEXT(s, m) { F_AT_(s, m), .kind = FIELD_TEXT }
#define F_UUID(s, m) { F_AT_(s, m), .kind = FIELD_UUID }
#define F_INSTANT(s, m) { F_AT_(s, m), .kind = FIELD_INSTANT }
#define F_DATE(s, m) { F_AT_(s, m), .kind = FIELD_DATE }
#define F_INT(s, m) { F_AT_(s, m), .kind = FIELD_INT }
#define F_BOOL(s, m) { F_AT_(s, m), .kind = FIELD_BOOL }
#define F_ENUM(s, m, n) { F_AT_(s, m), .kind = FIELD_ENUM, .names = (n) }
#define F_OBJECT(s, m, f)                                                     \
    { F_AT_(s, m), .kind = FIELD_OBJECT, .size = sizeof(((s *)0)->m),         \
      .fields = (f) }
#define F_LIST(s, m, item, f)                                                 \
    { F_AT_(s, m), .kind = FIELD_LIST, .size = sizeof(item), .fields = (f) }
#define F_RAW(s, m) { F_AT_(s, m), .kind = FIELD_RAW }

struct schema;

/*
 * Compiles `folder`/`type`.json against the table of fields (NULL: only
 * check). ERR_FATAL when the file cannot be read, uses a keyword outside the
 * subset, or a field of the table is not in the schema, has another type
 * there, or is too small for the schema's maxLength (4 bytes a code point and
 * the zero). Enum fields: every value of the schema's enum must be in names.
 */
MUST_CHECK bool schema_load(const char *folder, const char *type,
                            const struct field *fields,
                            struct schema **ret_schema, struct err *err);
/* The same from bytes; common.json is looked for in folder (may be NULL). */
MUST_CHECK bool schema_compile(struct text json, const char *folder,
                               const struct field *fields,
                               struct schema **ret_schema, struct err *err);
void schema_free(struct schema *s);
void schema_cleanup(struct schema **s);

/*
 * Checks json and fills *into (the caller's struct; NULL when the schema was
 * loaded without fields). Strings that are longer than a slice of the input
 * allows (escapes) live in the arena; others point into json, which must
 * outlive the struct. Also refused: NUL bytes, invalid UTF-8, lone
 * surrogates, duplicate members, depth over 32, bytes behind the value.
 * ERR_REJECT with code "malformed" (not JSON) or the keyword that failed
 * ("required", "maxLength", "unknown_field" …), the dotted field
 * ("requester.phone", "offices[2]"), and a sentence; beyond the keywords also
 * "duplicate_member", "too_deep", "too_many_members" (over 64 in one object
 * that the schema does not name) and "out_of_range" (an integer that does not
 * fit its field, or is INT_ABSENT). The first fault on the way is the one
 * that is named. null, where the type allows it, is as absent.
 *
 * closed: members that the schema does not name are refused ("unknown_field")
 * wherever its additionalProperties is not a schema: at HTTP. Open otherwise.
 * Schemas that allow any value (true, {}) stay open; a free object says so by
 * "additionalProperties": {}.
 */
MUST_CHECK bool schema_fill(const struct schema *s, struct text json,
                            bool closed, struct arena *arena, void *into,
                            struct err *err);

#endif
