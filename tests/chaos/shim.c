/*
 * shim.c - preloaded: a disk that is full as long as a file is there.
 *
 * While FULL_FLAG exists, whatever would let a file under FULL_UNDER grow is
 * answered "No space left on device"; while FULL_FLAG.wal exists too, so is
 * every write below pg_wal. Each refusal adds a byte to FULL_FLAG: its size
 * tells how often it bit.
 *
 * A clock that libfaketime moves is moved for those who ask, not for glibc's
 * own waits by it (cnd_timedwait): who asks by timespec_get means to wait.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define NEXT(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

static bool there(const char *flag, const char *more)
{
    char path[512];

    snprintf(path, sizeof(path), "%s%s", flag, more);
    return access(path, F_OK) == 0;
}

static bool is_under(int fd, const char *place, bool *ret_wal)
{
    char link[64], path[1024];
    ssize_t size;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    size = readlink(link, path, sizeof(path) - 1);
    if (size < 0)
        return false;
    path[size] = '\0';
    *ret_wal = strstr(path, "/pg_wal/") != NULL;
    return strncmp(path, place, strlen(place)) == 0;
}

static void count(const char *flag)
{
    int fd = open(flag, O_WRONLY | O_APPEND | O_CLOEXEC);

    if (fd < 0)
        return;
    syscall(SYS_write, fd, ".", (size_t)1);
    close(fd);
}

/* May fd be written up to end? errno says why not. */
static bool refused(int fd, off_t end)
{
    const char *flag = getenv("FULL_FLAG"), *place = getenv("FULL_UNDER");
    int before = errno;
    bool wal = false;
    struct stat st;

    if (!flag || !place || !there(flag, "") || fstat(fd, &st) != 0 ||
        !S_ISREG(st.st_mode) || !is_under(fd, place, &wal) ||
        (end <= st.st_size && !(wal && there(flag, ".wal")))) {
        errno = before;
        return false;
    }
    count(flag);
    errno = ENOSPC;
    return true;
}

/* Where a write() of so much ends. */
static off_t end_of(int fd, size_t size)
{
    int before = errno;
    bool append = fcntl(fd, F_GETFL) & O_APPEND;
    off_t at = lseek(fd, 0, append ? SEEK_END : SEEK_CUR);

    errno = before;
    return at + (off_t)size;
}

static off_t length(const struct iovec *pieces, int n)
{
    off_t all = 0;

    for (int i = 0; i < n; i++)
        all += (off_t)pieces[i].iov_len;
    return all;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    return refused(fd, end_of(fd, size)) ? -1
                                         : syscall(SYS_write, fd, bytes, size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    return refused(fd, at + (off_t)size)
               ? -1
               : syscall(SYS_pwrite64, fd, bytes, size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t at)
{
    return pwrite(fd, bytes, size, at);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int n, off_t at)
{
    return refused(fd, at + length(pieces, n))
               ? -1
               : NEXT(pwritev)(fd, pieces, n, at);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int n, off64_t at)
{
    return pwritev(fd, pieces, n, at);
}

int posix_fallocate(int fd, off_t at, off_t size)
{
    return refused(fd, at + size) ? ENOSPC
                                  : NEXT(posix_fallocate)(fd, at, size);
}

int posix_fallocate64(int fd, off64_t at, off64_t size)
{
    return posix_fallocate(fd, at, size);
}

int timespec_get(struct timespec *now, int base)
{
    return syscall(SYS_clock_gettime, CLOCK_REALTIME, now) == 0 ? base : 0;
}
