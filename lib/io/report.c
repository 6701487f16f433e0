/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/report.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* Flux put into each channel of w: sums over the lines of the table. */
static int read_truth(const struct pc_workdir *w, const char *path, double *flux_jy, struct pc_err *err)
{
    char line[512];
    int number = 0, rc = 0;
    FILE *f = fopen(path, "r");
    if (!f)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    while (rc == 0 && fgets(line, sizeof line, f)) {
        double chan, l, m, flux;
        number++;
        if (line[0] == '#' || line[0] == '\n')
            continue;
        if (sscanf(line, "%lf %lf %lf %lf", &chan, &l, &m, &flux) != 4)
            rc = pc_err_set(err, PC_EX_DATA, "%s: line %d is not \"channel l m flux\"", path, number);
        for (int i = 0; rc == 0 && i < w->nchan; i++)
            if (w->chan[i].index == (int)chan)
                flux_jy[i] += flux;
    }
    fclose(f);
    return rc;
}

static double number(const struct pc_record *r, const char *key, double scale)
{
    const char *value = pc_record_get(r, key);
    return value ? scale * strtod(value, NULL) : NAN;
}

static void add_row(int index, const struct pc_record *r, const double *put_in_jy,
                    const char *(*stop_words)(int code), struct pc_text *out)
{
    const char *stop = pc_record_get(r, "stopcode"), *failed = pc_record_get(r, "stage");
    if (!stop) {
        pc_text_add(out, "%5d  %s%s\n", index, failed ? "failed in " : "not done", failed ? failed : "");
        return;
    }
    double velocity_kms = number(r, "velocity_kms", 1);
    pc_text_add(out, "%5d %11.6f ", index, number(r, "freq_hz", 1e-9));
    if (isnan(velocity_kms)) /* no rest frequency */
        pc_text_add(out, "%9s", "-");
    else
        pc_text_add(out, "%9.3f", velocity_kms);
    pc_text_add(out, "  %6.3g x %-6.3g %4.0f %9.2f %8.3f %6.0f  ", number(r, "beam_maj_arcsec", 1),
                number(r, "beam_min_arcsec", 1), number(r, "beam_pa_deg", 1), number(r, "peak_jy", 1e3),
                number(r, "rms_jy", 1e3), number(r, "iterdone", 1));
    pc_text_add(out, "%8.3f", number(r, "flux_jy", 1));
    if (put_in_jy)
        pc_text_add(out, " %8.3f", *put_in_jy);
    pc_text_add(out, "  %s\n", stop_words(atoi(stop)));
}

int pc_report(const struct pc_workdir *w, const char *truth_path, const char *(*stop_words)(int code),
              struct pc_text *out, struct pc_err *err)
{
    int rc = 0;
    double *truth_jy = pc_mem_new0(w->nchan, sizeof *truth_jy, "fluxes", err);
    if (!truth_jy)
        return -1;
    if (truth_path)
        rc = read_truth(w, truth_path, truth_jy, err);
    pc_text_add(out, "%5s %11s %9s  %-15s %4s %9s %8s %6s  %8s%s  %s\n", "chan", "freq/GHz", "v/(km/s)",
                "beam/arcsec", "PA", "peak/mJy", "rms/mJy", "iter", "flux/Jy", truth_path ? "   put in" : "",
                "why cleaning stopped");
    for (int i = 0; rc == 0 && i < w->nchan; i++) {
        struct pc_record r;
        rc = pc_workdir_record(w, w->chan[i].index, &r, err);
        if (rc == 0)
            add_row(w->chan[i].index, &r, truth_path ? &truth_jy[i] : NULL, stop_words, out);
        pc_record_free(&r);
    }
    pc_mem_free(truth_jy);
    return rc ? rc : pc_text_ok(out, err);
}
