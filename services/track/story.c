/* story.c - a lane's suspensions and extensions as lists, and as a column. */
#include "services/track/story.h"

#include <string.h>

#include "common/city/clock_item.h"
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

static bool take_item(struct lane_story *story, struct arena *arena,
                      const struct clock_item *item)
{
    struct lane_extension e = {.clock = item->extension,
                               .reason = item->reason};

    if (text_is(item->word, "pause")) {
        story_pause(story, arena, item->pause.from_us, item->reason);
        story->pauses[story->pause_count - 1].to_us = item->pause.to_us;
        return true;
    }
    if (!parse_clock(item->stage, &e.of))
        return false;
    story->ask = e;
    story->asks = text_is(item->word, "ask");
    if (!story->asks)
        story_grant(story, arena);
    return true;
}

bool story_parse(struct text told, struct arena *arena,
                 struct lane_story *ret_story)
{
    struct lane_story story = {0};
    struct clock_item item;

    while (told.size > 0)
        if (!clock_item_next(&told, &item) || !take_item(&story, arena, &item))
            return false;
    *ret_story = story;
    return true;
}
