/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/stream_filter.h"
#include "tests/unit/tap.h"

#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

/* Planes in double precision, and large ones that several threads read. */

static char dir[] = "/tmp/pc-test-planes-XXXXXX";
static char path_buf[8][256];

static const char *in(const char *name)
{
    static int next;
    char *s = path_buf[next++ % 8];
    snprintf(s, 256, "%s/%s", dir, name);
    return s;
}

static bool same_files(const char *a, const char *b)
{
    char cmd[600];
    snprintf(cmd, sizeof cmd, "diff -r '%s' '%s' >/dev/null", a, b);
    return system(cmd) == 0;
}

enum { SIDE = 300 };

static double wide_pixel(int64_t i)
{
    if (i < 30000) /* a hole in a directory */
        return 0;
    if (i == 30001)
        return __builtin_nan("");
    if (i == 30002)
        return 1e300;
    return (double)((i * 7919) % 1000003) / 3e6 - 0.1;
}

static int write_wide(const char *dst, uint32_t *sum, struct pc_err *err)
{
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0}, plane = {0};
    struct pc_image im = {.wide = malloc((size_t)SIDE * SIDE * 8)};
    struct pc_pass *pass;
    small_head(&im.head, SIDE, 0);
    for (int64_t i = 0; i < SIDE * SIDE; i++)
        im.wide[i] = wide_pixel(i);
    int rc = pc_pass_open(&pass, &conf, err) || pc_record_setf(&cube, err, "nchan", "1") ||
             pc_record_setf(&plane, err, "index", "0") || pc_pass_set_cube(pass, &cube, err) ||
             pc_pass_begin_channel(pass, 0, &plane, err) ||
             pc_pass_put_image(pass, "psf.fits", &im, sum, err) ||
             put_small_image(pass, "residual.fits", SIDE, 0, false, err) ||
             put_small_image(pass, "mask.fits", SIDE, 0, true, err) || pc_pass_commit(pass, err) ||
             pc_pass_close(pass, err);
    pc_record_free(&cube);
    pc_record_free(&plane);
    pc_image_fini(&im);
    return rc;
}

/* Bytes of the file as another program would compute them. */
static bool is_big_endian(const char *path, uint32_t sum)
{
    bool same = true;
    uint64_t total = 0;
    unsigned char b[8];
    FILE *f = fopen(path, "rb");
    struct stat st;
    if (!f || stat(path, &st))
        return false;
    int64_t data = ((int64_t)SIDE * SIDE * 8 + 2879) / 2880 * 2880;
    same = !fseek(f, (long)(st.st_size - data), SEEK_SET);
    for (int64_t i = 0; same && i < SIDE * SIDE; i++) {
        double v = wide_pixel(i);
        uint64_t bits, got = 0;
        memcpy(&bits, &v, 8);
        same = fread(b, 1, 8, f) == 8;
        for (int k = 0; k < 8; k++)
            got = got << 8 | b[k];
        same = same && got == bits;
        total += (got >> 32) + (got & 0xffffffffu);
    }
    fclose(f);
    while (total >> 32)
        total = (total & 0xffffffffu) + (total >> 32);
    return same && total == sum;
}

static void check_pixels(const struct pc_image *im, const char *name, const char *form)
{
    int64_t wrong = 0;
    for (int64_t i = 0; i < SIDE * SIDE; i++) {
        double v = wide_pixel(i);
        if (im->wide)
            wrong += memcmp(&im->wide[i], &v, 8) != 0;
        else if (isnan(v))
            wrong += !isnan(im->pix[i]);
        else
            wrong += im->pix[i] != (float)v;
    }
    is_int(wrong, 0, form);
    ok(!!im->wide + !!im->pix + !!im->mask == 1, "%s: pixels of one kind", name);
}

static int read_wide(const char *src, bool wide, uint32_t sum, struct pc_err *err)
{
    static const struct pc_use all[] = {{"*.fits", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .uses = all, .read_only = true};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    struct pc_image im = {0};
    if (pc_pass_open(&pass, &conf, err) || pc_pass_channel(pass, &chan, err) != 1)
        return -1;
    while (pc_pass_member(pass, &m, err) > 0) {
        if (wide ? pc_pass_image_wide(pass, &im, err) : pc_pass_image(pass, &im, err))
            return -1;
        if (!strcmp(m.name, "psf.fits")) {
            is_int(pc_pass_datasum(pass), sum, "its DATASUM");
            check_pixels(&im, m.name, wide ? "doubles as they are" : "doubles rounded to floats");
        } else if (!strcmp(m.name, "residual.fits")) {
            float v = (float)((SIDE * SIDE / 4 * 37) % 1001) / 7.0f;
            ok(wide ? im.wide[SIDE * SIDE / 4] == (double)v && isnan(im.wide[SIDE * SIDE / 3])
                    : im.pix[SIDE * SIDE / 4] == v && isnan(im.pix[SIDE * SIDE / 3]),
               "floats, asked for as %s", wide ? "doubles" : "such");
        } else {
            ok(im.mask && !im.pix && !im.wide, "a mask is a mask");
        }
    }
    pc_image_fini(&im);
    return pc_pass_commit(pass, err) || pc_pass_close(pass, err);
}

static void test_wide(void)
{
    struct pc_err err = {0};
    struct stat st;
    uint32_t sum = 0, again = 1;
    ok(!write_wide(in("w"), &sum, &err) && !write_wide(in("w.tar"), &again, &err), "doubles are put %s",
       err.msg);
    ok(sum == again && is_big_endian(in("w/ch00000/psf.fits"), sum), "big-endian, and DATASUM is theirs");
    ok(!stat(in("w/ch00000/psf.fits"), &st) && st.st_blocks * 512 < st.st_size - 60000, "zeros are a hole");
    ok(!filter_small(in("w.tar"), in("w2"), 0, 1, &err) && same_files(in("w"), in("w2")),
       "in a tar file too");
    for (int wide = 0; wide < 2; wide++) {
        ok(!read_wide(in("w"), wide, sum, &err), "read from a directory %s", err.msg);
        ok(!read_wide(in("w.tar"), wide, sum, &err), "and a tar file %s", err.msg);
    }
}

enum { BIG_X = 1601, BIG_Y = 1700 };

static float big_pixel(int64_t i)
{
    return (float)(i * 7919 % 1000003) / 3e6F;
}

static int write_big(const char *dst, bool wide, struct pc_err *err)
{
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0}, plane = {0};
    struct pc_image im = {0};
    struct pc_pass *pass;
    small_head(&im.head, BIG_X, 0);
    im.head.ny = BIG_Y;
    int64_t n = pc_imhead_npix(&im.head);
    if (wide ? !(im.wide = malloc((size_t)n * 8)) : !(im.pix = malloc((size_t)n * 4)))
        return -1;
    for (int64_t i = 0; i < n; i++)
        if (wide)
            im.wide[i] = (double)big_pixel(i);
        else
            im.pix[i] = big_pixel(i);
    int rc =
        pc_pass_open(&pass, &conf, err) || pc_record_setf(&cube, err, "nchan", "1") ||
        pc_record_setf(&plane, err, "index", "0") || pc_pass_set_cube(pass, &cube, err) ||
        pc_pass_begin_channel(pass, 0, &plane, err) || pc_pass_put_image(pass, "psf.fits", &im, NULL, err) ||
        put_text(pass, "state", "iterdone=0\n", err) || pc_pass_commit(pass, err) || pc_pass_close(pass, err);
    pc_record_free(&cube);
    pc_record_free(&plane);
    pc_image_fini(&im);
    return rc;
}

/* By several threads, into another directory, so that the plane is both read and handed on. `cut`: it becomes
 * shorter while it is read. How many pixels are wrong. */
static int64_t read_big(const char *src, const char *dst, int nthread, const char *cut, struct pc_err *err)
{
    static const struct pc_use uses[] = {{"psf.fits", PC_TAKE | PC_MAKE}, {"state", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .dst = dst, .uses = uses, .nthread = nthread};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    struct pc_image im = {0};
    struct pc_record state = {0};
    int64_t wrong = 0;
    int rc = pc_pass_open(&pass, &conf, err);
    if (rc)
        return -1;
    rc = pc_pass_channel(pass, &chan, err) != 1 || pc_pass_member(pass, &m, err) != 1;
    if (!rc && cut)
        rc = truncate(cut, 6000000);
    rc = rc || pc_pass_image(pass, &im, err) || pc_pass_member(pass, &m, err) != 1 ||
         strcmp(m.name, "state") || pc_pass_record(pass, &state, err) || pc_pass_commit(pass, err);
    for (int64_t i = 0; !rc && i < pc_imhead_npix(&im.head); i++)
        wrong += im.pix[i] != big_pixel(i);
    pc_image_fini(&im);
    pc_record_free(&state);
    if (!rc)
        return pc_pass_close(pass, err) ? -1 : wrong;
    pc_pass_abort(pass);
    return -1;
}

static void test_threads(void)
{
    struct pc_err err = {0};
    char to[16];
    ok(!write_big(in("big"), false, &err) && !write_big(in("bigwide"), true, &err), "large planes %s",
       err.msg);
    for (int nthread = 1; nthread < 5; nthread++) {
        snprintf(to, sizeof to, "big%d", nthread);
        is_int(read_big(in("big"), in(to), nthread, NULL, &err), 0, "read by threads");
        ok(same_files(in("big"), in(to)), "and handed on %s", err.msg);
    }
    is_int(read_big(in("bigwide"), in("wide3"), 3, NULL, &err), 0, "doubles too");
    is_int(read_big(in("bigwide"), in("wide.tar"), 3, NULL, &err), 0, "on their way to a tar file");
    is_int(read_big(in("wide.tar"), in("wide4"), 3, NULL, &err), 0, "and from it");
    ok(same_files(in("bigwide"), in("wide4")), "the same %s", err.msg);
    ok(read_big(in("big"), in("cut"), 3, in("big/ch00000/psf.fits"), &err) < 0 && err.code == PC_EX_DATA,
       "cut short meanwhile: %s", err.msg);
    has(err.msg, "psf.fits", "which one is said");
}

/* Three planes that are alike: from one, or from all of them. */
static int write_alike(const char *dst, bool wide, bool from_one, struct pc_err *err)
{
    enum { NPOL = 3, N = SIDE * SIDE };
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0}, plane = {0};
    struct pc_image im = {0};
    struct pc_pass *pass;
    small_head(&im.head, SIDE, 0);
    im.head.npol = NPOL;
    for (int p = 0; p < NPOL; p++)
        im.head.stokes[p] = p + 1;
    const int64_t n = from_one ? N : NPOL * N;
    if (wide ? !(im.wide = malloc((size_t)n * 8)) : !(im.pix = malloc((size_t)n * 4)))
        return -1;
    for (int64_t i = 0; i < n; i++)
        if (wide)
            im.wide[i] = wide_pixel(i % N);
        else
            im.pix[i] = (float)wide_pixel(i % N);
    int rc = pc_pass_open(&pass, &conf, err) || pc_record_setf(&cube, err, "nchan", "1") ||
             pc_record_setf(&plane, err, "index", "0") || pc_pass_set_cube(pass, &cube, err) ||
             pc_pass_begin_channel(pass, 0, &plane, err) ||
             (from_one ? pc_pass_put_alike(pass, "psf.fits", &im, err)
                       : pc_pass_put_image(pass, "psf.fits", &im, NULL, err)) ||
             pc_pass_commit(pass, err) || pc_pass_close(pass, err);
    pc_record_free(&cube);
    pc_record_free(&plane);
    pc_image_fini(&im);
    return rc;
}

static void test_alike(void)
{
    struct pc_err err = {0};
    ok(!write_alike(in("one"), false, true, &err) && !write_alike(in("all"), false, false, &err) &&
           !write_alike(in("onew"), true, true, &err) && !write_alike(in("allw"), true, false, &err),
       "planes that are alike are written %s", err.msg);
    ok(same_files(in("one"), in("all")), "from one as from all of them");
    ok(same_files(in("onew"), in("allw")), "doubles too");
    ok(!same_files(in("one"), in("onew")), "which is another file");
}

/* ---- masks as runs, planes block by block ---- */

enum { NX = 517, NY = 401, NPOL = 2, NPIX = NX * NY };

static unsigned char mask_pixel(int64_t i)
{
    return (i / 3000 % 20 == 5 && i * 7919 % 11 > 2) || i % NPIX == 0 || i % NPIX == NPIX - 1;
}

static void two_planes(struct pc_imhead *h)
{
    small_head(h, NX, 0);
    h->ny = NY;
    h->npol = NPOL;
    h->stokes[1] = 2;
}

static int write_mask(const char *dst, bool as_runs, struct pc_err *err)
{
    struct pc_pass_conf conf = {.dst = dst};
    struct pc_record cube = {0}, plane = {0};
    struct pc_image im = {.mask = malloc(NPIX * NPOL)};
    struct pc_runs runs[NPOL] = {{0}};
    struct pc_pass *pass;
    int rc = 0;
    two_planes(&im.head);
    for (int64_t i = 0; i < NPIX * NPOL; i++)
        im.mask[i] = mask_pixel(i);
    for (int y = 0; y < NY * NPOL; y++)
        rc = rc || pc_runs_add_bytes(&runs[y / NY], y % NY, 0, im.mask + (int64_t)y * NX, NX, err);
    rc = rc || pc_pass_open(&pass, &conf, err) || pc_record_setf(&cube, err, "nchan", "1") ||
         pc_record_setf(&plane, err, "index", "0") || pc_pass_set_cube(pass, &cube, err) ||
         pc_pass_begin_channel(pass, 0, &plane, err) ||
         (as_runs ? pc_pass_put_runs(pass, "mask.fits", &im.head, runs, err)
                  : pc_pass_put_image(pass, "mask.fits", &im, NULL, err)) ||
         pc_pass_commit(pass, err) || pc_pass_close(pass, err);
    for (int pol = 0; pol < NPOL; pol++)
        pc_runs_free(&runs[pol]);
    pc_record_free(&cube);
    pc_record_free(&plane);
    pc_image_fini(&im);
    return rc;
}

/* What the blocks of a plane say. */
struct seen {
    int64_t n, wrong;
    bool wide;
};

static int see(void *ctx, const struct pc_pixel_span *s, struct pc_err *err)
{
    struct seen *seen = ctx;
    for (int64_t i = 0; i < s->n; i++) {
        int64_t at = s->first + i + s->pol * (int64_t)NPIX;
        float want = (float)wide_pixel(at);
        if (!seen->wide)
            seen->wrong += !s->mask || s->mask[i] != mask_pixel(at);
        else if (!s->pix || memcmp(&s->pix[i], &want, 4))
            seen->wrong += s->pix && isnan(want) && isnan(s->pix[i]) ? 0 : 1;
        if (seen->wide)
            s->pix[i] = 1;
    }
    seen->n += s->n;
    return seen->n > 5000000 ? pc_err_set(err, PC_EX_DATA, "enough") : 0;
}

/* Member `name` of the only channel; `into` may be NULL. */
static int see_member(const char *src, const char *name, struct seen *seen, float *into, struct pc_err *err)
{
    struct pc_use uses[] = {{name, PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .uses = uses, .read_only = true};
    struct pc_imhead h = {0};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    int rc = pc_pass_channel(pass, &chan, err) == 1 && pc_pass_member(pass, &m, err) == 1 ? 0 : -1;
    rc = rc || pc_pass_imhead(pass, &h, err) || pc_pass_pixels(pass, &h, into, see, seen, err);
    pc_imhead_fini(&h);
    pc_pass_abort(pass);
    return rc ? -1 : 0;
}

static void test_blocks(void)
{
    static float into[NPIX * NPOL];
    const char *plain = in("plain"), *runs = in("runs"), *tar_plain = in("plain.tar"),
               *tar_runs = in("runs.tar");
    struct pc_err err;
    struct seen seen = {0};
    ok(!write_mask(plain, false, &err) && !write_mask(runs, true, &err), "a mask of two planes");
    ok(same_files(plain, runs), "its runs make the bytes that its pixels make");
    ok(!write_mask(tar_plain, false, &err) && !write_mask(tar_runs, true, &err) &&
           same_files(tar_plain, tar_runs),
       "in a tar file too");
    ok(!see_member(runs, "mask.fits", &seen, NULL, &err) && seen.n == NPIX * NPOL && seen.wrong == 0,
       "bytes block by block: %lld, %lld wrong", (long long)seen.n, (long long)seen.wrong);
    ok(see_member(runs, "mask.fits", &seen, into, &err) == -1 && strstr(err.msg, "BITPIX is 8"),
       "a mask where floats are wanted is refused");
    seen = (struct seen){.wide = true};
    ok(!see_member(in("w"), "psf.fits", &seen, NULL, &err) && seen.n == SIDE * SIDE && seen.wrong == 0,
       "doubles as floats, block by block: %lld, %lld wrong", (long long)seen.n, (long long)seen.wrong);
    seen = (struct seen){.wide = true};
    ok(!see_member(in("w"), "psf.fits", &seen, into, &err) && seen.wrong == 0 && into[0] == 1 &&
           into[SIDE * SIDE - 1] == 1 && into[SIDE * SIDE] == 0,
       "held, they may be changed as they come");
    seen = (struct seen){.wide = true, .n = 5000000};
    ok(see_member(in("w"), "psf.fits", &seen, NULL, &err) == -1 && strstr(err.msg, "psf.fits") &&
           strstr(err.msg, "enough"),
       "an error of the caller's goes on, with the member's name");
}

int main(void)
{
    char cmd[64];
    if (!mkdtemp(dir))
        return 1;
    test_wide();
    test_threads();
    test_alike();
    test_blocks();
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    ok(system(cmd) == 0, "clean up");
    return tap_done();
}
