/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_SINK_H
#define PC_IO_SINK_H

#include "base/text.h"

#include <stdint.h>

/* Where members go: a tar stream or file, a new directory, or a directory changed in place. Paths are those
 * of the stream ("ch00042/psf.fits"). After an error only abort may be called. */

struct pc_sink;
struct pc_sink_ops {
    int (*begin)(struct pc_sink *s, const char *path, int64_t size, struct pc_err *err);
    int (*write)(struct pc_sink *s, const void *buf, size_t n, struct pc_err *err);
    /* The file it is being written to, open for reading too; NULL where there is none. */
    int (*fd)(const struct pc_sink *s);
    int (*end)(struct pc_sink *s, struct pc_err *err);
    /* A hard link to `file` under the name `path`: 1; 0: cannot, a copy must do. */
    int (*link)(struct pc_sink *s, const char *path, const char *file, struct pc_err *err);
    /* In place: the member goes away at commit. */
    int (*remove)(struct pc_sink *s, const char *path, struct pc_err *err);
    /* The end of a channel ("ch00042"); zzplane is what its commit record says. */
    int (*commit)(struct pc_sink *s, const char *channel, const struct pc_text *zzplane, struct pc_err *err);
    /* The end of all; frees the sink whatever happens. zzend is what that member says; NULL, in
     * a tar file that is no stream: there is none. */
    int (*close)(struct pc_sink *s, const struct pc_text *zzend, struct pc_err *err);
    void (*abort)(struct pc_sink *s);
};
struct pc_sink {
    const struct pc_sink_ops *ops;
    const char *root; /* of a directory; NULL: none */
    bool in_place;    /* what is not written stays as it is */
};

/* "-", "*.tar", or a directory that is made. */
int pc_sink_open(struct pc_sink **s, const char *path, struct pc_err *err) PC_MUST_CHECK;
int pc_tar_out_open(struct pc_sink **s, const char *path,
                    struct pc_err *err) PC_MUST_CHECK; /* NULL: standard output */
int pc_dir_out_open(struct pc_sink **s, const char *path, struct pc_err *err) PC_MUST_CHECK;
int pc_place_out_open(struct pc_sink **s, const char *root, struct pc_err *err) PC_MUST_CHECK;

/* A whole small member. */
int pc_sink_put(struct pc_sink *s, const char *path, const void *buf, size_t n,
                struct pc_err *err) PC_MUST_CHECK;

#endif
