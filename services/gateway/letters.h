/* letters.h - one dead letter: shown, or said again, as it is or edited. */
#ifndef BAODAO_GATEWAY_LETTERS_H
#define BAODAO_GATEWAY_LETTERS_H

#include "common/io/pg.h"

struct request;
struct letter;

extern const struct pg_stmt letters_stmts[];

/* Looks for one; when done is called, r->page is its struct letter, in r's
 * arena, or NULL. */
void letters_find(struct request *r, struct text topic, struct text partition,
                  struct text offset,
                  void (*done)(void *context, const struct err *err));
/* It was found, with its bytes: they are not more than a gateway holds. */
bool letters_hold(const struct request *r);
/* Says it into this topic; sent is called once Kafka has it, or has not. */
void letters_say(struct request *r, struct text topic, const struct letter *l,
                 void (*sent)(struct request *r, const struct err *err));
/* False: Kafka is away, and that is the answer. */
bool letters_can_say(struct request *r);

/* For the routes. */
void letters_start(struct request *r);
void letters_replay(struct request *r);

#endif
