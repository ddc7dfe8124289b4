/* duty_key.h - the one key of Redis that two programs know: while it is there,
 * the duty sets are whole; without it dispatch builds them from PostgreSQL. */
#ifndef BAODAO_CITY_DUTY_KEY_H
#define BAODAO_CITY_DUTY_KEY_H

#define DUTY_MARKER "duties:ready"

#endif
