/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/tool.h"
#include "view/maps.h"

#include <errno.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

struct params {
    const char *channels, *mask, *stokes, *title;
    bool moment0;
    int stretch;
    double size_rad, min_jy, max_jy;
    int64_t columns, width;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"channels", PC_OPT_STRING, FIELD(channels), NULL, 0, 0, 0, NULL, "LIST",
     "Which channels: 0~23, 0~200^10, 3,7; all by default, or 25 evenly spread ones.", 0, "What"},
    {"moment0", PC_OPT_BOOL, FIELD(moment0), "false", 0, 0, 0, NULL, NULL,
     "One picture: the sum over these channels.", 0, NULL},
    {"stokes", PC_OPT_STRING, FIELD(stokes), NULL, 0, 0, 0, NULL, "NAME",
     "Which Stokes plane, like Q; the first by default.", 0, NULL},
    {"mask", PC_OPT_STRING, FIELD(mask), NULL, 0, 0, 0, NULL, "FILE",
     "Outline where this FITS mask, an image or a cube, exceeds 0.5.", 0, NULL},
    {"size", PC_OPT_NUMBER, FIELD(size_rad), NULL, PC_DIM_ANGLE, 0, 7, NULL, NULL,
     "Width of the part shown, around the image's centre; by default what stands out.", 0, NULL},
    {"stretch", PC_OPT_CHOICE, FIELD(stretch), "auto", 0, 0, 0, "auto|linear|asinh", NULL,
     "From brightness to colour; auto is asinh when the peak exceeds 60 times the noise.", 0, "How"},
    {"min", PC_OPT_NUMBER, FIELD(min_jy), NULL, PC_DIM_FLUX, -1e30, 1e30, NULL, NULL,
     "Brightness of the darkest colour; by default -3 times the noise, of Q, U, V minus the lightest's.", 0,
     NULL},
    {"max", PC_OPT_NUMBER, FIELD(max_jy), NULL, PC_DIM_FLUX, -1e30, 1e30, NULL, NULL,
     "Brightness of the lightest colour; the peak by default, of Q, U, V of either sign.", 0, NULL},
    {"columns", PC_OPT_INT, FIELD(columns), NULL, 0, 0, 100, NULL, NULL,
     "Panels in a row; chosen by default.", 0, NULL},
    {"width", PC_OPT_INT, FIELD(width), "1600", 0, 200, 20000, NULL, NULL,
     "Pixels of the page in width, about.", 0, NULL},
    {"title", PC_OPT_STRING, FIELD(title), NULL, 0, 0, 0, NULL, "TEXT",
     "Title; the object's name by default.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-view",
    .summary = "draws a FITS image or the channel maps of a cube as a PNG picture",
    .operands = "FILE",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "the picture, a .png file or -",
    .operand_min = 1,
    .operand_max = 1,
    .examples = "pc-view disc.image.fits -o maps.png\n"
                "pc-view disc.image.fits --channels 0~23 --moment0 -o m0.png\n"};

/* Under another name until it is whole. */
static int draw_to_file(const struct pc_maps_conf *c, const char *dst, struct pc_maps_report *report,
                        struct pc_err *err)
{
    char part[4096];
    if (snprintf(part, sizeof part, "%s.part", dst) >= (int)sizeof part)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", dst);
    FILE *out = fopen(part, "wb");
    if (!out)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", part);
    int bad = pc_maps_draw(c, out, part, report, err);
    if (fclose(out) && !bad)
        bad = pc_err_errno(err, PC_EX_IOERR, "%s", part);
    if (!bad && rename(part, dst))
        bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", dst);
    if (bad)
        unlink(part);
    return bad;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_maps_report report;
    struct pc_maps_conf c = {.path = r->src,
                             .mask = p->mask,
                             .channels = p->channels,
                             .stokes = p->stokes,
                             .title = p->title,
                             .moment0 = p->moment0,
                             .stretch = (enum pc_maps_stretch)p->stretch,
                             .size_rad = p->size_rad,
                             .min = pc_opt_given(r->prog, r->cl, "min") ? p->min_jy : NAN,
                             .max = pc_opt_given(r->prog, r->cl, "max") ? p->max_jy : NAN,
                             .columns = (int)p->columns,
                             .width_px = (int)p->width};
    if (!r->dst)
        return pc_err_set(err, PC_EX_USAGE, "where to? give -o PICTURE.png");
    bool to_stdout = strcmp(r->dst, "-") == 0;
    if (to_stdout && isatty(STDOUT_FILENO))
        return pc_err_set(err, PC_EX_USAGE, "standard output is a terminal; give -o PICTURE.png");
    if (to_stdout ? pc_maps_draw(&c, stdout, "standard output", &report, err)
                  : draw_to_file(&c, r->dst, &report, err))
        return -1;
    pc_log_line(&r->log, "channels=%d noise=%.4g max=%.4g width_px=%d height_px=%d", report.nchan,
                report.noise, report.max, report.width_px, report.height_px);
    return 0;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
