/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/tool.h"
#include "tools/view_input.h"
#include "tools/view_place.h"
#include "view/maps.h"
#include "view/pvcut.h"
#include "view/spectrum.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { UNIT_JY, UNIT_KELVIN };
enum { STATISTIC_AUTO };

struct params {
    const char *channels, *mask, *stokes, *title, *spectrum, *center, *contours, *min, *max;
    int moment, statistic, stretch, colormap, unit;
    double clip, size_rad, restfreq_hz, pv_rad, length_rad, pvwidth_rad;
    bool term, sixel;
    int64_t columns, width;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"channels", PC_OPT_STRING, FIELD(channels), NULL, 0, 0, 0, NULL, "LIST",
     "Which channels: 0~23, 0~200^10, 3,7; all by default, or 25 evenly spread ones side by side.", 0,
     "What"},
    {"stokes", PC_OPT_STRING, FIELD(stokes), NULL, 0, 0, 0, NULL, "NAME",
     "Which Stokes plane, like Q; the first by default.", 0, NULL},
    {"restfreq", PC_OPT_NUMBER, FIELD(restfreq_hz), NULL, PC_DIM_FREQUENCY, 0, 1e18, NULL, NULL,
     "Rest frequency of velocities, in the place of the file's.", PC_OPT_OPEN_LO, NULL},
    {"unit", PC_OPT_CHOICE, FIELD(unit), "jy", 0, 0, 0, "jy|k", NULL,
     "Brightness as the file has it, or as a temperature (Rayleigh-Jeans) in K.", 0, NULL},
    {"moment", PC_OPT_CHOICE, FIELD(moment), "none", 0, 0, 0, "none|0|1|2|8|9", NULL,
     "One picture of all these channels: 0 their integral, 1 the mean velocity, 2 the velocity dispersion, "
     "8 the peak, 9 the velocity of the peak.",
     0, "Moments"},
    {"clip", PC_OPT_NUMBER, FIELD(clip), NULL, 0, 0, 1e6, NULL, "SIGMA",
     "Pixels below so many times the noise of their channel do not count; 5 by default for velocities, else "
     "0: all count.",
     0, NULL},
    {"spectrum", PC_OPT_STRING, FIELD(spectrum), NULL, 0, 0, 0, NULL, "WHERE",
     "The spectrum of a part: a pixel X,Y counted from 0, a region of CASA or DS9, a file of these, or a "
     "mask image.",
     0, "Spectra and cuts"},
    {"statistic", PC_OPT_CHOICE, FIELD(statistic), "auto", 0, 0, 0, "auto|sum|mean|peak", NULL,
     "What of the part: its flux (sum over the beam's area), its mean or its peak; auto is the flux, of a "
     "pixel and in K the mean.",
     0, NULL},
    {"pv", PC_OPT_NUMBER, FIELD(pv_rad), NULL, PC_DIM_ANGLE, -7, 7, NULL, "ANGLE",
     "A position-velocity cut along this position angle (65deg), from north through east.", 0, NULL},
    {"center", PC_OPT_STRING, FIELD(center), NULL, 0, 0, 0, NULL, "PLACE",
     "Middle of the cut: pixels X,Y counted from 0, or 10h2m3s,-30d1m2s; the reference pixel by default.", 0,
     NULL},
    {"length", PC_OPT_NUMBER, FIELD(length_rad), NULL, PC_DIM_ANGLE, 0, 7, NULL, NULL,
     "Length of the cut; the image's width by default.", PC_OPT_OPEN_LO, NULL},
    {"pvwidth", PC_OPT_NUMBER, FIELD(pvwidth_rad), NULL, PC_DIM_ANGLE, 0, 7, NULL, NULL,
     "Width over which the cut is averaged; one cell by default.", 0, NULL},
    {"mask", PC_OPT_STRING, FIELD(mask), NULL, 0, 0, 0, NULL, "FILE",
     "Outline where this mask, an image or a cube, exceeds 0.5.", 0, "How"},
    {"contours", PC_OPT_STRING, FIELD(contours), NULL, 0, 0, 0, NULL, "LIST",
     "Contours at these multiples of the noise, like 3,6,12; auto: -3, 3, 6, 12 and so on.", 0, NULL},
    {"size", PC_OPT_NUMBER, FIELD(size_rad), NULL, PC_DIM_ANGLE, 0, 7, NULL, NULL,
     "Width of the part shown, around the image's centre; by default what stands out.", 0, NULL},
    {"stretch", PC_OPT_CHOICE, FIELD(stretch), "auto", 0, 0, 0, "auto|linear|asinh", NULL,
     "From brightness to colour; auto is asinh when the peak exceeds 60 times the noise.", 0, NULL},
    {"min", PC_OPT_STRING, FIELD(min), NULL, 0, 0, 0, NULL, "VALUE",
     "Value of the first colour, like -10mJy, 5K, 2km/s; by default -3 times the noise, of Q, U, V minus the "
     "last's.",
     0, NULL},
    {"max", PC_OPT_STRING, FIELD(max), NULL, 0, 0, 0, NULL, "VALUE",
     "Value of the last colour; the peak by default, of Q, U, V of either sign.", 0, NULL},
    {"colormap", PC_OPT_CHOICE, FIELD(colormap), "auto", 0, 0, 0, "auto|fire|sea|grey|diverging", NULL,
     "Colours; auto is fire for brightness, diverging for velocities and for Q, U, V, sea for widths.", 0,
     NULL},
    {"columns", PC_OPT_INT, FIELD(columns), NULL, 0, 0, 100, NULL, NULL,
     "Panels in a row; chosen by default.", 0, NULL},
    {"width", PC_OPT_INT, FIELD(width), "1600", 0, 200, 20000, NULL, NULL,
     "Pixels of the page in width, about.", 0, NULL},
    {"title", PC_OPT_STRING, FIELD(title), NULL, 0, 0, 0, NULL, "TEXT",
     "Title; the object's name by default.", 0, NULL},
    {"term", PC_OPT_BOOL, FIELD(term), "false", 0, 0, 0, NULL, NULL,
     "Show it in the terminal, in half-block characters as many as are in a line (COLUMNS).", 0, NULL},
    {"sixel", PC_OPT_BOOL, FIELD(sixel), "false", 0, 0, 0, NULL, NULL,
     "Show it in a terminal that knows sixel graphics.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-view",
    .summary = "draws an image, the channel maps, moments, spectra and cuts of a cube",
    .operands = "FILE",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "a .png picture or - (one to standard output); a .fits image of a moment; a .tsv table of a "
           "spectrum or cut",
    .operand_min = 1,
    .operand_max = 1,
    .examples = "pc-view disc.image.fits -o maps.png\n"
                "pc-view disc.image.fits --channels 0~23 --moment 0 -o m0.png\n"
                "pc-view disc.image.fits --spectrum 'circle[[30pix, 30pix], 10pix]' -o flux.tsv\n"
                "pc-view disc.image.fits --pv 65deg --term\n"};

/* ---- what the user said ---- */

/* A value of the colour bar, in its unit. */
static int parse_level(const char *option, const char *s, const struct params *p, double *value,
                       struct pc_err *err)
{
    const int kind = p->moment - 1;
    char *end;
    *value = NAN;
    if (!s)
        return 0;
    if (kind == PC_MOMENT_1 || kind == PC_MOMENT_2 || kind == PC_MOMENT_9) {
        if (pc_quantity_parse(s, PC_DIM_VELOCITY, value, err))
            return pc_err_prefix(err, "--%s", option);
        *value *= 1e-3;
        return 0;
    }
    double v = strtod(s, &end);
    if (end != s && isfinite(v) && (!*end || (p->unit == UNIT_KELVIN && !strcmp(end, "K")))) {
        *value = v;
        return 0;
    }
    if (p->unit == UNIT_KELVIN)
        return pc_err_set(err, PC_EX_USAGE, "--%s %s: with --unit k a number of K is wanted", option, s);
    return pc_quantity_parse(s, PC_DIM_FLUX, value, err) ? pc_err_prefix(err, "--%s", option) : 0;
}

static int draw_spectrum(const struct params *p, const struct pc_cubein_conf *cube, struct pc_run *r,
                         const struct pc_output *o, struct pc_err *err)
{
    struct view_part part;
    struct pc_spectrum_report report;
    char where[120];
    if (view_part_open(&part, p->spectrum, err))
        return -1;
    snprintf(where, sizeof where, "%s%.100s", part.is_pixel ? "pixel " : "", p->spectrum);
    struct pc_spectrum_conf c = {.cube = *cube,
                                 .part = view_part_paint,
                                 .ctx = &part,
                                 .where = where,
                                 .title = p->title,
                                 .width_px = (int)p->width};
    bool mean = part.is_pixel || p->unit == UNIT_KELVIN;
    c.statistic = p->statistic != STATISTIC_AUTO ? (enum pc_statistic)(p->statistic - 1)
                  : mean                         ? PC_STATISTIC_MEAN
                                                 : PC_STATISTIC_SUM;
    int bad = pc_spectrum_draw(&c, o, &report, err);
    view_part_close(&part);
    if (!bad)
        pc_log_line(&r->log, "channels=%d max=%.4g", report.nchan, report.max);
    return bad;
}

/* ---- the others ---- */

static int draw_cut(const struct params *p, const struct pc_cubein_conf *cube, struct pc_run *r,
                    const struct pc_output *o, struct pc_err *err)
{
    struct pc_pvcut_report report;
    struct pc_pvcut_conf c = {.cube = *cube,
                              .pa_rad = p->pv_rad,
                              .length_rad = p->length_rad,
                              .width_rad = p->pvwidth_rad,
                              .colormap = p->colormap - 1,
                              .title = p->title,
                              .width_px = (int)p->width};
    if (view_center(p->center, r->src, &c, err) || parse_level("min", p->min, p, &c.min, err) ||
        parse_level("max", p->max, p, &c.max, err) || pc_pvcut_draw(&c, o, &report, err))
        return -1;
    pc_log_line(&r->log, "channels=%d points=%d noise=%.4g max=%.4g", report.nchan, report.npoint,
                report.noise, report.max);
    return 0;
}

static int draw_maps(const struct params *p, const struct pc_cubein_conf *cube, struct pc_run *r,
                     const struct pc_output *o, struct pc_err *err)
{
    static const enum pc_moment_kind kinds[] = {PC_MOMENT_NONE, PC_MOMENT_0, PC_MOMENT_1,
                                                PC_MOMENT_2,    PC_MOMENT_8, PC_MOMENT_9};
    struct pc_maps_report report;
    struct pc_maps_conf c = {.cube = *cube,
                             .moment = kinds[p->moment],
                             .clip = pc_opt_given(r->prog, r->cl, "clip") ? p->clip : NAN,
                             .mask = p->mask,
                             .contours = p->contours,
                             .title = p->title,
                             .stretch = (enum pc_maps_stretch)p->stretch,
                             .colormap = p->colormap - 1,
                             .size_rad = p->size_rad,
                             .columns = (int)p->columns,
                             .width_px = (int)p->width};
    if (parse_level("min", p->min, p, &c.min, err) || parse_level("max", p->max, p, &c.max, err) ||
        pc_maps_draw(&c, o, &report, err))
        return -1;
    pc_log_line(&r->log, "channels=%d noise=%.4g min=%.4g max=%.4g width_px=%d height_px=%d", report.nchan,
                report.noise, report.min, report.max, report.width_px, report.height_px);
    return 0;
}

static int draw(const struct params *p, struct pc_run *r, const struct pc_output *o, struct pc_err *err)
{
    struct pc_cubein_conf cube = {.path = r->src,
                                  .channels = p->channels,
                                  .stokes = p->stokes,
                                  .restfreq_hz = p->restfreq_hz,
                                  .kelvin = p->unit == UNIT_KELVIN};
    return p->spectrum                          ? draw_spectrum(p, &cube, r, o, err)
           : pc_opt_given(r->prog, r->cl, "pv") ? draw_cut(p, &cube, r, o, err)
                                                : draw_maps(p, &cube, r, o, err);
}

/* ---- where to ---- */

static bool ends_in(const char *s, const char *end)
{
    size_t n = strlen(s), m = strlen(end);
    return n > m && !strcmp(s + n - m, end);
}

static int env_int(const char *name, int otherwise)
{
    const char *s = getenv(name);
    int v = s ? atoi(s) : 0;
    return v > 0 && v < 10000 ? v : otherwise;
}

static void find_terminal(struct pc_output *o)
{
    const char *colors = getenv("COLORTERM");
    struct winsize w = {0};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w))
        w = (struct winsize){0};
    o->columns = env_int("COLUMNS", w.ws_col > 0 ? w.ws_col : 80);
    o->rows = env_int("LINES", w.ws_row);
    o->many_colors = colors && (!strcmp(colors, "truecolor") || !strcmp(colors, "24bit"));
}

static int check(const struct params *p, const struct pc_run *r, struct pc_output *o, struct pc_err *err)
{
    bool pv = pc_opt_given(r->prog, r->cl, "pv"), graph = pv || p->spectrum;
    if ((p->moment > 0) + pv + (p->spectrum != NULL) > 1)
        return pc_err_set(err, PC_EX_USAGE,
                          "--moment, --spectrum and --pv are three pictures: one at a time");
    if (graph && (p->mask || p->contours || p->size_rad > 0))
        return pc_err_set(err, PC_EX_USAGE, "--mask, --contours and --size are for maps, not for --%s",
                          pv ? "pv" : "spectrum");
    if ((p->term || p->sixel) && r->dst)
        return pc_err_set(err, PC_EX_USAGE, "--%s shows it on standard output: leave -o out",
                          p->sixel ? "sixel" : "term");
    if (p->term || p->sixel) {
        o->form = p->sixel ? PC_FORM_SIXEL : PC_FORM_BLOCKS;
        return 0;
    }
    if (!r->dst)
        return pc_err_set(err, PC_EX_USAGE,
                          "where to? give -o PICTURE.png, or --term to see it in the terminal");
    o->form = ends_in(r->dst, ".fits") ? PC_FORM_FITS : ends_in(r->dst, ".tsv") ? PC_FORM_TABLE : PC_FORM_PNG;
    if (o->form == PC_FORM_FITS && p->moment == 0)
        return pc_err_set(err, PC_EX_USAGE, "-o %s: a FITS image is made of a --moment", r->dst);
    if (o->form == PC_FORM_TABLE && !graph)
        return pc_err_set(err, PC_EX_USAGE, "-o %s: a table is made of a --spectrum or of --pv", r->dst);
    return 0;
}

/* Under another name until it is whole. */
static int draw_to_file(const struct params *p, struct pc_run *r, struct pc_output *o, struct pc_err *err)
{
    char part[4096];
    if (snprintf(part, sizeof part, "%s.part", r->dst) >= (int)sizeof part)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", r->dst);
    o->out = o->form == PC_FORM_FITS ? NULL : fopen(part, "wb");
    o->name = part;
    if (!o->out && o->form != PC_FORM_FITS)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", part);
    int bad = draw(p, r, o, err);
    if (o->out && fclose(o->out) && !bad)
        bad = pc_err_errno(err, PC_EX_IOERR, "%s", part);
    if (!bad && rename(part, r->dst))
        bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", r->dst);
    if (bad)
        unlink(part);
    return bad;
}

static int draw_somewhere(const struct params *p, struct pc_run *r, struct pc_output *o, struct pc_err *err)
{
    return r->dst && strcmp(r->dst, "-") ? draw_to_file(p, r, o, err) : draw(p, r, o, err);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct view_input image = {0}, mask = {0};
    struct pc_output o = {.out = stdout, .name = "standard output"};
    if (check(p, r, &o, err))
        return -1;
    find_terminal(&o);
    if (o.form == PC_FORM_SIXEL && !pc_opt_given(r->prog, r->cl, "width"))
        p->width = 9 * o.columns; /* about what a character takes */
    if (r->dst && strcmp(r->dst, "-") == 0 && isatty(STDOUT_FILENO))
        return pc_err_set(err, PC_EX_USAGE, "standard output is a terminal; give -o PICTURE.png, or --term");
    int bad = view_input_open(&image, r->src, err) || view_input_open(&mask, p->mask, err);
    if (!bad) {
        r->src = image.path;
        p->mask = mask.path;
        bad = draw_somewhere(p, r, &o, err);
    }
    view_input_close(&image);
    view_input_close(&mask);
    return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
