/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBE_H
#define PC_IO_CUBE_H

#include "base/log.h"
#include "io/bundle.h"

/* Cubes that grow in a directory: one FITS file per product (io/cubefile.h), planes of channels put at their
 * place in any order by any number of processes, then finished: headers, BEAMS tables, names. The bytes do
 * not depend on the order.
 *
 * DIR/axis                the spectral axis (a copy of 00cube), first= and count= of the channels kept,
 * products= DIR/PRODUCT.fits        the cube, made by whoever brings the first plane of that product
 * DIR/chNNNNN.planes      what is known of a channel's planes: sums and headers; written when they are safe
 *                         on disk
 * DIR/finished            imagename=: what the cubes were renamed to; placing again takes them back
 * DIR/names               imagename=: every name they were ever finished under
 *
 * A channel that is placed but lacks a product has the product's neutral value there (model 0, mask and pb
 * 1), else NaN; a channel that was not placed is NaN, 0 in masks. With PBLIMIT > 0, image, image.pbcor,
 * residual and pb are blanked where pb is not above it. One pc_cube, one thread; many processes may work on
 * one directory. */

struct pc_cube;

/* Names of products, comma-separated, as in bundles without .fits; NULL or "": all that pc knows. */
extern const char pc_cube_all_products[];

/* DIR is made when it is absent; an axis is there already or comes by pc_cube_set_axis(). 64: an unknown
 * product. */
int pc_cube_open(struct pc_cube **cube, const char *dir, const char *products,
                 struct pc_err *err) PC_MUST_CHECK;
void pc_cube_free(struct pc_cube *cube);
/* Members a pass must take for pc_cube_place(). Borrowed. */
const struct pc_use *pc_cube_uses(const struct pc_cube *cube);
/* The whole axis and the part of it that is kept. Whoever comes first makes it; another axis is 65, another
 * part is not an error: the first one's stays. */
int pc_cube_set_axis(struct pc_cube *cube, const struct pc_record *cube00, int first, int count,
                     struct pc_err *err) PC_MUST_CHECK;
bool pc_cube_has_axis(const struct pc_cube *cube);
/* Takes the members of the channel that pass has just begun. `done` gets index, freq_hz, beam (of the image,
 * else the psf) and datasum_PRODUCT. `once`: 65 when the channel is there already, and
 * nothing is made safe on disk before pc_cube_finish(): for cubes that one process makes from beginning to
 * end. */
int pc_cube_place(struct pc_cube *cube, struct pc_pass *pass, const struct pc_chan *chan, bool once,
                  struct pc_record *done, struct pc_err *err) PC_MUST_CHECK;
/* Keeps the channels from the lowest to the highest that are there. 65 when there are none. */
int pc_cube_crop(struct pc_cube *cube, struct pc_err *err) PC_MUST_CHECK;

struct pc_cube_names {
    const char *imagename; /* IMAGENAME.image.fits ... */
    bool overwrite;        /* else 73 when one of them exists */
    const char *done_dir;  /* only channels with done_dir/chNNNNN.done count; NULL: all that were placed */
    const char *keep;      /* these products keep their growing names (pc_cube_file()): something else is made
                              of them; comma-separated, NULL: none */
};
/* 73 when a product of that name exists (and is not this very cube, finished before). */
int pc_cube_check_names(struct pc_cube *cube, const struct pc_cube_names *names,
                        struct pc_err *err) PC_MUST_CHECK;
/* Whether the cubes have ever been finished under this name: then what has it is of these cubes. */
int pc_cube_had_name(const struct pc_cube *cube, const char *imagename, bool *is,
                     struct pc_err *err) PC_MUST_CHECK;
/* The i-th product; NULL beyond the last. Borrowed. */
const char *pc_cube_product_name(const struct pc_cube *cube, int i);
/* Where the cube of a product is after pc_cube_finish(): IMAGENAME.PRODUCT.fits, or in DIR; "" when no
 * channel had it. */
int pc_cube_file(const struct pc_cube *cube, const char *imagename, const char *product, char path[4096],
                 struct pc_err *err) PC_MUST_CHECK;
/* Fills gaps, writes headers and tables, renames. May be killed and called again. *nmissing: channels without
 * data. */
int pc_cube_finish(struct pc_cube *cube, const struct pc_cube_names *names, int *nmissing, struct pc_log *log,
                   struct pc_err *err) PC_MUST_CHECK;
/* ---- cubes that refer to the planes of directories, in CASA's imageconcat form ---- */
/* As pc_cube_place() with `once`, but only notes where the channel's planes are: in the directory dir. */
int pc_cube_refer(struct pc_cube *cube, struct pc_pass *pass, const struct pc_chan *chan, const char *dir,
                  struct pc_err *err) PC_MUST_CHECK;
/* After pc_cube_crop(): IMAGENAME.PRODUCT, directories that refer to the planes, or, with move, hold them:
 * then the channels lose them and are unfinished. Planes are as they are: nothing is blanked. imagename is
 * absolute. When it is killed the planes are where they were, or in both places. */
int pc_cube_join(struct pc_cube *cube, const char *imagename, bool move, struct pc_err *err) PC_MUST_CHECK;

/* Makes a directory for cubes and holds it: a file descriptor to be closed when done; 73 when another process
 * holds it. */
int pc_cube_hold(const char *dir, struct pc_err *err) PC_MUST_CHECK;
/* Removes the files of a directory of cubes. */
void pc_cube_clear(const char *dir);

/* ---- the cubes of a run of pc-cube, in WORK/cube ---- */
/* As pc_cube_open(); without products those of WORK/params. 66 when there is no such directory. */
int pc_cube_open_work(struct pc_cube **cube, const char *work, const char *products,
                      struct pc_err *err) PC_MUST_CHECK;
/* The axis, from the lowest to the highest channel of WORK/channels (all channels when there is no such
 * list). */
int pc_cube_begin_work(struct pc_cube *cube, const char *work, const struct pc_record *cube00,
                       struct pc_err *err) PC_MUST_CHECK;
/* WORK/chNNNNN.done: done, over it the record WORK/chNNNNN.notes where there is one, over that the notes
 * (key=value). Written last: what it says is safe on disk. */
int pc_cube_done_work(const char *work, int index, struct pc_record *done, const char *const *note, int nnote,
                      struct pc_err *err) PC_MUST_CHECK;

#endif
