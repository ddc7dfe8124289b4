/*
 * schema_bench.c - nanoseconds to check and fill one message of 500 bytes,
 * beside jansson's bare parse of the same bytes.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/base/attr.h"
#include "common/base/instant.h"
#include "common/io/schema.h"

#define ROUNDS 7
#define TURNS 50000

struct whistle {
    struct uuid id;
    char kind[17], region[16], matter[25];
    struct text facts, tried;
    int64_t at, level;
    int32_t day;
    bool urgent;
    struct list offices; /* char[25] */
};

static const struct field office_items[] = {
    {.name = "", .kind = FIELD_CODE, .size = 25},
    {0},
};

static const struct field fields[] = {
    F_UUID(struct whistle, id),
    F_CODE(struct whistle, kind),
    F_CODE(struct whistle, region),
    F_CODE(struct whistle, matter),
    F_TEXT(struct whistle, facts),
    F_TEXT(struct whistle, tried),
    F_INSTANT(struct whistle, at),
    F_INT(struct whistle, level),
    F_DATE(struct whistle, day),
    F_BOOL(struct whistle, urgent),
    F_LIST(struct whistle, offices, char[25], office_items),
    {0},
};

static const char schema_json[] =
    "{\"type\":\"object\",\"required\":[\"id\",\"kind\",\"region\",\"facts\"],"
    "\"properties\":{\"id\":{\"type\":\"string\",\"format\":\"uuid\"},"
    "\"kind\":{\"type\":\"string\",\"maxLength\":4},"
    "\"region\":{\"type\":\"string\",\"maxLength\":3},"
    "\"matter\":{\"type\":\"string\",\"maxLength\":6},"
    "\"facts\":{\"type\":\"string\",\"minLength\":1,\"maxLength\":2000},"
    "\"tried\":{\"type\":\"string\",\"maxLength\":2000},"
    "\"at\":{\"type\":\"string\",\"format\":\"date-time\"},"
    "\"level\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":4},"
    "\"day\":{\"type\":\"string\",\"format\":\"date\"},"
    "\"urgent\":{\"type\":\"boolean\"},"
    "\"offices\":{\"type\":\"array\",\"maxItems\":20,"
    "\"items\":{\"type\":\"string\",\"maxLength\":6}}}}";

/* 500 bytes; half of the text is Chinese, as in life. */
static const char message[] =
    "{\"id\":\"018f3a5b-1c2d-7e4f-8a6b-0c1d2e3f4a5b\",\"kind\":\"k1\","
    "\"region\":\"003\",\"matter\":\"020301\",\"facts\":\""
    "小龙路社区三号院围墙倾斜，裂缝约两指宽，雨后加重，墙外即人行道，"
    "学生上下学经过。The wall leans over the pavement; cracks grow after "
    "each rain. Told twice already, in May and "
    "June.\",\"tried\":\"社区已拉警戒线并劝离车辆，联系产权单位未果。\","
    "\"at\":\"2026-03-02T08:30:00+08:00\",\"level\":2,\"day\":"
    "\"2026-03-05\",\"urgent\":false,\"offices\":[\"CGJ\",\"ZJJ\"]}";

static double fill_ns(const struct schema *s, struct arena *arena)
{
    int64_t start = instant_monotonic();

    for (int i = 0; i < TURNS; i++) {
        struct whistle w;
        struct err err;

        if (i % 1000 == 0)
            arena_reset(arena);
        if (!schema_fill(s, TEXT(message), false, arena, &w, &err)) {
            fprintf(stderr, "%s\n", err.sentence);
            exit(1);
        }
    }
    return (double)(instant_monotonic() - start) * 1000 / TURNS;
}

static double jansson_ns(void)
{
    int64_t start = instant_monotonic();

    for (int i = 0; i < TURNS; i++)
        json_decref(json_loadb(message, sizeof(message) - 1,
                               JSON_REJECT_DUPLICATES, NULL));
    return (double)(instant_monotonic() - start) * 1000 / TURNS;
}

int main(void)
{
    AUTO(schema) struct schema *s = NULL;
    AUTO(arena) struct arena arena = {0};
    double ours = 1e9, theirs = 1e9;
    struct err err;

    if (!schema_compile(TEXT(schema_json), NULL, fields, &s, &err)) {
        fprintf(stderr, "%s\n", err.sentence);
        return 1;
    }
    for (int i = 0; i < ROUNDS; i++) {
        double a = fill_ns(s, &arena), b = jansson_ns();

        ours = a < ours ? a : ours;
        theirs = b < theirs ? b : theirs;
    }
    printf("%zu bytes: checked and filled %.0f ns, jansson's tree alone "
           "%.0f ns (best of %d rounds)\n",
           sizeof(message) - 1, ours, theirs, ROUNDS);
    return 0;
}
