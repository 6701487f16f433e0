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

/* Plane q of per channels, from channel lo on: sample by sample, as the header says. */
static void check(const struct pc_turning *u, const char *to_vis, const char *to_weight, const float *vis,
                  const float *weight, int nc, int per, int q)
{
    const struct pc_turned got = pc_turning_sums(u, q);
    const int64_t n = (int64_t)nrow * per * nc;
    int64_t left_out[PC_LEFT_NREASON] = {0};
    double total = 0;
    int wrong = 0;
    for (int i = 0; i < nrow; i++)
        for (int k = 0; k < per * nc; k++) {
            const int from = (i * nchan + lo + q * per) * nc + k, to = i * per * nc + k;
            const bool counts = weight[from] > 0;
            wrong += number(to_vis + 8 * to) != vis[2 * from] ||
                     number(to_vis + 8 * to + 4) != vis[2 * from + 1] ||
                     number(to_weight + 4 * to) != (counts ? weight[from] : 0);
            total += counts ? (double)weight[from] : 0;
            if (!counts)
                left_out[(int)-weight[from]]++;
        }
    ok(wrong == 0, "%d correlations, plane %d of %d channels: samples", nc, q, per);
    ok(got.vis == pc_datasum_bytes(0, to_vis, n * 8) && got.weight == pc_datasum_bytes(0, to_weight, n * 4),
       "their sums are those of what was written");
    ok(got.total == total, "and of the weights"); /* quarters: exact */
    ok(memcmp(got.left_out, left_out, sizeof left_out) == 0, "and what is left out is told by its reason");
}

static void planes(int nc, int per)
{
    static float vis[nrow * nchan * 4 * 2], weight[nrow * nchan * 4];
    static char to_vis[nrow * nchan * 4 * 8], to_weight[nrow * nchan * 4 * 4];
    const int nplane = (nchan - lo) / per;
    struct pc_turning u;
    struct pc_err err = {0};
    make(vis, weight, nc);
    if (!ok(pc_turning_init(&u, 4, (int64_t)nplane * per * nc, &err) == 0, "room for four rows %s", err.msg))
        return;
    for (int q = 0; q < nplane; q++) {
        pc_turning_start(&u, nplane, (int64_t)per * nc);
        for (int i = 0; i < nrow; i += 4) {
            const int n = nrow - i < 4 ? nrow - i : 4, from = (i * nchan + lo) * nc;
            pc_turning_take(&u, vis + 2 * from, weight + from, nchan * nc, n);
            pc_turning_deal(&u, q, n, to_vis + i * per * nc * 8, to_weight + i * per * nc * 4);
        }
        check(&u, to_vis, to_weight, vis, weight, nc, per, q);
    }
    pc_turning_fini(&u);
}

int main(void)
{
    for (int nc = 1; nc <= 4; nc++) {
        planes(nc, 1);
        planes(nc, 3);
        planes(nc, nchan - lo);
    }
    return tap_done();
}
