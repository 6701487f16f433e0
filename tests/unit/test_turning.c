/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/turning.h"

#include "io/fits.h"
#include "tap.h"

#include <stdlib.h>
#include <string.h>

enum { nrow = 11, nchan = 9, lo = 2 };

static uint32_t word(const void *at)
{
    const unsigned char *b = at;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static float number(const void *at)
{
    const uint32_t w = word(at);
    float f;
    memcpy(&f, &w, sizeof f);
    return f;
}

/* Rows of nchan channels: any numbers; every seventh weight says why it does not count. */
static void make(float *vis, float *weight, int nc)
{
    for (int i = 0; i < nrow * nchan * nc; i++) {
        vis[2 * i] = (float)(i * i) - 300.5f;
        vis[2 * i + 1] = -1 / (float)(i + 1);
        weight[i] = i % 7 == 3 ? -(float)(i % PC_LEFT_NREASON) : 0.25f * (float)(i + 1);
    }
}

/* Slots k of the plane hold channels chan[k]: sample by sample, as the header says. */
static void plane(int nc, int nper, const int *chan)
{
    static float vis[nrow * nchan * 4 * 2], weight[nrow * nchan * 4];
    static char to_vis[nrow * nchan * 4 * 8], to_weight[nrow * nchan * 4 * 4];
    struct pc_tap tap[nchan] = {{0}};
    struct pc_turned got;
    int64_t left_out[PC_LEFT_NREASON] = {0};
    double total = 0;
    int wrong = 0;
    make(vis, weight, nc);
    for (int k = 0; k < nper; k++)
        tap[k].chan = chan ? lo + chan[k] : 0;
    const struct pc_turning u = {.vis_jy = vis,
                                 .weight = weight,
                                 .row = nchan * nc,
                                 .tap = chan ? tap : NULL,
                                 .lo = lo,
                                 .nper = nper,
                                 .ncorr = nc,
                                 .n = nrow,
                                 .to_vis = to_vis,
                                 .to_weight = to_weight};
    pc_turning_do(&u, &got);
    for (int i = 0; i < nrow; i++)
        for (int k = 0; k < nper; k++)
            for (int j = 0; j < nc; j++) {
                const int from = (i * nchan + (chan ? chan[k] : k)) * nc + j, to = (i * nper + k) * nc + j;
                const bool counts = weight[from] > 0;
                wrong += number(to_vis + 8 * to) != vis[2 * from] ||
                         number(to_vis + 8 * to + 4) != vis[2 * from + 1] ||
                         number(to_weight + 4 * to) != (counts ? weight[from] : 0);
                total += counts ? (double)weight[from] : 0;
                if (!counts)
                    left_out[(int)-weight[from]]++;
            }
    const int64_t n = (int64_t)nrow * nper * nc;
    ok(wrong == 0, "%d correlations, %d slots%s: samples", nc, nper, chan ? " by taps" : "");
    ok(got.vis == pc_datasum_bytes(0, to_vis, n * 8) && got.weight == pc_datasum_bytes(0, to_weight, n * 4),
       "their sums are those of what was written");
    ok(got.total == total, "and of the weights"); /* quarters: exact */
    ok(memcmp(got.left_out, left_out, sizeof left_out) == 0, "and what is left out is told by its reason");
}

int main(void)
{
    static const int one[] = {5}, some[] = {8, 0, 3, 3};
    for (int nc = 1; nc <= 4; nc++) {
        plane(nc, 1, NULL);
        plane(nc, 1, one);
        plane(nc, 4, some);
        plane(nc, nchan, NULL);
    }
    return tap_done();
}
