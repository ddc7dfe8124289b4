/* toy.h - a service for the simulation: counters that are full at 100. */
#ifndef BAODAO_TESTS_SIM_TOY_SERVICE_H
#define BAODAO_TESTS_SIM_TOY_SERVICE_H

#include "common/work/service.h"

#define TOY_FULL 100
#define TOY_NOTES_AT 20            /* such an amount is told to others */
#define TOY_DUE_US (2 * INT64_C(1000000)) /* multiples of 7 expire */

extern const struct service toy;

#endif
