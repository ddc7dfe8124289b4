/* topics.h - the topics of a cell: architecture.md §2. */
#ifndef BAODAO_CLI_TOPICS_H
#define BAODAO_CLI_TOPICS_H

#include <stdint.h>

struct cli_topic {
    const char *commands, *events; /* without the cell's prefix */
    int32_t partitions;
};

extern const struct cli_topic cli_topics[]; /* ends with NULL */

#define CLI_TOPIC_SIZE 96
/* "panlong" + "issue.events" -> "panlong.issue.events" */
void cli_topic_name(const char *cell, const char *topic,
                    char into[CLI_TOPIC_SIZE]);

#endif
