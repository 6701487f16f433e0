/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-mock: a simulated MeasurementSet, and the truth that is in it. */

#include "base/mem.h"
#include "casa/mock.h"
#include "casa/msnew.h"
#include "tools/tool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct params {
    int64_t nant, nchan, ntime, seed, tile;
    double bmax_m, freq_hz, width_hz, dt_s, hours, dec_rad, noise_jy, flagged;
    int sky, corr;
    const char *dish;
};

static const struct pc_opt opts[] = {
    {"sky", PC_OPT_CHOICE, offsetof(struct params, sky), "disc", 0, 0, 0, "disc|points|shell|empty", NULL,
     "disc: a rotating disc of gas with continuum in its centre; points: five sources; shell: an expanding "
     "shell.",
     0, "Sky"},
    {"dec", PC_OPT_NUMBER, offsetof(struct params, dec_rad), "-30deg", PC_DIM_ANGLE, -1.5, 1.5, NULL, "ANGLE",
     "Declination of the field (J2000).", 0, NULL},
    {"noise", PC_OPT_NUMBER, offsetof(struct params, noise_jy), "0.3Jy", PC_DIM_FLUX, 0, 1e9, NULL, "FLUX",
     "Rms of the real and of the imaginary part of a visibility.", 0, NULL},
    {"seed", PC_OPT_INT, offsetof(struct params, seed), "1", 0, 0, 2147483647, NULL, "N",
     "Of the random numbers: the same seed, the same data.", 0, NULL},
    {"nant", PC_OPT_INT, offsetof(struct params, nant), "40", 0, 2, 2000, NULL, "N", "Number of antennas.", 0,
     "Array"},
    {"dish", PC_OPT_STRING, offsetof(struct params, dish), "12", 0, 0, 0, NULL, "METRES[,METRES...]",
     "Diameters of the dishes, dealt to the antennas in turn.", 0, NULL},
    {"bmax", PC_OPT_NUMBER, offsetof(struct params, bmax_m), "1000", 0, 20, 1e7, NULL, "METRES",
     "Diameter of the array.", 0, NULL},
    {"ntime", PC_OPT_INT, offsetof(struct params, ntime), "48", 0, 1, 1e8, NULL, "N",
     "Number of integrations, spread evenly over the track.", 0, NULL},
    {"dt", PC_OPT_NUMBER, offsetof(struct params, dt_s), "30s", PC_DIM_TIME, 1e-3, 1e5, NULL, "TIME",
     "Length of an integration.", 0, NULL},
    {"hours", PC_OPT_NUMBER, offsetof(struct params, hours), "3", 0, 0, 24, NULL, "HOURS",
     "Length of the track, centred on transit.", 0, NULL},
    {"nchan", PC_OPT_INT, offsetof(struct params, nchan), "24", 0, 1, 1e6, NULL, "N", "Number of channels.",
     0, "Spectrum"},
    {"freq", PC_OPT_NUMBER, offsetof(struct params, freq_hz), "230.538GHz", PC_DIM_FREQUENCY, 1e6, 1e13, NULL,
     "FREQ", "Middle of the axis, and rest frequency of the line.", 0, NULL},
    {"width", PC_OPT_NUMBER, offsetof(struct params, width_hz), "384.5kHz", PC_DIM_FREQUENCY, -1e12, 1e12,
     NULL, "FREQ", "Width of a channel; negative: frequencies descend.", 0, NULL},
    {"tile", PC_OPT_INT, offsetof(struct params, tile), "64", 0, 1, 1e6, NULL, "N",
     "Channels in a tile of DATA and FLAG, which has the more rows the fewer they are.", 0, NULL},
    {"corr", PC_OPT_CHOICE, offsetof(struct params, corr), "XX,YY", 0, 0, 0, "XX,YY|XX|YY", NULL,
     "Correlations.", 0, NULL},
    {"flagged", PC_OPT_NUMBER, offsetof(struct params, flagged), "0.01", 0, 0, 1, NULL, "FRACTION",
     "Fraction of flagged rows.", 0, NULL},
    {NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, 0, NULL}};

static const struct pc_program program = {
    .name = "pc-mock",
    .summary = "simulate a MeasurementSet: array, sky, noise",
    .operands = "",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "the MeasurementSet to make (required); its truth goes to NAME.truth.tsv beside it",
    .operand_min = 0,
    .operand_max = 0,
    .examples = "pc-mock -o disc.ms\n"
                "pc-mock --sky points --noise 0Jy --nchan 4 -o points.ms\n"};

/* Everything a simulation owns. */
struct mock {
    struct pc_mock_conf conf;
    struct pc_mock_points sky;
    double *xyz, *diam, *freq;
    struct pc_mock_rows rows; /* buffers for `capacity` rows */
    int64_t capacity;
};

static void mock_fini(struct mock *m)
{
    pc_mock_points_fini(&m->sky);
    void *const owned[] = {m->xyz,       m->diam,      m->freq,        m->rows.uvw_m,  m->rows.time_s,
                           m->rows.ant1, m->rows.ant2, m->rows.vis_jy, m->rows.weight, m->rows.flag};
    for (size_t i = 0; i < sizeof owned / sizeof *owned; i++)
        pc_mem_free(owned[i]);
}

static int new_rows(struct mock *m, struct pc_err *err)
{
    const int64_t sample = (int64_t)m->conf.nchan * m->conf.ncorr, nrow = pc_mock_row_count(&m->conf);
    m->capacity = (32 << 20) / (8 * sample) / 1024 * 1024; /* whole tiles of the MS */
    m->capacity = m->capacity < 1024 ? 1024 : m->capacity;
    m->capacity = m->capacity < nrow ? m->capacity : nrow;
    if (!(m->rows.uvw_m = pc_mem_new(3 * m->capacity, sizeof(double), "rows", err)) ||
        !(m->rows.time_s = pc_mem_new(m->capacity, sizeof(double), "rows", err)) ||
        !(m->rows.ant1 = pc_mem_new(m->capacity, sizeof(int), "rows", err)) ||
        !(m->rows.ant2 = pc_mem_new(m->capacity, sizeof(int), "rows", err)) ||
        !(m->rows.vis_jy = pc_mem_new(m->capacity * sample, 8, "rows", err)) ||
        !(m->rows.weight = pc_mem_new(m->capacity, sizeof(float), "rows", err)) ||
        !(m->rows.flag = pc_mem_new(m->capacity, 1, "rows", err)))
        return -1;
    return 0;
}

/* "12,7": as many as there are, dealt in turn. */
static int deal_dishes(const char *text, int nant, double *diam, struct pc_err *err)
{
    int n = 0;
    for (const char *at = text;; at++) {
        char *end;
        const double d = strtod(at, &end);
        if (end == at || (*end != ',' && *end != '\0') || !(d >= 0.1 && d <= 1000))
            return pc_err_set(err, PC_EX_USAGE,
                              "--dish %s: diameters in metres, 0.1 to 1000, with commas between them (12,7)",
                              text);
        if (n < nant)
            diam[n++] = d;
        if (*end == '\0')
            break;
        at = end;
    }
    for (int i = n; i < nant; i++)
        diam[i] = diam[i - n];
    return 0;
}

static int mock_init(struct mock *m, const struct params *p, struct pc_err *err)
{
    *m = (struct mock){.conf = {.nant = (int)p->nant,
                                .nchan = (int)p->nchan,
                                .ncorr = p->corr == 0 ? 2 : 1,
                                .ntime = p->ntime,
                                .bmax_m = p->bmax_m,
                                .freq_hz = p->freq_hz,
                                .width_hz = p->width_hz,
                                .dt_s = p->dt_s,
                                .hours = p->hours,
                                .dec_rad = p->dec_rad,
                                .noise_jy = p->noise_jy,
                                .flagged = p->flagged,
                                .seed = (uint64_t)p->seed,
                                .sky = p->sky}};
    if (m->conf.width_hz == 0 || pc_mock_freq(&m->conf, 0) <= 0 ||
        pc_mock_freq(&m->conf, m->conf.nchan - 1) <= 0)
        return pc_err_set(err, PC_EX_USAGE,
                          "--nchan %lld channels of --width %g Hz around --freq %g Hz: no channel may be "
                          "empty or below 0 Hz",
                          (long long)p->nchan, p->width_hz, p->freq_hz);
    m->xyz = pc_mem_new(3 * p->nant, sizeof(double), "antennas", err);
    m->diam = m->xyz ? pc_mem_new(p->nant, sizeof(double), "antennas", err) : NULL;
    if (!m->diam || deal_dishes(p->dish, m->conf.nant, m->diam, err))
        return -1;
    m->freq = pc_mem_new(p->nchan, sizeof(double), "frequencies", err);
    if (!m->freq || pc_mock_points_init(&m->sky, &m->conf, err) || new_rows(m, err))
        return -1;
    pc_mock_antennas(&m->conf, m->xyz);
    for (int c = 0; c < m->conf.nchan; c++)
        m->freq[c] = pc_mock_freq(&m->conf, c);
    return 0;
}

static int open_ms(struct pc_msnew **ms, struct mock *m, const struct params *p, const char *path,
                   struct pc_err *err)
{
    static const int corr[][2] = {{-5, -6}, {-5}, {-6}};
    double begin_s, end_s;
    pc_mock_span(&m->conf, &begin_s, &end_s);
    const struct pc_msnew_conf conf = {.path = path,
                                       .field = "mock",
                                       .observer = "pc-mock",
                                       .project = "simulation",
                                       .ra_rad = pc_mock_ra_rad,
                                       .dec_rad = p->dec_rad,
                                       .nant = m->conf.nant,
                                       .xyz_m = m->xyz,
                                       .diam_m = m->diam,
                                       .nchan = m->conf.nchan,
                                       .tile_chan = (int)p->tile,
                                       .freq_hz = m->freq,
                                       .width_hz = p->width_hz,
                                       .restfreq_hz = p->freq_hz,
                                       .ncorr = m->conf.ncorr,
                                       .corr = corr[p->corr],
                                       .nrow = pc_mock_row_count(&m->conf),
                                       .dt_s = p->dt_s,
                                       .time_begin_s = begin_s,
                                       .time_end_s = end_s};
    return pc_msnew_open(ms, &conf, err);
}

static int write_truth(const struct mock *m, const char *path, struct pc_err *err)
{
    char name[4200];
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    snprintf(name, sizeof name, "%.*s.truth.tsv", (int)(len < 4096 ? len : 4096), path);
    FILE *f = fopen(name, "w");
    if (!f)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", name);
    for (int c = 0; c < m->conf.nchan; c++) {
        double total = 0;
        for (int64_t k = m->sky.start[c]; k < m->sky.start[c + 1]; k++)
            total += m->sky.flux_jy[k];
        fprintf(f, "#total\t%d\t%.17g\t%.9g\n", c, m->freq[c], total);
    }
    fprintf(f, "#chan\tl_rad\tm_rad\tflux_jy\n");
    for (int c = 0; c < m->conf.nchan; c++)
        for (int64_t k = m->sky.start[c]; k < m->sky.start[c + 1]; k++)
            fprintf(f, "%d\t%.17g\t%.17g\t%.17g\n", c, m->sky.l_rad[k], m->sky.m_rad[k], m->sky.flux_jy[k]);
    const int bad = ferror(f);
    if (fclose(f) != 0 || bad)
        return pc_err_errno(err, PC_EX_IOERR, "%s", name);
    return 0;
}

static int write_rows(struct mock *m, struct pc_msnew *ms, struct pc_err *err)
{
    const int64_t nrow = pc_mock_row_count(&m->conf);
    struct pc_mock_rows *r = &m->rows;
    for (r->first = 0; r->first < nrow; r->first += r->n) {
        r->n = nrow - r->first < m->capacity ? nrow - r->first : m->capacity;
        pc_mock_make_rows(&m->conf, &m->sky, m->xyz, r);
        const struct pc_msnew_rows out = {r->first, r->n,      r->uvw_m,  r->time_s, r->ant1,
                                          r->ant2,  r->vis_jy, r->weight, r->flag};
        if (pc_msnew_put(ms, &out, err))
            return -1;
    }
    return 0;
}

static int write_ms(struct mock *m, const struct params *p, const char *path, struct pc_err *err)
{
    struct pc_msnew *ms;
    if (open_ms(&ms, m, p, path, err))
        return -1;
    if (write_rows(m, ms, err) || write_truth(m, path, err)) {
        pc_msnew_abort(ms);
        return -1;
    }
    return pc_msnew_close(ms, err);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct mock m;
    if (!r->dst || strcmp(r->dst, "-") == 0)
        return pc_err_set(err, PC_EX_USAGE, "a MeasurementSet is a directory: name it with -o NAME.ms");
    int status = mock_init(&m, params, err);
    if (status == 0)
        status = write_ms(&m, params, r->dst, err);
    if (status == 0)
        pc_log_line(&r->log, "%s rows=%lld channels=%d correlations=%d components=%lld", r->dst,
                    (long long)pc_mock_row_count(&m.conf), m.conf.nchan, m.conf.ncorr,
                    (long long)m.sky.start[m.conf.nchan]);
    mock_fini(&m);
    return status;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&program, argc, argv, run);
}
