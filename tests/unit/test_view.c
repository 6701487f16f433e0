/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/colormap.h"
#include "view/contour.h"
#include "view/draw.h"
#include "view/panel.h"
#include "view/scale.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* What pc-view decides before it draws: colours, marks, labels, the part shown, the page. */

static double luminance(const double rgb[3])
{
    double y = 0;
    static const double weight[3] = {0.2126, 0.7152, 0.0722};
    for (int i = 0; i < 3; i++)
        y += weight[i] * (rgb[i] <= 0.04045 ? rgb[i] / 12.92 : pow((rgb[i] + 0.055) / 1.055, 2.4));
    return y;
}

/* Steps of a table of colours: how often it gets darker, leaves the screen's colours, and its largest jump.
 */
static void walk(enum pc_colormap map, int from, int to, int *falls, int *outside, double *jump)
{
    double last = -1, before[3] = {0}, c[3];
    *falls = *outside = 0;
    *jump = 0;
    for (int i = from; i != to; i += from < to ? 1 : -1) {
        pc_colormap_rgb(map, i / 1000.0, c);
        *falls += luminance(c) <= last;
        last = luminance(c);
        for (int k = 0; k < 3; k++) {
            *outside += c[k] < 0 || c[k] > 1;
            *jump = i != from ? fmax(*jump, fabs(c[k] - before[k])) : 0;
            before[k] = c[k];
        }
    }
}

static void test_colors(void)
{
    static const char *const name[] = {"fire", "sea", "grey"};
    double jump, c[3];
    int falls, outside;
    for (int map = PC_COLORMAP_FIRE; map <= PC_COLORMAP_GREY; map++) {
        walk((enum pc_colormap)map, 0, 1001, &falls, &outside, &jump);
        ok(falls == 0 && outside == 0 && jump < 0.02,
           "%s gets lighter all the way, in colours of a screen, without jumps (%.4f in a step of 0.001)",
           name[map], jump);
    }
    walk(PC_COLORMAP_DIVERGING, 0, 501, &falls, &outside, &jump);
    ok(falls == 0 && outside == 0 && jump < 0.02, "diverging gets lighter to its middle (%.4f)", jump);
    walk(PC_COLORMAP_DIVERGING, 1000, 499, &falls, &outside, &jump);
    ok(falls == 0 && outside == 0 && jump < 0.02, "from both ends (%.4f)", jump);
    pc_colormap_rgb(PC_COLORMAP_DIVERGING, 0, c);
    ok(c[2] > 2 * c[0], "what approaches is blue");
    pc_colormap_rgb(PC_COLORMAP_DIVERGING, 1, c);
    ok(c[0] > 2 * c[2], "what recedes is red");
    pc_colormap_rgb(PC_COLORMAP_FIRE, NAN, c);
    ok(c[0] == c[1] && c[1] == c[2], "blank is grey");
}

static void test_stretch(void)
{
    struct pc_stretch s = {.lo = -3, .hi = 1000, .soft = 3};
    is_near(pc_stretch_at(&s, -3), 0, 1e-15, "asinh: the lower end");
    is_near(pc_stretch_at(&s, 1000), 1, 1e-15, "the upper end");
    double low = (asinh(1) + asinh(1)) / (asinh(1000 / 3.0) + asinh(1));
    is_near(pc_stretch_at(&s, 3), low, 1e-15, "in between");
    ok(isnan(pc_stretch_at(&s, NAN)), "blank stays blank");
    s.soft = 0;
    is_near(pc_stretch_at(&s, 498.5), 0.5, 1e-15, "linear");
}

static void test_ticks(void)
{
    double t[16];
    int d, n = pc_ticks_linear(-3.2, 3.2, 4, t, &d);
    ok(n == 3 && t[0] == -2 && t[1] == 0 && t[2] == 2 && d == 0, "-3.2..3.2 in 4: -2 0 2");
    n = pc_ticks_linear(0, 0.25, 6, t, &d);
    ok(n == 6 && d == 2 && fabs(t[5] - 0.25) < 1e-12, "0..0.25 in 6: steps of 0.05");
    is_int(pc_ticks_linear(1, 1, 5, t, &d), 0, "none in an empty range");
    int bad = 0;
    srand(3);
    for (int i = 0; i < 2000; i++) {
        double lo = rand() / 1e4 - 1e5, hi = lo + pow(10, rand() % 9 - 3);
        int most = 3 + rand() % 8;
        n = pc_ticks_linear(lo, hi, most, t, &d);
        bad += n < 1 || n > most;
        for (int k = 0; k < n; k++)
            bad += t[k] < lo - 1e-6 * (hi - lo) || t[k] > hi + 1e-6 * (hi - lo);
    }
    is_int(bad, 0, "between 1 and as many as asked for, within the range, for any range");
    struct pc_stretch s = {.lo = -1, .hi = 350, .soft = 1};
    n = pc_ticks_stretch(&s, 10, t, &d);
    int close = 0, zero = 0;
    for (int i = 0; i < n; i++) {
        zero += t[i] == 0;
        for (int k = 0; k < i; k++)
            close += fabs(pc_stretch_at(&s, t[i]) - pc_stretch_at(&s, t[k])) < 0.1;
    }
    ok(n >= 5 && close == 0 && zero == 1, "an asinh bar has %d marks, 0 among them, none too close", n);
}

static void test_labels(void)
{
    char s[64];
    double f;
    pc_number_label(s, sizeof s, -0.001, 2);
    is_str(s, "0.00", "no minus zero");
    pc_number_label(s, sizeof s, -1.5, 1);
    is_str(s,
           "\xe2\x88\x92"
           "1.5",
           "a real minus sign");
    pc_channel_label(s, sizeof s, 230.538e9 * (1 - 4.6 / 299792.458), 230.538e9,
                     0.4 / 299792.458 * 230.538e9);
    is_str(s, "4.60 km/s", "velocity, as fine as the channels");
    pc_channel_label(s, sizeof s, 268.50061e9, 0, 15e6);
    is_str(s, "268.501 GHz", "frequency without a rest frequency");
    is_str(pc_flux_prefix(0.02, &f), "m", "mJy");
    is_near(f, 1000, 0, "in thousandths");
    is_str(pc_flux_prefix(5, &f), "", "Jy");
}

static void test_channels(void)
{
    int c[30];
    struct pc_err err;
    is_int(pc_channels_parse(NULL, 24, c, 25, &err), 24, "all channels");
    ok(pc_channels_parse(NULL, 1000, c, 25, &err) == 25 && c[0] == 0 && c[24] == 999,
       "25 of 1000, ends included");
    ok(pc_channels_parse("3~9^3,20", 24, c, 25, &err) == 4 && c[0] == 3 && c[2] == 9 && c[3] == 20, "a list");
    static const char *const wrong[] = {"24", "0~24", "5~3", "a", "1~", "1,,2", "-1", "3^0", "0~20 "};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(pc_channels_parse(wrong[i], 24, c, 25, &err) == -1 && err.code == PC_EX_USAGE,
           "'%s' is refused: %s", wrong[i], err.msg);
    ok(pc_channels_parse("0~29", 30, c, 25, &err) == -1, "more than fit a page are refused");
}

static void test_crop(void)
{
    enum { N = 200 };
    static float peak[N * N];
    struct pc_imhead h = {.nx = N, .ny = N, .cell_rad = {-1e-6, 1e-6}, .crpix = {101, 101}};
    struct pc_beam beam = {3e-6, 3e-6, 0};
    struct pc_crop c;
    struct pc_err err;
    for (int y = 90; y < 130; y++)
        for (int x = 60; x < 120; x++)
            peak[y * N + x] = 10;
    peak[5 * N + 5] = 10; /* one hot pixel is no source */
    ok(!pc_crop_find(peak, &h, 1, &beam, &c, &err), "crop");
    ok(c.x0 < 60 && c.x0 + c.width > 120 && c.y0 < 90 && c.y0 + c.height > 130, "holds the source");
    ok(c.width == c.height && c.width < 120 && c.x0 > 20, "with some room, square");
    ok(!pc_crop_find(peak, &h, 5, &beam, &c, &err) && c.width == N && c.x0 == -0.5,
       "everything when nothing stands out");
    pc_crop_centre(&h, 50e-6, &c);
    ok(fabs(c.width - 50) < 1e-9 && fabs(c.x0 - 75) < 1e-9 && fabs(c.y0 - 75) < 1e-9,
       "a size around the centre");
    pc_crop_centre(&h, 1, &c);
    ok(c.width == N && c.x0 == -0.5, "is at most the image");
}

static void test_sample(void)
{
    float plane[6] = {1, 2, 3, 4, 5, 6}, out[4], near[9];
    struct pc_crop all = {-0.5, -0.5, 2, 2};
    pc_panel_sample(plane, 3, 2, &all, out, 2);
    ok(out[0] == 4 && out[1] == 5 && out[2] == 1 && out[3] == 2, "rows are turned: north is up");
    struct pc_crop inner = {-0.25, -0.25, 1.5, 1.5};
    pc_panel_sample(plane, 3, 2, &inner, near, 3);
    is_near((double)near[4], 3, 1e-6, "interpolated between pixels");
    float big[16];
    for (int i = 0; i < 16; i++)
        big[i] = (float)i;
    big[0] = NAN;
    struct pc_crop whole = {-0.5, -0.5, 4, 4};
    pc_panel_sample(big, 4, 4, &whole, out, 2);
    is_near((double)out[2], 10 / 3.0, 1e-6, "averaged where pixels are small, over those that are not blank");
    is_near((double)out[1], 12.5, 1e-6, "the north-west");
}

static void test_layout(void)
{
    int bad = 0;
    for (int n = 1; n <= 100; n++) {
        struct pc_layout l;
        pc_layout_choose(n, 0, 1600, &l);
        bad += l.ncol * l.nrow < n || l.ncol * (l.nrow - 1) >= n || l.width > 1600 || l.width < 1400 ||
               l.side < 16;
    }
    is_int(bad, 0, "1 to 100 panels fill a page of 1600 pixels, no row too many");
    struct pc_layout l;
    pc_layout_choose(24, 0, 1600, &l);
    ok(l.ncol == 6 && l.nrow == 4, "24 channels: 6 x 4");
    pc_layout_choose(5, 3, 1600, &l);
    ok(l.ncol == 3 && l.nrow == 2, "columns as asked for");
}

/* ---- contours ---- */

struct traced {
    int n;
    double length, off; /* of all pieces; the largest distance of their ends from the circle */
    double level;
};

static void add_piece(void *ctx, double x0, double y0, double x1, double y1)
{
    struct traced *t = ctx;
    t->n++;
    t->length += hypot(x1 - x0, y1 - y0);
    t->off = fmax(t->off, fabs(hypot(x0 - 20.5, y0 - 20.5) - t->level));
    t->off = fmax(t->off, fabs(hypot(x1 - 20.5, y1 - 20.5) - t->level));
}

static void test_contours(void)
{
    enum { N = 41 };
    static float cone[N * N];
    struct traced t = {.level = 12.3};
    for (int i = 0; i < N * N; i++)
        cone[i] = (float)hypot(i % N - 20, i / N - 20);
    pc_contour_trace(cone, N, N, t.level, add_piece, &t);
    ok(t.off < 0.015, "the contours of a cone are circles, to %.4f pixel", t.off);
    is_near(t.length, 2 * 3.14159265358979 * t.level, 0.1, "and closed");
    for (int i = 0; i < N * N / 2; i++)
        cone[i] = NAN;
    struct traced half = {.level = 12.3};
    pc_contour_trace(cone, N, N, half.level, add_piece, &half);
    ok(half.n > 0.4 * t.n && half.n < 0.5 * t.n, "none where it is blank");
    static const float saddle[4] = {1, 0, 0, 1};
    struct traced s = {0};
    pc_contour_trace(saddle, 2, 2, 0.25, add_piece, &s); /* the middle, 0.5, is with the corners of 1 */
    is_near(s.length, 2 * 0.25 * sqrt(2), 1e-6,
            "a saddle goes round the corners that its middle is not with");
    struct traced r = {0};
    pc_contour_trace(saddle, 2, 2, 0.75, add_piece, &r);
    is_near(r.length, 2 * 0.25 * sqrt(2), 1e-6, "on either side");
}

static void test_levels(void)
{
    double level[PC_MAX_CONTOUR];
    struct pc_err err;
    int n = pc_contour_levels("-3,3,6.5", 100, level, &err);
    ok(n == 3 && level[0] == -3 && level[2] == 6.5, "levels as they are given");
    n = pc_contour_levels("auto", 20, level, &err);
    ok(n == 4 && level[0] == -3 && level[3] == 12, "or doubled up to the peak");
    is_int(pc_contour_levels("auto", NAN, level, &err), 1, "of a blank picture");
    static const char *const wrong[] = {"3,", ",3", "three", "3 6", "3,,6", "nan"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ok(pc_contour_levels(wrong[i], 9, level, &err) == -1 && err.code == PC_EX_USAGE, "'%s' is refused",
           wrong[i]);
}

static void test_scale_bar(void)
{
    const double arcsec = 3.14159265358979323846 / 648000;
    char s[48];
    is_near(pc_scale_bar(10 * arcsec, s, sizeof s), 2 * arcsec, 1e-12, "a scale bar is round");
    is_str(s, "2 arcsec", "and says how long it is");
    is_near(pc_scale_bar(0.3 * arcsec, s, sizeof s), 0.05 * arcsec, 1e-14, "in small");
    is_str(s, "50 mas", "in mas");
    pc_scale_bar(4 * 3600 * arcsec, s, sizeof s);
    is_str(s, "1 degree", "and large");
}

int main(void)
{
    test_colors();
    test_stretch();
    test_ticks();
    test_labels();
    test_channels();
    test_crop();
    test_sample();
    test_layout();
    test_contours();
    test_levels();
    test_scale_bar();
    return tap_done();
}
