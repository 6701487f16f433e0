/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_SOURCE_H
#define PC_IO_SOURCE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where members come from: a tar stream or a directory that looks like one. Entries come in the order of the
 * stream, 00stream first; what is not taken of one is skipped by the next call. */

struct pc_entry {
    char path[1024]; /* "00cube", "ch00042/psf.fits" */
    int64_t size;
    bool uncommitted; /* a zzplane that is not there: the channel was left unfinished */
};

struct pc_source;
struct pc_source_ops {
    /* 1, 0 at the end, -1 */
    int (*next)(struct pc_source *s, struct pc_entry *e, struct pc_err *err);
    /* The next bytes of the entry, borrowed until the next call; *n is 0 at its end. */
    int (*chunk)(struct pc_source *s, const void **p, size_t *n, struct pc_err *err);
    void (*free)(struct pc_source *s);
    /* Instead of the next n bytes the file they are in and where: 1, and they count as given; 0 when that
     * cannot be. The file stays open until the next call. NULL: never. */
    int (*range)(struct pc_source *s, int64_t n, int *fd, int64_t *at);
};
struct pc_source {
    const struct pc_source_ops *ops;
    const char *name; /* for errors */
    const char *root; /* of a directory; NULL: members cannot be read again later */
    int only_channel; /* DIR/ch00042: that index; else -1 */
};

/* "-", tar file, directory or one channel of a directory. 64: a terminal; 66: not there; 65: neither. */
int pc_source_open(struct pc_source **s, const char *path, bool accept_uncommitted,
                   struct pc_err *err) PC_MUST_CHECK;

int pc_tar_in_open(struct pc_source **s, int fd, const char *name, struct pc_err *err) PC_MUST_CHECK;
/* only_channel: -1 for all. */
int pc_dir_in_open(struct pc_source **s, const char *root, int only_channel, bool accept_uncommitted,
                   struct pc_err *err) PC_MUST_CHECK;

#endif
