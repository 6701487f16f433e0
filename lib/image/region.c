/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/region.h"

#include "image/region_fill.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define C_M_S 299792458.0

static int grow(void **array, int n, int *cap, size_t size, struct pc_err *err)
{
    if (n < *cap)
        return 0;
    int more = *cap ? 2 * *cap : 16;
    void *p = realloc(*array, (size_t)more * size);
    if (!p)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for %d regions", more);
    *array = p;
    *cap = more;
    return 0;
}

int pc_region_add(struct pc_region_set *set, const struct pc_region *r, struct pc_err *err)
{
    void *array = set->region;
    if (grow(&array, set->n, &set->cap, sizeof *set->region, err))
        return -1;
    set->region = array;
    set->region[set->n] = *r;
    set->region[set->n].first = set->npoint;
    set->region[set->n].npoint = 0;
    set->n++;
    return 0;
}

int pc_region_add_point(struct pc_region_set *set, double x, double y, struct pc_err *err)
{
    void *array = set->point;
    if (grow(&array, set->npoint, &set->point_cap, sizeof *set->point, err))
        return -1;
    set->point = array;
    set->point[set->npoint][0] = x;
    set->point[set->npoint][1] = y;
    set->npoint++;
    set->region[set->n - 1].npoint++;
    return 0;
}

void pc_region_set_fini(struct pc_region_set *set)
{
    free(set->region);
    free(set->point);
    memset(set, 0, sizeof *set);
}

/* ---- where in the sky ---- */

/* From ICRS to the mean equator and equinox of J2000, which casacore calls J2000 and FITS FK5: the frame bias
 * of the IERS Conventions 2003 (5.21), small enough for its linear form. */
static void turn_frame(bool to_icrs, double *ra_rad, double *dec_rad)
{
    const double mas = 3.14159265358979323846 / 648e6;
    double dalpha = -14.6 * mas, xi = -16.6170 * mas, eta = -6.8192 * mas, sign = to_icrs ? -1 : 1;
    double c = cos(*dec_rad), x = c * cos(*ra_rad), y = c * sin(*ra_rad), z = sin(*dec_rad);
    double x2 = x + sign * (dalpha * y - xi * z);
    double y2 = y + sign * (-dalpha * x - eta * z);
    double z2 = z + sign * (xi * x + eta * y);
    *ra_rad = atan2(y2, x2);
    *dec_rad = atan2(z2, hypot(x2, y2));
}

/* The galactic axes in ICRS: of growing x, of l = 90 degrees, of the pole (The Hipparcos and Tycho
 * Catalogues, volume 1, 1.5.13; SOFA's iauG2icrs). */
static const double GALACTIC[3][3] = {
    {-0.054875560416215368492398900454, -0.873437090234885048760383168409, -0.483835015548713226831774175116},
    {+0.494109427875583673525222371358, -0.444829629960011178146614061616, +0.746982244497218890527388004556},
    {-0.867666149019004701181616534570, -0.198076373431201528180486091412,
     +0.455983776175066922272100478348}};

static void from_galactic(double *lon_rad, double *lat_rad)
{
    const double c = cos(*lat_rad), v[3] = {c * cos(*lon_rad), c * sin(*lon_rad), sin(*lat_rad)};
    double e[3];
    for (int i = 0; i < 3; i++)
        e[i] = GALACTIC[0][i] * v[0] + GALACTIC[1][i] * v[1] + GALACTIC[2][i] * v[2];
    *lon_rad = atan2(e[1], e[0]);
    *lat_rad = atan2(e[2], hypot(e[0], e[1]));
}

/* The position angle of the galactic pole at a place in ICRS. */
static double galactic_north(double ra_rad, double dec_rad)
{
    const double *pole = GALACTIC[2], s = sin(ra_rad), c = cos(ra_rad);
    const double east = pole[1] * c - pole[0] * s;
    const double north = pole[2] * cos(dec_rad) - sin(dec_rad) * (pole[0] * c + pole[1] * s);
    return atan2(east, north);
}

static void to_pixel(const struct pc_region *r, const struct pc_imhead *h, const double at[2], double xy[2])
{
    double ra = at[0], dec = at[1];
    bool icrs = strcmp(h->radesys, "ICRS") == 0, fk5 = strcmp(h->radesys, "FK5") == 0;
    if (r->frame == PC_REGION_PIXEL) {
        xy[0] = ra;
        xy[1] = dec;
        return;
    }
    if (r->frame == PC_REGION_GALACTIC)
        from_galactic(&ra, &dec);
    if ((r->frame == PC_REGION_FK5 && icrs) || (r->frame >= PC_REGION_ICRS && fk5))
        turn_frame(icrs, &ra, &dec);
    pc_imhead_radec_to_pix(h, ra, dec, &xy[0], &xy[1]);
}

void pc_region_set_first(const struct pc_region_set *set, const struct pc_imhead *h, double xy[2])
{
    to_pixel(&set->region[0], h, set->point[set->region[0].first], xy);
}

/* ---- where in the spectrum ---- */

static const char *frame_alias(const char *name)
{
    static const char *const alias[][2] = {
        {"BARY", "BARYCENT"}, {"TOPO", "TOPOCENT"}, {"GEO", "GEOCENTR"}, {"REST", "SOURCE"}};
    for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
        if (strcmp(name, alias[i][0]) == 0)
            return alias[i][1];
    return name;
}

static int holds(const struct pc_region *r, const struct pc_imhead *h, int index, bool *yes,
                 struct pc_err *err)
{
    double rest = r->restfreq_hz > 0 ? r->restfreq_hz : h->restfreq_hz, at = index, slack = 1e-6;
    *yes = true;
    if (r->range == PC_REGION_ALL)
        return 0;
    if (r->range != PC_REGION_CHANNELS && r->specsys[0] && h->specsys[0] &&
        strcmp(frame_alias(r->specsys), frame_alias(h->specsys)))
        return pc_err_set(err, PC_EX_DATA, "a region's range is in the frame %s, the channel is in %s",
                          r->specsys, h->specsys);
    if (r->range == PC_REGION_VELOCITY && !(rest > 0))
        return pc_err_set(err, PC_EX_DATA,
                          "a region's range is a velocity, and there is no rest frequency: give restfreq=");
    if (r->range != PC_REGION_CHANNELS) {
        at = h->freq_hz;
        slack *= fabs(h->width_hz);
    }
    if (r->range == PC_REGION_VELOCITY) {
        slack *= C_M_S / rest;
        at = C_M_S * (r->optical ? rest / at - 1 : 1 - at / rest);
    }
    *yes = at >= r->lo - slack && at <= r->hi + slack;
    return 0;
}

static bool has_stokes(const struct pc_region *r, int code)
{
    for (int i = 0; i < r->nstokes; i++)
        if (r->stokes[i] == code)
            return true;
    return r->nstokes == 0;
}

/* ---- pixels ---- */

static int paint_one(const struct pc_region_set *set, const struct pc_region *r, const struct pc_imhead *h,
                     unsigned char *mask, struct pc_err *err)
{
    struct pc_fill f = {.mask = mask, .nx = h->nx, .ny = h->ny, .value = !r->exclude};
    double(*xy)[2] = malloc((size_t)(r->npoint > 0 ? r->npoint : 1) * sizeof *xy);
    struct pc_region turned = *r;
    bool seen = true;
    if (!xy)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a region of %d points", r->npoint);
    for (int i = 0; i < r->npoint; i++) {
        to_pixel(r, h, set->point[r->first + i], xy[i]);
        seen = seen && isfinite(xy[i][0]) && isfinite(xy[i][1]);
    }
    double unit[2] = {r->in_pixels ? 1 : fabs(h->cell_rad[0]), r->in_pixels ? 1 : fabs(h->cell_rad[1])};
    if (r->frame == PC_REGION_GALACTIC) {
        double at[2] = {set->point[r->first][0], set->point[r->first][1]};
        from_galactic(&at[0], &at[1]);
        turned.angle_rad += galactic_north(at[0], at[1]);
    }
    int bad = 0;
    if (!seen)
        ; /* beyond the horizon of the image: no pixel is in it */
    else if (r->shape == PC_REGION_CORNERS)
        pc_fill_corners(&f, xy[0], xy[1]);
    else if (r->shape == PC_REGION_POLYGON)
        bad = pc_fill_polygon(&f, xy, r->npoint, err);
    else
        pc_fill_round(&f, &turned, xy[0], unit);
    free(xy);
    return bad;
}

int pc_region_set_paint(const struct pc_region_set *set, const struct pc_imhead *h, int index, int pol,
                        unsigned char *mask, struct pc_err *err)
{
    for (int i = 0; i < set->n; i++) {
        const struct pc_region *r = &set->region[i];
        bool yes;
        if (holds(r, h, index, &yes, err))
            return -1;
        if (yes && has_stokes(r, h->stokes[pol]) && paint_one(set, r, h, mask, err))
            return -1;
    }
    return 0;
}
