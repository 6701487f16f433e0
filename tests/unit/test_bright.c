/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Clark's list of bright pixels against plain arrays, to the bit. */
#include "clean/bright.h"
#include "tap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PX = 25, PY = 21, NPSF = 64 };

struct sky {
    int nx, ny, npol;
    float *residual, *value, *flux; /* [npol][ny][nx]; value: NaN where not bright */
    unsigned char *mask;
    float *psf; /* [NPSF][NPSF] */
    struct pc_active active;
    struct pc_patch patch;
};

static double noise(void)
{
    static unsigned long long s = 88172645463325252ULL;
    s ^= s << 13, s ^= s >> 7, s ^= s << 17;
    return (double)(s >> 40) / (1 << 24) - 0.5;
}

static bool sky_init(struct sky *s, int nx, int ny, int npol, bool masked)
{
    struct pc_err err;
    size_t n = (size_t)nx * (size_t)ny;
    *s = (struct sky){nx,
                      ny,
                      npol,
                      calloc(n * (size_t)npol, 4),
                      calloc(n * (size_t)npol, 4),
                      calloc(n * (size_t)npol, 4),
                      masked ? calloc(n, 1) : NULL,
                      calloc(NPSF * NPSF, 4),
                      {0},
                      {0}};
    for (size_t i = 0; i < n * (size_t)npol; i++)
        s->residual[i] = (float)noise();
    s->residual[5] = NAN;
    for (size_t i = 0; i < n && masked; i++)
        s->mask[i] = (i / 7) % 3 != 0 && (i / (size_t)nx) % 11 != 0;
    for (int i = 0; i < NPSF * NPSF; i++)
        s->psf[i] = (float)exp(-(pow(i % NPSF - 32, 2) + pow((int)(i / NPSF) - 32, 2)) / 30);
    s->patch = (struct pc_patch){s->psf + 32 * NPSF + 32, NPSF, {PX, PY}, {PX / 2, PY / 2}};
    return !pc_active_init(&s->active, s->residual, s->mask, true, nx, ny, &err);
}

static void sky_fini(struct sky *s)
{
    pc_active_fini(&s->active);
    free(s->residual), free(s->value), free(s->flux), free(s->mask), free(s->psf);
}

static float size_at(const struct sky *s, const float *v, int64_t i)
{
    return pc_bright_size(v + i, s->npol, (int64_t)s->nx * s->ny);
}

static void plain_begin(struct sky *s, float limit)
{
    const int64_t n = (int64_t)s->nx * s->ny;
    for (int64_t i = 0; i < n; i++)
        for (int k = 0; k < s->npol; k++)
            s->value[k * n + i] =
                (!s->mask || s->mask[i]) && size_at(s, s->residual, i) > limit ? s->residual[k * n + i] : NAN;
}

static float plain_peak(const struct sky *s, int64_t *at)
{
    float peak = 0;
    *at = -1;
    for (int64_t i = 0; i < (int64_t)s->nx * s->ny; i++)
        if (size_at(s, s->value, i) > peak)
            peak = size_at(s, s->value, i), *at = i;
    return peak;
}

static void plain_take(struct sky *s, int64_t at, float gain)
{
    const int64_t n = (int64_t)s->nx * s->ny;
    const int x = (int)(at % s->nx), y = (int)(at / s->nx);
    for (int k = 0; k < s->npol; k++) {
        const float flux = gain * s->value[k * n + at];
        s->flux[k * n + at] += flux;
        for (int dy = -(PY / 2); dy < PY - PY / 2; dy++)
            for (int dx = -(PX / 2); dx < PX - PX / 2; dx++)
                if (x + dx >= 0 && x + dx < s->nx && y + dy >= 0 && y + dy < s->ny)
                    s->value[k * n + at + dy * (int64_t)s->nx + dx] -= flux * s->patch.centre[dy * NPSF + dx];
    }
}

static void test_same(int nx, int ny, int npol, bool masked, float limit)
{
    struct sky s;
    struct pc_bright b;
    struct pc_err err;
    const int64_t n = (int64_t)nx * ny;
    int64_t at, want_at;
    int wrong = 0, missing = 0;
    if (!ok(sky_init(&s, nx, ny, npol, masked) &&
                !pc_bright_init(&b, &s.active, s.residual, npol, limit, &err),
            "%d x %d, %d planes, limit %g", nx, ny, npol, (double)limit))
        return;
    plain_begin(&s, limit);
    for (int i = 0; i < 60; i++) {
        const float peak = pc_bright_peak(&b, &at), want = plain_peak(&s, &want_at);
        wrong += peak != want || at != want_at;
        if (want_at < 0)
            break;
        wrong += pc_bright_take(&b, want_at, 0.7f, &s.patch, &err) != 1;
        plain_take(&s, want_at, 0.7f);
    }
    is_int(wrong, 0, "peaks and their places to the bit");
    pc_bright_merge(&b);
    for (int64_t i = 0; i < b.ntaken; i++) {
        for (int k = 0; k < npol; k++)
            missing += b.taken[i].flux[k] != s.flux[k * n + b.taken[i].at];
        missing += i > 0 && b.taken[i].at <= b.taken[i - 1].at;
    }
    for (int64_t i = 0; i < n; i++)
        missing -= s.flux[i] != 0;
    is_int(missing + b.ntaken, 0, "what was taken, once per pixel, in scan order");
    pc_bright_fini(&b);
    sky_fini(&s);
}

static void test_none(void)
{
    struct sky s;
    struct pc_bright b;
    struct pc_err err;
    int64_t at;
    ok(sky_init(&s, 70, 33, 1, false) && !pc_bright_init(&b, &s.active, s.residual, 1, 0.6f, &err),
       "a limit above all");
    ok(pc_bright_peak(&b, &at) == 0 && at == -1, "nothing is bright");
    pc_bright_fini(&b);
    sky_fini(&s);
}

/* Components everywhere: there is an end to the copies, of a byte per pixel. */
static void test_room(void)
{
    struct sky s;
    struct pc_bright b;
    struct pc_err err;
    int64_t at;
    int more = 1, n = 0;
    ok(sky_init(&s, 2500, 2400, 1, false) && !pc_bright_init(&b, &s.active, s.residual, 1, 0, &err),
       "a large plane, all of it bright");
    memset(s.psf, 0, NPSF * NPSF * sizeof *s.psf);
    s.psf[32 * NPSF + 32] = 1; /* the next one is somewhere else */
    while (more > 0 && n < 3000) {
        pc_bright_peak(&b, &at);
        more = pc_bright_take(&b, at, 0.9f, &s.patch, &err);
        n += more > 0;
    }
    is_int(more, 0, "after some components there is no more room");
    is_int(b.ntaken, n, "and what did not fit was not taken");
    ok(b.ncopy * 4096 <= 2500 * 2400 && b.ncopy * 4096 > 2500 * 2400 * 9 / 10,
       "when a byte per pixel is used");
    pc_bright_fini(&b);
    sky_fini(&s);
}

int main(void)
{
    test_same(150, 70, 1, false, 0);
    test_same(150, 70, 1, true, 0.3f);
    test_same(1100, 37, 1, true, 0.49f);
    test_same(130, 61, 3, true, 0.4f);
    test_same(20, 9, 2, false, 0);
    test_none();
    test_room();
    return tap_done();
}
