#!/bin/sh
# Starts the broker of the Kafka image, and formats its folder the first time.
set -euf # the class path has a star of its own
data=${KAFKA_DATA:-/data/kafka} conf=/tmp/server.properties
sed "s|@HOST@|0.0.0.0|g; s|@ADVERTISED@|${KAFKA_HOST:-kafka}|g
     s|@PORT@|9092|g; s|@CONTROLLER_PORT@|9093|g; s|@DATA@|$data|g
     s|@FAULTY_PORT@|9094|g; s|@PROXY_PORT@|9094|g" \
    /opt/kafka/server.properties >$conf
java="java -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn
-cp /opt/kafka/libs/*"
if [ ! -e "$data/meta.properties" ]; then
    id=$($java kafka.tools.StorageTool random-uuid)
    $java kafka.tools.StorageTool format -t "$id" -c $conf
fi
exec $java "-Xmx${KAFKA_HEAP:-512m}" kafka.Kafka $conf
