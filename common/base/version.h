/*
 * version.h - which build this is: the last tag and what came after it, as
 * git describes it; "unknown" outside of a checkout.
 */
#ifndef BAODAO_BASE_VERSION_H
#define BAODAO_BASE_VERSION_H

extern const char build_version[];

#endif
