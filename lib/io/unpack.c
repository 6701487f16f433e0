/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/unpack.h"

#include "base/mem.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { chunk_byte = 1 << 18 };

static int damaged(struct archive *a, const char *path, struct pc_err *err)
{
    const char *why = archive_error_string(a);
    return pc_err_set(err, PC_EX_DATA, "%s: %s", path, why ? why : "is damaged");
}

/* Whether the bytes of a file stand open in `a`, and are others than the file's own. */
static bool is_packed(struct archive *a, const char *path)
{
    struct archive_entry *e;
    archive_read_support_filter_gzip(a);
    archive_read_support_filter_bzip2(a);
    archive_read_support_filter_xz(a);
    archive_read_support_filter_zstd(a);
    archive_read_support_format_raw(a);
    return archive_read_open_filename(a, path, chunk_byte) == ARCHIVE_OK &&
           archive_read_next_header(a, &e) == ARCHIVE_OK && archive_filter_code(a, 0) != ARCHIVE_FILTER_NONE;
}

/* The rest, after the n bytes that were read to look at. */
static int copy(struct archive *a, const char *path, char *buf, la_ssize_t n, const char *to,
                struct pc_err *err)
{
    FILE *f = fopen(to, "wb");
    if (!f)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", to);
    bool wrote = true;
    for (; n > 0 && wrote; n = wrote ? archive_read_data(a, buf, chunk_byte) : n)
        wrote = fwrite(buf, 1, (size_t)n, f) == (size_t)n;
    int status = 0;
    if (n < 0)
        status = damaged(a, path, err);
    if (fclose(f) != 0 || !wrote)
        status = pc_err_errno(err, PC_EX_IOERR, "%s: cannot be unpacked to %s (TMPDIR says where)", path, to);
    return status ? -1 : 1;
}

int pc_unpack(const char *path, const char *begins, const char *to, struct pc_err *err)
{
    char *buf = pc_mem_new(chunk_byte, 1, "unpacking", err);
    struct archive *a = buf ? archive_read_new() : NULL;
    int status = 0;
    if (!a) {
        pc_mem_free(buf);
        return pc_err_set(err, PC_EX_NOMEM, "%s: out of memory", path);
    }
    if (is_packed(a, path)) {
        const la_ssize_t n = archive_read_data(a, buf, chunk_byte);
        if (n < 0)
            status = damaged(a, path, err);
        else if (n >= (la_ssize_t)strlen(begins) && memcmp(buf, begins, strlen(begins)) == 0)
            status = copy(a, path, buf, n, to, err);
    }
    archive_read_free(a);
    pc_mem_free(buf);
    return status;
}
