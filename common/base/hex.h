/*
 * hex.h - bytes as hexadecimal digits, for ids and digests. Not in constant
 * time: nothing secret goes through here.
 */
#ifndef BAODAO_BASE_HEX_H
#define BAODAO_BASE_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/attr.h"

/* Writes 2 * count digits in lower case and returns what is behind them; no
 * zero. */
char *hex_print(const uint8_t *bytes, size_t count, char *into);
/* Takes 2 * count digits of either case; false: another byte is among them. */
MUST_CHECK bool hex_parse(const char *digits, size_t count, uint8_t *ret_bytes);

#endif
