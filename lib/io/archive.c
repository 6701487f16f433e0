/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/archive.h"

#include "base/child.h"
#include "base/sha256.h"
#include "io/archive_list.h"
#include "io/sink.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { CHUNK = 1 << 20 };
static const char SUMS[] = "SHA256SUMS";

static bool ends_in(const char *s, const char *ending)
{
    size_t n = strlen(s), m = strlen(ending);
    return n > m && strcmp(s + n - m, ending) == 0;
}

/* ---- writing ---- */

struct writer {
    struct pc_sink *out;
    const char *base; /* the directory of everything */
    char *buf;        /* [CHUNK] */
    struct pc_text sums;
};

static int begin(struct writer *w, const char *name, int64_t size, struct pc_err *err)
{
    struct pc_text path = {0};
    pc_text_add(&path, "%s/%s", w->base, name);
    int ret = pc_text_ok(&path, err);
    if (ret == 0)
        ret = w->out->ops->begin(w->out, path.s, size, err);
    pc_text_free(&path);
    return ret;
}

/* Of the size it had when it was opened: it shall not grow meanwhile. */
static int put_bytes(struct writer *w, int fd, const struct pc_archive_file *f, int64_t size,
                     struct pc_err *err)
{
    struct pc_sha256 sum;
    char text[PC_SHA256_TEXT];
    pc_sha256_init(&sum);
    for (int64_t left = size; left > 0;) {
        ssize_t n = read(fd, w->buf, (size_t)(left < CHUNK ? left : CHUNK));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return pc_err_errno(err, PC_EX_IOERR, "%s", f->path);
        if (n == 0)
            return pc_err_set(err, PC_EX_DATA, "%s: became shorter while it was read", f->path);
        pc_sha256_add(&sum, w->buf, (size_t)n);
        if (w->out->ops->write(w->out, w->buf, (size_t)n, err) != 0)
            return -1;
        left -= n;
    }
    pc_sha256_end(&sum, text);
    pc_text_add(&w->sums, "%s  %s\n", text, f->name);
    return w->out->ops->end(w->out, err);
}

static int put_file(struct writer *w, const struct pc_archive_file *f, struct pc_log *log, struct pc_err *err)
{
    struct stat st;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) != 0) {
        pc_err_errno(err, PC_EX_NOINPUT, "%s", f->path);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int ret = begin(w, f->name, st.st_size, err);
    if (ret == 0)
        ret = put_bytes(w, fd, f, st.st_size, err);
    close(fd);
    if (ret == 0)
        pc_log_line(log, "%s bytes=%lld", f->name, (long long)st.st_size);
    return ret;
}

static int put_sums(struct writer *w, struct pc_err *err)
{
    if (pc_text_ok(&w->sums, err) != 0 || begin(w, SUMS, (int64_t)w->sums.len, err) != 0 ||
        w->out->ops->write(w->out, w->sums.s, w->sums.len, err) != 0)
        return -1;
    return w->out->ops->end(w->out, err);
}

/* A tar file; it gets its name when it is complete. */
static int write_tar(const struct pc_archive_list *list, const char *base, const char *out,
                     struct pc_log *log, struct pc_err *err)
{
    struct writer w = {.base = base};
    w.buf = malloc(CHUNK);
    if (w.buf == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for an archive");
    int ret = pc_tar_out_open(&w.out, out, err);
    for (int i = 0; i < list->n && ret == 0; i++)
        ret = put_file(&w, &list->file[i], log, err);
    if (ret == 0)
        ret = put_sums(&w, err);
    if (ret == 0)
        ret = w.out->ops->close(w.out, NULL, err);
    else if (w.out)
        w.out->ops->abort(w.out);
    free(w.buf);
    pc_text_free(&w.sums);
    return ret;
}

static int run_zstd(const char *const *argv, int fd, const char *path, struct pc_err *err)
{
    int status;
    if (pc_child_into(argv, fd, &status, err) != 0)
        return -1;
    if (status == 126 || status == 127)
        return pc_err_set(err, PC_EX_UNAVAILABLE, "%s: needs the program zstd, which is not in PATH", path);
    return status == 0 ? 0 : pc_err_set(err, PC_EX_DATA, "%s: zstd fails (status %d)", path, status);
}

/* By way of a tar file beside it. */
static int write_zst(const struct pc_archive_list *list, const char *base, const char *out,
                     struct pc_log *log, struct pc_err *err)
{
    char tar[4096], zst[4096];
    if (snprintf(zst, sizeof zst, "%s.tmp%ld", out, (long)getpid()) >= (int)sizeof zst - 8)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", out);
    snprintf(tar, sizeof tar, "%s.tmp%ld.tar", out, (long)getpid());
    const char *const argv[] = {"zstd", "-q", "-c", "--", tar, NULL};
    int ret = write_tar(list, base, tar, log, err);
    int fd = ret == 0 ? open(zst, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (ret == 0 && fd < 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", out);
    if (ret == 0)
        ret = run_zstd(argv, fd, out, err);
    if (ret == 0 && fsync(fd) != 0)
        ret = pc_err_errno(err, PC_EX_IOERR, "%s", out);
    if (fd >= 0)
        close(fd);
    if (ret == 0 && rename(zst, out) != 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", out);
    unlink(tar);
    if (ret != 0)
        unlink(zst);
    return ret;
}

int pc_archive_write(const char *imagename, const char *out, bool overwrite, struct pc_log *log,
                     struct pc_err *err)
{
    const char *slash = strrchr(imagename, '/'), *base = slash ? slash + 1 : imagename;
    struct pc_archive_list list = {0};
    const bool zst = ends_in(out, ".tar.zst");
    if (!zst && !ends_in(out, ".tar"))
        return pc_err_set(err, PC_EX_USAGE, "--archive %s: the name of an archive ends in .tar or .tar.zst",
                          out);
    if (!overwrite && access(out, F_OK) == 0)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s exists: another name, or --overwrite", out);
    int ret = pc_archive_list_make(&list, imagename, err);
    if (ret == 0)
        ret = (zst ? write_zst : write_tar)(&list, base, out, log, err);
    pc_archive_list_fini(&list);
    return ret;
}

/* ---- checking ---- */

static bool is_zst(const char *src)
{
    unsigned char magic[4] = {0};
    int fd = open(src, O_RDONLY | O_CLOEXEC);
    bool is = fd >= 0 && read(fd, magic, 4) == 4 && memcmp(magic, "\x28\xb5\x2f\xfd", 4) == 0;
    if (fd >= 0)
        close(fd);
    return is;
}

static int archive_failed(struct archive *a, const char *src, struct pc_err *err)
{
    const char *why = archive_error_string(a);
    return pc_err_set(err, PC_EX_DATA, "%s: %s", src, why ? why : "no tar file");
}

/* The tar file; when it is compressed, unpacked into a file without a name. A descriptor, or -1. */
static int open_tar(const char *src, const char *tmpdir, struct pc_err *err)
{
    const char *const argv[] = {"zstd", "-d", "-q", "-c", "--", src, NULL};
    char path[4096];
    int fd = -1;
    if (!is_zst(src)) {
        fd = open(src, O_RDONLY | O_CLOEXEC);
        return fd >= 0 ? fd : pc_err_errno(err, PC_EX_NOINPUT, "%s", src);
    }
    snprintf(path, sizeof path, "%s/pc-archive.XXXXXX", tmpdir ? tmpdir : "/tmp");
    fd = mkstemp(path);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    unlink(path);
    if (run_zstd(argv, fd, src, err) == 0 && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -1;
}

static struct archive *open_in(int fd, const char *src, struct pc_err *err)
{
    struct archive *in = archive_read_new();
    if (in == NULL) {
        pc_err_set(err, PC_EX_NOMEM, "no memory for an archive");
        return NULL;
    }
    archive_read_support_format_tar(in);
    if (archive_read_open_fd(in, fd, CHUNK) == ARCHIVE_OK)
        return in;
    archive_failed(in, src, err);
    archive_read_free(in);
    return NULL;
}

static bool is_tar_of_one_directory(const char *src)
{
    struct pc_err ignored;
    struct archive_entry *e;
    int fd = open(src, O_RDONLY | O_CLOEXEC);
    struct archive *in = fd >= 0 ? open_in(fd, src, &ignored) : NULL;
    bool is = in && archive_read_next_header(in, &e) == ARCHIVE_OK && archive_entry_pathname(e) &&
              strchr(archive_entry_pathname(e), '/') != NULL;
    archive_read_free(in);
    if (fd >= 0)
        close(fd);
    return is;
}

bool pc_archive_is(const char *src)
{
    struct stat st;
    return stat(src, &st) == 0 && S_ISREG(st.st_mode) && (is_zst(src) || is_tar_of_one_directory(src));
}

struct checker {
    struct archive *in;
    const char *src;
    struct pc_check_report *report;
    struct pc_text seen, said; /* lines of SHA256SUMS: of what came, and of what it says */
    bool has_sums;
};

static int check_member(struct checker *c, struct archive_entry *e, struct pc_err *err)
{
    const char *path = archive_entry_pathname(e) ? archive_entry_pathname(e) : "a member without a name";
    const char *slash = strchr(path, '/'), *name = slash ? slash + 1 : path;
    const bool is_sums = strcmp(name, SUMS) == 0;
    struct pc_sha256 sum;
    char text[PC_SHA256_TEXT], buf[1 << 16];
    la_ssize_t n;
    pc_sha256_init(&sum);
    while ((n = archive_read_data(c->in, buf, sizeof buf)) > 0) {
        pc_sha256_add(&sum, buf, (size_t)n);
        c->report->nbyte += n;
        if (is_sums)
            pc_text_add_bytes(&c->said, buf, (size_t)n);
    }
    if (n < 0) {
        pc_text_add(&c->report->problems, "%s: %s\n", c->src, archive_error_string(c->in));
        c->report->nproblem++;
        return pc_err_set(err, PC_EX_DATA, "%s: %s: %s", c->src, path, archive_error_string(c->in));
    }
    c->has_sums = c->has_sums || is_sums;
    if (is_sums)
        return 0;
    c->report->nmember++;
    pc_sha256_end(&sum, text);
    pc_text_add(&c->seen, "%s  %s\n", text, name);
    return 0;
}

/* The line of `name` in a text of SHA256SUMS; NULL. */
static const char *find_line(const struct pc_text *text, const char *name, size_t n)
{
    for (const char *s = pc_text_str(text); *s; s += strcspn(s, "\n"), s += *s == '\n') {
        size_t len = strcspn(s, "\n");
        if (len == 66 + n && memcmp(s + 66, name, n) == 0)
            return s;
    }
    return NULL;
}

/* What of `a` is not, or differs, in `b`. */
static void compare(struct checker *c, const struct pc_text *a, const struct pc_text *b, const char *missing,
                    const char *differs)
{
    for (const char *s = pc_text_str(a); *s; s += strcspn(s, "\n"), s += *s == '\n') {
        const size_t len = strcspn(s, "\n"), n = len > 66 ? len - 66 : 0;
        const char *other = find_line(b, s + len - n, n);
        const bool same = other && memcmp(other, s, 64) == 0;
        if (other ? same || differs == NULL : false) {
            c->report->nsum += same && differs != NULL;
            continue;
        }
        pc_text_add(&c->report->problems, "%s: %.*s %s\n", c->src, (int)n, s + len - n,
                    other ? differs : missing);
        c->report->nproblem++;
    }
}

static int check_all(struct checker *c, struct pc_err *err)
{
    struct archive_entry *e;
    int got;
    while ((got = archive_read_next_header(c->in, &e)) == ARCHIVE_OK || got == ARCHIVE_WARN)
        if (archive_entry_filetype(e) != AE_IFDIR && check_member(c, e, err) != 0)
            return -1;
    if (got != ARCHIVE_EOF)
        return archive_failed(c->in, c->src, err);
    if (!c->has_sums)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: no SHA256SUMS at its end: it was cut short, or is no archive of pc", c->src);
    if (pc_text_ok(&c->said, err) != 0 || pc_text_ok(&c->seen, err) != 0)
        return -1;
    compare(c, &c->seen, &c->said, "is not in SHA256SUMS", "is not what SHA256SUMS says");
    compare(c, &c->said, &c->seen, "is in SHA256SUMS, and not in the archive", NULL);
    return pc_text_ok(&c->report->problems, err);
}

int pc_archive_check(const char *src, const char *tmpdir, struct pc_check_report *report, struct pc_err *err)
{
    struct checker c = {.src = src, .report = report};
    int fd = open_tar(src, tmpdir, err), ret = -1;
    memset(report, 0, sizeof *report);
    if (fd < 0)
        return -1;
    c.in = open_in(fd, src, err);
    if (c.in)
        ret = check_all(&c, err);
    archive_read_free(c.in);
    close(fd);
    pc_text_free(&c.seen);
    pc_text_free(&c.said);
    return ret;
}
