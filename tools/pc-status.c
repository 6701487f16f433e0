/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-status: arithmetic over a run's records, for the shell of pc-cube and pc-channel. See pc-status(1). */
#include "base/mem.h"
#include "clean/control.h"
#include "image/beam_parse.h"
#include "io/atomic.h"
#include "io/beamset.h"
#include "io/figures.h"
#include "io/report.h"
#include "io/workdir.h"
#include "tools/status_exec.h"
#include "tools/status_run.h"
#include "tools/tool.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum count { COUNT_NONE, COUNT_TODO, COUNT_RUNNING, COUNT_FAILED, COUNT_DONE };

struct params {
    bool table, report, left_out, todo, verify, watch, measure, suggest, beams, common_beam, serve;
    int count;
    int64_t maxsize, share;
    const char *truth, *notes, *exec, *record, *nearest;
    double timeout_s;
};

static const struct pc_opt OPTS[] = {
    {.name = "table",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, table),
     .group = "About a run (operand WORK)",
     .help = "The final table, one row per channel, fields divided by tabs."},
    {.name = "report",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, report),
     .help = "A summary for people, a line per channel."},
    {.name = "truth",
     .type = PC_OPT_STRING,
     .offset = offsetof(struct params, truth),
     .arg = "FILE",
     .help = "With --report: the table of what pc-mock put in, to stand beside what was found."},
    {.name = "left-out",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, left_out),
     .help = "What of the visibilities does not count, and why, in a sentence."},
    {.name = "todo",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, todo),
     .help = "The channels that have no done record, one index a line."},
    {.name = "verify",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, verify),
     .help = "The channels that have a done record, but whose planes in the cube are not those that were "
             "written, "
             "one index a line. Reads all planes."},
    {.name = "count",
     .type = PC_OPT_CHOICE,
     .offset = offsetof(struct params, count),
     .def = "none",
     .choices = "none|todo|running|failed|done",
     .help = "How many channels are in that state; todo counts all that have no done record."},
    {.name = "watch",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, watch),
     .help = "Say on standard error how the run goes on, until standard input closes: a bar with the time "
             "left on a "
             "terminal, else a line per channel."},
    {.name = "measure",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, measure),
     .group = "About channels (operand SRC)",
     .help = "Peak, rms, flux, beam, iterations and stop code of every channel of SRC, as a record."},
    {.name = "notes",
     .type = PC_OPT_STRING,
     .offset = offsetof(struct params, notes),
     .arg = "WORK",
     .help =
         "With --measure: print nothing, but write a record for each channel, WORK/chNNNNN.notes, with the "
         "lines of --record in it."},
    {.name = "suggest",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, suggest),
     .help = "imsize and cell for the visibilities of SRC: five pixels across the narrowest beam, out to a "
             "primary beam "
             "of 0.2."},
    {.name = "maxsize",
     .type = PC_OPT_INT,
     .offset = offsetof(struct params, maxsize),
     .def = "100000",
     .lo = 64,
     .hi = 100000,
     .help = "The largest imsize to suggest."},
    {.name = "beams",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, beams),
     .help = "The clean beams of the last channel of SRC, as the record that --common-beam reads in WORK."},
    {.name = "common-beam",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, common_beam),
     .help = "The beam that is common to all channels of SRC, or of a run (WORK), for pc-restore "
             "--restoringbeam."},
    {.name = "exec",
     .type = PC_OPT_STRING,
     .offset = offsetof(struct params, exec),
     .arg = "STAGE",
     .group = "For scripts",
     .help = "Run the operands as a command, and add what it took to the record as seconds_STAGE, seconds, "
             "mem_byte_STAGE and peak_mem_byte. The exit status is the command's."},
    {.name = "serve",
     .type = PC_OPT_BOOL,
     .offset = offsetof(struct params, serve),
     .help =
         "Run commands as --exec does, one after another as they come on standard input: words with a NUL "
         "behind each, how many follow, STAGE (empty: the command is not measured), the command. Answer "
         "each with its exit status, on a line."},
    {.name = "record",
     .type = PC_OPT_STRING,
     .offset = offsetof(struct params, record),
     .arg = "FILE",
     .help = "The record of --exec, --serve or --notes."},
    {.name = "share",
     .type = PC_OPT_INT,
     .offset = offsetof(struct params, share),
     .def = "1",
     .lo = 1,
     .hi = 1000000,
     .arg = "N",
     .help = "With --exec or --serve: a command works on N channels; the seconds of one are added."},
    {.name = "timeout",
     .type = PC_OPT_NUMBER,
     .offset = offsetof(struct params, timeout_s),
     .dim = PC_DIM_TIME,
     .lo = 0,
     .hi = 1e9,
     .arg = "TIME",
     .help = "With --exec or --serve: end a command, with status 124, when it takes longer than this, as "
             "\"2h\"."},
    {.name = "nearest",
     .type = PC_OPT_STRING,
     .offset = offsetof(struct params, nearest),
     .arg = "NAME",
     .help = "Which of the names on standard input, one a line, NAME was probably meant to be."},
    {NULL}};

static const struct pc_program PROGRAM = {
    .name = "pc-status",
    .summary = "says how far a cube's run is, and does the arithmetic of its records",
    .operands = "[WORK | SRC | COMMAND...]",
    .opts = OPTS,
    .params_size = sizeof(struct params),
    .operand_max = -1,
    .examples = "  pc-status cube.pc\n  pc-status --table cube.pc >cube.channels.tsv\n"
                "  pc-select obs.ms --nchan 1 | pc-status --suggest\n",
};

/* ---- scripts ---- */

static int run_nearest(const char *name, struct pc_err *err)
{
    enum { MAX_NAMES = 1000 };
    struct pc_text text = {0};
    char buf[4096];
    for (size_t n; (n = fread(buf, 1, sizeof buf, stdin)) > 0;)
        pc_text_add_bytes(&text, buf, n);
    const char *names[MAX_NAMES + 1];
    int n = 0;
    if (pc_text_ok(&text, err))
        return -1;
    for (char *s = text.s ? strtok(text.s, "\n") : NULL; s && n < MAX_NAMES; s = strtok(NULL, "\n"))
        names[n++] = s;
    names[n] = NULL;
    const char *near = pc_nearest_name(name, names);
    if (near)
        printf("%s\n", near);
    pc_text_free(&text);
    return 0;
}

static int run_exec(const struct params *p, const struct pc_run *r, struct pc_err *err)
{
    const struct status_exec how = {p->record, (int)p->share, p->timeout_s};
    int n = r->cl->noperand;
    if ((n == 0) != p->serve || !p->record)
        return pc_err_set(err, PC_EX_USAGE, "--exec needs a command and --record, --serve --record alone");
    if (p->serve)
        return status_serve(&how, err);
    const char **argv = pc_mem_new0(n + 1, sizeof *argv, "arguments", err);
    if (!argv)
        return -1;
    memcpy(argv, r->cl->operand, (size_t)n * sizeof *argv);
    int rc = status_exec(&how, p->exec, argv, err);
    pc_mem_free(argv);
    return rc;
}

/* ---- channels ---- */

/* What was measured of a channel goes to standard output, or with the lines of `more` into its notes. */
static int put_figures(const char *notes, struct pc_record *figures, const struct pc_record *more,
                       const char *chan, struct pc_err *err)
{
    struct pc_text text = {0};
    int rc = 0;
    if (notes == NULL) {
        rc = pc_record_format(figures, &text, err);
        fputs(pc_text_str(&text), stdout);
    } else {
        for (size_t i = 0; rc == 0 && i < more->n; i++)
            rc = pc_record_set(figures, more->line[i].key, more->line[i].value, err);
        pc_text_add(&text, "%s/%s.notes", notes, chan);
        if (rc == 0)
            rc = pc_text_ok(&text, err) || pc_atomic_write_record(pc_text_str(&text), figures, err);
    }
    pc_text_free(&text);
    return rc ? -1 : 0;
}

static int run_measure(const struct params *p, struct pc_pass *pass, struct pc_err *err)
{
    struct pc_chan chan;
    struct pc_record taken = {0};
    int more;
    if (p->notes && p->record && pc_record_load(&taken, p->record, 0, err))
        return -1;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0) {
        struct pc_record figures = {0};
        if (pc_record_setf(&figures, err, "index", "%d", chan.index) ||
            pc_figures_channel(pass, &chan, &figures, err) ||
            put_figures(p->notes, &figures, &taken, chan.name, err))
            more = -1;
        pc_record_free(&figures);
        if (more < 0)
            break;
    }
    pc_record_free(&taken);
    return more;
}

static int run_suggest(struct pc_pass *pass, int max_px, struct pc_run *r, struct pc_err *err)
{
    struct pc_figures_advice advice;
    const struct pc_suggestion *s = &advice.geometry;
    const char *nchan = pc_record_get(pc_pass_cube(pass), "nchan");
    if (pc_figures_suggest(pass, max_px, &advice, err))
        return -1;
    if (s->wanted_px > s->imsize_px)
        pc_log_warn(&r->log, "the primary beam asks for %d pixels, the limit is %d", s->wanted_px, max_px);
    printf("imsize=%d\ncell=%.6garcsec\nstokes=%s\n", s->imsize_px, s->cell_rad * 648000 / M_PI,
           advice.stokes);
    if (nchan)
        printf("nchan=%s\n", nchan);
    return 0;
}

static int run_pass(const struct params *p, struct pc_run *r, struct pc_err *err)
{
    struct pc_pass_conf conf = {.src = r->src,
                                .read_only = true,
                                .tmpdir = getenv("TMPDIR"),
                                .uses = p->measure ? pc_figures_uses : pc_figures_vis_uses};
    struct pc_pass *pass;
    if (pc_pass_open(&pass, &conf, err))
        return -1;
    if (p->measure ? run_measure(p, pass, err) : run_suggest(pass, (int)p->maxsize, r, err)) {
        pc_pass_abort(pass);
        return -1;
    }
    return pc_pass_close(pass, err);
}

/* ---- beams ---- */

/* A work directory has a list of channels, a bundle has none. */
static bool is_work(const char *path)
{
    struct pc_text list = {0};
    pc_text_add(&list, "%s/channels", path);
    bool is = access(pc_text_str(&list), F_OK) == 0;
    pc_text_free(&list);
    return is;
}

static int collect(const char *src, struct pc_beamset *set, struct pc_err *err)
{
    struct pc_workdir w;
    if (!is_work(src))
        return pc_beamset_read(set, src, err);
    if (pc_workdir_open(&w, src, err))
        return -1;
    int rc = pc_beamset_work(set, &w, err);
    pc_workdir_close(&w);
    return rc;
}

static int put_common(const struct pc_beamset *set, struct pc_record *out, struct pc_err *err)
{
    char text[PC_BEAM_TEXT] = "";
    struct pc_beam common;
    if (pc_beamset_common(set, &common, err))
        return -1;
    if (common.maj_rad > 0)
        pc_beam_text(&common, text);
    return pc_record_set(out, "beam", text, err) ||
                   pc_record_setf(out, err, "channels", "%d", set->nchan - set->nblank) ||
                   pc_record_setf(out, err, "without", "%d", set->nblank)
               ? -1
               : 0;
}

static int run_beams(const struct params *p, const struct pc_run *r, struct pc_err *err)
{
    struct pc_beamset set = {0};
    struct pc_record out = {0};
    struct pc_text text = {0};
    int rc = collect(r->src, &set, err) || (p->beams ? pc_beamset_record(&set, &out, err) : 0) ||
                     (p->common_beam ? put_common(&set, &out, err) : 0) || pc_record_format(&out, &text, err)
                 ? -1
                 : 0;
    if (rc == 0)
        fputs(pc_text_str(&text), stdout);
    pc_text_free(&text);
    pc_record_free(&out);
    pc_beamset_fini(&set);
    return rc;
}

/* ---- a run ---- */

static int print_run(const struct params *p, struct pc_workdir *w, struct pc_err *err)
{
    int todo = w->nchan - w->count[PC_WORK_DONE];
    struct pc_text text = {0};
    if (p->watch)
        return status_watch(w, err);
    if (p->verify)
        return status_verify(w, err);
    if (p->table && pc_workdir_table(w, pc_stop_words, &text, err))
        return -1;
    if (p->report && pc_report(w, p->truth, pc_stop_words, &text, err))
        return -1;
    if (p->left_out && status_left_out(w, &text, err))
        return -1;
    if (p->count == COUNT_TODO)
        pc_text_add(&text, "%d\n", todo);
    else if (p->count)
        pc_text_add(&text, "%d\n", w->count[p->count - COUNT_TODO + PC_WORK_TODO]);
    for (int i = 0; p->todo && i < w->nchan; i++)
        if (w->chan[i].state != PC_WORK_DONE)
            pc_text_add(&text, "%d\n", w->chan[i].index);
    if (!p->table && !p->report && !p->left_out && !p->count && !p->todo && status_state(w, &text, err))
        return -1;
    int rc = pc_text_ok(&text, err);
    fputs(pc_text_str(&text), stdout);
    pc_text_free(&text);
    return rc;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_workdir w;
    if (p->notes && !p->measure)
        return pc_err_set(err, PC_EX_USAGE, "--notes goes with --measure");
    if (p->nearest)
        return run_nearest(p->nearest, err);
    if (p->exec || p->serve)
        return run_exec(p, r, err);
    if (r->cl->noperand > 1)
        return pc_err_set(err, PC_EX_USAGE, "%d operands are given, one is wanted", r->cl->noperand);
    if (p->beams || p->common_beam)
        return run_beams(p, r, err);
    if (p->measure || p->suggest)
        return run_pass(p, r, err);
    if (r->cl->noperand == 0)
        return pc_err_set(err, PC_EX_USAGE, "no work directory is given");
    if (pc_workdir_open(&w, r->src, err))
        return -1;
    int rc = print_run(p, &w, err);
    pc_workdir_close(&w);
    return rc;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&PROGRAM, argc, argv, run);
}
