/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_DISHES_H
#define PC_IMAGE_PB_DISHES_H

#include "image/pb.h"
#include "image/vis.h"

/* The kinds of dishes that an array has, and how much of the data is from which pair of them.
 *
 * What a baseline of dishes a and b sees of the sky is the product of their voltage patterns V_a V_b: of two
 * like dishes the power pattern. A plane made of many baselines sees the mean of these, weighted by the
 * imaging weights of the samples (Thompson, Moran & Swenson, Interferometry and Synthesis in Radio Astronomy,
 * section 3.1). CASA's mosaic gridder goes by pairs too; its standard gridder takes the first antenna's beam
 * for all. */

struct pc_dishes {
    int nant, nkind;
    int *kind;        /* [nant], owned */
    struct pc_pb *pb; /* [nkind], owned */
    double *diam_m;   /* [nkind], owned; 0: unknown */
    double *weight;   /* [nkind][nkind], owned: sums of imaging weights, a pair at [lower][higher] */
};

/* Whether an array has dishes that differ by more than 1 %: only then row.fits is needed. */
bool pc_dishes_differ(const struct pc_visinfo *info);
/* From what a block says of its array; `d` is uninitialised before. Dishes of unknown diameter are as the
 * first one that has one. Two diameters that pc_pb_choose() has the same beam for are one kind. */
int pc_dishes_init(struct pc_dishes *d, const struct pc_visinfo *info, struct pc_log *log,
                   struct pc_err *err) PC_MUST_CHECK;
void pc_dishes_fini(struct pc_dishes *d);
void pc_dishes_clear(struct pc_dishes *d); /* the weights */
/* Adds the imaging weights (natural ones, of the first correlation, when the block has none) of a block of
 * that array. Where there are several kinds, PC_EX_DATA without row.fits or when that names other antennas.
 */
int pc_dishes_add(struct pc_dishes *d, const struct pc_visblock *b, struct pc_err *err) PC_MUST_CHECK;
double pc_dishes_weight(const struct pc_dishes *d);
/* Weight that is from dishes of a kind: a baseline is from either to one half. */
double pc_dishes_weight_of(const struct pc_dishes *d, int kind);
/* The kind that all of the weight is from; -1 when there are several. */
int pc_dishes_only(const struct pc_dishes *d);
/* The mean power pattern: table[i] at i * *reach_rad / (n-1), an angle at 1 GHz. */
int pc_dishes_table(const struct pc_dishes *d, double freq_hz, int n, double *table, double *reach_rad,
                    struct pc_err *err) PC_MUST_CHECK;

#endif
