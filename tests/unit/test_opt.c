/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/opt.h"
#include "tap.h"

#include <stdlib.h>

#define ARCSEC (3.14159265358979323846 / 648000)

enum { NATURAL, UNIFORM, BRIGGS };

struct params {
    int64_t imsize[2], niter, noise;
    double cell[2], robust, gain, threshold, mem, step;
    bool pbcor, interactive, verbose;
    const char *mask, *field;
    int weighting;
    struct pc_strlist spw, columns;
};

#define AT(field) offsetof(struct params, field)
static const struct pc_opt table[] = {
    {.name = "imsize",
     .type = PC_OPT_PAIR_INT,
     .offset = AT(imsize),
     .lo = 1,
     .hi = 100000,
     .help = "Pixels. Two for a rectangle.",
     .flags = PC_OPT_PIXELS | PC_OPT_REQUIRED,
     .group = "Image"},
    {.name = "cell",
     .type = PC_OPT_PAIR_NUMBER,
     .offset = AT(cell),
     .def = "1arcsec",
     .dim = PC_DIM_ANGLE,
     .lo = 0,
     .hi = INFINITY,
     .help = "Pixel size.",
     .flags = PC_OPT_PIXELS | PC_OPT_OPEN_LO},
    {.name = "weighting",
     .type = PC_OPT_CHOICE,
     .offset = AT(weighting),
     .def = "natural",
     .choices = "natural|uniform|briggs",
     .help = "'natural' is the default; \\ is a backslash.",
     .flags = PC_OPT_PIXELS},
    {.name = "robust",
     .type = PC_OPT_NUMBER,
     .offset = AT(robust),
     .def = "0.5",
     .lo = -2,
     .hi = 2,
     .help = "Briggs.",
     .flags = PC_OPT_PIXELS},
    {.name = "gain",
     .type = PC_OPT_NUMBER,
     .offset = AT(gain),
     .def = "0.1",
     .lo = 0,
     .hi = 1,
     .flags = PC_OPT_PIXELS | PC_OPT_OPEN_LO | PC_OPT_OPEN_HI,
     .help = "Loop gain.",
     .group = "Cleaning"},
    {.name = "niter",
     .type = PC_OPT_INT,
     .offset = AT(niter),
     .def = "0",
     .lo = 0,
     .hi = 1e18,
     .help = "Iterations.",
     .flags = PC_OPT_PIXELS},
    {.name = "threshold",
     .type = PC_OPT_NUMBER,
     .offset = AT(threshold),
     .def = "0mJy",
     .dim = PC_DIM_FLUX,
     .help = "Stop there.",
     .flags = PC_OPT_PIXELS},
    {.name = "pbcor",
     .type = PC_OPT_BOOL,
     .offset = AT(pbcor),
     .def = "true",
     .help = "Correct.",
     .flags = PC_OPT_PIXELS},
    {.name = "interactive",
     .type = PC_OPT_BOOL,
     .offset = AT(interactive),
     .def = "false",
     .help = ".Ask first."},
    {.name = "noise",
     .type = PC_OPT_INT,
     .offset = AT(noise),
     .help = "Begins with no.",
     .flags = PC_OPT_PIXELS},
    {.name = "mask",
     .type = PC_OPT_STRING,
     .offset = AT(mask),
     .arg = "FILE",
     .help = "Mask.",
     .flags = PC_OPT_PIXELS},
    {.name = "field",
     .type = PC_OPT_STRING,
     .offset = AT(field),
     .def = "",
     .help = "Field.",
     .flags = PC_OPT_PIXELS},
    {.name = "spw", .type = PC_OPT_LIST, .offset = AT(spw), .help = "Windows.", .flags = PC_OPT_PIXELS},
    {.name = "columns", .type = PC_OPT_LIST, .offset = AT(columns), .def = "data", .help = "Columns."},
    {.name = "mem",
     .type = PC_OPT_NUMBER,
     .offset = AT(mem),
     .def = "1GiB",
     .dim = PC_DIM_BYTE,
     .help = "Memory."},
    {.name = "step",
     .type = PC_OPT_NUMBER,
     .offset = AT(step),
     .dim = PC_DIM_VELOCITY,
     .help = "Step.",
     .flags = PC_OPT_PIXELS},
    {.name = "verbose", .type = PC_OPT_BOOL, .offset = AT(verbose), .help = "Say more."},
    {0}};
static const struct pc_program prog = {.name = "pc-test",
                                       .summary = "tests the table",
                                       .operands = "[SRC]",
                                       .opts = table,
                                       .params_size = sizeof(struct params),
                                       .dst = "Where to.",
                                       .operand_max = 1,
                                       .examples = "pc-test --imsize 5\n  pc-test -h"};

static struct params p;
static struct pc_cmdline cl;
static struct pc_err err;

/* Parses a command line given as one string, split at spaces; "~" stands for a space in a word. */
static int parse(const char *line)
{
    static char words[512];
    char *argv[40] = {words};
    int argc = 1;
    pc_cmdline_free(&cl);
    err = (struct pc_err){0};
    snprintf(words, sizeof words, "%s", line);
    for (char *w = strtok(words, " "); w; w = strtok(NULL, " ")) {
        for (char *s = w; *s; s++)
            *s = *s == '~' ? ' ' : *s;
        argv[argc++] = w;
    }
    return pc_opt_parse(&prog, argc, argv, &p, &cl, &err);
}

static void refused(const char *line, const char *piece)
{
    char name[600];
    int rc = parse(line);
    ok(rc == -1 && err.code == PC_EX_USAGE, "refused with 64: %s", line);
    snprintf(name, sizeof name, "and says why: %s", piece);
    has(err.msg, piece, name);
}

static void defaults(void)
{
    ok(parse("--imsize 100") == 0, "what is required is enough");
    ok(p.imsize[0] == 100 && p.imsize[1] == 100, "one value sets both of a pair");
    is_near(p.cell[1], ARCSEC, 1e-20, "defaults have units");
    ok(p.weighting == NATURAL && p.robust == 0.5 && p.niter == 0 && p.pbcor && !p.interactive, "defaults");
    ok(p.mask == NULL && p.field && !*p.field && p.spw.n == 0, "no default is NULL, an empty one is empty");
    ok(p.columns.n == 1 && strcmp(p.columns.s[0], "data") == 0, "a list may have a default");
    is_near(p.mem, 1073741824.0, 0, "1GiB");
    ok(cl.noperand == 0 && !cl.dst && !cl.help, "no operands");
    ok(pc_opt_given(&prog, &cl, "imsize") && !pc_opt_given(&prog, &cl, "cell") &&
           !pc_opt_given(&prog, &cl, "x"),
       "it is known what was given");
}

static void every_type(void)
{
    ok(parse(
           "--imsize=[300,200] --cell 0.1arcsec,0.2arcsec --weighting briggs --robust -0.5 --niter 1000 "
           "--threshold=4mJy --no-pbcor --interactive --mask m.fits --spw 0 --spw 1:3~5 --columns x --mem 2G "
           "-o out.tar -v obs.ms") == 0,
       "one of everything");
    ok(p.imsize[0] == 300 && p.imsize[1] == 200, "[300,200]");
    is_near(p.cell[0] / ARCSEC, 0.1, 1e-15, "first of a pair with units");
    is_near(p.cell[1] / ARCSEC, 0.2, 1e-15, "second");
    ok(p.weighting == BRIGGS && p.robust == -0.5, "a choice; a negative number as a value");
    ok(p.niter == 1000 && p.threshold == 4e-3 && p.mem == 2147483648.0, "numbers");
    ok(!p.pbcor && p.interactive && p.verbose, "yes and no");
    is_str(p.mask, "m.fits", "a string");
    ok(p.spw.n == 2 && strcmp(p.spw.s[1], "1:3 5") == 0, "a list takes each use whole");
    ok(p.columns.n == 1 && strcmp(p.columns.s[0], "x") == 0, "and its default gives way");
    ok(cl.dst && strcmp(cl.dst, "out.tar") == 0 && cl.noperand == 1 && strcmp(cl.operand[0], "obs.ms") == 0,
       "-o and an operand");
    ok(parse("--imsize 1,2 --noise 3 -oX --robust 2 --niter 5 --niter 6") == 0 && p.noise == 3 &&
           p.niter == 6 && p.imsize[1] == 2 && strcmp(cl.dst, "X") == 0,
       "N,M; a name that begins with no; -oDST; bounds are allowed; the last one counts");
    ok(parse("--imsize 5 -") == 0 && cl.noperand == 1, "- is an operand");
    ok(parse("--imsize 5 -- --niter") == 0 && cl.noperand == 1 && strcmp(cl.operand[0], "--niter") == 0,
       "-- ends options");
    ok(parse("--imsize 5 --mask=--odd") == 0 && strcmp(p.mask, "--odd") == 0, "= takes anything");
    ok(parse("--imsize 5 --mask=") == 0 && p.mask && !*p.mask, "even nothing");
}

static void booleans(void)
{
    static const char *const yes[] = {"--interactive", "--interactive=true", "--interactive=True",
                                      "--interactive=1", "--interactive True"};
    static const char *const no[] = {"--no-pbcor", "--pbcor=false", "--pbcor=False", "--pbcor=0",
                                     "--pbcor False"};
    char line[100];
    for (int i = 0; i < 5; i++) {
        snprintf(line, sizeof line, "--imsize 5 %s", yes[i]);
        ok(parse(line) == 0 && p.interactive && cl.noperand == 0, "%s is yes", yes[i]);
        snprintf(line, sizeof line, "--imsize 5 %s", no[i]);
        ok(parse(line) == 0 && !p.pbcor && cl.noperand == 0, "%s is no", no[i]);
    }
    refused("--imsize 5 --pbcor=maybe", "--pbcor is \"maybe\", it must be true or false");
    refused("--imsize 5 --no-pbcor=1", "there is no --no-pbcor=...");
    refused("--imsize 5 --no-niter", "--niter takes a value, there is no --no-niter");
}

static void errors(void)
{
    refused("", "--imsize N[,M] is needed");
    refused("--imszie 5", "there is no option --imszie, did you mean --imsize?");
    refused("--weight natural", "did you mean --weighting?");
    refused("--qqqq", "pc-test --help lists them");
    refused("-x", "there is no option -x");
    refused("-niter 5", "did you mean --niter");
    refused("--imsize 5 -0.5", "there is no option -0.5");
    refused("--imsize", "--imsize lacks its value");
    refused("--imsize 5 --mask --niter 5", "--mask lacks its value (FILE): \"--niter\" follows");
    refused("--imsize 5 -o", "-o lacks its value");
    refused("--imsize 0", "--imsize is 0, it must be at least 1");
    refused("--imsize -5", "--imsize is -5, it must be at least 1");
    refused("--imsize 5,0", "--imsize is 0, it must be at least 1");
    refused("--imsize 5,6,7", "one value or two");
    refused("--imsize 5.5", "it must be an integer");
    refused("--imsize 1e3", "it must be an integer");
    refused("--imsize 99999999999999999999", "too large");
    refused("--imsize 5 --cell 0arcsec", "--cell is 0arcsec, it must be more than 0");
    refused("--imsize 5 --cell 1parsec",
            "--cell: \"1parsec\": unit \"parsec\" is not one of deg, arcmin, arcsec");
    refused("--imsize 5 --gain 1", "--gain is 1, it must be less than 1");
    refused("--imsize 5 --robust 2.1", "--robust is 2.1, it must be at most 2");
    refused("--imsize 5 --weighting brigs", "must be one of natural|uniform|briggs; did you mean briggs?");
    refused("--imsize 5 --weighting natural|uniform", "must be one of");
    refused("--imsize 5 --threshold nan", "does not begin with a number");
    refused("--imsize 5 a b", "\"b\" is one operand too many");
}

static void limits(void)
{
    struct pc_program two = prog;
    static char name[] = "pc-test", imsize[] = "--imsize", x[] = "x", spw[] = "--spw", five[] = "5";
    char *argv[140] = {name, imsize, five};
    int n = 3;
    two.operand_min = 2;
    two.operand_max = -1;
    pc_cmdline_free(&cl);
    ok(pc_opt_parse(&two, n, argv, &p, &cl, &err) == -1 && strstr(err.msg, "operand is missing"),
       "too few operands");
    for (; n < 100; n++)
        argv[n] = x;
    ok(pc_opt_parse(&two, n, argv, &p, &cl, &err) == 0 && cl.noperand == 97, "any number of operands");
    pc_cmdline_free(&cl);
    for (n = 3; n < 140; n++)
        argv[n] = n % 2 ? spw : five;
    ok(pc_opt_parse(&two, 139, argv, &p, &cl, &err) == -1 && strstr(err.msg, "more than 64 times"),
       "a list is bounded");
}

static void help_and_version(void)
{
    ok(parse("--help") == 0 && cl.help, "--help needs nothing else");
    ok(parse("-h --bad") == 0 && cl.help, "and stops there");
    ok(parse("--version") == 0 && cl.version, "--version");
    ok(parse("-V") == 0 && cl.version, "-V");
}

static void history(void)
{
    struct pc_text t = {0}, again = {0};
    parse("--imsize 300 --cell 0.1arcsec --weighting briggs --threshold 4mJy --field caf\xc3\xa9 --spw 0 "
          "--spw 1 x.ms");
    pc_opt_history(&prog, "v1.2", &p, &t);
    is_str(
        pc_text_str(&t),
        "pc-test v1.2\npc-test --imsize=300,300\npc-test "
        "--cell=4.84813681109536e-07rad,4.84813681109536e-07rad\n"
        "pc-test --weighting=briggs\npc-test --robust=0.5\npc-test --gain=0.1\npc-test --niter=0\n"
        "pc-test --threshold=0.004Jy\npc-test --pbcor=true\npc-test --field=caf%C3%A9\npc-test --spw=0,1\n",
        "HISTORY: table order, defaults, SI, ASCII; no operands, nothing that leaves pixels alone");
    parse("--imsize=300,300 --cell=4.84813681109536e-07rad,4.84813681109536e-07rad --weighting=briggs "
          "--robust=0.5 "
          "--gain=0.1 --niter=0 --threshold=0.004Jy --pbcor=true --field=caf\xc3\xa9 --spw 0 --spw 1");
    pc_opt_history(&prog, "v1.2", &p, &again);
    is_str(pc_text_str(&again), pc_text_str(&t), "HISTORY typed back gives the same HISTORY");
    pc_text_free(&t);
    pc_text_free(&again);
}

static void documents(void)
{
    struct pc_text help = {0}, mdoc = {0}, list = {0}, completion = {0};
    pc_opt_help(&prog, &help);
    pc_opt_mdoc(&prog, &mdoc);
    pc_opt_list(&prog, &list);
    pc_opt_completion(&prog, &completion);
    int missing = 0, longest = 0;
    for (const struct pc_opt *o = table; o->name; o++)
        missing += !strstr(pc_text_str(&help), o->name) + !strstr(pc_text_str(&mdoc), o->name) +
                   !strstr(pc_text_str(&list), o->name) + !strstr(pc_text_str(&completion), o->name);
    is_int(missing, 0, "every option is in every document");
    for (const char *s = pc_text_str(&help); *s; s += strcspn(s, "\n") + 1) {
        int n = (int)strcspn(s, "\n");
        longest = n > longest ? n : longest;
        if (!s[n])
            break;
    }
    ok(longest <= 79, "--help fits a terminal (%d columns)", longest);
    has(pc_text_str(&help), "  --imsize N[,M]          Pixels. Two for a rectangle.\n", "a row of --help");
    has(pc_text_str(&help), "  --robust X              Briggs. (default: 0.5)\n", "with its default");
    has(pc_text_str(&help), "  --[no-]pbcor            Correct. (default: true)\n",
        "what is on can be switched off");
    has(pc_text_str(&help), "Examples:\n  pc-test --imsize 5\n  pc-test -h\n", "examples are set in");
    has(pc_text_str(&list), "imsize pair_int N[,M]\n", "a row of the list");
    has(pc_text_str(&list), "pbcor bool -\n", "a row of the list without a value");
    has(pc_text_str(&mdoc), "\n\\&.Ask first.\n", "text that begins with a dot is no macro");
    has(pc_text_str(&mdoc), "\n\\&'natural' is the default; \\e is a backslash.\n",
        "nor with a quote; backslashes show");
    has(pc_text_str(&mdoc), "Pixels.\nTwo for", "sentences begin on new lines");
    pc_text_free(&help);
    pc_text_free(&mdoc);
    pc_text_free(&list);
    pc_text_free(&completion);
}

/* What `command` says about the text on its stdin: its exit status; -1 when there is no such command. */
static int feed(const char *command, const char *head, const char *text)
{
    char line[200];
    snprintf(line, sizeof line, "command -v %.*s >/dev/null 2>&1", (int)strcspn(command, " "), command);
    if (system(line))
        return -1;
    FILE *f = popen(command, "w");
    if (!f)
        return -1;
    fputs(head, f);
    fputs(text, f);
    return pclose(f);
}

static void documents_are_clean(void)
{
    struct pc_text mdoc = {0}, completion = {0};
    pc_opt_mdoc(&prog, &mdoc);
    pc_opt_completion(&prog, &completion);
    int rc = feed("mandoc -T lint -W warning >&2",
                  ".Dd January 1, 2026\n.Dt PC-TEST 1\n.Os\n.Sh NAME\n.Nm pc-test\n.Nd tests the table\n",
                  pc_text_str(&mdoc));
    if (rc == -1)
        skip("mandoc finds no fault", "mandoc is not there");
    else
        is_int(rc, 0, "mandoc finds no fault");
    rc = feed("bash -n", "", pc_text_str(&completion));
    if (rc == -1)
        skip("bash reads the completion", "bash is not there");
    else
        is_int(rc, 0, "bash reads the completion");
    pc_text_free(&mdoc);
    pc_text_free(&completion);
}

int main(void)
{
    defaults();
    every_type();
    booleans();
    errors();
    limits();
    help_and_version();
    history();
    documents();
    documents_are_clean();
    pc_cmdline_free(&cl);
    return tap_done();
}
