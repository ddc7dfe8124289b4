/* model.h - what follows from the commands in Kafka, folded once more. */
#ifndef BAODAO_TESTS_SIM_MODEL_H
#define BAODAO_TESTS_SIM_MODEL_H

#include "common/base/id.h"
#include "tests/sim/world.h"

struct model_row {
    struct text type, data;
    struct uuid cause;
};

struct model_said {
    struct model_row rows[2];
    int count;
};

struct model_count {
    int64_t messages, refused, seen, dead;
};

void model_begin(void);
/*
 * Folds the next message of a partition. deadly: the worker has set it aside
 * for dying of it. Returns the code of the dead letter that it must be, ""
 * when any code will do, NULL when it must be none.
 */
const char *model_fold(const struct record_in *r, bool deadly,
                       struct model_said *said, struct model_count *count);
void model_counter(struct text key, int64_t *ret_value, int64_t *ret_version);
int model_notes(void); /* commands that took effect */

#endif
