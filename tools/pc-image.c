/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-image: CASA images to FITS, and back. */

#include "casa/image.h"
#include "io/fits.h"
#include "io/image_file.h"
#include "tools/tool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct params {
    int64_t channel;
    double freq_hz;
    bool overwrite;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"channel", PC_OPT_INT, FIELD(channel), NULL, 0, 0, 1e9, NULL, "N",
     "From a CASA image only this channel, counted from 0; an image of one channel serves for any.", 0,
     "Part"},
    {"freq", PC_OPT_NUMBER, FIELD(freq_hz), NULL, PC_DIM_FREQUENCY, 0, 1e15, NULL, "FREQ",
     "From a CASA image only the channel of the nearest frequency; where it has no frequencies that of "
     "--channel.",
     PC_OPT_OPEN_LO, NULL},
    {"overwrite", PC_OPT_BOOL, FIELD(overwrite), "false", 0, 0, 0, NULL, NULL,
     "Replace what is there already.", 0, "Output"},
    {0}};

static const struct pc_program prog = {
    .name = "pc-image",
    .summary = "makes a FITS file of a CASA image, and a CASA image of a FITS file",
    .operands = "SRC",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst =
        "what is made: of a CASA image a FITS file or - (the standard output), of a FITS file a CASA image",
    .operand_min = 1,
    .operand_max = 1,
    .examples = "pc-image -o disc.fits disc.mask\n"
                "pc-image -o cube.image cube.image.fits\n"
                "pc-image --channel 2 -o ch2.fits cube.image\n"};

static int from_casa(const struct params *p, const struct pc_run *r, struct pc_err *err)
{
    const bool by_freq = pc_opt_given(&prog, r->cl, "freq");
    const struct pc_casaimage_conf conf = {.src = r->src,
                                           .dst = r->dst ? r->dst : "-",
                                           .overwrite = p->overwrite,
                                           .one = by_freq || pc_opt_given(&prog, r->cl, "channel"),
                                           .freq_hz = by_freq ? p->freq_hz : 0,
                                           .channel = (int)p->channel,
                                           .version = pc_version,
                                           .tmpdir = getenv("TMPDIR")};
    if (strcmp(conf.dst, "-") == 0 && isatty(STDOUT_FILENO))
        return pc_err_set(err, PC_EX_USAGE, "a FITS file would go to the terminal: say -o FILE");
    return pc_casaimage_to_fits(&conf, err);
}

static int to_casa(const struct params *p, const struct pc_run *r, struct pc_err *err)
{
    const struct pc_casaimage_conf conf = {
        .src = r->src, .dst = r->dst, .overwrite = p->overwrite, .version = pc_version};
    if (r->dst == NULL || strcmp(r->dst, "-") == 0)
        return pc_err_set(err, PC_EX_USAGE,
                          "a CASA image is a directory: say with -o what it is to be called");
    if (pc_opt_given(&prog, r->cl, "channel") || pc_opt_given(&prog, r->cl, "freq"))
        return pc_err_set(err, PC_EX_USAGE,
                          "--%s: one channel is taken from a CASA image only, and %s is none",
                          pc_opt_given(&prog, r->cl, "channel") ? "channel" : "freq", r->src);
    /* casacore may die of a file that is cut short */
    if (pc_fits_check_whole(r->src, err) != 0)
        return -1;
    return pc_casaimage_from_fits(&conf, err);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct stat st;
    if (stat(r->src, &st) != 0 || access(r->src, R_OK) != 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", r->src);
    if (!S_ISDIR(st.st_mode))
        return to_casa(params, r, err);
    if (!pc_image_file_is_casa(r->src))
        return pc_err_set(err, PC_EX_DATA, "%s: is a directory without table.dat: no CASA image", r->src);
    return from_casa(params, r, err);
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
