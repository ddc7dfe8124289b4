/* pool.c - see pool.h. */
#include "services/dispatch/pool.h"

static struct text also(struct arena *arena, struct text all, const char *mark,
                        struct text word)
{
    return arena_join(arena,
                      (const struct text[]){
                          all, text_of(all.size > 0 ? " " : ""),
                          text_of(mark), word },
                      4);
}

static struct text placed(struct arena *arena, struct text place,
                          struct text line)
{
    return arena_join(arena,
                      (const struct text[]){ place, TEXT("="), line }, 3);
}

struct text pools_of_lane(struct arena *arena, const struct reference *r,
                          const char *matter, const char *region)
{
    const struct duty *duty = r ? reference_duty(r, matter, region) : NULL;
    struct text all = text_of(""), rest;
    char up[REGION_SIZE];

    if (!duty)
        return all;
    for (int level = REGION_GRID; level >= REGION_STREET; level--)
        if (region_up(region, (enum region_level)level, up))
            all = also(arena, all, "@",
                       placed(arena, text_of(up),
                              text_of(work_line_names[duty->line])));
    for (rest = text_of(duty->skills); rest.size > 0;)
        all = also(arena, all, "+", text_cut(rest, ' ', &rest));
    return all;
}

/* A skill of two words is none that a duty row could ask for. */
static bool is_word(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.bytes[i] == ' ')
            return false;
    return t.size > 0;
}

struct text pools_of_officer(struct arena *arena, struct text place,
                             struct text line, struct text skills)
{
    struct text all = text_of("");

    if (place.size > 0 && line.size > 0)
        all = also(arena, all, "@", placed(arena, place, line));
    while (skills.size > 0) {
        struct text skill = text_cut(skills, ',', &skills);

        if (is_word(skill))
            all = also(arena, all, "+", skill);
    }
    return all;
}
