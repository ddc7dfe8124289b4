#!/bin/sh
# postgresql-archive.sh FOLDER: takes PostgreSQL's WAL into FOLDER as it is
# written, until PostgreSQL goes away; whoever runs it starts it again, for a
# restored PostgreSQL has no slot. PGHOST, PGPORT and PGUSER say where it is.
set -eu
bin=$(find /usr/lib/postgresql/*/bin -name pg_receivewal | sort -V | tail -n 1)
"$bin" -D "$1" --slot=archive --create-slot --if-not-exists
exec "$bin" -D "$1" --slot=archive --synchronous --no-loop
