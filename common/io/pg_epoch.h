/* pg_epoch.h - PostgreSQL counts time from 2000-01-01, we from 1970-01-01. */
#ifndef BAODAO_IO_PG_EPOCH_H
#define BAODAO_IO_PG_EPOCH_H

#include "common/base/instant.h"

#define PG_EPOCH_DAY 10957
#define PG_EPOCH_US (PG_EPOCH_DAY * DAY_US)

#endif
