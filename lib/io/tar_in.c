/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/fdio.h"
#include "io/source.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A tar stream through libarchive, which hands out its own buffer: pixels are swapped straight out of it. */

struct tar_in {
    struct pc_source base;
    char *name;
    struct archive *archive;
    int fd;
    bool seekable;
    char *buf;
    int64_t total;    /* bytes that came in */
    int64_t end_need; /* bytes there must be: the end of zzend's member and two blocks of zeros */
    int64_t size, at; /* of the entry, bytes given out */
    const char *hold; /* a block that begins after a hole of a sparse file */
    size_t nhold;
    int64_t hold_at;
    bool eof, failed_read;
    struct pc_err read_err;
};

static const char ZEROS[65536];

/* Whole blocks of 512, so that chunks stay aligned to pixels however the writer cut them. */
static la_ssize_t read_block(struct archive *a, void *client, const void **p)
{
    struct tar_in *t = client;
    size_t n = 0;
    (void)a;
    do {
        ssize_t got = pc_fd_read(t->fd, t->buf + n, PC_FD_CHUNK - n, t->name, &t->read_err);
        if (got < 0) {
            t->failed_read = true;
            archive_set_error(a, EIO, "%s", t->read_err.msg);
            return ARCHIVE_FATAL;
        }
        if (got == 0)
            break;
        n += (size_t)got;
    } while (n % 512);
    t->total += (int64_t)n;
    *p = t->buf;
    return (la_ssize_t)n;
}

static la_int64_t skip_bytes(struct archive *a, void *client, la_int64_t n)
{
    struct tar_in *t = client;
    (void)a;
    /* Never beyond the end: a file cut short must be seen to be. */
    off_t here = t->seekable ? lseek(t->fd, 0, SEEK_CUR) : -1;
    off_t end = here >= 0 ? lseek(t->fd, 0, SEEK_END) : -1;
    if (here < 0 || end < 0)
        return 0;
    if (n > end - here)
        n = 0;
    if (lseek(t->fd, here + n, SEEK_SET) < 0)
        return 0;
    t->total += n;
    return n;
}

static int archive_error(struct tar_in *t, const char *path, struct pc_err *err)
{
    const char *why = archive_error_string(t->archive);
    if (t->failed_read) {
        *err = t->read_err;
        return -1;
    }
    return pc_err_set(err, PC_EX_DATA, "%s: %s%sdamaged or cut short: %s", t->name, path, *path ? ": " : "",
                      why ? why : "not a tar stream");
}

/* The end of the input: everything that zzend promised must have come, the closing blocks too. */
static int at_end(struct tar_in *t, struct pc_err *err)
{
    if (t->total == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: empty: no stream came", t->name);
    if (t->total % 512 || t->total < t->end_need)
        return pc_err_set(err, PC_EX_DATA, "%s: cut short: %lld bytes came, the closing blocks end at %lld",
                          t->name, (long long)t->total, (long long)t->end_need);
    return 0;
}

static int check_path(struct tar_in *t, const char *path, struct pc_entry *e, struct pc_err *err)
{
    while (path && !strncmp(path, "./", 2))
        path += 2;
    if (!path || !*path || *path == '/' || strlen(path) >= sizeof e->path)
        return pc_err_set(err, PC_EX_DATA, "%s: a member is called \"%s\"", t->name, path ? path : "");
    for (const char *s = path; s; s = strchr(s, '/'), s = s ? s + 1 : s)
        if (!strncmp(s, "..", 2) && (!s[2] || s[2] == '/'))
            return pc_err_set(err, PC_EX_DATA, "%s: a member is called \"%s\"", t->name, path);
    strcpy(e->path, path);
    return 0;
}

static int tar_next(struct pc_source *s, struct pc_entry *e, struct pc_err *err)
{
    struct tar_in *t = (struct tar_in *)s;
    struct archive_entry *ae;
    for (;;) {
        if (t->eof)
            return at_end(t, err);
        int rc = archive_read_next_header(t->archive, &ae);
        t->eof = rc == ARCHIVE_EOF;
        if (t->eof)
            continue;
        if (rc != ARCHIVE_OK)
            return t->total == 0 && !t->failed_read ? at_end(t, err) : archive_error(t, "", err);
        if (archive_entry_filetype(ae) == AE_IFDIR)
            continue;
        break;
    }
    if (check_path(t, archive_entry_pathname(ae), e, err))
        return -1;
    if (archive_entry_hardlink(ae))
        return pc_err_set(err, PC_EX_DATA,
                          "%s: %s is only a link to %s; make the archive with tar --hard-dereference",
                          t->name, e->path, archive_entry_hardlink(ae));
    if (archive_entry_filetype(ae) != AE_IFREG || !archive_entry_size_is_set(ae))
        return pc_err_set(err, PC_EX_DATA, "%s: %s is not a plain file", t->name, e->path);
    e->size = t->size = archive_entry_size(ae);
    e->uncommitted = false;
    t->at = 0;
    t->nhold = 0;
    t->end_need = archive_read_header_position(t->archive) + 512 + (t->size + 511) / 512 * 512 + 1024;
    return 1;
}

static int tar_chunk(struct pc_source *s, const void **p, size_t *n, struct pc_err *err)
{
    struct tar_in *t = (struct tar_in *)s;
    *n = 0;
    while (!t->nhold && t->at < t->size) {
        const void *data;
        la_int64_t offset;
        int rc = archive_read_data_block(t->archive, &data, &t->nhold, &offset);
        if (rc == ARCHIVE_EOF) {
            t->hold_at = t->size;
            t->hold = NULL;
            break;
        }
        if (rc != ARCHIVE_OK)
            return archive_error(t, "", err);
        t->hold = data;
        t->hold_at = offset;
    }
    if (t->at >= t->size)
        return 0;
    if (t->at < t->hold_at) {
        int64_t gap = t->hold_at - t->at;
        *p = ZEROS;
        *n = gap < (int64_t)sizeof ZEROS ? (size_t)gap : sizeof ZEROS;
    } else {
        *p = t->hold;
        *n = t->nhold;
        t->nhold = 0;
    }
    t->at += (int64_t)*n;
    return 0;
}

static void tar_free(struct pc_source *s)
{
    struct tar_in *t = (struct tar_in *)s;
    if (t->archive)
        archive_read_free(t->archive);
    if (t->fd >= 0)
        close(t->fd);
    pc_mem_free(t->buf);
    free(t->name);
    free(t);
}

static const struct pc_source_ops TAR_OPS = {tar_next, tar_chunk, tar_free, NULL};

int pc_tar_in_open(struct pc_source **s, int fd, const char *name, struct pc_err *err)
{
    struct stat st;
    struct tar_in *t = calloc(1, sizeof *t);
    *s = NULL;
    if (!t || !(t->name = strdup(name))) {
        close(fd);
        free(t);
        return pc_err_set(err, PC_EX_NOMEM, "%s: no memory to read a stream", name);
    }
    t->base = (struct pc_source){&TAR_OPS, t->name, NULL, -1};
    t->fd = fd;
    t->seekable = !fstat(fd, &st) && S_ISREG(st.st_mode);
    if (t->seekable)
        (void)posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    else
        pc_fd_widen_pipe(fd);
    t->buf = pc_mem_new(PC_FD_CHUNK, 1, "a read buffer", err);
    t->archive = archive_read_new();
    if (!t->buf || !t->archive) {
        if (t->buf)
            pc_err_set(err, PC_EX_NOMEM, "%s: no memory to read a stream", name);
        tar_free(&t->base);
        return -1;
    }
    archive_read_support_format_tar(t->archive);
    archive_read_set_format_option(t->archive, "tar", "read_concatenated_archives", "1");
    if (archive_read_open2(t->archive, t, NULL, read_block, skip_bytes, NULL) != ARCHIVE_OK) {
        if (t->total == 0 && !t->failed_read)
            at_end(t, err);
        else
            archive_error(t, "", err);
        tar_free(&t->base);
        return -1;
    }
    *s = &t->base;
    return 0;
}
