/*
 * story.h - suspensions and extensions of a lane: kept, changed, as a column.
 *
 * In the row they are words with blanks between, instants in UTC:
 *     pause/2026-02-10T01:00:00Z/2026-02-24T01:00:00Z/weather
 *     extend/resolve/2026-03-02T00:30:00Z/2026-03-20/parts      (or /24/)
 *     ask/resolve/2026-03-02T00:30:00Z/2026-03-20/parts
 * A pause that is open has no end ("//").
 */
#ifndef BAODAO_TRACK_STORY_H
#define BAODAO_TRACK_STORY_H

#include "common/base/arena.h"
#include "services/track/lane.h"

/* Empty when there is nothing to tell. */
struct text story_print(const struct lane_story *story, struct arena *arena);
/* Reasons point into told, which must outlive the story. */
MUST_CHECK bool story_parse(struct text told, struct arena *arena,
                            struct lane_story *ret_story);

/* A copy that can grow: what a lane had before stays as it was. */
void story_pause(struct lane_story *story, struct arena *arena,
                 int64_t from_us, struct text reason);
/* Ends the open pause; nothing when there is none. */
void story_end_pause(struct lane_story *story, int64_t to_us);
/* What was asked is granted. */
void story_grant(struct lane_story *story, struct arena *arena);
/* Granted extensions of a clock that began then, into so much room; their
 * count. */
size_t story_extensions(const struct lane_story *story,
                        enum lane_clock_name of, int64_t start_us,
                        struct clock_extension into[LANE_EXTENSIONS_MAX]);

#endif
