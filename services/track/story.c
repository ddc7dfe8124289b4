/* story.c - a lane's suspensions and extensions as lists, and as a column. */
#include "services/track/story.h"

#include <string.h>

#include "services/track/clocks.h"

/* ---- changing ---- */

static void *grown(struct arena *arena, const void *items, size_t count,
                   size_t size)
{
    char *new = arena_array(arena, count + 1, size);

    if (count > 0)
        memcpy(new, items, count * size);
    return new;
}

void story_pause(struct lane_story *story, struct arena *arena,
                 int64_t from_us, struct text reason)
{
    size_t n = story->pause_count++;

    story->pauses = grown(arena, story->pauses, n, sizeof(*story->pauses));
    story->pause_reasons = grown(arena, story->pause_reasons, n,
                                 sizeof(*story->pause_reasons));
    story->pauses[n] = (struct clock_pause){from_us, INSTANT_NONE};
    story->pause_reasons[n] = reason;
}

void story_end_pause(struct lane_story *story, int64_t to_us)
{
    struct clock_pause *last =
        story->pause_count > 0 ? &story->pauses[story->pause_count - 1] : NULL;

    if (last && last->to_us == INSTANT_NONE)
        last->to_us = to_us;
}

void story_grant(struct lane_story *story, struct arena *arena)
{
    size_t n = story->extension_count++;

    story->extensions =
        grown(arena, story->extensions, n, sizeof(*story->extensions));
    story->extensions[n] = story->ask;
    story->asks = false;
}

size_t story_extensions(const struct lane_story *story,
                        enum lane_clock_name of, int64_t start_us,
                        struct clock_extension into[LANE_EXTENSIONS_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < story->extension_count; i++) {
        const struct lane_extension *e = &story->extensions[i];

        if (e->of == of && e->clock.asked_us >= start_us &&
            count < LANE_EXTENSIONS_MAX)
            into[count++] = e->clock;
    }
    return count;
}

/* ---- as a column ---- */

static void put_instant(struct buf *out, int64_t at_us)
{
    char text[INSTANT_TEXT_SIZE];

    if (at_us != INSTANT_NONE) {
        instant_print(at_us, text);
        buf_print(out, "%s", text);
    }
    buf_put_byte(out, '/');
}

static void put_extension(struct buf *out, const char *word,
                          const struct lane_extension *e)
{
    char date[DATE_TEXT_SIZE];

    buf_print(out, "%s%s/%s/", out->size > 0 ? " " : "", word,
              lane_clock_stage(e->of));
    put_instant(out, e->clock.asked_us);
    if (e->clock.to_date != INT32_MIN) {
        date_print(e->clock.to_date, date);
        buf_print(out, "%s/", date);
    } else {
        buf_print(out, "%lld/", (long long)e->clock.add);
    }
    buf_put_text(out, e->reason);
}

struct text story_print(const struct lane_story *story, struct arena *arena)
{
    AUTO(buf) struct buf out = {0};

    if (story->pause_count == 0 && story->extension_count == 0 && !story->asks)
        return text_of("");
    for (size_t i = 0; i < story->pause_count; i++) {
        buf_print(&out, "%spause/", out.size > 0 ? " " : "");
        put_instant(&out, story->pauses[i].from_us);
        put_instant(&out, story->pauses[i].to_us);
        buf_put_text(&out, story->pause_reasons[i]);
    }
    for (size_t i = 0; i < story->extension_count; i++)
        put_extension(&out, "extend", &story->extensions[i]);
    if (story->asks)
        put_extension(&out, "ask", &story->ask);
    return arena_text(arena, buf_text(&out));
}

static bool parse_pause(struct text rest, struct arena *arena,
                        struct lane_story *story)
{
    struct text from = text_cut(rest, '/', &rest);
    struct text to = text_cut(rest, '/', &rest);
    int64_t from_us, to_us = INSTANT_NONE;

    if (!instant_parse(from, &from_us) ||
        (to.size > 0 && !instant_parse(to, &to_us)))
        return false;
    story_pause(story, arena, from_us, rest);
    story->pauses[story->pause_count - 1].to_us = to_us;
    return true;
}

static bool parse_clock(struct text stage, enum lane_clock_name *ret)
{
    for (int i = 0; i < LANE_CLOCKS; i++) {
        if (!text_is(stage, lane_clock_stage(i)))
            continue;
        *ret = i;
        return true;
    }
    return false;
}

static bool parse_extension(struct text rest, struct lane_extension *ret)
{
    struct text stage = text_cut(rest, '/', &rest);
    struct text asked = text_cut(rest, '/', &rest);
    struct text to = text_cut(rest, '/', &rest);
    struct lane_extension e = {.clock = {.to_date = INT32_MIN},
                               .reason = rest};

    if (!parse_clock(stage, &e.of) || !instant_parse(asked, &e.clock.asked_us) ||
        (!date_parse(to, &e.clock.to_date) && !text_int(to, &e.clock.add)))
        return false;
    *ret = e;
    return true;
}

bool story_parse(struct text told, struct arena *arena,
                 struct lane_story *ret_story)
{
    struct lane_story story = {0};

    while (told.size > 0) {
        struct text rest;
        struct text word = text_cut(text_cut(told, ' ', &told), '/', &rest);

        if (text_is(word, "pause")) {
            if (!parse_pause(rest, arena, &story))
                return false;
            continue;
        }
        if (!parse_extension(rest, &story.ask))
            return false;
        if (text_is(word, "extend"))
            story_grant(&story, arena);
        else
            story.asks = true;
    }
    *ret_story = story;
    return true;
}
