/* banned.h - functions that do not compile here; included by the build into
 * every file of ours (-include). */
#ifndef BAODAO_BASE_BANNED_H
#define BAODAO_BASE_BANNED_H

/* Their headers first, so that the poison meets only our own calls. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* glibc has these as macros, the last two with clang and fortify. */
#undef alloca
#undef sprintf
#undef vsprintf
#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol atoll atof alloca
#pragma GCC poison gmtime localtime ctime asctime rand srand
#pragma GCC poison tmpnam mktemp system popen

#endif
