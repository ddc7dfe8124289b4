/* kafka_in_test.c - a consumer begins, seeks and pauses where it is told. */
#include <poll.h>

#include "common/io/kafka_consumer.h"
#include "tests/unit/kafka_mock.h"

static void a_reader_begins_at_its_offset_and_seeks_back(void **state)
{
    int64_t first = send_some(0, 20);
    struct kafka_in *in = open_reader(0, first + 10);
    struct kafka_partition back = { TOPIC, 0, first + 3 };

    (void)state;
    expect(in, first + 10, "10");
    expect(in, first + 11, "11");
    MUST(kafka_in_seek(in, &back, err));
    expect(in, first + 3, "3");
    expect(in, first + 4, "4");
    kafka_in_close(in, 5000);
}

static void a_paused_partition_is_silent_and_loses_nothing(void **state)
{
    int64_t first = send_some(0, 20);
    struct kafka_in *in = open_reader(0, first);
    struct kafka_partition p = { TOPIC, 0, 0 };
    struct kafka_record r;

    (void)state;
    expect(in, first, "0");
    MUST(kafka_in_pause(in, &p, 1, true, err));
    for (int i = 0; i < 3; i++) {
        MUST(kafka_in_poll(in, 100, &r, err));
        assert_null(r.handle);
    }
    MUST(kafka_in_pause(in, &p, 1, false, err));
    expect(in, first + 1, "1");
    expect(in, first + 2, "2");
    kafka_in_close(in, 5000);
}

static void an_offset_that_is_not_there_is_fatal(void **state)
{
    int64_t first = send_some(0, 1);
    struct kafka_in *in = open_reader(0, first + 1000);
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    assert_false(poll_one(in, &r, &why));
    assert_int_equal(why.kind, ERR_FATAL);
    assert_string_equal(why.code, "offset_out_of_range");
    assert_non_null(strstr(why.sentence, TOPIC "[0]"));
    kafka_in_close(in, 5000);
}

static void a_reader_says_that_the_brokers_are_away(void **state)
{
    int64_t first = send_some(0, 2);
    struct kafka_in *in = open_reader(0, first);
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    expect(in, first, "0");
    expect(in, first + 1, "1");
    rd_kafka_mock_broker_set_down(cluster, 1);
    assert_false(poll_one(in, &r, &why));
    assert_int_equal(why.kind, ERR_RETRY);
    assert_string_equal(why.code, "away");
    rd_kafka_mock_broker_set_up(cluster, 1);
    assert_int_equal(send_some(0, 1), first + 2);
    while (!poll_one(in, &r, &why))
        assert_int_equal(why.kind, ERR_RETRY);
    assert_int_equal(r.offset, first + 2);
    kafka_record_free(&r);
    kafka_in_close(in, 5000);
}

static void nobody_need_ask_why_a_poll_failed(void **state)
{
    int64_t first = send_some(0, 1);
    struct kafka_in *in = open_reader(0, first);
    struct kafka_record r;

    (void)state;
    expect(in, first, "0");
    rd_kafka_mock_broker_set_down(cluster, 1);
    assert_false(poll_one(in, &r, NULL));
    rd_kafka_mock_broker_set_up(cluster, 1);
    kafka_in_close(in, 5000);
}

/* The loop may not act on what it hears while PostgreSQL is away. */
static void what_is_fatal_is_said_again_and_again(void **state)
{
    struct kafka_in *in = open_reader(0, send_some(0, 1));
    struct kafka_record r;

    (void)state;
    rd_kafka_test_fatal_error(in->rk, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
                              "another has its name");
    for (int i = 0; i < 3; i++) {
        struct err why = { 0 };

        while (poll_one(in, &r, &why)) /* what had come before it */
            kafka_record_free(&r);
        assert_int_equal(why.kind, ERR_FATAL);
        assert_string_equal(why.code, "fenced_instance");
    }
    kafka_in_close(in, 5000);
}

static void descriptors_tell_when_to_poll(void **state)
{
    int64_t first = send_some(2, 1);
    struct kafka_in *in = open_reader(2, first);
    struct pollfd fd = { .fd = kafka_in_fd(in), .events = POLLIN };
    struct kafka_record r;

    (void)state;
    do {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        MUST(kafka_in_poll(in, 0, &r, err));
    } while (!r.handle);
    kafka_record_free(&r);
    do {
        MUST(kafka_in_poll(in, 0, &r, err));
        assert_null(r.handle);
    } while (poll(&fd, 1, 100) > 0);
    assert_int_equal(send_some(2, 3), first + 1);
    for (int got = 0; got < 3; kafka_record_free(&r)) {
        assert_int_equal(poll(&fd, 1, 10000), 1);
        MUST(kafka_in_poll(in, 0, &r, err));
        if (r.handle)
            assert_int_equal(r.offset, first + 1 + got++);
    }
    kafka_in_close(in, 5000);
}

static void marks_and_counts_are_asked_for(void **state)
{
    int64_t first = send_some(3, 5), low = -1, high = -1;
    struct kafka_in *in = open_reader(3, first);
    int32_t count = -1;

    (void)state;
    assert_int_equal(kafka_in_high(in, TOPIC, 3), -1);
    MUST(kafka_in_marks(in, TOPIC, 3, &low, &high, err));
    assert_int_equal(low, 0);
    assert_int_equal(high, first + 5);
    expect(in, first, "0");
    assert_int_equal(kafka_in_high(in, TOPIC, 3), first + 5);
    MUST(kafka_in_partition_count(in, TOPIC, &count, err));
    assert_int_equal(count, PARTITIONS);
    kafka_in_close(in, 5000);
}

/* ---- a group of one ---- */

struct member {
    int64_t from[PARTITIONS];
    int assigned, revoked;
    bool refuse;
};

static bool on_assigned(void *context, struct kafka_partition *list,
                        size_t count, struct err *err)
{
    struct member *m = context;

    if (m->refuse)
        return err_retry(err, "postgres_away", "cannot read offsets");
    m->assigned += (int)count;
    for (size_t i = 0; i < count; i++)
        list[i].offset = m->from[list[i].partition];
    return true;
}

static void on_revoked(void *context, const struct kafka_partition *list,
                       size_t count, bool lost)
{
    struct member *m = context;

    (void)list;
    assert_false(lost);
    m->revoked += (int)count;
}

static struct kafka_in *open_member(const char *group, struct member *m)
{
    struct kafka_in_settings s = {
        .brokers = brokers,
        .group = group,
        .session_ms = 6000,
        .topic = TOPIC,
        .assigned = on_assigned,
        .revoked = on_revoked,
        .context = m,
    };
    struct kafka_in *in = NULL;

    MUST(kafka_in_open(&s, &in, err));
    return in;
}

static void a_member_begins_where_it_was_told(void **state)
{
    struct member m = { 0 };
    struct kafka_in *in;

    (void)state;
    for (int32_t p = 0; p < PARTITIONS; p++)
        m.from[p] = send_some(p, 1) + 1;
    assert_int_equal(send_some(2, 4), m.from[2]);
    m.from[2] += 2;
    in = open_member("dispatch", &m);
    expect(in, m.from[2], "2");
    expect(in, m.from[2] + 1, "3");
    assert_int_equal(m.assigned, PARTITIONS);
    kafka_in_close(in, 5000);
    assert_int_equal(m.revoked, PARTITIONS);
}

static void
a_refused_assignment_fails_the_poll_and_can_be_made_up(void **state)
{
    struct member m = { .refuse = true };
    struct kafka_in *in = open_member("track", &m);
    struct kafka_partition p = { TOPIC, 1, send_some(1, 1) };
    struct kafka_record r;
    struct err why = { 0 };

    (void)state;
    assert_false(poll_one(in, &r, &why));
    assert_string_equal(why.code, "postgres_away");
    MUST(kafka_in_assign(in, &p, 1, err));
    expect(in, p.offset, "0");
    kafka_in_close(in, 5000);
    assert_int_equal(m.assigned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_reader_begins_at_its_offset_and_seeks_back),
        cmocka_unit_test(a_paused_partition_is_silent_and_loses_nothing),
        cmocka_unit_test(an_offset_that_is_not_there_is_fatal),
        cmocka_unit_test(a_reader_says_that_the_brokers_are_away),
        cmocka_unit_test(nobody_need_ask_why_a_poll_failed),
        cmocka_unit_test(what_is_fatal_is_said_again_and_again),
        cmocka_unit_test(descriptors_tell_when_to_poll),
        cmocka_unit_test(marks_and_counts_are_asked_for),
        cmocka_unit_test(a_member_begins_where_it_was_told),
        cmocka_unit_test(
            a_refused_assignment_fails_the_poll_and_can_be_made_up),
    };

    return cmocka_run_group_tests(tests, start_cluster, stop_cluster);
}
