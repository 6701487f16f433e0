/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/batcher.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

#include <stdlib.h>

static struct pc_err err;
static struct pc_batcher s;

static void start(const struct pc_visblock *b, const char *stokes, enum pc_batch_mode mode)
{
    struct pc_planes p = {0};
    if (pc_stokes_planes(stokes, &p, &err) != 0 || pc_batcher_start(&s, b, &p, mode, &err) != 0)
        ok(0, "%s: %s", stokes, err.msg);
}

static void begin(const struct pc_visblock *b, const char *stokes, enum pc_batch_mode mode)
{
    pc_batcher_fini(&s);
    if (pc_batcher_init(&s, PC_MAX_POL, &err) != 0)
        ok(0, "%s", err.msg);
    start(b, stokes, mode);
}

static double noise(void)
{
    return (double)rand() / RAND_MAX - 0.5;
}

/* Linear correlations in the order XX, XY, YX, YY, everything different. */
static struct pc_visblock full_block(int64_t nrow, int nchan)
{
    struct pc_visblock b = vistest_block(nrow, nchan, 4);
    memcpy(b.info.corr, (int[]){-5, -7, -8, -6}, sizeof b.info.corr);
    for (int64_t i = 0; i < 8 * nrow * nchan; i++)
        b.vis_jy[i] = (float)noise();
    for (int64_t i = 0; i < 4 * nrow * nchan; i++)
        b.weight[i] = 1 + (float)(i % 7);
    for (int64_t i = 0; i < 3 * nrow; i++)
        b.uvw_m[i] = 1000 * noise();
    for (int c = 0; c < nchan; c++)
        b.freq_hz[c] *= 1 + 0.5 * c;
    return b;
}

/* Positions, weights, planes, sums over several batches, against the formulas of spec 2.7. */
static void test_data(void)
{
    enum { NROW = 9000, NCHAN = 3 };
    struct pc_visblock b = full_block(NROW, NCHAN);
    b.weight[4 * 4 + 1] = 0; /* row 1, channel 1: a cross hand */
    double sumwt = 0, max_w = 0, off = 0;
    int64_t at = 0, n = 0, nbatch = 0;
    begin(&b, "IQUV", PC_BATCH_DATA);
    for (struct pc_batch *o; (o = pc_batcher_next(&s)) != NULL; nbatch++) {
        off += o->nplane != 4;
        n += o->n;
        for (int64_t i = 0; i < o->n; i++, at++) {
            at += at == 4;
            const double scale = 1 + 0.5 * (double)(at % NCHAN), *uvw = b.uvw_m + 3 * (at / NCHAN);
            const float *v = b.vis_jy + 8 * at, *w = b.weight + 4 * at;
            const double weight = 0.5 * ((double)w[0] + (double)w[3]);
            const double want[4][2] = {{(double)(v[0] + v[6]) / 2, (double)(v[1] + v[7]) / 2},
                                       {(double)(v[0] - v[6]) / 2, (double)(v[1] - v[7]) / 2},
                                       {(double)(v[2] + v[4]) / 2, (double)(v[3] + v[5]) / 2},
                                       {(double)(v[3] - v[5]) / 2, (double)(v[4] - v[2]) / 2}};
            off += o->at[i] != at || o->weight[i] != weight;
            off += fabs(o->u[i] - uvw[0] * scale) > 1e-9 || fabs(o->v[i] - uvw[1] * scale) > 1e-9 ||
                   fabs(o->w[i] - uvw[2] * scale) > 1e-9;
            for (int p = 0; p < 4; p++)
                off += fabs(o->re[p][i] - want[p][0]) > 1e-7 || fabs(o->im[p][i] - want[p][1]) > 1e-7;
            sumwt += weight;
            max_w = fmax(max_w, fabs(uvw[2] * scale));
        }
    }
    is_int((long long)off, 0, "positions, weights and planes are those of the formulas");
    is_int(n, NROW * NCHAN - 1, "all samples come but the one with a flagged cross hand");
    ok(nbatch > 1, "in several batches");
    is_int(s.nused, n, "they are counted");
    is_int(s.npassed, 1, "so are those passed over");
    is_near(s.sumwt, sumwt, 1e-6, "a plane's weights are summed once");
    is_near(s.max_w, max_w, 1e-9, "the largest w");
    pc_visblock_fini(&b);
}

static void test_weights(void)
{
    struct pc_visblock b = full_block(10, 1);
    b.imweight = pc_mem_new0(10, sizeof(float), "test", &err);
    b.imweight[7] = 5;
    b.imweight[4] = 5;
    b.weight[16] = NAN;
    begin(&b, "I", PC_BATCH_DATA);
    struct pc_batch *o = pc_batcher_next(&s);
    ok(o && o->n == 1 && o->at[0] == 7 && o->weight[0] == 5, "imaging weights select; a flag still removes");
    is_near(s.sumwt, 10, 0, "both hands of I are summed");
    ok(pc_batcher_next(&s) == NULL, "and no more");
    start(&b, "XX", PC_BATCH_DATA);
    o = pc_batcher_next(&s);
    ok(o && o->re[0][0] == (double)b.vis_jy[8 * 7], "XX is XX");
    is_near(s.sumwt, 15, 0, "the sums go on; one hand counts once");
    pc_visblock_fini(&b);
}

static void test_pseudo(void)
{
    struct pc_visblock b = full_block(4, 1);
    for (int i = 0; i < 16; i++)
        b.weight[i] = 2;
    b.weight[1] = 0;                 /* sample 0: a cross hand */
    b.weight[4] = 0;                 /* sample 1: XX */
    b.vis_jy[8] = NAN;               /* which is rubbish */
    b.weight[11] = 0;                /* sample 2: YY */
    b.weight[12] = b.weight[15] = 0; /* sample 3: both */
    begin(&b, "pseudoI", PC_BATCH_DATA);
    struct pc_batch *o = pc_batcher_next(&s);
    if (!ok(o && o->n == 3, "a sample with a good hand stays"))
        return;
    is_near(o->re[0][0], ((double)b.vis_jy[0] + (double)b.vis_jy[6]) / 2, 0, "two good hands are averaged");
    ok(o->re[0][1] == (double)b.vis_jy[14] && o->im[0][1] == (double)b.vis_jy[15], "YY alone");
    ok(o->re[0][2] == (double)b.vis_jy[16] && o->im[0][2] == (double)b.vis_jy[17], "XX alone");
    ok(o->weight[0] == 2 && o->weight[1] == 1 && o->weight[2] == 1, "a lone hand has half the weight");
    is_near(s.sumwt, 2 * 2 + 2 + 2, 0, "hands are counted");
    is_int(s.npassed, 1, "no good hand is passed over");
    start(&b, "I", PC_BATCH_DATA);
    ok(pc_batcher_next(&s) == NULL, "none of them is good for I");
    pc_visblock_fini(&b);
}

static void test_psf(void)
{
    struct pc_visblock b = full_block(5, 1);
    b.weight[4 * 2] = 0;
    pc_mem_free(b.vis_jy);
    b.vis_jy = NULL;
    begin(&b, "IQUV", PC_BATCH_PSF);
    struct pc_batch *o = pc_batcher_next(&s);
    ok(o && o->n == 4 && o->nplane == 1, "a psf is one plane of the samples that are good");
    for (int i = 0; o && i < 4; i++)
        ok(o->re[0][i] == 1 && o->im[0][i] == 0, "of ones");
    pc_visblock_fini(&b);
}

static void test_all(void)
{
    struct pc_visblock b = full_block(5, 2);
    b.weight[4 * 2] = 0;
    begin(&b, "IV", PC_BATCH_ALL);
    struct pc_batch *o = pc_batcher_next(&s);
    if (!ok(o && o->n == 10 && o->nplane == 2, "every sample comes, flagged or not"))
        return;
    double off = 0;
    for (int i = 0; i < 10; i++)
        off += o->at[i] != i || o->weight[i] != 1 || o->re[0][i] != 0 || o->im[1][i] != 0;
    is_int((long long)off, 0, "at its place, of weight 1, empty");
    is_near(s.sumwt, 0, 0, "no weight is summed");
    pc_visblock_fini(&b);
}

static void test_zero(void)
{
    struct pc_visblock b = full_block(5, 2);
    b.weight[4 * 2] = 0;
    pc_mem_free(b.vis_jy);
    b.vis_jy = NULL;
    begin(&b, "IV", PC_BATCH_ZERO);
    struct pc_batch *o = pc_batcher_next(&s);
    if (!ok(o && o->n == 9 && o->nplane == 2, "the samples with a weight"))
        return;
    double off = 0;
    for (int i = 0; i < 9; i++)
        off += o->at[i] != i + (i >= 2) || !(o->weight[i] > 0) || o->re[0][i] != 0 || o->im[1][i] != 0;
    is_int((long long)off, 0, "each at its place, empty");
    pc_visblock_fini(&b);
}

/* <planes, from vis> = <to planes, vis> / 2: the way back is the adjoint of the way there. */
static void test_adjoint(const char *stokes, double share)
{
    enum { N = 300 };
    struct pc_visblock b = full_block(N, 1);
    b.weight[4 * 3 + 2] = 0;
    float *back = pc_mem_new0(8 * N, sizeof *back, "test", &err);
    begin(&b, stokes, PC_BATCH_DATA);
    struct pc_batch *o = pc_batcher_next(&s);
    double there = 0, here = 0;
    for (int p = 0; o && p < o->nplane; p++)
        for (int64_t i = 0; i < o->n; i++) {
            const double re = noise(), im = noise();
            there += re * o->re[p][i] + im * o->im[p][i];
            o->re[p][i] = re;
            o->im[p][i] = im;
        }
    pc_batcher_add_to(&s, o, -1.5, back);
    pc_batcher_add_to(&s, o, 2.5, back);
    for (int i = 0; i < 8 * N; i++)
        here += (double)back[i] * (double)b.vis_jy[i];
    is_near(share * here, there, 1e-4, stokes);
    double flagged = 0;
    for (int i = 8 * 3; i < 8 * 4; i++)
        flagged += fabs((double)back[i]);
    is_near(flagged, 0, 0, "a sample that is not in the batch gets nothing");
    pc_mem_free(back);
    pc_visblock_fini(&b);
}

static void test_freq_per_row(void)
{
    struct pc_visblock b = vistest_block(2, 1, 1);
    pc_mem_free(b.freq_hz);
    b.freq_hz = pc_mem_new0(2, sizeof(double), "test", &err);
    b.freq_per_row = true;
    b.freq_hz[0] = 299792458.0;
    b.freq_hz[1] = 3 * 299792458.0;
    b.uvw_m[0] = b.uvw_m[3] = 10;
    begin(&b, "XX", PC_BATCH_PSF);
    struct pc_batch *o = pc_batcher_next(&s);
    ok(o && o->n == 2 && o->u[0] == 10 && o->u[1] == 30, "each row has its own frequency");
    struct pc_planes p;
    ok(pc_stokes_planes("I", &p, &err) == 0 && pc_batcher_start(&s, &b, &p, PC_BATCH_DATA, &err) != 0 &&
           err.code == PC_EX_DATA,
       "no I of XX");
    pc_visblock_fini(&b);
}

int main(void)
{
    srand(1);
    test_data();
    test_weights();
    test_pseudo();
    test_psf();
    test_all();
    test_zero();
    static const char *const stokes[] = {"I", "Q", "U", "V", "IV", "QU", "IQU", "IQUV"};
    for (int i = 0; i < 8; i++)
        test_adjoint(stokes[i], 0.5);
    test_adjoint("XXYY", 1);
    test_adjoint("YY", 1);
    test_freq_per_row();
    pc_batcher_fini(&s);
    return tap_done();
}
