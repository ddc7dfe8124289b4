#!/bin/sh
# lint.sh - what compilers and checkers say: clang's warnings as errors, every
# header compiles alone, no wall clock in migrations, shell scripts.
set -eu
command -v clang >/dev/null || {
    echo "lint: clang is missing: apt-get install clang" >&2
    exit 1
}
flags="-std=c17 -D_GNU_SOURCE -I. -Wall -Wextra -Werror -Wshadow
    -Wstrict-prototypes -Wmissing-prototypes -fsyntax-only -DBUILD_VERSION=__FILE__
    $(pkg-config --cflags libpq libmicrohttpd)"
for f in common/*/*.c services/*/*.c; do
    # shellcheck disable=SC2086
    clang $flags -include common/base/banned.h "$f"
done
for h in common/*/*.h; do
    # shellcheck disable=SC2086
    echo "#include \"$h\"" | clang $flags -x c -
done
if grep -nEi 'default +now\(|current_timestamp|gen_random_uuid|bigserial|create sequence' schemas/sql/0[1-5]*.sql; then
    echo "lint: a fold's table may not know the wall clock or chance"
    exit 1
fi
if command -v shellcheck >/dev/null; then
    shellcheck tests/stage/*.sh .ci/run
fi
echo "lint: clean"
