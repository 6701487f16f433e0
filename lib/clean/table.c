/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/table.h"

void pc_cycles_header(struct pc_text *out)
{
    pc_text_add(
        out, "channel\tcycle\titerations\tstartpeak_jy\tpeak_jy\tpeak_nomask_jy\tflux_jy\tcyclethreshold_jy\t"
             "rms_jy\tmask_px\tminorstop\n");
}

void pc_cycles_rows(const char *channel, const struct pc_state *s, struct pc_text *out)
{
    for (int i = 0; i < s->ncycle; i++) {
        const struct pc_cycle *c = &s->cycle[i];
        pc_text_add(out, "%s\t%d\t%lld\t%.9g\t%.9g\t%.9g\t", channel, i + 1, (long long)c->iterdone,
                    c->startpeak_jy, c->peakres_jy, c->peakres_nomask_jy);
        pc_text_add(out, "%.9g\t%.9g\t%.9g\t%lld\t%d\n", c->modelflux_jy, c->cyclethreshold_jy, c->rms_jy,
                    (long long)c->masksum, c->stop);
    }
}
