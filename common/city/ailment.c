/* ailment.c - the table of what can be wrong with a cell. */
#include "common/city/ailment.h"

const struct ailment ailments[] = {
    /* clang-format off */
    { "postgres", "PostgreSQL 连不上", "PostgreSQL is away",
      "start it, then look at its log and at POSTGRES; the workers wait and go "
      "on by themselves" },
    { "kafka", "Kafka 连不上", "Kafka is away",
      "start the brokers, then look at their logs and at KAFKA" },
    { "redis", "Redis 连不上", "Redis is away",
      "start it; until then lanes go out without a holder, nothing is lost" },
    { "slow", "PostgreSQL 应答慢", "PostgreSQL answers slowly",
      "look for load on its machine and for long statements in "
      "pg_stat_activity" },
    { "locks", "有会话在等锁", "a session waits for a lock",
      "end who blocks it: SELECT pg_terminate_backend(PID)" },
    { "sessions", "有事务长时间空闲", "a transaction has long been idle",
      "end it: SELECT pg_terminate_backend(PID)" },
    { "disk", "磁盘快满了", "a disk is nearly full",
      "make room; what grows is log.entry and Kafka's folder" },
    { "partitions", "有分区不可用或副本不齐",
      "partitions are missing, offline, or behind in replicas",
      "start the brokers that are down; a missing topic is made by `baodao "
      "topics create`" },
    { "topics", "主题设置不对", "a topic is set wrongly",
      "set it as `baodao topics create` would, with kafka-configs.sh" },
    { "clocks", "时钟不一致", "clocks differ",
      "mend NTP on that machine" },
    { "pauses", "有人让它停着", "somebody has stopped it",
      "ask them; then `baodao resume PROGRAM[/PARTITION]` or `baodao resume "
      "--type TYPE`" },
    { "lost", "主题被删除或重建过",
      "a topic was deleted, or deleted and made anew",
      "stop all workers, `baodao topics adopt TOPIC --why W`, start them" },
    { "gap", "有消息未处理就已被 Kafka 删除",
      "Kafka deleted messages before they were folded",
      "`baodao offsets accept-gap TOPIC PARTITION --why W`" },
    { "never", "有分区从没有人处理过", "nobody has ever folded a partition",
      "start the worker of that topic" },
    { "owners", "有分区没有人在处理", "a partition has no living owner",
      "start that worker and read the last lines of its log" },
    { "deaths", "程序反复死在同一条消息上",
      "a program keeps dying on one message",
      "read its log; after 5 starts the message is set aside: `baodao dead "
      "list`" },
    { "stuck", "有消息在等,却不动", "messages wait and nothing is folded",
      "read the log of its owner" },
    { "unpublished", "有记录还没发到 Kafka",
      "what was committed does not reach Kafka",
      "see kafka and partitions above; the owner publishes by itself, at the "
      "latest when it is restarted" },
    { "alarms", "到时的钟没有响", "an alarm is overdue",
      "its worker is away, paused or far behind: see above" },
    { "letters", "死信在增加", "dead letters are growing",
      "`baodao dead groups`, then replay or drop a group" },
    { "reference", "参考数据缺版本", "reference data are missing",
      "`baodao reference show`, `baodao reference load DIR`; a worker takes a "
      "version with its next message" },
    { "calendar", "日历不够长,有任务到期待定",
      "the calendar ends too early: lanes have no due",
      "add the year's weeks and holidays, `baodao reference load DIR`; the dues "
      "are computed by themselves" },
    { "months", "日志缺月份", "months of the log are missing",
      "run `baodao migrate`; it makes them and moves what lies beside" },
    { "archive", "数据库日志(WAL)没有存到别处",
      "PostgreSQL's WAL is not taken elsewhere",
      "start baodao-archive (docker/), see \"When something is lost\" in the "
      "README" },
    { "retention", "Kafka 的保留期短于备份间隔",
      "Kafka keeps commands for a shorter time than lies between two backups",
      "back up more often, or lengthen retention.ms of the command topics" },
    { 0 },
    /* clang-format on */
};

int ailment_find(struct text name)
{
    for (int i = 0; ailments[i].name; i++)
        if (text_is(name, ailments[i].name))
            return i;
    return -1;
}

void ailment_write(struct json *j, int i, enum health health,
                   struct text detail)
{
    static const char *const words[] = { "well", "wrong", "unknown" };

    json_string(j, "check", ailments[i].name);
    json_string(j, "health", words[health]);
    json_text_if(j, "detail", detail);
    if (health == WRONG) {
        json_string(j, "zh", ailments[i].chinese);
        json_string(j, "en", ailments[i].english);
        json_string(j, "next", ailments[i].next);
    }
}
