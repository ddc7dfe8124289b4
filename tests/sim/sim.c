/*
 * sim.c - the director: begins worker processes, hands the turn to one of
 * them at a time, begins them again when they have died, and ends the run
 * when all is quiet.
 */
#include "tests/sim/sim.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/base/digest.h"
#include "common/base/instant.h"
#include "common/io/supervise.h"
#include "tests/sim/db.h"
#include "tests/sim/toy.h"

#define PATIENCE_US (150 * SECOND_US) /* after the calm, till quiet */
#define SLICE_US 20000
#define HANG_S 100

static char folder[] = "/tmp/baodao-sim-XXXXXX";
static const char *const key_names[] = { "chain", "body", "derive" };

/* ---- once ---- */

static void key_path(size_t i, char path[64])
{
    snprintf(path, 64, "%s/%s", folder, key_names[i]);
}

static void write_key(size_t i)
{
    char path[64], key[KEY_SIZE];
    int file;

    key_path(i, path);
    memset(key, key_names[i][0], sizeof(key));
    file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || write(file, key, sizeof(key)) != sizeof(key))
        abort();
    close(file);
}

static void on_child(int signal)
{
    int kept = errno;

    (void)signal;
    sem_post(&world->director);
    errno = kept;
}

void sim_start(void)
{
    struct sigaction action = { .sa_handler = on_child,
                                .sa_flags = SA_NOCLDSTOP };

    world = mmap(NULL, sizeof(*world), PROT_READ | PROT_WRITE,
                 MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (world == MAP_FAILED || !mkdtemp(folder))
        abort();
    for (size_t i = 0; i < COUNT_OF(key_names); i++)
        write_key(i);
    setenv("CELL", "sim", 1);
    setenv("KAFKA", "sim", 1);
    setenv("POSTGRES", "host=sim", 1);
    setenv("KEYS", folder, 1);
    setenv("SCHEMAS", "tests/sim", 1);
    sigaction(SIGCHLD, &action, NULL);
}

void sim_stop(void)
{
    char path[64];

    for (size_t i = 0; i < COUNT_OF(key_names); i++) {
        key_path(i, path);
        unlink(path);
    }
    rmdir(folder);
    munmap(world, sizeof(*world));
}

/* ---- a run's circumstances, by seed ---- */

static int some(uint32_t most)
{
    return chance(2) ? (int)chance(most) : 0;
}

static void choose(void)
{
    struct odds *o = &world->odds;

    world->workers = 1 + (chance(3) > 0);
    world->partitions = 1 + (int)chance(PARTS_MAX);
    world->keys = 1 + (int)chance(6);
    world->batch_max = 1 + (int)chance(chance(2) ? 4 : 30);
    world->commands_left = 5 + (int)chance(50);
    world->calm_at_us = (int64_t)(1 + chance(9)) * SECOND_US;
    world->steps_most = 400000;
    o->crash = some(400);
    o->freeze = some(150);
    o->isolate = some(300);
    o->stop = some(60);
    o->cut = some(400);
    o->sql_error = some(1000);
    o->report_fails = some(1500);
    o->restart_pg = some(60);
    o->lock = some(100);
    o->pg_away = some(60);
    o->kafka_away = some(60);
    o->pause = some(60);
    o->slow_kafka = some(60000);
}

/* Nothing fails but the n-th call. */
static void choose_small(void)
{
    world->workers = 1;
    world->partitions = 2;
    world->keys = 3;
    world->batch_max = 3;
    world->commands_left = 8;
    world->calm_at_us = SECOND_US / 4;
    world->steps_most = 400000;
}

static void begin(uint64_t seed, enum lie lie, enum family family, int64_t n)
{
    memset(world, 0, offsetof(struct world, story));
    world->story[0] = '\0';
    world->seed = seed;
    world->chance = seed * UINT64_C(0x2545f4914f6cdd1d) + 1;
    world->lie = lie;
    world->trace = getenv("TRACE") != NULL;
    world->self = -1;
    sem_init(&world->director, 1, 0);
    if (family == NTH_NONE)
        choose();
    else
        choose_small();
    if (lie == LIE_FENCE_PASSES) /* only a stale owner meets it */
        world->odds.freeze = 1500;
    world->family = family;
    world->nth = n;
    for (int i = 0; i < world->workers; i++) {
        sem_init(&world->slot[i].turn, 1, 0);
        world->slot[i].start_at_us = (int64_t)chance(300000);
    }
    kafka_begin();
    pg_begin();
    tell("seed %llu: %d workers, %d partitions, batches of %d, %d commands, "
         "calm at %lld s", (unsigned long long)seed, world->workers,
         world->partitions, world->batch_max, world->commands_left,
         (long long)(world->calm_at_us / SECOND_US));
}

/* ---- workers ---- */

/* What a sanitizer has found is not a worker's EXIT_FATAL. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "exitcode=98";
}

NORETURN static void live(int slot)
{
    static const int deadly[] = { SIGCHLD, SIGSEGV, SIGBUS,
                                  SIGFPE,  SIGILL,  SIGABRT };
    char name[8] = { 't', 'o', 'y', '-', (char)('A' + slot), 0 };
    char batch[16], program[] = "toy";
    char *argv[] = { program, NULL };
    int code;

    /* cmocka would catch them, and the child go on as the test program. */
    for (size_t i = 0; i < COUNT_OF(deadly); i++)
        signal(deadly[i], SIG_DFL);
    alarm(HANG_S);
    snprintf(batch, sizeof(batch), "%d", world->batch_max);
    setenv("INSTANCE", name, 1);
    setenv("BATCH_MAX", batch, 1);
    while (sem_wait(&world->slot[slot].turn) != 0)
        ;
    code = worker_main(&toy, 1, argv);
    _exit(code);
}

static void bear(int slot)
{
    struct worker_slot *s = &world->slot[slot];
    pid_t pid;

    s->lives++;
    s->stopping = false;
    s->asleep = false;
    s->wake_at_us = world->now_us;
    pid = fork();
    if (pid == 0)
        live(slot);
    if (pid < 0)
        abort();
    s->pid = pid;
    tell("%c begins life %d", 'A' + slot, s->lives);
}

static void bury(int slot, int status)
{
    struct worker_slot *s = &world->slot[slot];
    int code = WIFEXITED(status) ? WEXITSTATUS(status)
                                 : 1000 + WTERMSIG(status);

    s->pid = 0;
    s->frozen_until_us = 0;
    tell("%c ends with %d", 'A' + slot, code);
    kafka_worker_died(slot);
    pg_worker_died(slot);
    if (code != EXIT_OK)
        world->counted[COUNTED_DEATHS]++;
    if (code == EXIT_OK && !s->stopping)
        broken("%c stopped unasked", 'A' + slot);
    else if (code != EXIT_OK && code != EXIT_FATAL && code != EXIT_FENCED &&
             code != 134 && code != 137 && code != 99 &&
             !(world->family == NTH_ALLOCATION && code == 1000 + SIGABRT))
        broken("%c ended with %d", 'A' + slot, code);
    s->start_at_us =
        world->now_us + 100000 + (int64_t)chance(chance(4) ? 900000 : 8000000);
    s->stopping = false;
}

static void reap(void)
{
    for (int i = 0; i < world->workers; i++) {
        int status;

        if (world->slot[i].pid > 0 &&
            waitpid(world->slot[i].pid, &status, WNOHANG) > 0)
            bury(i, status);
    }
}

static void turn_of(int slot)
{
    world->self = slot;
    sem_post(&world->slot[slot].turn);
    while (sem_wait(&world->director) != 0)
        ;
    world->self = -1;
    reap();
    /* A child that died posts once, by SIGCHLD; none may be left over. */
    while (sem_trywait(&world->director) == 0)
        ;
}

/* ---- the run ---- */

/* Who may act first; births count as acts. */
static int next_slot(int64_t *ret_at_us)
{
    int first = (int)chance((uint32_t)world->workers), best = -1;
    int64_t best_us = NEVER;

    for (int n = 0; n < world->workers; n++) {
        int i = (first + n) % world->workers;
        const struct worker_slot *s = &world->slot[i];
        int64_t at_us = s->pid ? s->wake_at_us : s->start_at_us;

        if (at_us < world->now_us)
            at_us = world->now_us;
        if (!s->quiet && at_us < best_us) {
            best = i;
            best_us = at_us;
        }
    }
    *ret_at_us = best_us;
    return best;
}

static void wait_until(int64_t at_us)
{
    while (world->now_us < at_us) {
        int64_t left_us = at_us - world->now_us;

        world->now_us += left_us < SLICE_US ? left_us : SLICE_US;
        happen();
    }
}

static void step(void)
{
    int64_t at_us;
    int slot = next_slot(&at_us);

    if (slot < 0)
        return;
    wait_until(at_us);
    if (world->slot[slot].pid == 0)
        bear(slot);
    turn_of(slot);
}

/* SIGTERM to all; each must end well. */
static void stop_all(void)
{
    bool left = true;

    tell("all is quiet: everybody stops");
    for (int i = 0; i < world->workers; i++) {
        world->slot[i].stopping = true;
        world->slot[i].quiet = world->slot[i].pid == 0;
    }
    while (left && !world->failed[0]) {
        left = false;
        for (int i = 0; i < world->workers; i++) {
            struct worker_slot *s = &world->slot[i];

            s->quiet |= s->pid == 0;
            left |= !s->quiet;
        }
        if (left)
            step();
    }
}

static void kill_all(void)
{
    for (int i = 0; i < world->workers; i++) {
        if (world->slot[i].pid <= 0)
            continue;
        kill(world->slot[i].pid, SIGKILL);
        waitpid(world->slot[i].pid, NULL, 0);
        world->slot[i].pid = 0;
    }
}

/* Who was frozen amid a call may still say something. */
static bool all_asleep(void)
{
    for (int i = 0; i < world->workers; i++)
        if (world->slot[i].pid && !world->slot[i].asleep)
            return false;
    return true;
}

static const char *run(void)
{
    while (!world->failed[0] && !(calm() && all_asleep() && check_quiet())) {
        step();
        if (world->now_us > world->calm_at_us + PATIENCE_US)
            broken("no quiet %lld s after the last fault",
                   (long long)(PATIENCE_US / SECOND_US));
    }
    if (!world->failed[0])
        stop_all();
    if (!world->failed[0])
        check_end();
    kill_all();
    return world->failed[0] ? world->failed : NULL;
}

const char *sim_run(uint64_t seed, enum lie lie)
{
    begin(seed, lie, NTH_NONE, 0);
    return run();
}

const char *sim_run_nth(uint64_t seed, enum family family, int64_t n)
{
    begin(seed, LIE_NONE, family, n);
    return run();
}
