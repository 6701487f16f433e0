/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid/samples.h"
#include "tests/unit/tap.h"
#include "tests/unit/vistest.h"

static struct pc_err err;

static void test_hands(void)
{
    struct pc_hands h;
    struct pc_visinfo linear = {.ms = "lin.ms", .ncorr = 4, .corr = {-5, -7, -8, -6}};
    struct pc_visinfo circular = {.ms = "circ.ms", .ncorr = 2, .corr = {-2, -1}};
    struct pc_visinfo cross = {.ms = "cross.ms", .ncorr = 1, .corr = {-7}};
    ok(pc_hands_find(&h, 1, &linear, &err) == 0 && h.n == 2 && h.at[0] == 0 && h.at[1] == 3,
       "I of XX and YY");
    ok(pc_hands_find(&h, 1, &circular, &err) == 0 && h.n == 2 && h.at[0] == 1 && h.at[1] == 0,
       "I of RR and LL, in whatever order");
    ok(pc_hands_find(&h, -6, &linear, &err) == 0 && h.n == 1 && h.at[0] == 3, "YY alone");
    ok(pc_hands_find(&h, 1, &cross, &err) != 0 && err.code == PC_EX_DATA, "no I of XY");
    has(err.msg, "XY", "the sentence names what is there");
    has(err.msg, "cross.ms", "and where");
    ok(pc_hands_find(&h, -1, &linear, &err) != 0 && err.code == PC_EX_DATA, "no RR of linear hands");
    has(err.msg, "XX,XY,YX,YY", "all correlations are named");
}

static void test_natural(void)
{
    is_near((double)pc_vis_natural((float[]){1, 9, 9, 4}, 4), 2.5, 0, "the mean of the first and the last");
    is_near((double)pc_vis_natural((float[]){3}, 1), 3, 0, "or the only one");
    is_near((double)pc_vis_natural((float[]){1, 0, 1, 1}, 4), 0, 0, "a flag on any removes the sample");
    is_near((double)pc_vis_natural((float[]){1, -1}, 2), 0, 0, "a negative weight is a flag");
    is_near((double)pc_vis_natural((float[]){NAN, 1}, 2), 0, 0, "so is NaN");
    is_near((double)pc_vis_natural((float[]){1, INFINITY}, 2), 0, 0, "and infinity");
}

static void test_sampler(void)
{
    struct pc_visblock b = vistest_block(3000, 3, 2);
    for (int64_t i = 0; i < 9000; i++) {
        b.vis_jy[4 * i] = (float)i;
        b.vis_jy[4 * i + 2] = 1;
        b.vis_jy[4 * i + 3] = 8;
    }
    for (int64_t r = 0; r < 3000; r++)
        b.uvw_m[3 * r] = (double)r;
    b.freq_hz[2] *= 2;
    b.weight[2 * 4 + 1] = 0; /* sample 4: one hand flagged */
    b.weight[2 * 5] = 3;     /* sample 5: row 1, channel 2 */
    struct pc_hands h;
    struct pc_sampler s;
    struct pc_samples *batch;
    if (!ok(pc_hands_find(&h, 1, &b.info, &err) == 0 && pc_sampler_init(&s, &err) == 0, "begun"))
        return;
    pc_sampler_start(&s, &b, &h, false);
    batch = pc_sampler_next(&s);
    ok(batch != NULL && batch->n > 5, "a batch");
    is_near((double)batch->re[4], 3, 0, "the flagged sample is passed over, hands are averaged");
    is_near((double)batch->im[4], 4, 0, "the imaginary part too");
    is_near(batch->u[4], 2, 0, "u in wavelengths of its channel");
    is_near((double)batch->weight[4], 2, 0, "the mean weight");
    int64_t n = batch->n;
    while ((batch = pc_sampler_next(&s)) != NULL)
        n += batch->n;
    is_int(n, 8999, "all samples come");
    is_int(s.nused, 8999, "and are counted");
    is_int(s.npassed, 1, "as are those passed over");
    is_near(s.sumwt, 2 * (8998 + 2), 1e-9, "the sum of weights counts both hands");
    b.imweight = pc_mem_new0(9000, sizeof(float), "test", &err);
    b.imweight[7] = 5;
    b.imweight[4] = 5;
    h.n = 1;
    pc_sampler_start(&s, &b, &h, true);
    s.sumwt = 0;
    batch = pc_sampler_next(&s);
    ok(batch != NULL && batch->n == 1, "imaging weights select; a flag still removes");
    is_near((double)batch->re[0], 1, 0, "a psf has visibilities of 1");
    is_near(s.sumwt, 5, 0, "one hand counts once");
    pc_sampler_fini(&s);
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
    struct pc_hands h;
    struct pc_sampler s;
    ok(pc_hands_find(&h, -5, &b.info, &err) == 0 && pc_sampler_init(&s, &err) == 0, "begun");
    pc_sampler_start(&s, &b, &h, true);
    struct pc_samples *batch = pc_sampler_next(&s);
    ok(batch && batch->n == 2 && batch->u[0] == 10 && batch->u[1] == 30, "each row has its own frequency");
    pc_sampler_fini(&s);
    pc_visblock_fini(&b);
}

int main(void)
{
    test_hands();
    test_natural();
    test_sampler();
    test_freq_per_row();
    return tap_done();
}
