/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page.h"

#include "clean/control.h"
#include "io/left_out.h"
#include "report/assets.h"
#include "report/cost.h"
#include "report/data.h"
#include "report/html.h"
#include "report/warn.h"
#include "view/maps.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAPS_PX = 1400, MOMENT_PX = 620 };

static const char *base_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* ---- head and warnings ---- */

static void put_head(const struct pc_runinfo *r, struct pc_text *out)
{
    pc_text_add(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                     "<link rel=\"icon\" href=\"data:,\">\n<title>");
    pc_html_text(out, base_of(r->imagename));
    pc_text_add(out, ": report</title>\n<style>\n%s</style>\n</head>\n<body>\n<header>\n<h1>", pc_report_css);
    pc_html_text(out, base_of(r->imagename));
    pc_text_add(out, "</h1>\n<p class=\"soft\">%d channels: %d done", r->nchan, r->dir.count[PC_WORK_DONE]);
    if (r->dir.count[PC_WORK_FAILED])
        pc_text_add(out, ", %d failed", r->dir.count[PC_WORK_FAILED]);
    if (r->dir.count[PC_WORK_TODO] + r->dir.count[PC_WORK_RUNNING])
        pc_text_add(out, ", %d still to do", r->dir.count[PC_WORK_TODO] + r->dir.count[PC_WORK_RUNNING]);
    double lo = INFINITY, hi = -INFINITY;
    for (int i = 0; i < r->nchan; i++) {
        double f = pc_runinfo_number(&r->chan[i].figures, "freq_hz");
        lo = fmin(lo, f);
        hi = fmax(hi, f);
    }
    if (hi > lo)
        pc_text_add(out, "; %.6f to %.6f GHz", lo * 1e-9, hi * 1e-9);
    pc_text_add(out, "</p>\n");
    if (pc_record_has(&r->selected, "visibilities")) {
        pc_text_add(out, "<p class=\"soft\" id=\"left-out\">Visibilities: ");
        pc_left_out_words(&r->selected, out);
        pc_text_add(out, "</p>\n");
    }
    pc_text_add(out, "</header>\n");
}

static int put_warnings(const struct pc_runinfo *r, struct pc_text *out, struct pc_err *err)
{
    struct pc_text lines = {0};
    int bad = pc_report_warnings(r, &lines, err);
    pc_text_add(out, "<ul class=\"warnings%s\" id=\"warnings\">\n", lines.len ? "" : " fine");
    if (!lines.len)
        pc_text_add(out,
                    "<li>No warnings: every channel was imaged, and its cleaning came to its end.</li>\n");
    for (char *s = lines.s ? strtok(lines.s, "\n") : NULL; s && !bad; s = strtok(NULL, "\n")) {
        pc_text_add(out, "<li>");
        pc_html_text(out, s);
        pc_text_add(out, "</li>\n");
    }
    pc_text_add(out, "</ul>\n");
    pc_text_free(&lines);
    return bad;
}

/* ---- pictures ---- */

enum { MOST = 3 };
struct pictures {
    int n;
    struct pc_maps_conf conf[MOST];
    const char *class[MOST], *caption[MOST];
    struct pc_output out[MOST];
    char *png[MOST];
    size_t size[MOST];
};

static void add_picture(struct pictures *p, const char *image, enum pc_moment_kind moment, int width_px,
                        const char *class, const char *caption)
{
    p->conf[p->n] = (struct pc_maps_conf){.cube = {.path = image},
                                          .moment = moment,
                                          .clip = (double)NAN,
                                          .min = (double)NAN,
                                          .max = (double)NAN,
                                          .colormap = PC_MAPS_ANY_COLOR,
                                          .width_px = width_px};
    p->class[p->n] = class;
    p->caption[p->n++] = caption;
}

/* All of them while the cube is read once. */
static int draw(struct pictures *p, struct pc_err *err)
{
    struct pc_maps_report report[MOST];
    int bad = 0;
    for (int k = 0; k < p->n && !bad; k++) {
        p->out[k] = (struct pc_output){.form = PC_FORM_PNG, .name = "a picture"};
        if (!(p->out[k].out = open_memstream(&p->png[k], &p->size[k])))
            bad = pc_err_errno(err, PC_EX_NOMEM, "a picture");
    }
    bad = bad || pc_maps_draw_together(p->conf, p->out, p->n, report, err);
    for (int k = 0; k < p->n; k++)
        if (p->out[k].out && fclose(p->out[k].out) && !bad)
            bad = pc_err_errno(err, PC_EX_NOMEM, "a picture");
    return bad ? -1 : 0;
}

static void put_picture(const struct pictures *p, int k, struct pc_text *out)
{
    pc_text_add(out, "<figure class=\"%s\">\n<img alt=\"%s\" src=\"data:image/png;base64,", p->class[k],
                p -> caption[k]);
    pc_html_base64(out, p->png[k], p->size[k]);
    pc_text_add(out, "\">\n<figcaption>%s</figcaption>\n</figure>\n", p->caption[k]);
}

static bool has_velocity(const struct pc_runinfo *r)
{
    for (int i = 0; i < r->nchan; i++)
        if (isfinite(pc_runinfo_number(&r->chan[i].figures, "velocity_kms")))
            return true;
    return false;
}

static void choose_pictures(struct pictures *p, const struct pc_runinfo *r, const char *image)
{
    add_picture(p, image, PC_MOMENT_NONE, r->nchan > 1 ? MAPS_PX : MOMENT_PX, r->nchan > 4 ? "maps" : "one",
                r->nchan > PC_MAPS_UNNAMED ? "25 of the channels, evenly spread"
                : r->nchan > 1             ? "The channels"
                                           : "The image");
    if (r->nchan > 1)
        add_picture(p, image, PC_MOMENT_0, MOMENT_PX, "one", "Moment 0: the integral over the channels");
    if (r->nchan > 1 && has_velocity(r))
        add_picture(p, image, PC_MOMENT_1, MOMENT_PX, "one",
                    "Moment 1: the mean velocity of what exceeds five times the noise");
}

static void put_pictures(const struct pc_runinfo *r, const char *image, struct pc_text *out)
{
    struct pictures p = {0};
    struct pc_err err = {0};
    choose_pictures(&p, r, image);
    pc_text_add(out, "<section id=\"pictures\">\n<h2>Pictures</h2>\n");
    if (draw(&p, &err)) {
        pc_text_add(out, "<p>No picture: ");
        pc_html_text(out, err.msg);
        pc_text_add(out, "</p>\n");
    } else {
        put_picture(&p, 0, out);
        pc_text_add(out, p.n > 1 ? "<div class=\"pair\">\n" : "");
        for (int k = 1; k < p.n; k++)
            put_picture(&p, k, out);
        pc_text_add(out, p.n > 1 ? "</div>\n" : "");
    }
    pc_text_add(out, "</section>\n");
    for (int k = 0; k < p.n; k++)
        free(p.png[k]);
}

/* ---- graphs, and tables ---- */

static void put_graphs(struct pc_text *out)
{
    pc_text_add(out, "<section id=\"channels\">\n<h2>Channels</h2>\n"
                     "<noscript><p>The graphs and histories need JavaScript; the tables below do not.</p>"
                     "</noscript>\n<div class=\"pair\">\n"
                     "<div class=\"chart\" data-of=\"peak\"></div>\n"
                     "<div class=\"chart\" data-of=\"flux\"></div>\n"
                     "<div class=\"chart\" data-of=\"rms\"></div>\n"
                     "<div class=\"chart\" data-of=\"bmaj,bmin\"></div>\n</div>\n</section>\n"
                     "<section id=\"convergence\">\n<h2>Convergence</h2>\n"
                     "<p class=\"soft\">A channel, here or in a graph above, shows its history.</p>\n"
                     "<div class=\"strip\" id=\"strip\"></div>\n<div id=\"detail\"></div>\n</section>\n");
}

static const char *kind_of(int stop)
{
    switch (stop) {
    case PC_STOP_THRESHOLD:
    case PC_STOP_NSIGMA:
        return "good";
    case PC_STOP_NITER:
    case PC_STOP_FORCED:
    case PC_STOP_NMAJOR:
        return "limit";
    case PC_STOP_ZERO_MASK:
    case PC_STOP_NO_DATA:
        return "none";
    default:
        return "bad";
    }
}

static void put_stop(struct pc_text *out, const char *kind, const char *code, const char *words, int n)
{
    if (n > 0)
        pc_text_add(
            out, "<tr><td class=\"words\"><span class=\"dot %s\"></span>%s</td><td>%s</td><td>%d</td></tr>\n",
            kind, words, code, n);
}

static void put_stops(const struct pc_runinfo *r, struct pc_text *out)
{
    int count[PC_STOP_NMAJOR + 2] = {0};
    for (int i = 0; i < r->nchan; i++) {
        double stop = pc_runinfo_number(&r->chan[i].figures, "stopcode");
        if (stop >= PC_STOP_NO_DATA && stop <= PC_STOP_NMAJOR)
            count[lrint(stop) - PC_STOP_NO_DATA]++;
    }
    pc_text_add(out, "<section id=\"stops\">\n<h2>Why cleaning stopped</h2>\n<div class=\"scroll\"><table>\n"
                     "<tr><th>reason</th><th>stop code</th><th>channels</th></tr>\n");
    for (int stop = PC_STOP_NO_DATA; stop <= PC_STOP_NMAJOR; stop++) {
        char code[16];
        snprintf(code, sizeof code, "%d", stop);
        put_stop(out, kind_of(stop), code, pc_stop_words(stop), count[stop - PC_STOP_NO_DATA]);
    }
    put_stop(out, "bad", "", "failed", r->dir.count[PC_WORK_FAILED]);
    put_stop(out, "none", "", "not done yet", r->dir.count[PC_WORK_TODO] + r->dir.count[PC_WORK_RUNNING]);
    pc_text_add(out, "</table></div>\n</section>\n");
}

/* The table of lines and tabs, which is cut up, as one of HTML. */
static void put_table(struct pc_text *table, struct pc_text *out)
{
    pc_text_add(out, "<section id=\"table\">\n<details>\n<summary>All figures of all channels</summary>\n"
                     "<div class=\"scroll\"><table>\n");
    bool head = true;
    for (char *row = table->s, *end; row && *row; row = end) {
        end = row + strcspn(row, "\n");
        char *next = *end ? end + 1 : end;
        *end = '\0';
        pc_text_add(out, "<tr>");
        for (char *cell = row; cell;) {
            char *tab = strchr(cell, '\t');
            if (tab)
                *tab = '\0';
            pc_text_add(out, head ? "<th>" : "<td>");
            pc_html_text(out, cell);
            pc_text_add(out, head ? "</th>" : "</td>");
            cell = tab ? tab + 1 : NULL;
        }
        pc_text_add(out, "</tr>\n");
        head = false;
        end = next;
    }
    pc_text_add(out, "</table></div>\n</details>\n</section>\n");
}

int pc_report_page(const struct pc_runinfo *r, const struct pc_report_conf *conf, struct pc_text *out,
                   struct pc_err *err)
{
    struct pc_text table = {0};
    put_head(r, out);
    int bad = put_warnings(r, out, err) || pc_workdir_table(&r->dir, pc_stop_words, &table, err);
    if (!bad && conf->image)
        put_pictures(r, conf->image, out);
    if (!bad) {
        put_graphs(out);
        put_stops(r, out);
        pc_report_cost(r, out);
        pc_report_recipe(r, out);
        put_table(&table, out);
        pc_text_add(out,
                    "<footer><p class=\"soft\">Made by pc-report %s</p></footer>\n"
                    "<script type=\"application/json\" id=\"data\">\n",
                    conf->version);
        pc_report_data(r, out);
        pc_text_add(out, "</script>\n<script>\n%s</script>\n</body>\n</html>\n", pc_report_js);
    }
    pc_text_free(&table);
    return bad ? -1 : pc_text_ok(out, err);
}
