/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/table.h"

#include "clean/control.h"
#include "clean/minor.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

const char *pc_minor_stop_words(int stop)
{
    static const char *const words[] = {"nothing to do", "cycleniter",  "cyclethreshold", "no components",
                                        "diverging",     "end of call", "n-sigma level"};
    return stop < PC_MINOR_SKIPPED || stop > PC_MINOR_NSIGMA ? "unknown" : words[stop];
}

void pc_cycles_header(struct pc_text *out)
{
    pc_text_add(out, "channel\tcycle\tstokes\titerations\tstartpeak_jy\tstartpeak_nomask_jy\tpeak_jy\t"
                     "peak_nomask_jy\tnewpeak_jy\tnewpeak_nomask_jy\tflux_jy\trms_jy\tcyclethreshold_jy\t"
                     "nsigma_jy\tmask_px\tminorstop\tminor\tstopcode\tstop\n");
}

/* What a row says of its channel, whichever plane it is of. */
struct about {
    const char *channel;
    int cycle;
    double cyclethreshold_jy, newpeak_jy, newpeak_nomask_jy;
    int stopcode;
};

static void add_row(const struct about *a, const struct pc_cycle_plane *p, struct pc_text *out)
{
    const double peaks[] = {
        p->startpeak_jy,      p->startpeak_nomask_jy, p->peakres_jy, p->peakres_nomask_jy, a->newpeak_jy,
        a->newpeak_nomask_jy, p->modelflux_jy,        p->rms_jy,     a->cyclethreshold_jy, p->nsigma_jy};
    pc_text_add(out, "%s\t%d\t%s\t%lld", a->channel, a->cycle, *p->stokes ? p->stokes : "-",
                (long long)p->iterdone);
    for (size_t i = 0; i < sizeof peaks / sizeof *peaks; i++)
        pc_text_add(out, isnan(peaks[i]) ? "\tnan" : "\t%.9g", peaks[i]);
    pc_text_add(out, "\t%lld\t%d\t%s\t%d\t%s\n", (long long)p->masksum, p->stop, pc_minor_stop_words(p->stop),
                a->stopcode, pc_stop_words(a->stopcode));
}

/* A cycle of all planes as if of one. */
static struct pc_cycle_plane whole(const struct pc_cycle *c)
{
    struct pc_cycle_plane p = {.iterdone = c->iterdone,
                               .startpeak_jy = c->startpeak_jy,
                               .startpeak_nomask_jy = c->startpeak_nomask_jy,
                               .peakres_jy = c->peakres_jy,
                               .peakres_nomask_jy = c->peakres_nomask_jy,
                               .modelflux_jy = c->modelflux_jy,
                               .rms_jy = c->rms_jy,
                               .nsigma_jy = c->nsigma_jy,
                               .masksum = c->masksum,
                               .stop = c->stop};
    memcpy(p.stokes, c->stokes, sizeof p.stokes);
    return p;
}

static void add_cycle(const char *channel, const struct pc_state *s, int i, struct pc_text *out)
{
    const struct pc_cycle *c = &s->cycle[i];
    const bool last = i == s->ncycle - 1;
    struct about a = {channel, i + 1, c->cyclethreshold_jy, NAN, NAN, last ? s->stopcode : 0};
    struct pc_cycle_plane row = whole(c);
    if (!last) {
        a.newpeak_jy = c[1].startpeak_jy;
        a.newpeak_nomask_jy = c[1].startpeak_nomask_jy;
    } else if (s->stopcode) {
        a.newpeak_jy = s->peakres_jy;
        a.newpeak_nomask_jy = s->peak_prev_jy;
    }
    add_row(&a, &row, out);
    a.newpeak_jy = a.newpeak_nomask_jy = NAN; /* those of the channel */
    for (int k = 0; k < c->nplane; k++)
        add_row(&a, &c->plane[k], out);
}

void pc_cycles_rows(const char *channel, const struct pc_state *s, struct pc_text *out)
{
    for (int i = 0; i < s->ncycle; i++)
        add_cycle(channel, s, i, out);
    if (s->ncycle == 0 && s->stopcode) {
        const bool data = s->stopcode != PC_STOP_NO_DATA;
        const double peak = data ? s->peakres_jy : NAN, nomask = data ? s->peak_prev_jy : NAN;
        const struct about a = {channel, 0, data ? s->cyclethreshold_jy : NAN, NAN, NAN, s->stopcode};
        const struct pc_cycle_plane none = {.startpeak_jy = peak,
                                            .startpeak_nomask_jy = nomask,
                                            .peakres_jy = peak,
                                            .peakres_nomask_jy = nomask,
                                            .rms_jy = NAN,
                                            .nsigma_jy = NAN};
        add_row(&a, &none, out);
    }
}
