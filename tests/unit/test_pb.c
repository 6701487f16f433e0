/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/pb.h"
#include "image/pb_evla.h"
#include "image/pb_rows.h"
#include "tests/unit/airy.h"
#include "tests/unit/casaref.h"

static const double arcsec = M_PI / 180 / 3600;

static void test_choice(void)
{
    struct pc_pb pb;
    struct pc_log log = {0};
    pc_pb_choose("ALMA", 12, &pb, &log);
    is_near(pb.dish_m, 10.7, 0, "ALMA's 12 m dishes are an Airy pattern of 10.7 m");
    pc_pb_choose("ALMA", 7, &pb, &log);
    is_near(pb.dish_m, 6.25, 0, "ALMA's 7 m dishes are ACA's, 6.25 m");
    pc_pb_choose("VLA", 25, &pb, &log);
    is_near(pb.block_m, 2.36, 0, "the VLA's is blocked by 2.36 m");
    pc_pb_choose("EVLA", 25, &pb, &log);
    ok(pb.kind == PC_PB_EVLA, "the EVLA has one of its own");
    pc_pb_choose("ngVLA", 18, &pb, &log);
    ok(pb.kind == PC_PB_AIRY && pb.dish_m == 18 && pb.block_m == 0, "the ngVLA's dishes are not blocked");
    pc_pb_choose("ATA", 6.1, &pb, &log);
    ok(pb.dish_m == 6 && pb.block_m == 0.5, "the ATA's are, by 0.5 m");
    pc_pb_choose("ATCA", 0, &pb, &log);
    ok(pb.dish_m == 22 && pb.block_m == 0,
       "a telescope that is known has its dish where the data do not say");
    pc_pb_choose("MWA", 4.5, &pb, &log);
    ok(pb.kind == PC_PB_AIRY && pb.dish_m == 4.5 && pb.block_m == 0,
       "an unknown telescope has its dish, unblocked");
    is_int(log.nwarn, 0, "none of these is worth a warning");
}

/* EVLA Memo 195: the width at half power is 42 arcmin at 1 GHz, within 4 %, in all bands above 1 GHz. */
static void test_evla(void)
{
    double worst = 0, c[4], d[4];
    struct pc_err err = {0};
    struct pc_pb pb;
    struct pc_imhead h = {.nx = 1001, .ny = 1, .npol = 1, .crpix = {1, 1}};
    static float v[1001];
    pc_pb_choose("EVLA", 25, &pb, NULL);
    for (double ghz = 1; ghz < 45 && err.code == 0; ghz += 0.1) {
        double pointing[2] = {0, 0};
        int half = 0;
        h.cell_rad[1] = 0.05 * 60 * arcsec / ghz;
        h.cell_rad[0] = -h.cell_rad[1];
        if (pc_pb_fill(&pb, &h, ghz * 1e9, pointing, 1e-9, v, &err))
            break;
        while (half < 1000 && v[half] > 0.5F)
            half++;
        worst = fmax(worst, fabs(half * 0.05 / 21 - 1));
    }
    ok(err.code == 0 && worst < 0.04, "half power at 21 arcmin at 1 GHz, within %.3f", worst);
    ok(v[1000] == 0, "nothing beyond the first null");
    pc_pb_evla(5.052e9, c);
    ok(c[0] == -1.360e-3 && c[1] == 6.91e-7 && c[2] == -1.33e-10 && c[3] == 0,
       "the memo's numbers at 5052 MHz");
    pc_pb_evla(5.115e9, d);
    is_near(d[0], c[0], 0, "that frequency is the nearest up to 5116 MHz");
    pc_pb_evla(5.117e9, d);
    is_near(d[0], -1.353e-3, 0, "and then the next");
    pc_pb_evla(90e9, d);
    is_near(d[0], -1.452e-3, 0, "above the last the last");
    pc_pb_evla(328e6, c);
    is_near(c[3], 0.69e-14, 1e-30, "the P band has one term more");
}

static struct pc_imhead small_head(void)
{
    struct pc_imhead h = {.nx = 64, .ny = 48, .npol = 1, .crpix = {33, 25}};
    h.crval_rad[0] = 1;
    h.crval_rad[1] = -0.5;
    h.cell_rad[0] = -2 * arcsec;
    h.cell_rad[1] = 2 * arcsec;
    return h;
}

static void test_fill(void)
{
    struct pc_err err = {0};
    struct pc_imhead h = small_head();
    struct pc_pb pb;
    double pointing[2];
    float v[48 * 64];
    pc_pb_choose("MWA", 25, &pb, NULL);
    pc_imhead_pix_to_radec(&h, 40, 20, &pointing[0], &pointing[1]);
    is_int(pc_pb_fill(&pb, &h, 50e9, pointing, -0.2, v, &err), 0, "a plane is filled");
    is_near(v[20 * 64 + 40], 1, 0, "1 where the dishes look");
    is_near(v[20 * 64 + 30], v[20 * 64 + 50], 1e-4, "the same on both sides");
    is_near(v[20 * 64 + 35], v[25 * 64 + 40], 1e-4, "and in both directions");
    double half =
        1.02 * 299792458.0 / 50e9 / 25 / 2 / (2 * arcsec); /* FWHM of an unblocked dish: 1.02 lambda/D */
    is_near(v[20 * 64 + 40 - (int)lrint(half)], 0.5, 0.03, "half power at 0.51 lambda/D");
    float lowest = 1;
    for (int i = 0; i < 48 * 64; i++)
        lowest = v[i] != 0 && v[i] < lowest ? v[i] : lowest;
    ok(lowest > 0.2f && lowest < 0.21f, "0 where it is not above 0.2: %g", (double)lowest);
    is_near(v[0], 0, 0, "0 far away");
    pc_pb_choose("", 0, &pb, NULL);
    is_int(pc_pb_fill(&pb, &h, 50e9, pointing, 0.2, v, &err), 0, "without a dish");
    ok(v[0] == 1 && v[20 * 64 + 40] == 1, "the beam is 1");
    struct pc_log log = {0};
    pc_pb_choose("", 0, &pb, &log);
    is_int(log.nwarn, 1, "with a warning");
}

/* Wherever dishes look, on a pixel or not, in the image or not: the pattern at the pixel's distance, by an
 * integral; and rows said to be alike are. */
static void test_rows(void)
{
    static const double at[][2] = {{32, 24}, {0, 0}, {63, 47}, {10.5, 20.25}, {-5, 60}, {40, 7}, {64, 12}};
    static float v[64 * 48];
    double worst = 0;
    int ntwin = 0, unlike = 0;
    for (int i = 0; i < (int)(sizeof at / sizeof *at) * 2; i++) {
        struct pc_imhead h = small_head();
        struct pc_pb_rows r;
        struct pc_err err;
        struct pc_pb pb;
        double p[2];
        h.nx -= i % 2;
        h.ny -= i % 2;
        pc_pb_choose("VLA", 25, &pb, NULL);
        pc_imhead_pix_to_radec(&h, at[i / 2][0], at[i / 2][1], &p[0], &p[1]);
        if (!ok(pc_pb_rows_init(&r, &pb, &h, 40e9, p, 0, &err) == 0, "rows about %g, %g", at[i / 2][0],
                at[i / 2][1]))
            return;
        for (int y = 0; y < h.ny; y++)
            pc_pb_rows_fill(&r, y, v + (int64_t)y * h.nx);
        for (int k = 0; k < h.nx * h.ny; k++) {
            const double away = hypot(k % h.nx - at[i / 2][0], k / h.nx - at[i / 2][1]) * 2 * arcsec;
            const double reach_ghz = away * 180 / M_PI * 40;
            const double voltage = reach_ghz < 0.8564 ? airy_voltage(reach_ghz, 25, 2.36) : 0;
            worst = fmax(worst, fabs(voltage * voltage - (double)v[k]));
        }
        for (int y = 0; y < h.ny; y++) {
            const int twin = pc_pb_rows_twin(&r, y);
            ntwin += twin >= 0;
            unlike += twin >= 0 &&
                      memcmp(v + (int64_t)y * h.nx, v + (int64_t)twin * h.nx, (size_t)h.nx * sizeof *v) != 0;
        }
        pc_pb_rows_fini(&r);
    }
    ok(worst < 3e-4, "the beam at the pixels' distance, within a sample of the table: %.1e", worst);
    ok(ntwin == 46 + 44 + 2 * (14 + 24) && unlike == 0, "%d rows have one that is the same", ntwin);
}

/* The table of the spec: telescope, its dish, what models it, how far that reaches at 1 GHz. */
static void test_voltage(void)
{
    enum { N = 201 };
    static const struct {
        const char *telescop;
        double diam_m, dish_m, block_m, reach_deg;
    } row[] = {{"ALMA", 12, 10.7, 0.75, 1.784},
               {"ALMA", 7, 6.25, 0.75, 3.568},
               {"ACA", 7, 6.25, 0.75, 3.568},
               {"VLA", 25, 25, 2.36, 0.8564},
               {"NGVLA", 18, 18, 0, 1.5},
               {"ATA", 6.1, 6, 0.5, 3.568},
               {"MEERKAT", 0, 13.5, 0, 0.8564 * 25 / 13.5}};
    double v[N];
    struct pc_pb pb;
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        double worst = 0;
        pc_pb_choose(row[i].telescop, row[i].diam_m, &pb, NULL);
        pc_pb_voltage(&pb, 1e11, 2 * row[i].reach_deg * M_PI / 180, N, v);
        for (int k = 0; k <= N / 2; k++)
            worst = fmax(worst, fabs(v[k] - airy_voltage(2 * row[i].reach_deg * k / (N - 1), row[i].dish_m,
                                                         row[i].block_m)));
        ok(worst < 1e-11, "%s, %g m: voltage by an integral, %.1e", row[i].telescop, row[i].diam_m, worst);
        is_near(v[N / 2 + 1], 0, 0, "and nothing beyond its reach");
    }
    pc_pb_choose("SMA", 6, &pb, NULL);
    /* spec: 52.3 arcsec wide at half power at 224 GHz */
    pc_pb_voltage(&pb, 224e9, 2 * 26.15 * arcsec * 224, N, v);
    is_near(v[(N - 1) / 2] * v[(N - 1) / 2], 0.5, 2e-3, "the SMA's is 52.3 arcsec wide at 224 GHz");
}

/* Voltages squared are the power that planes are filled with, whatever the model. */
static void test_voltage_is_root(void)
{
    enum { N = 2000 };
    static const char *const telescop[] = {"ALMA", "VLA", "EVLA", "SMA", "ATCA"};
    static float power[N];
    static double v[N];
    struct pc_err err = {0};
    struct pc_imhead h = {.nx = N, .ny = 1, .npol = 1, .crpix = {1, 1}};
    const double pointing[2] = {0, 0};
    for (int i = 0; i < 5; i++) {
        struct pc_pb pb;
        double worst = 0;
        pc_pb_choose(telescop[i], 0, &pb, NULL);
        h.cell_rad[1] = pb.maxrad_1ghz_rad * 0.999 / 10 / (N - 1);
        h.cell_rad[0] = -h.cell_rad[1];
        pc_pb_voltage(&pb, 10e9, pb.maxrad_1ghz_rad * 0.999, N, v);
        int bad = pc_pb_fill(&pb, &h, 10e9, pointing, -1e-30, power, &err);
        for (int k = 0; k < N; k++)
            worst = fmax(worst, fabs(v[k] * v[k] - (double)power[k]));
        ok(!bad && worst < 4e-4, "%s: power is the square of the voltage, to a sample of the table: %.1e",
           telescop[i], worst);
    }
}

/* Where sim6 looks; only one run has its phase centre elsewhere. */
static const double sim6_rad[2] = {146.98919 * M_PI / 180, 13.27878 * M_PI / 180};

static void one_run(const char *dir, void *ctx)
{
    const char *run = casaref_run(dir);
    double freq[64], pointing[2];
    struct pc_image im;
    struct pc_pb pb;
    struct pc_err err = {0};
    (void)ctx;
    if (strstr(run, "mosaic"))
        return; /* several pointings: not this function's */
    char *json = casaref_params(dir);
    if (!json || casaref_numbers(json, "chan_freq_hz", freq, 64) < 1 || !casaref_load(dir, "pb", 0, &im)) {
        ok(0, "%s has a primary beam and its frequency", run);
        free(json);
        return;
    }
    free(json);
    pc_pb_choose(im.head.telescop, strstr(run, "lupus") ? 7 : strstr(run, "sim6") ? 12 : 6, &pb, NULL);
    memcpy(pointing, strstr(run, "sim6") ? sim6_rad : im.head.crval_rad, sizeof pointing);
    int64_t n = (int64_t)im.head.nx * im.head.ny, nout = 0, nseen = 0;
    float *v = pc_mem_new(n, sizeof *v, "test plane", &err);
    if (ok(v && pc_pb_fill(&pb, &im.head, freq[0], pointing, 0.2, v, &err) == 0, "%s: filled", run)) {
        double worst = 0;
        for (int64_t i = 0; i < n; i++) {
            double d = isnan(im.pix[i]) ? 0 : fabs((double)v[i] - (double)im.pix[i]);
            nseen += !isnan(im.pix[i]);
            nout += d > 2e-5;
            worst = fmax(worst, d);
        }
        ok(worst < 2.1e-4, "%s: %s as CASA's, largest difference %.1e", run, pb.name, worst);
        ok(nseen > n / 4 && nout < 64, "%s: more than 2e-5 at %lld of %lld pixels", run, (long long)nout,
           (long long)nseen);
    }
    pc_mem_free(v);
    pc_image_fini(&im);
}

int main(void)
{
    test_choice();
    test_evla();
    test_voltage();
    test_voltage_is_root();
    test_fill();
    test_rows();
    casaref_each("pb", one_run, NULL);
    return tap_done();
}
