/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/mock.h"

#include "base/mem.h"
#include "casa/portable.h"

static const double c_km_s = 299792.458;
static const double arcsec = 4.84813681109535994e-6;

/* The disc: CO in Keplerian rotation around a star, inclined, with the continuum of its dust as a point. */
enum { disc_rings = 22, disc_spokes = 96 };
static const double disc_inner = 0.35, disc_outer = 2.6; /* arcsec */
static const double disc_speed = 3.0;                    /* km/s at 1 arcsec */
static const double disc_cosi = 0.766, disc_sini = 0.643;
static const double disc_cospa = 0.819, disc_sinpa = 0.574; /* position angle of the major axis: 35 deg */
static const double disc_line_width = 0.35;                 /* km/s, sigma */
static const double disc_flux = 12;        /* Jy: all components, each at the peak of its line */
static const double disc_continuum = 0.05; /* Jy */

/* exp(-x) for x >= 0, from products only: (1 - x/1024 + ...)^1024. */
static double decay(double x)
{
    if (x > 30)
        return 0;
    const double t = x / 1024;
    double e = 1 - t * (1 - t / 2 * (1 - t / 3 * (1 - t / 4)));
    for (int k = 0; k < 10; k++)
        e *= e;
    return e;
}

double pc_mock_freq(const struct pc_mock_conf *conf, int chan)
{
    return conf->freq_hz + conf->width_hz * (chan - (conf->nchan - 1) / 2.0);
}

static double velocity_km_s(const struct pc_mock_conf *conf, int chan)
{
    return -c_km_s * (pc_mock_freq(conf, chan) - conf->freq_hz) / conf->freq_hz;
}

/* Where components go; counts only while p->l_rad is NULL. */
static void add(struct pc_mock_points *p, int64_t *n, double l, double m, double flux)
{
    if (p->l_rad) {
        p->l_rad[*n] = l * arcsec;
        p->m_rad[*n] = m * arcsec;
        p->flux_jy[*n] = flux;
    }
    ++*n;
}

static void disc(struct pc_mock_points *p, const struct pc_mock_conf *conf, int chan, int64_t *n)
{
    const double v = velocity_km_s(conf, chan);
    for (int i = 0; i < disc_rings; i++) {
        const double r = disc_inner + (disc_outer - disc_inner) * (i + 0.5) / disc_rings;
        const double speed = disc_speed / sqrt(r) * disc_sini;
        const double share = disc_flux * decay(r / 1.3) * r / (disc_rings * 0.62 * disc_spokes);
        for (int k = 0; k < disc_spokes; k++) {
            double s, c;
            pc_sincos_turns((k + 0.5 * (i % 2)) / disc_spokes, &s, &c);
            const double dv = (v - speed * c) / disc_line_width;
            const double flux = share * decay(dv * dv / 2);
            if (flux < 1e-3 * share)
                continue;
            const double major = r * c, minor = r * s * disc_cosi;
            add(p, n, major * disc_sinpa + minor * disc_cospa, major * disc_cospa - minor * disc_sinpa, flux);
        }
    }
    add(p, n, 0, 0, disc_continuum);
}

static void points(struct pc_mock_points *p, int64_t *n)
{
    static const double at[][3] = {
        {0, 0, 1.0}, {2.1, 1.4, 0.5}, {-3.3, 0.6, 0.3}, {1.2, -4.1, 0.2}, {-2.6, -2.9, 0.1}};
    for (unsigned i = 0; i < sizeof at / sizeof *at; i++)
        add(p, n, at[i][0], at[i][1], at[i][2]);
}

/* An expanding shell: a ring whose radius depends on the channel, with a star and two faint sources. */
static void shell(struct pc_mock_points *p, const struct pc_mock_conf *conf, int chan, int64_t *n)
{
    enum { npoint = 120 };
    const double x = (chan - (conf->nchan - 1) / 2.0) / (conf->nchan > 2 ? conf->nchan / 2.0 : 1);
    const double left = 1 - 0.9 * x * x, r = 1.2 * sqrt(left > 0.02 ? left : 0.02);
    for (int k = 0; k < npoint; k++) {
        double s, c;
        pc_sincos_turns((double)k / npoint, &s, &c);
        add(p, n, r * c, r * s, 0.6 / npoint * (1 + 0.3 * (c * c - s * s)));
    }
    add(p, n, 0, 0, 0.35);
    add(p, n, 5, 3, 0.05);
    add(p, n, -9, 8, 0.02);
}

static int64_t walk(struct pc_mock_points *p, const struct pc_mock_conf *conf)
{
    int64_t n = 0;
    for (int c = 0; c < conf->nchan; c++) {
        p->start[c] = n;
        if (conf->sky == PC_MOCK_DISC)
            disc(p, conf, c, &n);
        else if (conf->sky == PC_MOCK_POINTS)
            points(p, &n);
        else if (conf->sky == PC_MOCK_SHELL)
            shell(p, conf, c, &n);
    }
    p->start[conf->nchan] = n;
    return n;
}

int pc_mock_points_init(struct pc_mock_points *p, const struct pc_mock_conf *conf, struct pc_err *err)
{
    *p = (struct pc_mock_points){.nchan = conf->nchan};
    p->start = pc_mem_new0(conf->nchan + 1, sizeof *p->start, "sky", err);
    if (!p->start)
        return -1;
    const int64_t n = walk(p, conf);
    double *l = pc_mem_new0(n + 1, sizeof *l, "sky", err);
    p->m_rad = l ? pc_mem_new0(n + 1, sizeof *p->m_rad, "sky", err) : NULL;
    p->flux_jy = p->m_rad ? pc_mem_new0(n + 1, sizeof *p->flux_jy, "sky", err) : NULL;
    p->l_rad = l;
    if (!p->flux_jy) {
        pc_mock_points_fini(p);
        return -1;
    }
    walk(p, conf);
    return 0;
}

void pc_mock_points_fini(struct pc_mock_points *p)
{
    pc_mem_free(p->start);
    pc_mem_free(p->l_rad);
    pc_mem_free(p->m_rad);
    pc_mem_free(p->flux_jy);
    *p = (struct pc_mock_points){0};
}
