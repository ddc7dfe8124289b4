/*
 * pool.h - whom of an office's officers a lane is offered to before its whole
 * desk: who is placed where it happens for its line of work (力量下沉), then
 * who has a skill that the matter asks for.
 *
 * A pool is a word: "@530103003001=governance", "+mediation". Lists are
 * separated by spaces, the first to be asked standing first.
 */
#ifndef BAODAO_DISPATCH_POOL_H
#define BAODAO_DISPATCH_POOL_H

#include "common/base/arena.h"
#include "common/city/reference.h"

/* Of a lane: by grid, community, street of the region; then the skills of
 * its duty row. */
struct text pools_of_lane(struct arena *arena, const struct reference *r,
                          const char *matter, const char *region);
/* Of an officer: place and line may be empty; skills are "a,b". */
struct text pools_of_officer(struct arena *arena, struct text place,
                             struct text line, struct text skills);

#endif
