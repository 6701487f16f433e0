/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TOOLS_PSF_CHANNEL_H
#define PC_TOOLS_PSF_CHANNEL_H

#include "grid/imager.h"
#include "grid/weight.h"
#include "grid/wspread.h"
#include "image/pb_array.h"
#include "io/bundle.h"
#include "tools/psf_model.h"

/* A channel as pc-psf makes it: from its blocks of visibilities the imaging weights, the psf, the primary
 * beam and what else begins a channel. One set of buffers serves all channels. */

enum { PSF_WTERM_AUTO, PSF_WTERM_NONE, PSF_WTERM_FULL };

struct psf_conf {
    struct pc_geom geom;
    struct pc_planes planes;
    const char *stokes; /* their name, for 00plane */
    enum pc_weighting weighting;
    double robust, noise_jy, fracbw; /* fracbw 0: as 00cube says */
    int npixels;
    struct pc_taper taper;
    const char *uvtaper; /* as typed */
    bool perchanweightdensity;
    const char *density; /* file with that of all channels, or NULL */
    const char *gridder; /* as the user said, for 00plane */
    int wterm;           /* PSF_WTERM_... */
    bool wide;           /* in double precision */
    int nthread;
    double accuracy, pblimit, psfcutoff;
    const char *pb;                /* image of the primary beam; NULL: the telescope's */
    const struct psf_model *model; /* to begin with */
    const char *program, *history;
    struct pc_log *log;
};

struct psf_channel {
    const char *name; /* "ch00042", borrowed */
    struct pc_visstore *vis;
    struct pc_imhead psf; /* of psf.fits: all planes, which are alike */
    void *plane;          /* [ny][nx] floats, or doubles, where one has to be held; NULL until then */
    struct pc_pb_array *pb;
    char dishes[256]; /* for the report: " dishes=" with their shares of the weight; "" when they are alike */
    struct pc_weight_count count;
    double sumwt, sidelobe;
    struct pc_reach reach;            /* of what is gridded */
    struct pc_wspread wspread;        /* the same */
    double wphase_rad;                /* what w does in the corner */
    bool wfull;                       /* the w-term is taken into account */
    int wterms;                       /* by so many terms */
    bool told_wphase;                 /* the run has been warned */
    struct pc_startmodel_tally model; /* what the model brought */
};

int psf_channel_init(struct psf_channel *c, const struct psf_conf *conf, int64_t mem_byte,
                     struct pc_err *err) PC_MUST_CHECK;
void psf_channel_fini(struct psf_channel *c);
/* Forgets the channel before; its blocks go into c->vis. */
void psf_channel_begin(struct psf_channel *c, const char *name);
/* Takes a member of a block, as pc_visstore_member(); row.fits only where the primary beam needs it. */
int psf_channel_member(struct psf_channel *c, struct pc_pass *pass, const struct pc_member *m,
                       struct pc_err *err) PC_MUST_CHECK;
/* Weights, and how to grid. cube and plane: 00cube and 00plane. */
int psf_channel_make(struct psf_channel *c, const struct psf_conf *conf, const struct pc_record *cube,
                     const struct pc_record *plane, struct pc_err *err) PC_MUST_CHECK;
/* c->plane; NULL when there is no memory for it. */
void *psf_channel_plane(struct psf_channel *c, const struct psf_conf *conf, struct pc_err *err) PC_MUST_CHECK;
/* Makes the psf and puts everything, in travel order; drops what an earlier life of the channel left. */
int psf_channel_put(struct psf_channel *c, const struct psf_conf *conf, struct pc_pass *pass,
                    const struct pc_record *plane, struct pc_err *err) PC_MUST_CHECK;

#endif
