/*
 * rows.h - rows of match's tables into the aggregates of a batch; context of
 * each is the struct batch. Needs and partners are taken before matches.
 */
#ifndef BAODAO_MATCH_ROWS_H
#define BAODAO_MATCH_ROWS_H

#include "common/io/pg.h"

/* Between the items of a list in one text: stands in no word of ours. */
#define LIST_SEPARATOR '\x1f'
#define SQL_SEPARATOR "E'\\x1f'"

pg_take match_take_needs, match_take_partners, match_take_offers,
    match_take_matches;

#endif
