/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/card.h"
#include "io/fits.h"
#include "tests/unit/tap.h"

#include <float.h>
#include <stdlib.h>
#include <unistd.h>

/* Headers written and read back, sums and swaps against naive loops. */

static const char *reader_at;

static int memory_read(struct pc_reader *r, void *buf, size_t n, struct pc_err *err)
{
    if ((int64_t)n > r->left)
        return pc_err_set(err, PC_EX_DATA, "%s: short", r->name);
    memcpy(buf, reader_at, n);
    reader_at += n;
    r->left -= (int64_t)n;
    return 0;
}

static int read_text(const struct pc_text *t, struct pc_fits_shape *shape, struct pc_text *cards,
                     struct pc_err *err)
{
    struct pc_reader r = {memory_read, "test", (int64_t)t->len};
    reader_at = t->s;
    return pc_fits_read_header(&r, shape, cards, err);
}

static void fill_head(struct pc_imhead *h, struct pc_err *err)
{
    memset(h, 0, sizeof *h);
    h->nx = 30;
    h->ny = 20;
    h->npol = 2;
    h->stokes[0] = -5;
    h->stokes[1] = -6;
    h->crpix[0] = 16;
    h->crpix[1] = 11;
    h->crval_rad[0] = 4.1234567890123456;
    h->crval_rad[1] = -0.7000000000000001;
    h->cell_rad[0] = -4.84813681109536e-07;
    h->cell_rad[1] = 4.84813681109536e-07;
    h->freq_hz = 115271201800.12345;
    h->width_hz = -61035.15625;
    h->restfreq_hz = 115271201800.0;
    strcpy(h->specsys, "LSRK");
    strcpy(h->radesys, "FK5");
    strcpy(h->object, "O'Neill's \"star\" / with a slash, 40 chars");
    strcpy(h->telescop, "ALMA");
    strcpy(h->date_obs, "2016-05-25T03:00:00.000");
    strcpy(h->bunit, "Jy/beam");
    strcpy(h->btype, "Intensity");
    h->obsgeo_m[0] = 2225142.180268967;
    h->beam[0] = (struct pc_beam){1.1e-6, 0.9e-6, -1.234};
    h->beam[1] = (struct pc_beam){1.2e-6, 0.8e-6, 0.1};
    int bad = pc_record_set_double(&h->extra, "PBLIMIT", 0.2, err) ||
              pc_record_set(&h->extra, "AMDONE", "T", err) ||
              pc_record_set(&h->extra, "AMLIMIT", "noise", err) ||
              pc_record_set(&h->extra, "LABEL", "'42'", err) ||
              pc_record_set_double(&h->extra, "SIDELOBE", 0.1 + 0.2, err);
    ok(!bad, "extra keywords");
    for (int i = 0; i < 230; i++)
        pc_text_add_bytes(&h->history, i % 10 ? "x" : " ", 1);
    pc_text_add(&h->history, "\nshort\n%70s\\\\\\\nfile\\\n", "seventy-two characters, the last a backslash");
}

static void test_exponent(void)
{
    struct pc_text t = {0};
    pc_card_text(&t, "AMMEDIAN", "-1.5e-05");
    ok(strstr(pc_text_str(&t), "AMMEDIAN=             -1.5E-05 ") != NULL, "an exponent as FITS wants it");
    pc_text_free(&t);
}

static void compare_heads(const struct pc_imhead *a, const struct pc_imhead *b)
{
    is_int(b->nx, a->nx, "nx");
    is_int(b->ny, a->ny, "ny");
    is_int(b->npol, a->npol, "npol");
    is_int(b->stokes[1], a->stokes[1], "second Stokes code");
    for (int i = 0; i < 2; i++) {
        is_near(b->crpix[i], a->crpix[i], 0, "crpix");
        is_near(b->crval_rad[i], a->crval_rad[i], fabs(a->crval_rad[i]) * DBL_EPSILON, "crval");
        is_near(b->cell_rad[i], a->cell_rad[i], fabs(a->cell_rad[i]) * DBL_EPSILON, "cell");
        is_near(b->beam[i].maj_rad, a->beam[i].maj_rad, a->beam[i].maj_rad * DBL_EPSILON, "beam");
    }
    is_near(b->freq_hz, a->freq_hz, 0, "freq_hz is exact");
    is_near(b->width_hz, a->width_hz, 0, "width_hz is exact");
    is_near(b->restfreq_hz, a->restfreq_hz, 0, "restfreq_hz is exact");
    is_near(b->obsgeo_m[0], a->obsgeo_m[0], 0, "obsgeo is exact");
    is_str(b->specsys, a->specsys, "specsys");
    is_str(b->radesys, a->radesys, "radesys");
    is_str(b->object, a->object, "object with quotes");
    is_str(b->date_obs, a->date_obs, "date");
    is_str(pc_text_str(&b->history), pc_text_str(&a->history), "history, wrapped and joined");
    is_int((long long)b->extra.n, (long long)a->extra.n, "number of extra keywords");
    for (size_t i = 0; i < a->extra.n; i++)
        is_str(pc_record_get(&b->extra, a->extra.line[i].key), a->extra.line[i].value, a->extra.line[i].key);
}

static void test_round_trip(void)
{
    struct pc_err err = {0};
    struct pc_imhead a, b = {0};
    struct pc_text t = {0}, again = {0}, cards = {0};
    struct pc_fits_shape shape;
    struct pc_fits_out o = {.bitpix = -32, .has_sum = true, .datasum = 4123456789u};
    fill_head(&a, &err);
    if (!ok(!pc_fits_format_imhead(&a, &o, &t, &err), "format: %s", err.msg))
        return;
    is_int((long long)(t.len % 2880), 0, "whole blocks");
    is_int(pc_datasum_bytes(o.datasum, t.s, (int64_t)t.len), 0xffffffffu, "CHECKSUM makes the sum of all -0");
    ok(!read_text(&t, &shape, &cards, &err), "read: %s", err.msg);
    is_int(shape.bitpix, -32, "bitpix");
    is_int(shape.naxis, 4, "naxis");
    is_int(shape.axis[3], 2, "axis 4");
    is_int(shape.datasum, o.datasum, "datasum");
    ok(!pc_fits_parse_imhead(&cards, "test", &b, &err), "parse: %s", err.msg);
    compare_heads(&a, &b);
    ok(!pc_fits_format_imhead(&b, &o, &again, &err), "format again");
    ok(again.len == t.len && !memcmp(again.s, t.s, t.len),
       "a header read and written again is the same bytes");
    o.align = 184320;
    o.nchan = 7;
    ok(!pc_fits_format_imhead(&b, &o, &again, &err), "format a cube");
    is_int((long long)again.len, 184320, "padded to the alignment");
    ok(!read_text(&again, &shape, &cards, &err) && shape.axis[2] == 7, "a padded header is read back");
    a.npol = 3;
    a.stokes[2] = -1;
    ok(pc_fits_format_imhead(&a, &o, &again, &err) && err.code == PC_EX_DATA, "uneven Stokes codes: %s",
       err.msg);
    pc_imhead_fini(&a);
    pc_imhead_fini(&b);
    pc_text_free(&t);
    pc_text_free(&again);
    pc_text_free(&cards);
}

static void add_card(struct pc_text *t, const char *card)
{
    char s[81];
    snprintf(s, sizeof s, "%-80s", card);
    pc_text_add_bytes(t, s, 80);
}

static void test_foreign(void)
{
    static const char *const cards[] = {"SIMPLE  =                    T",
                                        "BITPIX  =                  -32",
                                        "NAXIS   =                    4",
                                        "NAXIS1  = 12",
                                        "NAXIS2  = 10",
                                        "NAXIS3  = 1",
                                        "NAXIS4  = 1",
                                        "CTYPE1  = 'RA---SIN'",
                                        "CRVAL1  = 180.D0",
                                        "CDELT1  = -1.D-3",
                                        "CRPIX1  = 7.",
                                        "CTYPE2  = 'DEC--SIN'",
                                        "CDELT2  = 1.E-3",
                                        "CTYPE3  = 'STOKES'",
                                        "CRVAL3  = 1",
                                        "CRPIX3  = 1",
                                        "CDELT3  = 1",
                                        "CTYPE4  = 'VRAD'",
                                        "CUNIT4  = 'km/s'",
                                        "CRVAL4  = 10.",
                                        "CRPIX4  = 3",
                                        "CDELT4  = 2.",
                                        "RESTFRQ = 1.0E11",
                                        "PC1_1   = 1.0",
                                        "INSTRUME= 'band6'",
                                        "END"};
    struct pc_err err = {0};
    struct pc_text t = {0}, read = {0};
    struct pc_fits_shape shape;
    struct pc_imhead h = {0};
    for (size_t i = 0; i < sizeof cards / sizeof cards[0]; i++)
        add_card(&t, cards[i]);
    while (t.len < 2880)
        add_card(&t, "");
    ok(!read_text(&t, &shape, &read, &err) && !pc_fits_parse_imhead(&read, "test", &h, &err),
       "CASA's order %s", err.msg);
    is_near(h.freq_hz, 1e11 * (1 - 6e3 / 299792458.0), 1e-3, "VRAD in km/s of pixel 1 becomes a frequency");
    is_near(h.width_hz, -1e11 * 2e3 / 299792458.0, 1e-6, "its step is negative");
    is_near(h.crval_rad[0], 3.14159265358979323846, 1e-15, "D exponents");
    is_int((long long)h.extra.n, 1, "PC1_1 is no extra keyword");
    is_str(pc_record_get(&h.extra, "INSTRUME"), "band6", "INSTRUME is one");
    pc_imhead_fini(&h);
    memcpy(t.s + 9 * 80 + 10, "x", 1);
    memcpy(t.s + 1 * 80 + 27, "  7", 3);
    ok(read_text(&t, &shape, &read, &err) && err.code == PC_EX_DATA, "BITPIX 7: %s", err.msg);
    t.s[0] = 'X';
    ok(read_text(&t, &shape, &read, &err) && err.code == PC_EX_DATA, "no SIMPLE: %s", err.msg);
    pc_text_free(&t);
    pc_text_free(&read);
}

static uint32_t naive_sum(const unsigned char *s, size_t n)
{
    uint32_t sum = 0;
    for (size_t i = 0; i < n; i += 4) {
        unsigned char w[4] = {0};
        memcpy(w, s + i, n - i < 4 ? n - i : 4);
        uint64_t next = (uint64_t)sum + (((uint32_t)w[0] << 24) | (w[1] << 16) | (w[2] << 8) | w[3]);
        sum = (uint32_t)(next & 0xffffffffu) + (uint32_t)(next >> 32);
    }
    return sum;
}

static void test_sums(void)
{
    enum { N = 1003 };
    union {
        float f[N];
        double d[N / 2];
        unsigned char b[4 * N];
    } v, w;
    srand(7);
    for (size_t i = 0; i < sizeof v.b; i++)
        v.b[i] = (unsigned char)(rand() >> 7);
    is_int(pc_datasum_bytes(0, v.b, 4 * N - 3), naive_sum(v.b, 4 * N - 3), "sum of bytes with a ragged end");
    pc_swap_f32(w.f, v.f, N);
    is_int(pc_datasum_f32(0, v.f, N), naive_sum(w.b, 4 * N),
           "sum of floats is that of their big-endian bytes");
    ok(w.b[0] == v.b[3] && w.b[3] == v.b[0] && w.b[4 * N - 1] == v.b[4 * N - 4], "swap of floats");
    pc_swap_f32(w.f, w.f, N);
    ok(!memcmp(v.b, w.b, sizeof v.b), "swapping twice, in place, gives it back, NaN payloads too");
    pc_swap_f64(w.d, v.d, N / 2);
    is_int(pc_datasum_f64(0, v.d, N / 2), naive_sum(w.b, N / 2 * 8), "sum of doubles");
    is_int(pc_datasum_add(pc_datasum_bytes(0, v.b, 400), pc_datasum_bytes(0, v.b + 400, 800)),
           naive_sum(v.b, 1200), "sums add");
    is_int(pc_datasum_add(0xffffffffu, 1), 1, "the carry comes round");
}

static void test_file(void)
{
    struct pc_err err = {0};
    struct pc_image im = {0}, back;
    char path[] = "/tmp/pc-test-fits-XXXXXX";
    int fd = mkstemp(path);
    float pix[1200];
    for (int i = 0; i < 1200; i++)
        pix[i] = (float)i / 7;
    pix[3] = __builtin_nanf("");
    fill_head(&im.head, &err);
    im.pix = pix;
    ok(fd >= 0 && !pc_fits_save(path, &im, &err), "save %s", err.msg);
    if (ok(!pc_fits_load(path, 0, &back, &err), "load %s", err.msg)) {
        ok(!memcmp(back.pix + 4, pix + 4, sizeof pix - 16) && isnan(back.pix[3]),
           "pixels, a blank one among them");
        is_str(back.head.object, im.head.object, "and header");
        pc_image_fini(&back);
    }
    double wide[1200];
    for (int i = 0; i < 1200; i++)
        wide[i] = (double)i / 7;
    im.pix = NULL;
    im.wide = wide;
    ok(!pc_fits_save(path, &im, &err), "save doubles %s", err.msg);
    if (ok(!pc_fits_load(path, 0, &back, &err), "load them %s", err.msg)) {
        ok(!memcmp(back.pix + 4, pix + 4, sizeof pix - 16), "as floats");
        pc_image_fini(&back);
    }
    im.wide = NULL;
    ok(pc_fits_load("/no/such/file", 0, &back, &err) && err.code == PC_EX_NOINPUT, "no such file: %s",
       err.msg);
    im.pix = NULL;
    pc_image_fini(&im);
    close(fd);
    unlink(path);
}

int main(void)
{
    test_exponent();
    test_round_trip();
    test_foreign();
    test_sums();
    test_file();
    return tap_done();
}
