/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/untar.h"

#include "base/text.h"

#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { read_byte = 1 << 20 };

struct untar {
    const char *path, *dir;
    struct archive *in, *out;
};

/* What libarchive says when no format fits. */
#ifdef EFTYPE
enum { no_archive = EFTYPE };
#else
enum { no_archive = EILSEQ };
#endif

static int failed(const struct untar *u, struct archive *a, struct pc_err *err)
{
    const char *why = archive_error_string(a);
    why = why ? why : "the archive is damaged";
    /* what the writer refuses by itself has no error number: a member that would go through a link */
    if (a == u->in || archive_errno(a) <= 0)
        return pc_err_set(err, archive_errno(a) == ENOMEM ? PC_EX_NOMEM : PC_EX_DATA, "%s: %s", u->path, why);
    return pc_err_set(err, PC_EX_IOERR, "%s: cannot be unpacked into %s (TMPDIR says where): %s: %s", u->path,
                      u->dir, why, strerror(archive_errno(a)));
}

/* How many directories deep a relative name lies; *up: by how many .. it begins. -1: absolute, or .. later.
 */
static int depth_of(const char *name, int *up)
{
    int deep = 0;
    *up = 0;
    if (*name == '/')
        return -1;
    while (*name) {
        const size_t n = strcspn(name, "/");
        const bool dot = n == 0 || (n == 1 && name[0] == '.'), dots = n == 2 && strncmp(name, "..", 2) == 0;
        if (dots && deep > 0)
            return -1;
        *up += dots;
        deep += !dot && !dots;
        name += n + (name[n] == '/');
    }
    return deep;
}

static bool is_inside(const char *name)
{
    int up;
    return name && depth_of(name, &up) >= 0 && up == 0;
}

/* A symbolic link at `name` stays inside: its .. come first, and are not more than the directories it is in.
 * (Nothing is ever unpacked through a link, so these directories are real.) */
static bool link_stays_inside(const char *name, const char *target)
{
    int up, none;
    return target && depth_of(target, &up) >= 0 && up <= depth_of(name, &none) - 1;
}

static int check_member(const struct untar *u, struct archive_entry *e, struct pc_err *err)
{
    const char *name = archive_entry_pathname(e), *hard = archive_entry_hardlink(e);
    if (!is_inside(name) || (hard && !is_inside(hard)))
        return pc_err_set(err, PC_EX_DATA,
                          "%s: member %s leads out of the archive: nothing of it is taken; unpack it by hand "
                          "if you trust it",
                          u->path, name ? name : "(without a name)");
    if (hard || archive_entry_filetype(e) == AE_IFREG || archive_entry_filetype(e) == AE_IFDIR)
        return 0;
    if (archive_entry_filetype(e) != AE_IFLNK)
        return pc_err_set(err, PC_EX_DATA, "%s: member %s is neither a file nor a directory", u->path, name);
    if (!link_stays_inside(name, archive_entry_symlink(e)))
        return pc_err_set(err, PC_EX_DATA, "%s: the link %s leads out of the archive: to %s", u->path, name,
                          archive_entry_symlink(e));
    return 0;
}

/* The bytes of a member, without its holes. */
static int copy(struct untar *u, struct pc_err *err)
{
    const void *p;
    size_t n;
    la_int64_t at;
    int more;
    while ((more = archive_read_data_block(u->in, &p, &n, &at)) == ARCHIVE_OK)
        if (archive_write_data_block(u->out, p, n, at) < ARCHIVE_OK)
            return failed(u, u->out, err);
    return more == ARCHIVE_EOF ? 0 : failed(u, u->in, err);
}

static int take(struct untar *u, struct archive_entry *e, struct pc_err *err)
{
    struct pc_text name = {0}, hard = {0};
    if (check_member(u, e, err))
        return -1;
    pc_text_add(&name, "%s/%s", u->dir, archive_entry_pathname(e));
    if (archive_entry_hardlink(e))
        pc_text_add(&hard, "%s/%s", u->dir, archive_entry_hardlink(e));
    int status = pc_text_ok(&name, err) || pc_text_ok(&hard, err) ? -1 : 0;
    if (status == 0) {
        archive_entry_set_pathname(e, pc_text_str(&name));
        if (archive_entry_hardlink(e))
            archive_entry_set_hardlink(e, pc_text_str(&hard));
        archive_entry_set_perm(e, archive_entry_filetype(e) == AE_IFDIR ? 0700 : 0600);
        status = archive_write_header(u->out, e) == ARCHIVE_OK ? copy(u, err) : failed(u, u->out, err);
    }
    if (status == 0 && archive_write_finish_entry(u->out) != ARCHIVE_OK)
        status = failed(u, u->out, err);
    pc_text_free(&name);
    pc_text_free(&hard);
    return status;
}

static int open_both(struct untar *u)
{
    u->in = archive_read_new();
    u->out = archive_write_disk_new();
    if (!u->in || !u->out)
        return -1;
    archive_write_disk_set_options(u->out, ARCHIVE_EXTRACT_SECURE_SYMLINKS | ARCHIVE_EXTRACT_SECURE_NODOTDOT);
    archive_read_support_filter_gzip(u->in);
    archive_read_support_filter_bzip2(u->in);
    archive_read_support_filter_xz(u->in);
    archive_read_support_filter_zstd(u->in);
    archive_read_support_format_tar(u->in);
    return archive_read_open_filename(u->in, u->path, read_byte) == ARCHIVE_OK ? 0 : -1;
}

static int unpack(struct untar *u, struct pc_err *err)
{
    struct archive_entry *e;
    int more;
    if (open_both(u)) {
        if (!u->in || !u->out)
            return pc_err_set(err, PC_EX_NOMEM, "%s: out of memory", u->path);
        return archive_errno(u->in) == no_archive ? 0 : failed(u, u->in, err);
    }
    while ((more = archive_read_next_header(u->in, &e)) == ARCHIVE_OK || more == ARCHIVE_WARN)
        if (take(u, e, err))
            return -1;
    return more == ARCHIVE_EOF ? 1 : failed(u, u->in, err);
}

int pc_untar(const char *path, const char *dir, struct pc_err *err)
{
    struct untar u = {path, dir, NULL, NULL};
    int status = unpack(&u, err);
    if (u.in)
        archive_read_free(u.in);
    if (u.out && archive_write_free(u.out) != ARCHIVE_OK && status == 1)
        status = pc_err_set(err, PC_EX_IOERR, "%s: cannot be unpacked into %s", path, dir);
    return status;
}
