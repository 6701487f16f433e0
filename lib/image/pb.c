/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb.h"

#include "image/pb_evla.h"

#include <math.h>
#include <strings.h>

enum { TABLE = PC_PB_TABLE };

static const double deg = M_PI / 180;

/* The first model whose telescope matches and whose dish is smaller than dish_below_m (0: any dish). The Airy
 * radii are those CASA images with, not the dishes' mechanical ones. */
static const struct {
    const char *telescop;
    double dish_below_m;
    struct pc_pb pb;
} models[] = {
    {"ALMA", 12, {PC_PB_AIRY, 6.25, 0.75, 3.568, "ACA 7 m"}},
    {"ALMA", 0, {PC_PB_AIRY, 10.7, 0.75, 1.784, "ALMA 12 m"}},
    {"ACA", 0, {PC_PB_AIRY, 6.25, 0.75, 3.568, "ACA 7 m"}},
    {"ALMASD", 0, {PC_PB_AIRY, 10.7, 0.75, 1.784, "ALMA 12 m"}},
    {"VLA", 0, {PC_PB_AIRY, 25, 2.36, 0.8564, "VLA"}},
    {"EVLA", 0, {PC_PB_EVLA, 25, 0, 0.8564, "EVLA"}},
    {"NGVLA", 0, {PC_PB_AIRY, 18, 0, 1.5, "ngVLA 18 m"}},
    {"ATA", 0, {PC_PB_AIRY, 6, 0.5, 3.568, "ATA"}},
    /* half power at 26.15 arcsec at 224 GHz; the reach is read off CASA's images */
    {"SMA", 0, {PC_PB_SPHEROIDAL, 0, 0, 4.3908682, "SMA"}},
};

/* Dishes, in m, of telescopes whose MeasurementSets may not say. */
static const struct {
    const char *telescop;
    double dish_m;
} dishes[] = {{"ASKAP", 12},  {"ATCA", 22},      {"BIMA", 6.1},   {"EFFELSBERG", 100}, {"GBT", 100},
              {"GMRT", 45},   {"HATCREEK", 6.1}, {"IRAMPDB", 15}, {"MEERKAT", 13.5},   {"NOEMA", 15},
              {"OVRO", 10.4}, {"VLBA", 25},      {"WSRT", 25}};

static double known_dish_m(const char *telescop)
{
    for (size_t i = 0; i < sizeof dishes / sizeof dishes[0]; i++)
        if (strcasecmp(telescop, dishes[i].telescop) == 0)
            return dishes[i].dish_m;
    return 0;
}

void pc_pb_choose(const char *telescop, double dish_m, struct pc_pb *pb, struct pc_log *log)
{
    for (size_t i = 0; i < sizeof models / sizeof models[0]; i++) {
        bool fits = models[i].dish_below_m == 0 || (dish_m > 0 && dish_m < models[i].dish_below_m);
        if (fits && strcasecmp(telescop, models[i].telescop) == 0) {
            *pb = models[i].pb;
            pb->maxrad_1ghz_rad *= deg;
            return;
        }
    }
    if (!(dish_m > 0))
        dish_m = known_dish_m(telescop);
    if (dish_m > 0) {
        /* the reach of the 24.5 m dish of the definition, scaled to this one */
        *pb = (struct pc_pb){PC_PB_AIRY, dish_m, 0, 0.8564 * deg * 25 / dish_m, "unblocked dish"};
        return;
    }
    *pb = (struct pc_pb){.kind = PC_PB_NONE, .name = "none"};
    pc_log_warn(log,
                "telescope %s is not known and its dishes have no diameter: the primary beam is taken as 1",
                telescop[0] ? telescop : "(none)");
}

bool pc_pb_same(const struct pc_pb *a, const struct pc_pb *b)
{
    return a->kind == b->kind && a->dish_m == b->dish_m && a->block_m == b->block_m &&
           a->maxrad_1ghz_rad == b->maxrad_1ghz_rad;
}

static double jinc(double x)
{
    return x == 0 ? 1 : 2 * j1(x) / x;
}

/* Voltage at r_deg, 1 GHz. The second null of an unblocked dish of 24.5 m lies at 1.566 degrees. CASA
 * multiplies x by dish/block in the blockage term where physics wants block/dish; so do we. */
static double airy(const struct pc_pb *pb, double r_deg)
{
    double x = r_deg * 7.016 / 1.566 * pb->dish_m / 24.5;
    if (pb->block_m <= 0)
        return jinc(x);
    double ratio = pb->dish_m / pb->block_m;
    return (ratio * ratio * jinc(x) - jinc(x * ratio)) / (ratio * ratio - 1);
}

/* Schwab's spheroidal function of order m=6, alpha=1 as a rational approximation (spec section 3.1), times
 * 1-nu^2. */
static double spheroidal(double nu)
{
    static const double p[2][5] = {
        {8.203343e-2, -3.644705e-1, 6.278660e-1, -5.335581e-1, 2.312756e-1},
        {4.028559e-3, -3.697768e-2, 1.021332e-1, -1.201436e-1, 6.412774e-2},
    };
    static const double q[2][3] = {{1, 8.212018e-1, 2.078043e-1}, {1, 9.599102e-1, 2.918724e-1}};
    int k = nu < 0.75 ? 0 : 1;
    double end = k == 0 ? 0.75 : 1, d = nu * nu - end * end;
    double top = p[k][0] + d * (p[k][1] + d * (p[k][2] + d * (p[k][3] + d * p[k][4])));
    return (1 - nu * nu) * top / (q[k][0] + d * (q[k][1] + d * q[k][2]));
}

static double evla(const double c[4], double r_deg)
{
    const double x = r_deg * 60, y = x * x;
    return fmax(0, 1 + y * (c[0] + y * (c[1] + y * (c[2] + y * c[3]))));
}

void pc_pb_table(const struct pc_pb *pb, double freq_hz, float *power)
{
    double maxrad_deg = pb->maxrad_1ghz_rad / deg, coeff[4];
    pc_pb_evla(freq_hz, coeff);
    for (int i = 0; i < TABLE; i++) {
        if (pb->kind == PC_PB_SPHEROIDAL) {
            power[i] = (float)(spheroidal((double)i / TABLE) / spheroidal(0));
        } else if (pb->kind == PC_PB_EVLA) {
            power[i] = (float)evla(coeff, i * maxrad_deg / (TABLE - 1));
        } else {
            double v = airy(pb, i * maxrad_deg / (TABLE - 1));
            power[i] = (float)(v * v);
        }
    }
}

void pc_pb_voltage(const struct pc_pb *pb, double freq_hz, double reach_rad, int n, double *v)
{
    double coeff[4];
    pc_pb_evla(freq_hz, coeff);
    for (int i = 0; i < n; i++) {
        const double r_rad = i * reach_rad / (n - 1), r_deg = r_rad / deg;
        if (pb->kind == PC_PB_NONE)
            v[i] = 1;
        else if (r_rad > pb->maxrad_1ghz_rad * (1 + 1e-12))
            v[i] = 0;
        else if (pb->kind == PC_PB_AIRY)
            v[i] = airy(pb, r_deg);
        else if (pb->kind == PC_PB_EVLA)
            v[i] = sqrt(evla(coeff, r_deg));
        else
            v[i] = sqrt(fmax(0, spheroidal(fmin(1, r_rad / pb->maxrad_1ghz_rad)) / spheroidal(0)));
    }
}
