/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-select: visibilities of a MeasurementSet, as channel bundles. */

#include "casa/operands.h"
#include "tools/select_bundles.h"
#include "tools/select_model.h"
#include "tools/select_storage.h"

#include <stdio.h>
#include <string.h>

#define SEL(name, arg, help)                                                                                 \
    {                                                                                                        \
#name, PC_OPT_LIST, offsetof(struct params, sel.name), NULL, 0, 0, 0, NULL, arg, help,               \
            PC_OPT_PIXELS, NULL                                                                              \
    }
#define AXIS(name, arg, help)                                                                                \
    {                                                                                                        \
#name, PC_OPT_STRING, offsetof(struct params, axis.name), "", 0, 0, 0, NULL, arg, help,              \
            PC_OPT_PIXELS, NULL                                                                              \
    }

static const struct pc_opt opts[] = {
    {"field", PC_OPT_LIST, offsetof(struct params, sel.field), NULL, 0, 0, 0, NULL, "NAME|ID",
     "Field to image: name or number. May be left out when only one field has rows. This and the following "
     "ones: given once for all MeasurementSets, or once for each, in their order ('': everything).",
     PC_OPT_PIXELS, "Data selection"},
    SEL(spw, "SPW[:CHAN]", "Spectral windows, and channels of them: 0, 0:10~60, 1,3."),
    SEL(timerange, "TIME", "Times: 2016/05/28/01:00:00~02:00:00."),
    SEL(uvrange, "RANGE", "Baseline lengths: '>100m', '0~50klambda'."),
    SEL(antenna, "ANTENNA", "Antennas and baselines: 'DV01&DV02', '!DV03'."),
    SEL(scan, "SCAN", "Scans: 3~7."),
    SEL(observation, "ID", "Observation numbers."),
    SEL(intent, "INTENT", "Intents: '*TARGET*'."),
    SEL(taql, "COND", "A condition in TaQL on the main table: 'ANTENNA1 != 3 && UVW[3] < 100'."),
    {"rows", PC_OPT_STRING, offsetof(struct params, sel.rows), NULL, 0, 0, 0, NULL, "K/N",
     "Of the rows selected, in order of time, the K-th of N equal blocks, so that partial images can be "
     "added "
     "up. The axis is that of all of them.",
     PC_OPT_PIXELS, NULL},
    {"datacolumn", PC_OPT_CHOICE, offsetof(struct params, datacolumn), "corrected", 0, 0, 0,
     "corrected|data|model", NULL, "Column of visibilities. corrected falls back to DATA, with a warning.",
     PC_OPT_PIXELS, NULL},
    {"fitspec", PC_OPT_LIST, offsetof(struct params, sel.fitspec), NULL, 0, 0, 0, NULL, "SPW:CHAN",
     "Subtract the continuum: channels without lines, written as in --spw, selected or not: "
     "'0:10~50;100~120'.",
     PC_OPT_PIXELS, "Continuum subtraction"},
    {"fitorder", PC_OPT_INT, offsetof(struct params, fitorder), "0", 0, 0, 30, NULL, "N",
     "Order of the polynomial that is fitted to them.", PC_OPT_PIXELS, NULL},
    {"phasecenter", PC_OPT_STRING, offsetof(struct params, phasecenter), "", 0, 0, 0, NULL, "DIR|ID|NAME",
     "Centre of the image: 'J2000 16h00m00s -40d00m00s', 'ICRS 146.99deg 13.28deg', the number of a field, "
     "or a "
     "source that moves: JUPITER, SUN ..., an ephemeris table, TRACKFIELD. Empty: the field's own phase "
     "centre.",
     PC_OPT_PIXELS, "Image"},
    {"specmode", PC_OPT_CHOICE, offsetof(struct params, axis.specmode), "cube", 0, 0, 0,
     "cube|cubedata|cubesource|mfs", NULL,
     "cube: planes along a spectral axis; cubedata: the same in the data's own frame; cubesource: in that of "
     "a "
     "moving source; mfs: all channels in one plane.",
     PC_OPT_PIXELS, "Spectral axis"},
    {"nchan", PC_OPT_INT, offsetof(struct params, axis.nchan), "-1", 0, -1, 1e9, NULL, "N",
     "Number of planes; -1: all that the data have.", PC_OPT_PIXELS, NULL},
    AXIS(start, "CHAN|FREQ|VEL",
         "First plane: a channel of the data (5), or the centre as a frequency (230.5GHz) or a velocity "
         "(-3km/s); empty: where the data begin."),
    AXIS(width, "N|FREQ|VEL",
         "Width of a plane: so many channels of the data (2), a frequency (0.5MHz) or a velocity (1km/s); "
         "negative: downwards. Empty: a channel of the data."),
    {"channels", PC_OPT_STRING, offsetof(struct params, axis.channels), "", 0, 0, 0, NULL, "LIST",
     "Planes of the axis to write: 42, 0~9, 3,7. They keep their numbers.", 0, NULL},
    AXIS(outframe, "FRAME",
         "Frame of the spectral axis: LSRK, LSRD, BARY, GEO, TOPO, GALACTO, LGROUP, CMB, REST. Empty: LSRK, "
         "or what --specmode says."),
    {"veltype", PC_OPT_CHOICE, offsetof(struct params, axis.veltype), "radio", 0, 0, 0, "radio|optical", NULL,
     "Velocities in --start and --width.", PC_OPT_PIXELS, NULL},
    {"restfreq", PC_OPT_NUMBER, offsetof(struct params, axis.restfreq_hz), NULL, PC_DIM_FREQUENCY, 0, 1e15,
     NULL, "FREQ", "Rest frequency; else the SOURCE table's.", PC_OPT_PIXELS, NULL},
    {"interpolation", PC_OPT_CHOICE, offsetof(struct params, axis.interpolation), "linear", 0, 0, 0,
     "nearest|linear|cubic", NULL,
     "How planes are made of the data's channels. nearest: each channel goes whole to the plane it is in.",
     PC_OPT_PIXELS, NULL},
    {"put-model", PC_OPT_STRING, offsetof(struct params, put_model), NULL, 0, 0, 0, NULL, "SRC",
     "Write the other way: the visibilities that pc-grid --predict has put into SRC go to MODEL_DATA, which "
     "is "
     "made when it is missing. Rows and channels are those of SRC.",
     0, "Writing back"},
    {"to-ms", PC_OPT_STRING, offsetof(struct params, to_ms), NULL, 0, 0, 0, NULL, "OUT",
     "Copy the selected rows into another MeasurementSet, from which single channels are read at little "
     "cost: "
     "no bundles are written.",
     0, NULL},
    {"stman", PC_OPT_CHOICE, offsetof(struct params, stman), "tiled", 0, 0, 0, "tiled|adios2", NULL,
     "How --to-ms stores the columns that have channels: in tiles of one channel and many rows, or by "
     "casacore's Adios2StMan.",
     0, NULL},
    {"engine", PC_OPT_STRING, offsetof(struct params, engine), NULL, 0, 0, 0, NULL, "NAME",
     "Engine of ADIOS2: BP4, BP5, HDF5 ...", 0, NULL},
    {"engine-param", PC_OPT_LIST, offsetof(struct params, engine_param), NULL, 0, 0, 0, NULL, "KEY=VALUE",
     "A parameter of that engine; may be given more than once.", 0, NULL},
    {"check-storage", PC_OPT_BOOL, offsetof(struct params, check_storage), "false", 0, 0, 0, NULL, NULL,
     "Only say how each column is stored, and what share of it reading one channel costs.", 0, NULL},
    {"list", PC_OPT_BOOL, offsetof(struct params, list), "false", 0, 0, 0, NULL, NULL,
     "Only print the plan, a line for each plane: channel, frequency, width, velocity, rows, blocks. The "
     "data "
     "are not read.",
     0, "Plan"},
    {"mem", PC_OPT_NUMBER, offsetof(struct params, mem_byte), NULL, PC_DIM_BYTE, 1e6, 1e15, NULL, "SIZE",
     "Memory to use; of a stream, what does not fit goes to an unlinked file in --tmpdir. Default: a quarter "
     "of what is available.",
     0, "Resources"},
    {"threads", PC_OPT_INT, offsetof(struct params, nthread), "2", 0, 1, 256, NULL, "N",
     "Threads: while one reads, the others turn what was read before; the bytes do not depend on it.", 0,
     NULL},
    {"tmpdir", PC_OPT_STRING, offsetof(struct params, tmpdir), NULL, 0, 0, 0, NULL, "DIR",
     "Directory of temporary files; else $TMPDIR, or /tmp.", 0, NULL},
    {NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, 0, NULL}};

static const struct pc_program program = {
    .name = "pc-select",
    .summary = "select visibilities of MeasurementSets and turn them into channel bundles",
    .operands = "MS ...",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "where the bundles go: a directory, FILE.tar, or - (a stream to stdout, the default)",
    .operand_min = 1,
    .operand_max = -1,
    .examples = "pc-select --field 0 -o work obs.ms\n"
                "pc-select --phasecenter 'J2000 11h00m01s -30d00m45s' --channels 0~9 -o src obs.ms\n"
                "pc-select --spw 0 --start 100 --nchan 100 --channels 7,20~21 obs.ms | tar tvf -\n"
                "pc-select --outframe BARY --start 4km/s --width 0.1km/s --nchan 20 -o bary obs.ms\n"};

/* What takes the place of writing bundles, and the options that have a say in it. */
static const struct mode {
    const char *name, *takes;
} modes[] = {{"put-model", " put-model phasecenter mem tmpdir "},
             {"check-storage", " check-storage tmpdir "},
             {"to-ms",
              " to-ms stman engine engine-param field spw timerange uvrange antenna scan observation "
              "intent taql rows tmpdir "}};
enum { mode_put, mode_check, mode_copy, nmode };

static bool is_taken(const struct mode *m, const char *name)
{
    char word[40];
    snprintf(word, sizeof word, " %s ", name);
    return strstr(m->takes, word) != NULL;
}

/* The mode that is asked for, nmode for bundles; -1. */
static int find_mode(const struct pc_run *r, struct pc_err *err)
{
    int found = 0;
    while (found < nmode && !pc_opt_given(r->prog, r->cl, modes[found].name))
        found++;
    for (int i = 0; found < nmode && opts[i].name; i++)
        if (r->cl->given[i] && !is_taken(&modes[found], opts[i].name))
            return pc_err_set(err, PC_EX_USAGE, "--%s has nothing to say with --%s", opts[i].name,
                              modes[found].name);
    for (int i = 0; found == nmode && opts[i].name; i++)
        if (r->cl->given[i] &&
            (strcmp(opts[i].name, "stman") == 0 || strncmp(opts[i].name, "engine", 6) == 0))
            return pc_err_set(err, PC_EX_USAGE, "--%s is for --to-ms", opts[i].name);
    if (found < nmode && r->dst)
        return pc_err_set(err, PC_EX_USAGE, "--%s writes no bundles: there is no -o", modes[found].name);
    return found;
}

static int copy_ms(const struct params *p, const struct pc_operands *from, struct pc_run *r,
                   struct pc_err *err)
{
    const struct pc_mscopy_conf conf = {p->to_ms, (enum pc_stman)p->stman, p->engine, p->engine_param.s,
                                        p->engine_param.n};
    struct pc_ms_selection sel = {0};
    if (from->n > 1)
        return pc_err_set(err, PC_EX_USAGE, "--to-ms copies one MeasurementSet, %d are given", from->n);
    if (p->stman == PC_STMAN_TILED && (p->engine || p->engine_param.n > 0))
        return pc_err_set(err, PC_EX_USAGE, "--engine and --engine-param are for --stman adios2");
    if (select_clauses_share(&p->sel, 1, &sel, err))
        return -1;
    return select_to_ms(from->path[0], &sel, &conf, &r->log, err);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    struct params *p = params;
    struct pc_operands from;
    const int mode = find_mode(r, err);
    if (mode < 0)
        return -1;
    if (mode == mode_put) {
        const struct select_put put = {p->put_model, p->phasecenter, select_tmpdir(p), select_memory(p)};
        return select_put_model(&put, r, err);
    }
    if (pc_opt_given(r->prog, r->cl, "fitorder") && p->sel.fitspec.n == 0)
        return pc_err_set(err, PC_EX_USAGE, "--fitorder is for --fitspec, which says where there is no line");
    if (pc_operands_open(&from, r->cl->operand, r->cl->noperand, select_tmpdir(p), err))
        return -1;
    const int status = mode == mode_check  ? select_check_storage(&from, r->cl->operand, err)
                       : mode == mode_copy ? copy_ms(p, &from, r, err)
                                           : select_bundles(p, &from, r, err);
    pc_operands_close(&from);
    return status;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&program, argc, argv, run);
}
