/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/cubein.h"

#include "base/mem.h"
#include "image/stats.h"
#include "io/fits.h"
#include "view/panel.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double C_KM_S = 299792.458;

static int choose_stokes(struct pc_cubein *in, struct pc_err *err)
{
    const struct pc_imhead *h = &in->head;
    const char *wanted = in->conf->stokes;
    char have[64] = "";
    in->pol = wanted ? -1 : 0;
    for (int p = 0; p < h->npol; p++) {
        const char *name = pc_stokes_name(h->stokes[p]);
        size_t len = strlen(have);
        snprintf(have + len, sizeof have - len, "%s%s", p ? ", " : "", name ? name : "?");
        if (in->pol < 0 && name && strcmp(name, wanted) == 0)
            in->pol = p;
    }
    if (in->pol < 0)
        return pc_err_set(err, PC_EX_USAGE, "--stokes %s: %s has %s", wanted, in->conf->path, have);
    in->both_signs = h->stokes[in->pol] >= 2 && h->stokes[in->pol] <= 4;
    return 0;
}

static int choose_channels(struct pc_cubein *in, int most_unnamed, int most_named, struct pc_err *err)
{
    const char *named = in->conf->channels;
    int most = named ? most_named : most_unnamed < in->cube.nchan ? most_unnamed : in->cube.nchan;
    in->chan = pc_mem_new(most, sizeof *in->chan, "a list of channels", err);
    in->nchan = in->chan ? pc_channels_parse(named, in->cube.nchan, in->chan, most, err) : -1;
    return in->nchan < 0 ? -1 : 0;
}

/* ---- kelvin ---- */

static bool has_beam(const struct pc_cubein *in)
{
    bool has = in->head.beam[in->pol].maj_rad > 0;
    for (int c = 0; in->cube.beam && c < in->cube.nchan; c++)
        has = has || in->cube.beam[(int64_t)in->pol * in->cube.nchan + c].maj_rad > 0;
    return has;
}

static const char *unit_of(const struct pc_imhead *h)
{
    return h->bunit[0] ? h->bunit : "Jy/beam";
}

static int choose_unit(struct pc_cubein *in, struct pc_err *err)
{
    const struct pc_imhead *h = &in->head;
    const char *path = in->conf->path, *unit = unit_of(h);
    snprintf(in->unit, sizeof in->unit, "%s", in->conf->kelvin ? "K" : unit);
    if (!in->conf->kelvin || !strcmp(unit, "K"))
        return 0;
    if (strcmp(unit, "Jy/beam") && strcmp(unit, "Jy/pixel"))
        return pc_err_set(err, PC_EX_DATA, "%s: is in %s; kelvin are made of Jy/beam or Jy/pixel", path,
                          unit);
    if (!(h->freq_hz > 0))
        return pc_err_set(err, PC_EX_DATA, "%s: has no frequency to make kelvin with", path);
    if (!strcmp(unit, "Jy/beam") && !has_beam(in))
        return pc_err_set(err, PC_EX_DATA, "%s: has no beam (BMAJ, BMIN) to make kelvin with", path);
    return 0;
}

/* Kelvin in a Jy per beam: c^2 / (2 k nu^2 Omega). A plane without a beam has no brightness. */
static double kelvin_of(const struct pc_cubein *in, int chan)
{
    const double c = 299792458.0, k = 1.380649e-23, jy = 1e-26;
    double nu = pc_cubein_freq_hz(in, chan), omega = pc_beam_area_sr(pc_cubein_beam(in, chan));
    if (!strcmp(unit_of(&in->head), "K"))
        return 1;
    if (!strcmp(unit_of(&in->head), "Jy/pixel"))
        omega = fabs(in->head.cell_rad[0] * in->head.cell_rad[1]);
    return omega > 0 ? jy * c * c / (2 * k * nu * nu * omega) : (double)NAN;
}

/* ---- the cube ---- */

int pc_cubein_open(struct pc_cubein *in, const struct pc_cubein_conf *conf, int most_unnamed, int most_named,
                   struct pc_err *err)
{
    *in = (struct pc_cubein){.conf = conf};
    if (pc_fits_cube_load(conf->path, &in->cube, err))
        return -1;
    int bad = pc_fits_load_head(conf->path, &in->head, err);
    if (!bad && conf->restfreq_hz > 0)
        in->head.restfreq_hz = conf->restfreq_hz;
    bad = bad || pc_fits_rows_open(&in->rows, conf->path, err) || choose_stokes(in, err) ||
          choose_unit(in, err) || choose_channels(in, most_unnamed, most_named, err);
    if (bad)
        pc_cubein_close(in);
    return bad ? -1 : 0;
}

void pc_cubein_close(struct pc_cubein *in)
{
    pc_fits_cube_fini(&in->cube);
    pc_fits_rows_close(in->rows);
    in->rows = NULL;
    pc_imhead_fini(&in->head);
    pc_mem_free(in->chan);
    in->chan = NULL;
}

int pc_cubein_rows(const struct pc_cubein *in, int chan, int y, int n, float *pix, struct pc_err *err)
{
    if (pc_fits_rows_read(in->rows, in->pol, chan, y, n, pix, err))
        return -1;
    if (in->conf->kelvin) {
        double factor = kelvin_of(in, chan);
        for (int64_t i = 0, npx = (int64_t)in->head.nx * n; i < npx; i++)
            pix[i] = (float)((double)pix[i] * factor);
    }
    return 0;
}

int pc_cubein_plane(const struct pc_cubein *in, int chan, float *pix, struct pc_err *err)
{
    return pc_cubein_rows(in, chan, 0, in->head.ny, pix, err);
}

int64_t pc_cubein_npx(const struct pc_cubein *in)
{
    return (int64_t)in->head.nx * in->head.ny;
}

double pc_cubein_freq_hz(const struct pc_cubein *in, int chan)
{
    return in->cube.freq_hz ? in->cube.freq_hz[chan] : in->head.freq_hz + chan * in->head.width_hz;
}

bool pc_cubein_has_velocity(const struct pc_cubein *in)
{
    return in->head.restfreq_hz > 0 && in->head.freq_hz > 0;
}

int pc_cubein_need_velocity(const struct pc_cubein *in, const char *what, struct pc_err *err)
{
    if (pc_cubein_has_velocity(in))
        return 0;
    return pc_err_set(err, PC_EX_DATA,
                      "%s: its channels have no velocity, which %s needs: it has no %s; --restfreq gives one",
                      in->conf->path, what,
                      in->head.freq_hz > 0 ? "rest frequency (RESTFRQ)" : "frequency axis");
}

double pc_cubein_velocity_kms(const struct pc_cubein *in, int chan)
{
    return C_KM_S * (1 - pc_cubein_freq_hz(in, chan) / in->head.restfreq_hz);
}

double pc_cubein_width_kms(const struct pc_cubein *in, int chan)
{
    const int last = in->cube.nchan - 1, from = chan > 0 ? chan - 1 : 0, to = chan < last ? chan + 1 : last;
    double width_hz = in->head.width_hz;
    if (in->cube.freq_hz && to > from)
        width_hz = (in->cube.freq_hz[to] - in->cube.freq_hz[from]) / (to - from);
    return -C_KM_S * width_hz / in->head.restfreq_hz;
}

const struct pc_beam *pc_cubein_beam(const struct pc_cubein *in, int chan)
{
    return in->cube.beam ? &in->cube.beam[(int64_t)in->pol * in->cube.nchan + chan] : &in->head.beam[in->pol];
}

double pc_cubein_noise(const float *pix, int64_t n, struct pc_err *err)
{
    double median, mad;
    return pc_stats_median_mad(pix, NULL, n, &median, &mad, err) ? -1 : 1.4826 * mad;
}
