/* sim_kafka.h - what the brokers tell sim_consumer.c. */
#ifndef BAODAO_TESTS_SIM_KAFKA_H
#define BAODAO_TESTS_SIM_KAFKA_H

#include <stdbool.h>

bool kafka_away(void);
/* Everybody in the group must let go and come back. */
void kafka_rebalance(const char *why);

#endif
