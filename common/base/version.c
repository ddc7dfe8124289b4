/* version.c - the Makefile says it; this file alone is made anew for it. */
#include "common/base/version.h"

const char build_version[] = BUILD_VERSION;
