/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A first geometry for the visibilities of a bundle. */
#include "io/figures.h"

#include <math.h>
#include <stdlib.h>

static const double LIGHT_MPS = 299792458.0;

const struct pc_use pc_figures_vis_uses[] = {{"vis*/*.fits", PC_TAKE}, {NULL, 0}};

struct extent {
    double bmax_lambda, freq_hz, dish_m;
    const char *stokes;
};

/* Both linear or both circular hands make I; one alone is its own Stokes plane. */
static const char *stokes_of(const struct pc_visinfo *info)
{
    enum { RR = -1, LL = -2, XX = -5, YY = -6 };
    static const int pairs[][2] = {{XX, YY}, {RR, LL}};
    int hand = 0;
    for (size_t k = 0; k < sizeof pairs / sizeof *pairs; k++) {
        int found = 0;
        for (int i = 0; i < info->ncorr; i++)
            if (info->corr[i] == pairs[k][0] || info->corr[i] == pairs[k][1]) {
                found++;
                hand = info->corr[i];
            }
        if (found == 2)
            return "I";
    }
    return hand ? pc_stokes_name(hand) : "I";
}

static void extend(struct extent *e, const struct pc_visblock *b)
{
    double longest_m2 = 0, freq_hz = 0;
    for (int64_t i = 0; i < b->nrow; i++) {
        const double *u = b->uvw_m + 3 * i;
        longest_m2 = fmax(longest_m2, u[0] * u[0] + u[1] * u[1]);
    }
    for (int64_t i = 0; i < b->nchan * (b->freq_per_row ? b->nrow : 1); i++)
        freq_hz = fmax(freq_hz, b->freq_hz[i]);
    e->bmax_lambda = fmax(e->bmax_lambda, sqrt(longest_m2) * freq_hz / LIGHT_MPS);
    e->freq_hz = fmax(e->freq_hz, freq_hz);
    e->stokes = stokes_of(&b->info);
    for (int i = 0; i < b->info.nant; i++)
        if (b->info.diam_m[i] > 0 && (e->dish_m == 0 || b->info.diam_m[i] < e->dish_m))
            e->dish_m = b->info.diam_m[i];
}

static int extend_channel(struct pc_pass *pass, struct pc_visstore *store, struct extent *e,
                          struct pc_err *err)
{
    struct pc_member m;
    int more;
    pc_visstore_clear(store);
    while ((more = pc_pass_member(pass, &m, err)) > 0)
        if (pc_visstore_member(store, pass, &m, false, err) < 0)
            return -1;
    for (int i = 0; more == 0 && i < pc_visstore_count(store); i++) {
        struct pc_visblock *b;
        if (pc_visstore_block(store, i, &b, err))
            return -1;
        extend(e, b);
    }
    return more;
}

int pc_figures_suggest(struct pc_pass *pass, int max_px, struct pc_figures_advice *out, struct pc_err *err)
{
    struct pc_visstore *store = NULL;
    struct extent e = {0};
    struct pc_chan chan;
    int more = pc_visstore_new(&store, (int64_t)256 << 20, NULL, err);
    while (more == 0 && (more = pc_pass_channel(pass, &chan, err)) > 0)
        more = extend_channel(pass, store, &e, err);
    pc_visstore_free(store);
    if (more < 0)
        return -1;
    if (!(e.bmax_lambda > 0))
        return pc_err_set(err, PC_EX_DATA, "no baseline has a length: there is nothing to choose a cell by");
    out->geometry = pc_suggest(e.bmax_lambda, e.freq_hz, e.dish_m, max_px);
    out->stokes = e.stokes;
    return 0;
}
