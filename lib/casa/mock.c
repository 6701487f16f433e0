/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/mock.h"

#include "base/clones.h"

#include "casa/portable.h"

#include <string.h>

static const double c_m_s = 299792458.0;
static const double day_s = 86400.0;
static const double site_m[3] = {2225142.18, -5440307.37, -2481029.85}; /* ALMA, ITRF */
static const double site_turns[2] = {-67.7552 / 360, -23.0229 / 360};   /* longitude, latitude */
static const double first_day_mjd = 59645;
const double pc_mock_ra_rad = 2.879793265790644; /* 11 h */

enum { lanes = 16 };
enum { stream_place, stream_height, stream_weight, stream_flag, stream_noise };

/* A spiral of golden angles, denser in the middle as real arrays are, with dishes that do not touch. */
void pc_mock_antennas(const struct pc_mock_conf *conf, double *xyz_m)
{
    double slon, clon, slat, clat;
    pc_sincos_turns(site_turns[0], &slon, &clon);
    pc_sincos_turns(site_turns[1], &slat, &clat);
    const double room = 8, reach = conf->bmax_m / 2 > room ? conf->bmax_m / 2 - room : 0;
    for (int k = 0; k < conf->nant; k++) {
        const double x = (k + 0.5) / conf->nant, r = room + reach * x * sqrt(sqrt(x));
        double s, c, up, unused;
        pc_sincos_turns(k * 0.38196601125 + 0.02 * pc_counter_uniform(conf->seed, stream_place, (uint64_t)k),
                        &s, &c);
        pc_counter_normal(conf->seed, stream_height, (uint64_t)k, &up, &unused);
        const double e = r * c, n = r * s, u = 0.005 * r * up;
        xyz_m[3 * k + 0] = site_m[0] - slon * e - slat * clon * n + clat * clon * u;
        xyz_m[3 * k + 1] = site_m[1] + clon * e - slat * slon * n + clat * slon * u;
        xyz_m[3 * k + 2] = site_m[2] + clat * n + slat * u;
    }
}

static int64_t pair_count(const struct pc_mock_conf *conf)
{
    return (int64_t)conf->nant * (conf->nant - 1) / 2;
}

int64_t pc_mock_row_count(const struct pc_mock_conf *conf)
{
    return pair_count(conf) * conf->ntime;
}

/* Hour angle at the site, in turns; the track is centred on transit. */
static double hour_angle(const struct pc_mock_conf *conf, int64_t time)
{
    const double x = conf->ntime > 1 ? (double)time / (double)(conf->ntime - 1) - 0.5 : 0;
    return x * conf->hours / 24;
}

/* When the field is at that hour angle: the Earth's rotation angle (Capitaine et al. 2000) turned round. */
static double time_of(double ha_turns)
{
    const double rate = 1.00273781191135448, ra_turns = pc_mock_ra_rad / 6.283185307179586476925;
    const double era = 0.7790572732640 + rate * (first_day_mjd - 51544.5);
    double turns = ra_turns - site_turns[0] - era;
    turns -= floor(turns);
    return (first_day_mjd + (turns + ha_turns) / rate) * day_s;
}

void pc_mock_span(const struct pc_mock_conf *conf, double *begin_s, double *end_s)
{
    *begin_s = time_of(hour_angle(conf, 0));
    *end_s = time_of(hour_angle(conf, conf->ntime - 1));
}

/* (u, v, w) of the baseline from antenna 1 to 2 (Thompson, Moran & Swenson, eq. 4.1, east longitude). */
static void uvw_of(const struct pc_mock_conf *conf, const double *xyz, int a, int b, double ha_turns,
                   double *uvw)
{
    double s, c, sd, cd;
    pc_sincos_turns(ha_turns - site_turns[0], &s, &c);
    pc_sincos_turns(conf->dec_rad / 6.283185307179586476925, &sd, &cd);
    const double x = xyz[3 * b] - xyz[3 * a], y = xyz[3 * b + 1] - xyz[3 * a + 1],
                 z = xyz[3 * b + 2] - xyz[3 * a + 2];
    uvw[0] = s * x + c * y;
    uvw[1] = -sd * c * x + sd * s * y + cd * z;
    uvw[2] = cd * c * x - cd * s * y + sd * z;
}

static void place_rows(const struct pc_mock_conf *conf, const double *xyz, struct pc_mock_rows *r)
{
    const int64_t npair = pair_count(conf);
    int64_t time = r->first / npair, pair = r->first % npair;
    int a = 0, b = 1;
    for (int64_t k = 0; k < pair; k++)
        if (++b == conf->nant)
            b = ++a + 1;
    for (int64_t i = 0; i < r->n; i++) {
        const double ha = hour_angle(conf, time);
        uvw_of(conf, xyz, a, b, ha, r->uvw_m + 3 * i);
        r->time_s[i] = time_of(ha);
        r->ant1[i] = a;
        r->ant2[i] = b;
        if (++b == conf->nant)
            b = ++a + 1;
        if (a == conf->nant - 1) {
            a = 0;
            b = 1;
            time++;
        }
    }
}

/* Sum of the components of one channel for `lanes` rows. */
struct tile {
    double u[lanes], v[lanes], w[lanes], re[lanes], im[lanes];
};

PC_CLONES static void sum_components(struct tile *t, const double *l, const double *m, const double *flux,
                                     int64_t n, double wavenumber)
{
    for (int64_t k = 0; k < n; k++) {
        const double r2 = l[k] * l[k] + m[k] * m[k];
        const double lk = l[k] * wavenumber, mk = m[k] * wavenumber,
                     nk = -r2 / (1 + sqrt(1 - r2)) * wavenumber;
        for (int i = 0; i < lanes; i++) {
            double s, c;
            pc_sincos_turns(t->u[i] * lk + t->v[i] * mk + t->w[i] * nk, &s, &c);
            t->re[i] += flux[k] * c;
            t->im[i] += flux[k] * s;
        }
    }
}

static void load_tile(struct tile *t, const struct pc_mock_rows *r, int64_t i0, int64_t n)
{
    memset(t, 0, sizeof *t);
    for (int64_t i = 0; i < n; i++) {
        t->u[i] = r->uvw_m[3 * (i0 + i)];
        t->v[i] = r->uvw_m[3 * (i0 + i) + 1];
        t->w[i] = r->uvw_m[3 * (i0 + i) + 2];
    }
}

/* The tile's sums to both hands, each with its own noise. */
static void store_tile(const struct pc_mock_conf *conf, const struct tile *t, struct pc_mock_rows *r,
                       int64_t i0, int64_t n, int chan)
{
    for (int64_t i = 0; i < n; i++) {
        const double w = r->weight[i0 + i], sigma = conf->noise_jy > 0 ? 1 / sqrt(w) : 0;
        for (int p = 0; p < conf->ncorr; p++) {
            const uint64_t sample =
                ((uint64_t)(r->first + i0 + i) * (uint64_t)conf->nchan + (uint64_t)chan) * 2 + (uint64_t)p;
            double a = 0, b = 0;
            if (sigma > 0)
                pc_counter_normal(conf->seed, stream_noise, sample, &a, &b);
            float *v = r->vis_jy + 2 * (((i0 + i) * conf->nchan + chan) * conf->ncorr + p);
            v[0] = (float)(t->re[i] + sigma * a);
            v[1] = (float)(t->im[i] + sigma * b);
        }
    }
}

void pc_mock_make_rows(const struct pc_mock_conf *conf, const struct pc_mock_points *sky, const double *xyz_m,
                       struct pc_mock_rows *r)
{
    place_rows(conf, xyz_m, r);
    const double unit = conf->noise_jy > 0 ? 1 / (conf->noise_jy * conf->noise_jy) : 1;
    for (int64_t i = 0; i < r->n; i++) {
        const uint64_t row = (uint64_t)(r->first + i);
        r->weight[i] = (float)(unit * (0.5 + pc_counter_uniform(conf->seed, stream_weight, row)));
        r->flag[i] = pc_counter_uniform(conf->seed, stream_flag, row) < conf->flagged;
    }
    for (int64_t i = 0; i < r->n; i += lanes) {
        const int64_t n = r->n - i < lanes ? r->n - i : lanes;
        struct tile t;
        for (int c = 0; c < conf->nchan; c++) {
            const int64_t k = sky->start[c];
            load_tile(&t, r, i, n);
            sum_components(&t, sky->l_rad + k, sky->m_rad + k, sky->flux_jy + k, sky->start[c + 1] - k,
                           pc_mock_freq(conf, c) / c_m_s);
            store_tile(conf, &t, r, i, n, c);
        }
    }
}
