/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_report.h"

#include <math.h>
#include <stdio.h>

void select_warn_of_axis(const struct pc_axis *axis, struct pc_log *log)
{
    if (axis->specmode != PC_SPECMODE_MFS && axis->interpolation != PC_INTERPOLATION_NEAREST &&
        fabs(axis->step_hz) < 0.99 * axis->chan_hz)
        pc_log_warn(log,
                    "planes of %.6g kHz are narrower than the data's channels of %.6g kHz: neighbours are "
                    "interpolated from the same data",
                    fabs(axis->step_hz) / 1e3, axis->chan_hz / 1e3);
}

/* " flagged=12 no_channel=3": the reasons that there are. */
static const char *reasons(const int64_t *n, char *s, size_t size)
{
    size_t at = 0;
    s[0] = '\0';
    for (int k = 0; k < PC_LEFT_NREASON && at < size; k++)
        if (n[k] > 0)
            at += (size_t)snprintf(s + at, size - at, " %s=%lld", pc_left_out_name[k], (long long)n[k]);
    return s;
}

void select_say_channel(const struct pc_turn *t, const struct pc_axis *axis, int i, struct pc_log *log)
{
    const struct pc_turn_count n = pc_turn_counts(t, i);
    const int c = axis->wanted[i];
    char s[300];
    pc_log_line(log, "ch%05d freq_hz=%.12g width_hz=%.9g rows=%lld blocks=%lld weight_sum=%.6g%s%s", c,
                axis->freq_hz[c], axis->width_hz[c], (long long)n.nrow, (long long)n.nblock, n.weight,
                n.weight > 0 ? "" : " all_flagged=1", reasons(n.left_out, s, sizeof s));
}

void select_say_total(const struct pc_turn *t, const struct pc_axis *axis, const struct pc_gather *g,
                      struct pc_log *log)
{
    const struct pc_contsub_count unfit = pc_turn_unfit(t);
    int64_t n[PC_LEFT_NREASON] = {0}, all = 0;
    int blank = 0;
    char s[300];
    for (int i = 0; i < axis->nwanted; i++) {
        const struct pc_turn_count c = pc_turn_counts(t, i);
        for (int k = 0; k < PC_LEFT_NREASON; k++)
            n[k] += c.left_out[k];
        all += c.nsample;
        blank += c.nreach == 0;
    }
    if (n[PC_LEFT_NAN] > 0)
        pc_log_warn(log, "%lld visibilities are not finite: taken as flagged", (long long)n[PC_LEFT_NAN]);
    if (n[PC_LEFT_WEIGHT] > 0)
        pc_log_warn(log, "%lld weights are negative or not finite: taken as flagged",
                    (long long)n[PC_LEFT_WEIGHT]);
    if (unfit.nlower > 0)
        pc_log_warn(log,
                    "--fitorder: %lld spectra have no more unflagged channels in --fitspec: fitted with a "
                    "polynomial of as many coefficients as they have",
                    (long long)unfit.nlower);
    if (unfit.nnone > 0)
        pc_log_warn(log, "%lld spectra have no unflagged channel in --fitspec: taken as flagged",
                    (long long)unfit.nnone);
    if (blank > 0)
        pc_log_warn(log, "%d of %d planes are where there are no data: they are blank", blank, axis->nwanted);
    pc_log_line(
        log,
        "total planes=%d visibilities=%lld%s beyond_axis=%lld autocorrelation_rows=%lld unselected_rows=%lld",
        axis->nwanted, (long long)all, reasons(n, s, sizeof s), (long long)pc_turn_beyond(t),
        (long long)pc_gather_autocorrelations(g), (long long)pc_gather_unselected(g));
}

void select_list(const struct pc_turn *t, const struct pc_axis *axis)
{
    printf("channel\tfreq_hz\twidth_hz\tvelocity_m_s\trows\tblocks\n");
    for (int i = 0; i < axis->nwanted; i++) {
        const struct pc_turn_count n = pc_turn_counts(t, i);
        const int c = axis->wanted[i];
        char freq[40], width[40], velocity[40] = "-";
        if (axis->restfreq_hz > 0)
            snprintf(velocity, sizeof velocity, "%.4f", pc_axis_velocity_m_s(axis, axis->freq_hz[c]));
        printf("%d\t%s\t%s\t%s\t%lld\t%lld\n", c, pc_text_double(freq, axis->freq_hz[c]),
               pc_text_double(width, axis->width_hz[c]), velocity, (long long)n.nreach, (long long)n.nblock);
    }
}
