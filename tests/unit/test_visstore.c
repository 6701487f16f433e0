/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/bundle.h"
#include "io/fits.h"
#include "io/pixels.h"
#include "tests/unit/tap.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Blocks of visibilities through a stream and back, held in memory or in a file; weights made on the way. */

enum { NROW = 1000, NCORR = 2, NCHAN = 3, NBLOCK = 3, NCHANNEL = 2 };

static double uvw[NROW * 3], row[NROW * 4], freq[NCHAN];
static float vis[NROW * NCHAN * NCORR * 2], weight[NROW * NCHAN * NCORR];

static void fill(struct pc_visblock *b, int block)
{
    static double diam[2] = {12, 7.5};
    memset(b, 0, sizeof *b);
    strcpy(b->info.ms,
           "a very long name of a MeasurementSet that does not fit into a single card of a FITS header.ms");
    strcpy(b->info.field, "DM Tau's disc");
    strcpy(b->info.radesys, "ICRS");
    strcpy(b->info.telescop, "ALMA");
    b->info.field_id = 3;
    b->info.spw_id = 17 + block;
    b->info.phase_rad[0] = 1.1;
    b->info.pointing_rad[1] = -0.3;
    b->info.image_rad[0] = 1.1000001;
    b->info.restfreq_hz = 230.538e9;
    b->info.mjd_begin = 57533.123456789;
    b->info.ncorr = NCORR;
    b->info.corr[0] = -5;
    b->info.corr[1] = -6;
    b->info.nant = 2;
    b->info.diam_m = diam;
    b->nrow = NROW;
    b->ncorr = NCORR;
    b->nchan = NCHAN;
    pc_text_add(&b->history, "pc-select 1\npc-select --field=3\n");
    for (int i = 0; i < NROW * 3; i++)
        uvw[i] = sin(i + block) * 1e3;
    for (int i = 0; i < NROW * 4; i++)
        row[i] = i / 4 + 1e-3 * block;
    for (int i = 0; i < NCHAN; i++)
        freq[i] = 2.3e11 + i * 1e6;
    for (int i = 0; i < NROW * NCHAN * NCORR; i++) {
        vis[2 * i] = (float)i;
        vis[2 * i + 1] = (float)(block - i);
        weight[i] = (float)(i % 17);
    }
    vis[20] = (float)NAN;              /* sample 10, weight 10 */
    vis[2 * 17] = (float)NAN;          /* sample 17, already flagged */
    vis[2 * 30 + 1] = (float)INFINITY; /* sample 30, weight 13 */
}

static int put_data(struct pc_pass *p, int block, const char *which, const struct pc_visblock *b,
                    const void *data, int64_t n, int size, struct pc_err *err)
{
    char *buf = malloc((size_t)(n * size));
    uint32_t sum = size == 4 ? pc_datasum_f32(0, data, n) : pc_datasum_f64(0, data, n);
    if (size == 4)
        pc_swap_f32(buf, data, n);
    else
        pc_swap_f64(buf, data, n);
    int rc = pc_vis_put_begin(p, block, which, b, sum, err) ||
                     pc_pass_write(p, buf, (size_t)(n * size), err) || pc_vis_put_end(p, err)
                 ? -1
                 : 0;
    free(buf);
    return rc;
}

static int put_block(struct pc_pass *p, int channel, int block, struct pc_err *err)
{
    struct pc_visblock b;
    char name[32];
    fill(&b, block);
    snprintf(name, sizeof name, "vis%05d/uvw.fits", block);
    int rc = channel ? pc_pass_put_link(p, name, 0, name, err)
                     : put_data(p, block, "uvw.fits", &b, uvw, NROW * 3, 8, err);
    if (!rc)
        rc = put_data(p, block, "freq.fits", &b, freq, NCHAN, 8, err) ||
                     put_data(p, block, "vis.fits", &b, vis, NROW * NCHAN * NCORR * 2, 4, err) ||
                     put_data(p, block, "weight.fits", &b, weight, NROW * NCHAN * NCORR, 4, err) ||
                     put_data(p, block, "row.fits", &b, row, NROW * 4, 8, err)
                 ? -1
                 : 0;
    pc_text_free(&b.history);
    return rc;
}

static int write_vis(const char *dst, struct pc_err *err)
{
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0}, plane = {0};
    struct pc_pass *p;
    if (pc_pass_open(&p, &conf, err))
        return -1;
    int rc = pc_record_setf(&cube, err, "nchan", "%d", NCHANNEL) || pc_pass_set_cube(p, &cube, err) ? -1 : 0;
    for (int c = 0; !rc && c < NCHANNEL; c++) {
        rc = pc_record_setf(&plane, err, "index", "%d", c) || pc_pass_begin_channel(p, c, &plane, err) ? -1
                                                                                                       : 0;
        for (int i = 0; !rc && i < NBLOCK; i++)
            rc = put_block(p, c, i, err);
    }
    pc_record_free(&cube);
    pc_record_free(&plane);
    return rc ? (pc_pass_abort(p), -1) : pc_pass_close(p, err);
}

static void check_block(struct pc_visstore *s, int i, bool want_vis)
{
    struct pc_err err = {0};
    struct pc_visblock want, *b;
    fill(&want, i);
    if (!ok(!pc_visstore_block(s, i, &b, &err), "block %d %s", i, err.msg))
        return;
    is_int(b->nrow, NROW, "nrow");
    is_int(b->ncorr, NCORR, "ncorr");
    is_int(b->nchan, NCHAN, "nchan");
    ok(!memcmp(b->uvw_m, uvw, sizeof uvw) && !memcmp(b->row, row, sizeof row), "uvw and row");
    ok(!memcmp(b->freq_hz, freq, sizeof freq) && !b->freq_per_row, "freq");
    ok(want_vis ? !memcmp(b->vis_jy + 2 * 31, vis + 2 * 31, sizeof vis - 2 * 31 * sizeof *vis) &&
                      b->vis_jy[20] == 0
                : !b->vis_jy,
       "vis");
    ok(b->weight[10] == 0 && b->weight[30] == 0 && b->weight[31] == weight[31],
       "bad visibilities have no weight");
    is_str(b->info.ms, want.info.ms, "a long name");
    is_str(b->info.field, want.info.field, "a quote in a name");
    ok(b->info.spw_id == want.info.spw_id && b->info.corr[1] == -6 && b->info.nant == 2 &&
           b->info.diam_m[1] == 7.5,
       "numbers");
    ok(b->info.mjd_begin == want.info.mjd_begin && b->info.restfreq_hz == want.info.restfreq_hz &&
           b->info.image_rad[0] == want.info.image_rad[0] &&
           b->info.pointing_rad[1] == want.info.pointing_rad[1],
       "exactly");
    is_str(pc_text_str(&b->history), pc_text_str(&want.history), "history");
    pc_text_free(&want.history);
}

static float model[NROW * NCHAN * NCORR * 2];
static void fill_model(int block)
{
    for (int k = 0; k < NROW * NCHAN * NCORR * 2; k++)
        model[k] = (float)(k % 1009 - 3 * block);
}

/* Takes a model off the visibilities, which stay changed whatever block was at hand in between. */
static void subtract(struct pc_visstore *s)
{
    struct pc_err err = {0};
    struct pc_visblock *b;
    int bad = 0;
    for (int i = 0; i < NBLOCK; i++) {
        fill_model(i);
        bad += pc_visstore_block(s, i, &b, &err) != 0;
        for (int k = 0; !bad && k < NROW * NCHAN * NCORR * 2; k++)
            b->vis_jy[k] -= model[k];
        bad += pc_visstore_keep_vis(s, i, &err) != 0;
    }
    ok(!bad, "changed visibilities are kept %s", err.msg);
    for (int i = NBLOCK - 1; !bad && i >= 0; i--) {
        struct pc_visblock want;
        fill_model(i);
        fill(&want, i);
        bad += pc_visstore_block(s, i, &b, &err) != 0;
        for (int k = 2 * 31; !bad && k < NROW * NCHAN * NCORR * 2; k++)
            bad += b->vis_jy[k] != vis[k] - model[k];
        bad += b->weight[31] != weight[31] || memcmp(b->row, row, sizeof row) != 0;
        pc_text_free(&want.history);
    }
    ok(!bad, "and are there afterwards, the other members as they were");
    ok(pc_visstore_keep_vis(s, NBLOCK - 1, &err) && err.code == PC_EX_BUG, "but not of a block not at hand");
}

static int weigh(struct pc_visstore *s, struct pc_pass *p, struct pc_err *err)
{
    struct pc_visblock *b;
    for (int i = 0; i < pc_visstore_count(s); i++) {
        if (pc_visstore_block(s, i, &b, err))
            return -1;
        if (!b->imweight && !(b->imweight = pc_mem_new(NROW * NCHAN, sizeof(float), "imweight", err)))
            return -1;
        for (int k = 0; k < NROW * NCHAN; k++)
            b->imweight[k] = (float)(k + i);
        if (pc_visstore_keep_imweight(s, i, err))
            return -1;
    }
    for (int i = 0; i < pc_visstore_count(s); i++)
        if (pc_visstore_block(s, i, &b, err) || b->imweight[5] != (float)(5 + i) ||
            pc_pass_put_imweight(p, i, b, err) || (fill_model(i), pc_pass_put_model_vis(p, i, b, model, err)))
            return -1;
    return 0;
}

static void read_vis(const char *src, const char *dst, int64_t mem_byte, bool want_vis)
{
    static const struct pc_use uses[] = {
        {"vis*/*", PC_TAKE}, {"vis*/imweight.fits", PC_MAKE}, {"vis*/model_vis.fits", PC_MAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .dst = dst, .uses = uses, .mem_byte = mem_byte};
    struct pc_err err = {0};
    struct pc_visstore *s;
    struct pc_pass *p;
    struct pc_chan chan;
    struct pc_member m;
    if (!ok(!pc_pass_open(&p, &conf, &err) && !pc_visstore_new(&s, mem_byte, NULL, &err), "open %s", err.msg))
        return;
    while (pc_pass_channel(p, &chan, &err) > 0) {
        int taken = 0;
        pc_visstore_clear(s);
        while (pc_pass_member(p, &m, &err) > 0)
            taken += pc_visstore_member(s, p, &m, want_vis, &err);
        ok(taken >= NBLOCK * 5 && pc_visstore_count(s) == NBLOCK, "%d members taken %s", taken, err.msg);
        is_int(pc_visstore_nan_count(s), 2 * NBLOCK, "bad visibilities that were not flagged");
        check_block(s, 2, want_vis);
        check_block(s, 0, want_vis);
        check_block(s, 1, want_vis);
        if (want_vis)
            subtract(s);
        ok(!weigh(s, p, &err), "weights and model made and put %s", err.msg);
    }
    pc_visstore_free(s);
    ok(!pc_pass_close(p, &err), "close %s", err.msg);
}

/* Model visibilities are as they were put, in the shape of vis.fits. */
static void read_model(const char *src)
{
    static const struct pc_use uses[] = {{"vis*/model_vis.fits", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .read_only = true, .uses = uses};
    static float got[NROW * NCHAN * NCORR * 2];
    struct pc_fits_shape shape;
    struct pc_err err = {0};
    struct pc_pass *p;
    struct pc_chan chan;
    struct pc_member m;
    int n = 0, bad = 0;
    if (!ok(!pc_pass_open(&p, &conf, &err), "open %s", err.msg))
        return;
    while (pc_pass_channel(p, &chan, &err) > 0) {
        while (pc_pass_member(p, &m, &err) > 0) {
            struct pc_text header = {0};
            fill_model(n++ % NBLOCK);
            bad += pc_fits_read_header(pc_pass_reader(p), &shape, &header, &err) != 0 ||
                   shape.bitpix != -32 || shape.naxis != 4 || shape.axis[0] != 2 || shape.axis[1] != NCORR ||
                   shape.axis[2] != NCHAN || shape.axis[3] != NROW ||
                   pc_pixels_read(p, got, NROW * NCHAN * NCORR * 2, 4, &err) ||
                   memcmp(got, model, sizeof got) != 0;
            pc_text_free(&header);
        }
    }
    ok(!pc_pass_close(p, &err) && n == NCHANNEL * NBLOCK && !bad, "%s: model visibilities of %d blocks %s",
       src, n, err.msg);
}

static bool same(const char *a, const char *b)
{
    char cmd[600];
    snprintf(cmd, sizeof cmd, "diff -r '%s' '%s' >/dev/null", a, b);
    return system(cmd) == 0;
}

int main(void)
{
    char dir[] = "/tmp/pc-test-vis-XXXXXX", cmd[64];
    struct pc_err err = {0};
    if (!mkdtemp(dir) || chdir(dir))
        return 1;
    ok(!write_vis("a.tar", &err), "write a tar file %s", err.msg);
    ok(!write_vis("a", &err), "write a directory %s", err.msg);
    read_vis("a.tar", "b.tar", 1 << 30, true);
    read_vis("a.tar", "c.tar", 1, false);
    ok(same("b.tar", "c.tar"), "with and without memory: the same");
    read_vis("a", "d.tar", 50000, true);
    ok(same("b.tar", "d.tar"), "from a directory: the same");
    read_vis("a", NULL, 50000, true);
    read_vis("b.tar", "e", 1, true);
    ok(same("a", "e"), "in place; weights made again: the same");
    read_model("b.tar");
    read_model("a");
    struct pc_visblock b;
    struct stat st;
    fill(&b, 0);
    ok(!stat("a/ch00001/vis00000/vis.fits", &st) && st.st_size == pc_vis_member_size("vis.fits", &b),
       "size foretold");
    pc_text_free(&b.history);
    if (system("command -v fitsverify >/dev/null"))
        skip("fitsverify", "it is not installed");
    else
        ok(!system("fitsverify -q a/ch00001/vis*/*.fits >verify.txt 2>&1"), "fitsverify finds nothing wrong");
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    ok(chdir("/") == 0 && system(cmd) == 0, "clean up");
    return tap_done();
}
