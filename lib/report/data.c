/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/data.h"

#include "base/quantity.h"
#include "clean/control.h"
#include "clean/table.h"
#include "report/html.h"

#include <math.h>

static void add(struct pc_text *out, const char *key, double v)
{
    pc_text_add(out, ",\"%s\":", key);
    pc_json_number(out, v);
}

static void add_cycle(struct pc_text *out, const struct pc_cycle *c)
{
    pc_text_add(out, "{\"iterations\":%lld", (long long)c->iterdone);
    add(out, "start", c->startpeak_jy);
    add(out, "peak", c->peakres_jy);
    add(out, "level", c->cyclethreshold_jy);
    add(out, "flux", c->modelflux_jy);
    pc_text_add(out, ",\"mask\":%lld,\"by\":", (long long)c->masksum);
    pc_json_string(out, pc_minor_stop_words(c->stop));
    pc_text_add(out, "}");
}

static void add_channel(struct pc_text *out, const struct pc_runchan *c)
{
    static const struct {
        const char *key, *name;
        double factor;
    } figures[] = {
        {"f", "freq_hz", 1e-9},         {"v", "velocity_kms", 1},      {"peak", "peak_jy", 1},
        {"flux", "flux_jy", 1},         {"rms", "rms_jy", 1},          {"bmaj", "beam_maj_arcsec", 1},
        {"bmin", "beam_min_arcsec", 1}, {"iterations", "iterdone", 1}, {"nmajor", "nmajor", 1},
        {"stop", "stopcode", 1},        {"seconds", "seconds", 1},     {"mem", "peak_mem_byte", 1}};
    const char *reason = pc_record_get(&c->figures, "reason");
    pc_text_add(out, "{\"i\":%d", c->index);
    for (size_t k = 0; k < sizeof figures / sizeof *figures; k++)
        add(out, figures[k].key, figures[k].factor * pc_runinfo_number(&c->figures, figures[k].name));
    add(out, "peakres",
        c->cleaning.ncycle > 0 && c->cleaning.stopcode ? c->cleaning.peakres_jy : (double)NAN);
    pc_text_add(out, ",\"why\":");
    if (reason)
        pc_json_string(out, reason);
    else
        pc_text_add(out, "null");
    pc_text_add(out, ",\"cycles\":[");
    for (int k = 0; k < c->cleaning.ncycle; k++) {
        pc_text_add(out, k ? "," : "");
        add_cycle(out, &c->cleaning.cycle[k]);
    }
    pc_text_add(out, "]}");
}

void pc_report_data(const struct pc_runinfo *r, struct pc_text *out)
{
    const char *threshold = pc_runinfo_param(r, "pc-clean", "threshold");
    struct pc_err ignored;
    double threshold_jy = (double)NAN;
    if (threshold && pc_quantity_parse(threshold, PC_DIM_FLUX, &threshold_jy, &ignored))
        threshold_jy = (double)NAN;
    pc_text_add(out, "{\"threshold\":");
    pc_json_number(out, threshold_jy);
    pc_text_add(out, ",\"stops\":{");
    for (int stop = PC_STOP_NO_DATA; stop <= PC_STOP_NMAJOR; stop++) {
        pc_text_add(out, "%s\"%d\":", stop > PC_STOP_NO_DATA ? "," : "", stop);
        pc_json_string(out, pc_stop_words(stop));
    }
    pc_text_add(out, "},\"channels\":[");
    for (int i = 0; i < r->nchan; i++) {
        pc_text_add(out, i ? ",\n" : "\n");
        add_channel(out, &r->chan[i]);
    }
    pc_text_add(out, "\n]}\n");
}
