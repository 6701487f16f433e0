/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/colormap.h"

#include <math.h>
#include <stdbool.h>

static const double PI = 3.14159265358979323846;

/* OKLab to linear sRGB. */
static void oklab_to_rgb(double lightness, double a, double b, double rgb[3])
{
    double l = pow(lightness + 0.3963377774 * a + 0.2158037573 * b, 3);
    double m = pow(lightness - 0.1055613458 * a - 0.0638541728 * b, 3);
    double s = pow(lightness - 0.0894841775 * a - 1.2914855480 * b, 3);
    rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
    rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
    rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}

static bool in_gamut(const double rgb[3])
{
    for (int i = 0; i < 3; i++)
        if (rgb[i] < 0 || rgb[i] > 1)
            return false;
    return true;
}

static double gamma_srgb(double v)
{
    v = v < 0 ? 0 : v > 1 ? 1 : v;
    return v <= 0.0031308 ? 12.92 * v : 1.055 * pow(v, 1 / 2.4) - 0.055;
}

struct lch {
    double lightness, chroma, hue_deg;
};

static struct lch path_of(enum pc_colormap map, double t)
{
    struct lch c = {0.13 + 0.85 * t, 0, 0};
    switch (map) {
    case PC_COLORMAP_FIRE: /* 280 violet, 360 magenta, 410 orange, 465 yellow */
        c.hue_deg = 280 + 185 * t;
        c.chroma = 0.03 + 0.15 * sin(PI * pow(t, 0.8)) + 0.05 * t;
        break;
    case PC_COLORMAP_SEA: /* 300 violet, 250 blue, 200 teal, 150 green, 105 yellow */
        c.lightness = 0.15 + 0.80 * t;
        c.hue_deg = 300 - 195 * t;
        c.chroma = 0.04 + 0.09 * sin(PI * pow(t, 0.7)) + 0.11 * t * t;
        break;
    case PC_COLORMAP_GREY:
        break;
    case PC_COLORMAP_DIVERGING: {
        double away = fabs(2 * t - 1);
        c.lightness = 0.97 - 0.55 * pow(away, 1.2);
        c.hue_deg = t < 0.5 ? 258 : 27;
        c.chroma = 0.21 * away * (1 - 0.25 * away * away);
        break;
    }
    }
    return c;
}

void pc_colormap_rgb(enum pc_colormap map, double t, double rgb[3])
{
    if (isnan(t)) {
        rgb[0] = rgb[1] = rgb[2] = 0.86;
        return;
    }
    struct lch c = path_of(map, t < 0 ? 0 : t > 1 ? 1 : t);
    double a = c.chroma * cos(c.hue_deg * PI / 180), b = c.chroma * sin(c.hue_deg * PI / 180);
    double grey = 0; /* as much of it as the screen's colours demand */
    oklab_to_rgb(c.lightness, a, b, rgb);
    for (double step = 0.5; step > 1e-4 && !(grey == 0 && in_gamut(rgb)); step *= 0.5) {
        grey += in_gamut(rgb) ? -step : step;
        oklab_to_rgb(c.lightness, (1 - grey) * a, (1 - grey) * b, rgb);
    }
    for (int i = 0; i < 3; i++)
        rgb[i] = gamma_srgb(rgb[i]);
}
