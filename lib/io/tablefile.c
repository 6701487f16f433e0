/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* flock */
#include "io/tablefile.h"

#include "io/atomic.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* Opens and locks the file that has this name when the lock is held: whoever held it before may have given
 * the name to another. -1 with err. */
static int open_locked(const char *path, bool *regular, struct pc_err *err)
{
    struct stat mine, now;
    for (;;) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_APPEND, 0666);
        if (fd < 0)
            return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
        *regular = fstat(fd, &mine) == 0 && S_ISREG(mine.st_mode);
        if (!*regular)
            return fd;
        while (flock(fd, LOCK_EX))
            if (errno != EINTR) {
                pc_err_errno(err, PC_EX_IOERR, "%s: cannot be locked", path);
                close(fd);
                return -1;
            }
        if (stat(path, &now) == 0 && now.st_dev == mine.st_dev && now.st_ino == mine.st_ino)
            return fd;
        close(fd);
    }
}

static int read_all(int fd, const char *path, struct pc_text *out, struct pc_err *err)
{
    char buf[65536];
    ssize_t n;
    while ((n = read(fd, buf, sizeof buf)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pc_err_errno(err, PC_EX_IOERR, "%s", path);
        pc_text_add_bytes(out, buf, (size_t)n);
    }
    return pc_text_ok(out, err);
}

/* -, 0, + as the line's key comes before, with or after `key`. */
static int compare(const char *line, size_t line_len, const char *key)
{
    const char *tab = memchr(line, '\t', line_len);
    size_t len = tab ? (size_t)(tab - line) : line_len, want = strlen(key);
    return len != want ? (len < want ? -1 : 1) : memcmp(line, key, len);
}

/* The old rows with those of `key` replaced. */
static void merge(const char *old, const char *key, const char *rows, struct pc_text *out)
{
    bool put = false;
    while (*old) {
        size_t len = strcspn(old, "\n");
        int order = compare(old, len, key);
        if (order > 0 && !put) {
            pc_text_add_bytes(out, rows, strlen(rows));
            put = true;
        }
        if (order != 0) {
            pc_text_add_bytes(out, old, len);
            pc_text_add_bytes(out, "\n", 1);
        }
        old += len + (old[len] == '\n');
    }
    if (!put)
        pc_text_add_bytes(out, rows, strlen(rows));
}

static int rewrite(int fd, const char *path, const char *heading, const char *key, const char *rows,
                   struct pc_err *err)
{
    struct pc_text old = {0}, new = {0};
    const size_t len = strlen(heading);
    int rc = read_all(fd, path, &old, err);
    if (rc == 0 && old.len > 0 && strncmp(old.s, heading, len) != 0)
        rc = pc_err_set(err, PC_EX_DATA,
                        "%s: is there already, and is not such a table: its first line is '%.*s'", path,
                        (int)(strcspn(old.s, "\n") < 60 ? strcspn(old.s, "\n") : 60), old.s);
    if (rc == 0) {
        pc_text_add_bytes(&new, heading, len);
        merge(old.len > 0 ? old.s + len : "", key, rows, &new);
        rc = pc_text_ok(&new, err);
    }
    if (rc == 0 && (new.len != old.len || memcmp(new.s, old.s, new.len) != 0))
        rc = pc_atomic_write(path, &new, err);
    pc_text_free(&old);
    pc_text_free(&new);
    return rc;
}

static int append(int fd, const char *path, const char *rows, struct pc_err *err)
{
    for (size_t done = 0, n = strlen(rows); done < n;) {
        ssize_t k = write(fd, rows + done, n - done);
        if (k < 0 && errno != EINTR)
            return pc_err_errno(err, PC_EX_IOERR, "%s", path);
        done += k > 0 ? (size_t)k : 0;
    }
    return 0;
}

int pc_tablefile_put(const char *path, const char *heading, const char *key, const char *rows,
                     struct pc_err *err)
{
    bool regular;
    int fd = open_locked(path, &regular, err);
    if (fd < 0)
        return -1;
    int rc = regular ? rewrite(fd, path, heading, key, rows, err) : append(fd, path, rows, err);
    close(fd); /* and the lock with it */
    return rc;
}
