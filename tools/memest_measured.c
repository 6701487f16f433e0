/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/memest_measured.h"

#include "io/workdir.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- finished channels ---- */

struct sums {
    int nchan;
    double mem_byte[MEMEST_NSTAGE], time_s[MEMEST_NSTAGE], all_s, ncycle;
};

/* The number under a key with the stage's name at its end; 0 when it is not there. */
static int number(const struct pc_record *r, const char *key, const char *stage, double *value,
                  struct pc_err *err)
{
    char name[64];
    snprintf(name, sizeof name, "%s%s", key, stage);
    *value = 0;
    return pc_record_has(r, name) ? pc_record_double(r, name, value, err) : 0;
}

static int add_channel(struct sums *s, const struct pc_record *r, struct pc_err *err)
{
    double byte, time_s, all_s, ncycle;
    if (number(r, "seconds", "", &all_s, err) || number(r, "nmajor", "", &ncycle, err))
        return -1;
    if (!(all_s > 0))
        return 0;
    s->nchan++;
    s->all_s += all_s;
    s->ncycle += ncycle;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        if (number(r, "mem_byte_", memest_stages[i], &byte, err) ||
            number(r, "seconds_", memest_stages[i], &time_s, err))
            return -1;
        s->mem_byte[i] = fmax(s->mem_byte[i], byte);
        s->time_s[i] += time_s;
    }
    return 0;
}

static void use(const struct sums *s, struct memest *m)
{
    const double n = s->nchan, ncycle = fmax(1, s->ncycle / n);
    m->channel_s = s->all_s / n;
    m->peak_byte = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        const bool once = i == MEMEST_PSF || i == MEMEST_RESTORE;
        if (s->mem_byte[i] > 0) {
            m->mem_byte[i] = (int64_t)s->mem_byte[i];
            m->bound[i] = false;
        }
        if (s->time_s[i] > 0)
            m->time_s[i] = s->time_s[i] / n / (once ? 1 : ncycle);
        m->peak_byte = m->mem_byte[i] > m->peak_byte ? m->mem_byte[i] : m->peak_byte;
    }
}

int memest_finished(const char *work, struct memest *m, int *nchan, struct pc_err *err)
{
    struct pc_workdir w;
    struct sums s = {0};
    int rc = 0;
    if (pc_workdir_open(&w, work, err))
        return -1;
    for (int i = 0; rc == 0 && i < w.nchan; i++) {
        struct pc_record r;
        if (w.chan[i].state != PC_WORK_DONE)
            continue;
        rc = pc_workdir_record(&w, w.chan[i].index, &r, err);
        if (rc == 0)
            rc = add_channel(&s, &r, err);
        pc_record_free(&r);
    }
    pc_workdir_close(&w);
    *nchan = s.nchan;
    if (rc == 0 && s.nchan > 0)
        use(&s, m);
    return rc ? -1 : 0;
}

/* ---- make bench ---- */

static const char *const rows[MEMEST_NSTAGE] = {"psf", "residual, sparse", "mask, grown", "clean",
                                                "restore, sparse"};

/* How far a row is from what is asked for: powers of two in size, of ten in accuracy, and the gridder. */
static double distance(const struct memest_in *in, bool standard, double imsize, const char *gridder,
                       double accuracy)
{
    double d = fabs(log2(sqrt((double)in->nx * in->ny) / imsize));
    if (accuracy > 0)
        d += 0.1 * fabs(log10(accuracy / in->accuracy));
    if (strcmp(gridder, "-") != 0 && (strcmp(gridder, "standard") == 0) != standard)
        d += 0.5;
    return d;
}

int memest_bench(const char *tsv, const struct memest_in *in, bool standard, struct memest *m, int *nstage,
                 struct pc_err *err)
{
    double nearest[MEMEST_NSTAGE], cpu_s, imsize;
    char line[1024], stage[64], gridder[32], accuracy[32];
    FILE *f = fopen(tsv, "r");
    if (!f)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", tsv);
    for (int i = 0; i < MEMEST_NSTAGE; i++)
        nearest[i] = INFINITY;
    while (fgets(line, sizeof line, f)) {
        if (sscanf(line, "%lf\t%*[^\t]\t%63[^\t]\t%31[^\t]\t%31[^\t]\t%lf", &imsize, stage, gridder, accuracy,
                   &cpu_s) != 5)
            continue;
        double d = distance(in, standard, imsize, gridder, atof(accuracy));
        for (int i = 0; i < MEMEST_NSTAGE; i++)
            if (m->mem_byte[i] > 0 && strcmp(stage, rows[i]) == 0 && d < nearest[i]) {
                nearest[i] = d;
                m->time_s[i] = cpu_s * (double)in->nx * in->ny * in->npol / (imsize * imsize);
            }
    }
    fclose(f);
    *nstage = 0;
    for (int i = 0; i < MEMEST_NSTAGE; i++)
        *nstage += isfinite(nearest[i]);
    if (*nstage == 0)
        return pc_err_set(err, PC_EX_DATA, "%s: is no table of make bench (PC_BENCH_TSV)", tsv);
    memest_channel_time(in, m);
    return 0;
}
