#!/bin/sh
# layers.sh - proves that includes point one way: services > city > work > io
# > base, and that no service includes another one's headers.
set -eu
bad=0
rank() {
    case $1 in
    common/base) echo 1 ;; common/io) echo 2 ;; common/work) echo 3 ;;
    common/city) echo 4 ;; services/*) echo 5 ;; *) echo 9 ;;
    esac
}
found=$(grep -Hno '^#include "[^"]*"' common/*/*.[ch] services/*/*.[ch] |
    sed 's/"$//; s/:#include "/:/')
for line in $found; do
    file=${line%%:*}
    what=${line##*:}
    from=$(dirname "$file")
    to=$(dirname "$what")
    if [ "$(rank "$to")" -gt "$(rank "$from")" ] ||
        { [ "$(rank "$to")" = 5 ] && [ "$to" != "$from" ]; }; then
        echo "$file includes $what: includes go down only"
        bad=1
    fi
done
[ -n "$found" ] || { echo "no includes found: the check is blind"; exit 1; }
[ $bad = 0 ] && echo "layers: $(echo "$found" | wc -l) includes, all go down"
exit $bad
