/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-memest: what imaging channels takes, and how many jobs fit. The bytes are those the programs hold at
 * their peaks, engines' own figures included; the seconds are rough. */

#include "base/mem.h"
#include "clean/scales.h"
#include "grid/kernel.h"
#include "grid/stokes.h"
#include "grid/wterm.h"
#include "tools/memest_look.h"
#include "tools/memest_machine.h"
#include "tools/memest_measured.h"
#include "tools/tool.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { USEMASK_USER, USEMASK_PB, USEMASK_AUTO };
static const char *const deconvolvers[] = {"hogbom", "clark", "clarkstokes", "multiscale",
                                           "asp"}; /* as the choices below */
enum { SINGLE, DOUBLE };
enum { AUTO, STANDARD };

struct params {
    int64_t imsize[2], npixels, nchan, niter, rows, ncorr;
    int64_t threads;
    int gridder, precision, deconvolver, usemask, weighting;
    const char *stokes;
    double cell_rad[2], accuracy, nsigma, mem_byte, memory_byte;
    const char *scales, *restoringbeam, *finished, *bench;
    bool pbcor, compare;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"imsize", PC_OPT_PAIR_INT, FIELD(imsize), NULL, 0, 1, 1 << 28, NULL, "N[,N]",
     "Size of the image in pixels; default: that of psf.fits in SRC.", 0, "The image"},
    {"cell", PC_OPT_PAIR_NUMBER, FIELD(cell_rad), NULL, PC_DIM_ANGLE, 0, 1, NULL, "ANGLE[,ANGLE]",
     "Size of a pixel: with it, how much of the uv plane the visibilities of SRC reach; default: that of "
     "psf.fits.",
     0, NULL},
    {"nchan", PC_OPT_INT, FIELD(nchan), "-1", 0, -1, 1e9, NULL, NULL,
     "Number of channels; -1: those of SRC, or 1.", 0, NULL},
    {"rows", PC_OPT_INT, FIELD(rows), "0", 0, 0, 1e12, NULL, NULL,
     "Rows of visibilities of a channel, where there is no SRC to count them.", 0, "The visibilities"},
    {"ncorr", PC_OPT_INT, FIELD(ncorr), "2", 0, 1, 4, NULL, NULL, "Correlations of these.", 0, NULL},
    {"weighting", PC_OPT_CHOICE, FIELD(weighting), "natural", 0, 0, 0,
     "natural|uniform|briggs|superuniform|radial|briggsabs|briggsbwtaper", NULL, "Of pc-psf.", 0,
     "What is to be done"},
    {"npixels", PC_OPT_INT, FIELD(npixels), "0", 0, 0, 1e6, NULL, NULL, "Of pc-psf.", 0, NULL},
    {"gridder", PC_OPT_CHOICE, FIELD(gridder), "auto", 0, 0, 0, "auto|standard|wproject|widefield", NULL,
     "Of pc-psf; all take the same memory.", 0, NULL},
    {"accuracy", PC_OPT_NUMBER, FIELD(accuracy), "1e-5", 0, 1e-12, 1e-2, NULL, NULL, "Of pc-psf.", 0, NULL},
    {"precision", PC_OPT_CHOICE, FIELD(precision), "single", 0, 0, 0, "single|double", NULL, "Of pc-psf.", 0,
     NULL},
    {"stokes", PC_OPT_STRING, FIELD(stokes), "I", 0, 0, 0, NULL, "PLANES", "Of pc-psf.", 0, NULL},
    {"threads", PC_OPT_INT, FIELD(threads), "1", 0, 1, 256, NULL, "N", "Of pc-psf and pc-grid.", 0, NULL},
    {"usemask", PC_OPT_CHOICE, FIELD(usemask), "user", 0, 0, 0, "user|pb|auto-multithresh", NULL,
     "Of pc-mask.", 0, NULL},
    {"deconvolver", PC_OPT_CHOICE, FIELD(deconvolver), "hogbom", 0, 0, 0,
     "hogbom|clark|clarkstokes|multiscale|asp", NULL, "Of pc-clean.", 0, NULL},
    {"scales", PC_OPT_STRING, FIELD(scales), NULL, 0, 0, 0, NULL, "PIXELS,...", "Of pc-clean.", 0, NULL},
    {"niter", PC_OPT_INT, FIELD(niter), "0", 0, 0, 1e15, NULL, NULL,
     "Of pc-clean; with 0 nothing is cleaned.", 0, NULL},
    {"nsigma", PC_OPT_NUMBER, FIELD(nsigma), "0", 0, 0, 1e6, NULL, NULL, "Of pc-clean.", 0, NULL},
    {"restoringbeam", PC_OPT_STRING, FIELD(restoringbeam), "", 0, 0, 0, NULL, "MAJ,MIN,PA", "Of pc-restore.",
     0, NULL},
    {"pbcor", PC_OPT_BOOL, FIELD(pbcor), "false", 0, 0, 0, NULL, NULL, "Of pc-restore.", 0, NULL},
    {"mem", PC_OPT_NUMBER, FIELD(mem_byte), "256MiB", PC_DIM_BYTE, 1e6, 1e15, NULL, "SIZE",
     "Of pc-psf and pc-grid: visibilities held in memory.", 0, NULL},
    {"ram", PC_OPT_NUMBER, FIELD(memory_byte), NULL, PC_DIM_BYTE, 1e6, 1e18, NULL, "SIZE",
     "Memory to share between jobs; default: nine tenths of what is free now, within the limits of control "
     "groups and of a job of Slurm.",
     0, "The machine"},
    {"finished", PC_OPT_STRING, FIELD(finished), NULL, 0, 0, 0, NULL, "WORK",
     "The work directory of a pc-cube of the same kind: what its finished channels took, peaks and seconds, "
     "takes the place of the estimate.",
     0, NULL},
    {"bench", PC_OPT_STRING, FIELD(bench), NULL, 0, 0, 0, NULL, "FILE",
     "The table of make bench (PC_BENCH_TSV) on this machine: its seconds take the place of the estimate.", 0,
     NULL},
    {"compare", PC_OPT_BOOL, FIELD(compare), "false", 0, 0, 0, NULL, NULL,
     "Print what CASA's tclean (by its own rule) and pclean (76 bytes a pixel) take as well.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-memest",
    .summary = "estimates memory, disk and time of a channel, and how many jobs fit",
    .operands = "[SRC]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .operand_max = 1,
    .examples =
        "pc-memest --imsize 8000 --rows 449280 --nchan 1000 --niter 50000 --usemask auto-multithresh\n"
        "pc-memest --imsize 1024 --cell 0.1arcsec stage\n"
        "pc-memest --imsize 4096 --rows 449280 --stokes XXYY --precision double --threads 2\n"};

static void describe(const struct params *p, const struct memest_in *in, const struct memest *m,
                     struct pc_text *out)
{
    const double npix = (double)in->nx * in->ny;
    pc_text_add(out, "imsize=%d,%d\nnchan=%lld\nvis_byte=%lld\n", in->nx, in->ny, (long long)in->nchan,
                (long long)in->vis.bundle_byte);
    for (int i = 0; i < MEMEST_NSTAGE; i++)
        if (m->mem_byte[i])
            pc_text_add(out, "%s_mem_byte=%lld\n%s_time_s=%.2g\n", memest_stages[i],
                        (long long)m->mem_byte[i], memest_stages[i], m->time_s[i]);
    pc_text_add(out, "mem_byte=%lld\nmem_byte_per_pixel=%.1f\n", (long long)m->peak_byte,
                (double)m->peak_byte / npix);
    pc_text_add(out, "bundle_byte=%lld\nproduct_byte=%lld\n", (long long)m->bundle_byte,
                (long long)m->product_byte);
    pc_text_add(out, "channel_time_s=%.2g\nblock=%d\n", m->channel_s, m->block);
    if (p->compare)
        pc_text_add(out, "tclean_mem_byte=%lld\ntclean_cube_mem_byte=%lld\npclean_mem_byte=%lld\n",
                    (long long)memest_tclean_byte(in->nx, in->ny),
                    (long long)(in->nchan * memest_tclean_byte(in->nx, in->ny)),
                    (long long)memest_pclean_byte(in->nx, in->ny));
}

/* The keys above that are upper bounds. */
static void describe_bounds(const struct memest_in *in, const struct memest *m, struct pc_text *out)
{
    const char *sep = "bound=";
    bool reached = false; /* the largest, by one that is none */
    for (int i = 0; i < MEMEST_NSTAGE; i++) {
        reached = reached || (!m->bound[i] && (double)m->mem_byte[i] >= (double)m->peak_byte / 1.15);
        if (m->mem_byte[i] == 0 || !m->bound[i])
            continue;
        pc_text_add(out, "%s%s_mem_byte", sep, memest_stages[i]);
        sep = ",";
    }
    if (!reached)
        pc_text_add(out, ",mem_byte");
    if (in->niter > 0) { /* models and masks have holes */
        pc_text_add(out, "%sbundle_byte,job_mem_byte", sep);
        sep = ",";
    }
    if (*sep == ',')
        pc_text_add(out, "\n");
}

/* key=value as it is; on a terminal in columns, bytes in MB. */
static int print(const struct pc_text *text, struct pc_err *err)
{
    struct pc_record r;
    if (pc_text_ok(text, err))
        return -1;
    if (!isatty(STDOUT_FILENO)) {
        fputs(pc_text_str(text), stdout);
        return 0;
    }
    if (pc_record_parse(&r, pc_text_str(text), text->len, "estimate", err))
        return -1;
    for (size_t i = 0; i < r.n; i++) {
        const char *key = r.line[i].key, *value = r.line[i].value;
        size_t len = strlen(key);
        bool byte = len > 5 && strcmp(key + len - 5, "_byte") == 0;
        if (byte)
            printf("%-22.*s %14.1f MB\n", (int)len - 5, key, atof(value) / 1e6);
        else
            printf("%-22s %14s\n", key, value);
    }
    pc_record_free(&r);
    return 0;
}

/* What is known better than by the model. */
static int measured(const struct params *p, const struct memest_in *in, struct memest *m, int *nchan,
                    struct pc_err *err)
{
    int nstage;
    if (p->bench && memest_bench(p->bench, in, p->gridder == STANDARD, m, &nstage, err) != 0)
        return pc_err_prefix(err, "--bench");
    if (p->finished && memest_finished(p->finished, m, nchan, err) != 0)
        return pc_err_prefix(err, "--finished");
    memest_block(m);
    return 0;
}

static int estimate(const struct params *p, const struct memest_in *in, struct pc_err *err)
{
    struct memest m;
    struct pc_text text = {0};
    const struct memest_machine machine = memest_machine();
    const int64_t memory_byte = p->memory_byte > 0 ? (int64_t)p->memory_byte : machine.memory_byte;
    const int64_t cores = machine.cores;
    int nmeasured = 0;
    memest_model(in, &m);
    if (measured(p, in, &m, &nmeasured, err) != 0)
        return -1;
    int64_t jobs = memory_byte / m.peak_byte;
    jobs = jobs < cores ? jobs : cores;
    jobs = jobs < in->nchan ? jobs : in->nchan;
    describe(p, in, &m, &text);
    if (p->finished)
        pc_text_add(&text, "measured=%d\n", nmeasured);
    pc_text_add(&text, "job_mem_byte=%lld\n", (long long)(m.peak_byte + m.bundle_byte));
    describe_bounds(in, &m, &text);
    pc_text_add(&text, "cores=%lld\nmemory_byte=%lld\njobs=%lld\n", (long long)cores, (long long)memory_byte,
                (long long)jobs);
    if (jobs > 0)
        pc_text_add(&text, "run_time_s=%.2g\n", m.channel_s * ceil((double)in->nchan / (double)jobs));
    int bad = print(&text, err);
    pc_text_free(&text);
    if (bad || jobs > 0)
        return bad;
    return pc_err_set(err, PC_EX_NOMEM, "one channel of %d x %d pixels needs %lld bytes, there are %lld",
                      in->nx, in->ny, (long long)m.peak_byte, (long long)memory_byte);
}

/* Of another image than that of SRC the cells may be others too: how much of its uv plane is reached is not
 * known unless they are given. */
static void geometry(const struct params *p, struct memest_in *in)
{
    const bool other = p->imsize[0] > 0 && (p->imsize[0] != in->nx || p->imsize[1] != in->ny);
    if (other)
        in->nx = (int)p->imsize[0], in->ny = (int)p->imsize[1];
    if (p->cell_rad[0] > 0)
        in->cell_rad[0] = -p->cell_rad[0], in->cell_rad[1] = p->cell_rad[1];
    else if (other)
        in->max_u = in->max_v = 0;
}

/* How it is imaged: where SRC says it an option counts only if it is given. */
static int imaging(const struct params *p, const struct pc_cmdline *cl, bool said, struct memest_in *in,
                   struct pc_err *err)
{
    if (!said || pc_opt_given(&prog, cl, "stokes")) {
        in->npol = in->planes.n;
        if (in->mismatch.code)
            return pc_err_set(err, in->mismatch.code, "%s", in->mismatch.msg);
    }
    if (!said || !(in->accuracy > 0) || pc_opt_given(&prog, cl, "accuracy"))
        in->accuracy = p->accuracy;
    if (!said || pc_opt_given(&prog, cl, "precision"))
        in->wide = p->precision == DOUBLE;
    if (!said || pc_opt_given(&prog, cl, "gridder"))
        in->wterm = p->gridder != STANDARD;
    if (!said || pc_opt_given(&prog, cl, "weighting"))
        in->weighting = (enum pc_weighting)p->weighting;
    if (!said || pc_opt_given(&prog, cl, "npixels"))
        in->npixels = (int)p->npixels;
    if (!in->wide && in->accuracy < pc_kernel_finest(false))
        return pc_err_set(
            err, PC_EX_USAGE,
            "--accuracy %g is finer than single precision has (%g); --precision double reaches %g",
            in->accuracy, pc_kernel_finest(false), pc_kernel_finest(true));
    geometry(p, in);
    if (p->gridder == AUTO && in->max_u > 0 && (!said || pc_opt_given(&prog, cl, "gridder"))) {
        const struct pc_geom geom = {in->nx, in->ny, {in->cell_rad[0], in->cell_rad[1]}};
        in->wterm = pc_wterm_needed(&geom, in->max_w, in->accuracy);
    }
    return 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    /* whole 4 MiB, so that a page more or less makes no other estimate */
    struct memest_in in = {.process_byte = pc_mem_resident_byte() / (4 << 20) * (4 << 20) + (4 << 20),
                           .nchan = 1,
                           .niter = p->niter,
                           .mem_byte = (int64_t)p->mem_byte,
                           .nthread = (int)p->threads,
                           .deconvolver = deconvolvers[p->deconvolver],
                           .masked = p->usemask != USEMASK_USER,
                           .automask = p->usemask == USEMASK_AUTO,
                           .nsigma = p->nsigma > 0,
                           .pbcor = p->pbcor,
                           .rebeam = p->restoringbeam[0] != '\0'};
    struct pc_minor_options options = {0};
    if (p->scales && pc_scales_parse(p->scales, &options, err))
        return pc_err_prefix(err, "--scales");
    in.nscale = options.nscale;
    if (pc_stokes_planes(p->stokes, &in.planes, err) != 0)
        return pc_err_prefix(err, "--stokes");
    if (r->cl->noperand == 0)
        memest_vis_of(&in.vis, p->rows, p->rows, (int)p->ncorr, false);
    else if (memest_look(r->src, &in, err) != 0)
        return -1;
    if (imaging(p, r->cl, in.nx > 0, &in, err) != 0)
        return -1;
    if (in.nx == 0)
        return pc_err_set(err, PC_EX_USAGE, "no size is known: give --imsize, or a SRC with psf.fits");
    if (p->nchan > 0)
        in.nchan = p->nchan;
    if ((double)in.nx * in.ny * (double)(in.nchan + 1) > 1e15)
        return pc_err_set(err, PC_EX_NOMEM, "%lld channels of %d x %d pixels need %.3g bytes and more",
                          (long long)in.nchan, in.nx, in.ny, 16.0 * in.nx * in.ny * (double)in.nchan);
    return estimate(p, &in, err);
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
