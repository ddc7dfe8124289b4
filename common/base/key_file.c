/* key_file.c - the key files of a cell: read with suspicion, made once. */
#include "common/base/digest.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool bad_key(struct err *err, const char *path, const char *what)
{
    return err_fatal(err, "bad_key", "key file %s: %s", path, what);
}

static bool make_path(char path[PATH_MAX], const char *folder, const char *name,
                      struct err *err)
{
    int size = snprintf(path, PATH_MAX, "%s/%s", folder, name);

    if (size < 0 || size >= PATH_MAX)
        return bad_key(err, name, "its folder's name is too long");
    return true;
}

static bool is_public(const char *path)
{
    size_t size = strlen(path);

    return size > 4 && strcmp(path + size - 4, ".pub") == 0;
}

static bool read_open_file(int file, const char *path,
                           uint8_t ret_key[KEY_SIZE], struct err *err)
{
    struct stat found;
    uint8_t key[KEY_SIZE];

    if (fstat(file, &found) != 0)
        return bad_key(err, path, strerror(errno));
    if (!S_ISREG(found.st_mode) || found.st_size != KEY_SIZE)
        return bad_key(err, path, "is not a file of 32 bytes");
    if (!is_public(path) && (found.st_mode & 077) != 0)
        return bad_key(err, path, "can be read by others; chmod 600");
    if (read(file, key, sizeof(key)) != KEY_SIZE)
        return bad_key(err, path, "cannot be read");
    memcpy(ret_key, key, KEY_SIZE);
    sodium_memzero(key, sizeof(key));
    return true;
}

bool key_read(const char *folder, const char *name, uint8_t ret_key[KEY_SIZE],
              struct err *err)
{
    char path[PATH_MAX];
    int file;
    bool done;

    if (!make_path(path, folder, name, err))
        return false;
    file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return bad_key(err, path, strerror(errno));
    done = read_open_file(file, path, ret_key, err);
    close(file);
    return done;
}

/* A half-written file is taken away: it would be refused for ever. */
static bool key_write(const char *path, const uint8_t key[KEY_SIZE],
                      struct err *err)
{
    mode_t mode = is_public(path) ? 0644 : 0600;
    int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done;

    if (file < 0)
        return bad_key(err, path, strerror(errno));
    done = write(file, key, KEY_SIZE) == KEY_SIZE && fchmod(file, mode) == 0 &&
           fsync(file) == 0;
    if (close(file) != 0 || !done) {
        unlink(path);
        return bad_key(err, path, "cannot be written");
    }
    return true;
}

static bool exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static bool create_secret(const char *folder, const char *name, struct err *err)
{
    char path[PATH_MAX];
    uint8_t key[KEY_SIZE];
    bool done;

    if (!make_path(path, folder, name, err))
        return false;
    if (exists(path))
        return true;
    randombytes_buf(key, sizeof(key));
    done = key_write(path, key, err);
    sodium_memzero(key, sizeof(key));
    return done;
}

/* The public half follows from the secret one, and is made again from it. */
static bool create_box(const char *folder, struct err *err)
{
    char path[PATH_MAX], secret_path[PATH_MAX];
    uint8_t secret[KEY_SIZE], public[KEY_SIZE];

    if (!make_path(path, folder, "box.pub", err) ||
        !make_path(secret_path, folder, "box.sec", err))
        return false;
    if (exists(path))
        return true; /* the gateway's host has no box.sec */
    if (!create_secret(folder, "box.sec", err) ||
        !key_read(folder, "box.sec", secret, err))
        return false;
    crypto_scalarmult_base(public, secret);
    sodium_memzero(secret, sizeof(secret));
    return key_write(path, public, err);
}

bool keys_create(const char *folder, struct err *err)
{
    static const char *const secrets[] = {"chain", "derive", "body", "token"};

    if (sodium_init() < 0)
        return bad_key(err, folder, "libsodium does not start");
    if (mkdir(folder, 0700) != 0 && errno != EEXIST)
        return bad_key(err, folder, strerror(errno));
    for (size_t i = 0; i < COUNT_OF(secrets); i++)
        if (!create_secret(folder, secrets[i], err))
            return false;
    return create_box(folder, err);
}
