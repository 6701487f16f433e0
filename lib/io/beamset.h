/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_BEAMSET_H
#define PC_IO_BEAMSET_H

#include "image/image.h"
#include "io/workdir.h"

/* The clean beams of many channels, by Stokes plane, and the one that is common to them
 * (image/beam_common.h). They come from the headers of psf.fits in a bundle, or from the records
 * WORK/chNNNNN.beam that pc-cube's jobs leave: lines "beam_rad=MAJ MIN PA", one per Stokes plane. */

struct pc_beamset {
    struct pc_beam *beam; /* [nchan][PC_MAX_POL]; size 0: no beam; owned */
    int nchan, cap;
    int nblank; /* channels without any beam: they do not count */
};

/* s is zeroed before the first of these; each adds to it. */
int pc_beamset_add(struct pc_beamset *s, const struct pc_beam *beam, int npol,
                   struct pc_err *err) PC_MUST_CHECK;
/* A reading pass over a source. A channel with stop code -1 has no beam, whatever its header says.
 * PC_EX_DATA when a channel has no psf.fits. */
int pc_beamset_read(struct pc_beamset *s, const char *src, struct pc_err *err) PC_MUST_CHECK;
/* NULL when src has all its channels at once and can be read twice (a directory, a tar file; what is none is
 * for the pass to say); else what it is, as part of a sentence. */
const char *pc_beamset_why_not(const char *src);
/* The records of a run, in order of its channels; a channel without one does not count. */
int pc_beamset_work(struct pc_beamset *s, const struct pc_workdir *w, struct pc_err *err) PC_MUST_CHECK;
/* The last channel's record. */
int pc_beamset_record(const struct pc_beamset *s, struct pc_record *out, struct pc_err *err) PC_MUST_CHECK;
/* The common beam; no size when no channel has one. It has the 12 digits that pc_beam_text() writes, so that
 * it is the same whether it is used or passed on as a text. */
int pc_beamset_common(const struct pc_beamset *s, struct pc_beam *common, struct pc_err *err) PC_MUST_CHECK;
void pc_beamset_fini(struct pc_beamset *s);

#endif
