/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/left_out.h"

#include <stdlib.h>

const char *const pc_left_out_name[PC_LEFT_NREASON] = {"zero_weight", "flagged", "not_finite", "bad_weight",
                                                       "no_channel"};

int pc_left_out_copy(const struct pc_record *plane, struct pc_record *out, struct pc_err *err)
{
    for (int k = -1; k < PC_LEFT_NREASON; k++) {
        const char *key = k < 0 ? "visibilities" : pc_left_out_name[k], *value = pc_record_get(plane, key);
        if (value && pc_record_set(out, key, value, err))
            return -1;
    }
    return 0;
}

static double count_of(const struct pc_record *r, const char *key)
{
    const char *value = pc_record_get(r, key);
    return value ? strtod(value, NULL) : 0;
}

/* "; rows not selected: 12", when there are any. */
static void besides(const struct pc_record *r, const char *key, const char *what, struct pc_text *out)
{
    const double n = count_of(r, key);
    if (n > 0)
        pc_text_add(out, "; %s: %.0f", what, n);
}

void pc_left_out_words(const struct pc_record *total, struct pc_text *out)
{
    static const struct {
        enum pc_left_out reason;
        const char *words;
    } parts[] = {{PC_LEFT_FLAGGED, "flagged"},
                 {PC_LEFT_ZERO, "without weight"},
                 {PC_LEFT_NAN, "not finite"},
                 {PC_LEFT_WEIGHT, "of bad weight"},
                 {PC_LEFT_OUTSIDE, "where the data have no channel"}};
    const double all = count_of(total, "visibilities");
    double out_all = 0;
    if (!(all > 0))
        return;
    for (int k = 0; k < PC_LEFT_NREASON; k++)
        out_all += count_of(total, pc_left_out_name[k]);
    pc_text_add(out, "of %.0f visibilities %.4g %% do not count", all, 100 * out_all / all);
    for (int k = 0, first = 1; k < PC_LEFT_NREASON; k++) {
        const double n = count_of(total, pc_left_out_name[parts[k].reason]);
        if (n > 0)
            pc_text_add(out, "%s %.4g %% %s", first ? ":" : ",", 100 * n / all, parts[k].words);
        first = first && !(n > 0);
    }
    besides(total, "beyond_axis", "beyond the axis", out);
    besides(total, "autocorrelation_rows", "rows of autocorrelations", out);
    besides(total, "unselected_rows", "rows not selected", out);
}
