/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PASS_H
#define PC_IO_PASS_H

#include "base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* A pass takes channels from a source to a destination, member by member, in the order of pc-stream(5).
 *
 * The tool says once which members it takes (reads) and which it may make (replace or add); everything else
 * goes through untouched, unknown members too. Source and destination may each be a pipe ("-"), a tar file, a
 * directory, or one channel of a directory (DIR/ch00042); the tool does not see which. The loop of every
 * filter is
 *
 *     pc_pass_open(&pass, &conf, err)
 *     while ((more = pc_pass_channel(pass, &chan, err)) > 0) {
 *         while ((more = pc_pass_member(pass, &m, err)) > 0)
 *             ... pc_pass_image(), pc_pass_record(), pc_visstore_member() or pc_pass_read(): what is not read
 * is skipped
 *         ... compute ...
 *         pc_pass_put_image(pass, "residual.fits", &residual, NULL, err)
 *         pc_pass_commit(pass, err)
 *     }
 *     pc_pass_close(pass, err)
 *
 * What the tool takes is forwarded too, unless it makes a member of that name. A member it may make but does
 * not put is forwarded as it came. Order in a stream is kept by holding back, in memory up to mem_byte and
 * then in an unlinked file in tmpdir, what comes after the first member that is not decided yet. In place:
 * nothing is copied; commit unlinks zzplane, renames the new members in, writes zzplane (fsync, rename). A
 * channel nothing was put into or dropped from keeps its zzplane and its time.
 *
 * Errors: no such source 66; a stream without zzend, a channel without zzplane, a bad size, a foreign
 * version: 65; the output cannot be written: 73, 74 (what is new is taken
 * away when it is given up; killed, it lacks zzend; a tar file is renamed into place only at close). A source
 * that is a terminal, or a stream to a terminal, is 64. One pass, one thread, but for
 * nthread. */

struct pc_pass;

enum { PC_TAKE = 1, PC_MAKE = 2 };
struct pc_use {
    const char *name; /* within the channel; wildcards as in fnmatch. Write * for a block's number: question
                         marks before a slash are a trigraph of C. */
    unsigned how;
};

struct pc_pass_conf {
    const char *src;           /* NULL: a pass that only writes (pc-select) */
    const char *dst;           /* NULL: in place when src is a directory, else "-" */
    const struct pc_use *uses; /* ends with name NULL */
    bool read_only;            /* a pass that only reads (pc-check, pc-concat): dst is not looked at */
    bool accept_uncommitted;   /* pc-psf: a channel of a directory without zzplane is begun afresh */
    int64_t mem_byte;          /* 0: 256 MiB */
    int nthread;               /* threads that read a large plane of a directory; 0, 1: none */
    const char *tmpdir;        /* NULL: /tmp; the tool gives $TMPDIR */
    const char *version;       /* not used by version 1 of the stream: 00stream says pcs=1 alone */
};

struct pc_chan {
    int index;              /* in the cube's axis */
    char name[16];          /* "ch00042" */
    struct pc_record plane; /* 00plane; borrowed until the next channel */
};

struct pc_member {
    const char *name; /* within the channel, "psf.fits"; borrowed until the next call */
    int64_t size;     /* bytes */
};

/* Bytes from one member: what lib/io/fits.h reads from. Reads exactly n or fails with 65. */
struct pc_reader {
    int (*read)(struct pc_reader *r, void *buf, size_t n, struct pc_err *err);
    const char *name; /* for errors: "stage.tar: ch00042/psf.fits" */
    int64_t left;     /* bytes not read yet */
};

int pc_pass_open(struct pc_pass **pass, const struct pc_pass_conf *conf, struct pc_err *err) PC_MUST_CHECK;
/* 00cube, the whole axis; borrowed. Valid after open (after pc_pass_set_cube for a writing pass). */
const struct pc_record *pc_pass_cube(const struct pc_pass *pass);

/* 1: chan is the next channel; 0: no more (zzend was seen and its count is right); -1. */
int pc_pass_channel(struct pc_pass *pass, struct pc_chan *chan, struct pc_err *err) PC_MUST_CHECK;
/* 1: m is a member the table takes; 0: all members of this channel have been seen, zzplane among them; -1. */
int pc_pass_member(struct pc_pass *pass, struct pc_member *m, struct pc_err *err) PC_MUST_CHECK;
/* The bytes of the member just given. */
struct pc_reader *pc_pass_reader(struct pc_pass *pass);

/* A writing pass: 00cube first, then channel by channel. */
int pc_pass_set_cube(struct pc_pass *pass, const struct pc_record *cube, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_begin_channel(struct pc_pass *pass, int index, const struct pc_record *plane,
                          struct pc_err *err) PC_MUST_CHECK;

/* Makes a member of exactly `size` bytes. Members must be put in travel order (00plane, vis*, psf.fits,
 * pb.fits, sumwt.fits, state, residual.fits, mask.fits, masknext.fits, model.fits, modelbest.fits,
 * image.fits, image.pbcor.fits). */
int pc_pass_put(struct pc_pass *pass, const char *name, int64_t size, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_write(struct pc_pass *pass, const void *buf, size_t n, struct pc_err *err) PC_MUST_CHECK;
/* Whether what has been written of a member may be read, and written anew, before it ends (in directories).
 */
bool pc_pass_can_amend(const struct pc_pass *pass);
int pc_pass_put_end(struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
/* Forgets a member the channel came with (it must be declared PC_MAKE). Not having it is no error. */
int pc_pass_drop(struct pc_pass *pass, const char *name, struct pc_err *err) PC_MUST_CHECK;
/* A hard link to a member of another channel instead of a copy where both are in one directory tree (uvw.fits
 * shared between channels); a copy else. */
int pc_pass_put_link(struct pc_pass *pass, const char *name, int from_channel, const char *from_name,
                     struct pc_err *err) PC_MUST_CHECK;
/* A member of `size` bytes that was filled before its channel came (io/fill.h): head is how it begins. Only
 * in a new directory. */
int pc_pass_put_filled(struct pc_pass *pass, const char *name, int64_t size, const void *head, size_t nhead,
                       struct pc_err *err) PC_MUST_CHECK;
/* Forwards what is left and writes zzplane. */
int pc_pass_commit(struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
/* After the last channel: writes zzend, fsyncs, renames. Frees the pass also when it fails; after an error
 * elsewhere use pc_pass_abort(), which leaves no partial file under its final name. */
int pc_pass_close(struct pc_pass *pass, struct pc_err *err) PC_MUST_CHECK;
void pc_pass_abort(struct pc_pass *pass);

#endif
