/* attr.h - every compiler extension that the project uses, in one place. */
#ifndef BAODAO_BASE_ATTR_H
#define BAODAO_BASE_ATTR_H

/* The result may not be ignored: it says whether the call succeeded. */
#define MUST_CHECK __attribute__((warn_unused_result))

#define PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define NORETURN __attribute__((noreturn))
#define UNUSED __attribute__((unused))

/*
 * AUTO(thing) runs thing_cleanup(&variable) when the scope ends:
 *     AUTO(buf) struct buf out = { 0 };
 * The header of `thing` declares `void thing_cleanup(struct thing *)`.
 */
#define AUTO(name) __attribute__((cleanup(name##_cleanup)))

/* Moves a pointer out of its variable, which is NULL afterwards. */
#define TAKE(pointer)                                                         \
    __extension__({                                                           \
        __typeof__(pointer) *from_ = &(pointer);                              \
        __typeof__(pointer) taken_ = *from_;                                  \
        *from_ = NULL;                                                        \
        taken_;                                                               \
    })

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

#endif
