#!/bin/sh
# Starts the PostgreSQL of its image, and makes the cell's empty database the
# first time. Who comes by the socket is whom the kernel says (peer).
set -eu
bin=$(ls -d /usr/lib/postgresql/*/bin) data=/data/postgresql
if [ ! -e $data/PG_VERSION ]; then
    "$bin/initdb" -D $data -U postgres --locale=C.UTF-8 -E UTF8 -A peer
    echo "CREATE DATABASE baodao_${CELL:?};" |
        "$bin/postgres" --single -D $data postgres
fi
exec "$bin/postgres" -D $data -c config_file=/etc/baodao/postgresql.conf \
    -c listen_addresses= -c unix_socket_directories=/run/baodao
