/* hex.c - a table each way: every message has several ids and digests. */
#include "common/base/hex.h"

char *hex_print(const uint8_t *bytes, size_t count, char *into)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < count; i++) {
        *into++ = digits[bytes[i] >> 4];
        *into++ = digits[bytes[i] & 0xf];
    }
    return into;
}

/* The value with a bit that says that there is one. */
#define IS_DIGIT 0x10
/* clang-format off */
static const uint8_t values[256] = {
    ['0'] = 0x10, ['1'] = 0x11, ['2'] = 0x12, ['3'] = 0x13, ['4'] = 0x14,
    ['5'] = 0x15, ['6'] = 0x16, ['7'] = 0x17, ['8'] = 0x18, ['9'] = 0x19,
    ['a'] = 0x1a, ['b'] = 0x1b, ['c'] = 0x1c, ['d'] = 0x1d, ['e'] = 0x1e,
    ['f'] = 0x1f, ['A'] = 0x1a, ['B'] = 0x1b, ['C'] = 0x1c, ['D'] = 0x1d,
    ['E'] = 0x1e, ['F'] = 0x1f,
};
/* clang-format on */

bool hex_parse(const char *digits, size_t count, uint8_t *ret_bytes)
{
    const unsigned char *p = (const unsigned char *)digits;
    uint8_t all = IS_DIGIT;

    for (size_t i = 0; i < count; i++) {
        uint8_t high = values[p[2 * i]], low = values[p[2 * i + 1]];

        all &= high & low;
        ret_bytes[i] = (uint8_t)(high << 4 | (low & 0xf));
    }
    return all == IS_DIGIT;
}
