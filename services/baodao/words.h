/* words.h - Chinese for what the log and the tables say in codes. */
#ifndef BAODAO_CLI_WORDS_H
#define BAODAO_CLI_WORDS_H

#include "common/base/text.h"

/* Of a message type ("task.signed" -> "签收"), a state or a column; the code
 * itself when there is none. */
struct text words_of(struct text code);

#endif
