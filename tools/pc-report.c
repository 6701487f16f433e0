/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/page.h"
#include "tools/tool.h"
#include "tools/view_input.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct params {
    const char *imagename;
    bool pictures;
};

#define FIELD(f) offsetof(struct params, f)
static const struct pc_opt opts[] = {
    {"imagename", PC_OPT_STRING, FIELD(imagename), NULL, 0, 0, 0, NULL, "NAME",
     "What the products are called; by default the work directory's name without .pc.", 0, "What"},
    {"pictures", PC_OPT_BOOL, FIELD(pictures), "true", 0, 0, 0, NULL, NULL,
     "Draw channel maps and moments, for which the cube is read.", 0, NULL},
    {0}};

static const struct pc_program prog = {
    .name = "pc-report",
    .summary = "writes what is to be known of a cube's run as one HTML page",
    .operands = "NAME | WORK",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "the page; by default NAME.report.html",
    .operand_min = 1,
    .operand_max = 1,
    .examples = "pc-report disc.pc\npc-report --no-pictures disc.pc -o - >disc.html\n"};

static bool is_dir(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* From the operand, work directory or image name, both. */
static int find_run(const char *operand, const struct params *p, struct pc_text *work, struct pc_text *name,
                    struct pc_err *err)
{
    size_t n = strlen(operand);
    while (n > 1 && operand[n - 1] == '/')
        n--;
    pc_text_add(work, "%.*s%s", (int)n, operand, is_dir(operand) ? "" : ".pc");
    if (p->imagename)
        pc_text_add(name, "%s", p->imagename);
    else if (!is_dir(operand))
        pc_text_add(name, "%s", operand);
    else if (n > 3 && !strncmp(operand + n - 3, ".pc", 3))
        pc_text_add(name, "%.*s", (int)n - 3, operand);
    else
        return pc_err_set(err, PC_EX_USAGE,
                          "%s: its name does not end in .pc: --imagename says what its products are called",
                          operand);
    if (pc_text_ok(work, err) || pc_text_ok(name, err))
        return -1;
    if (!is_dir(work->s))
        return pc_err_set(err, PC_EX_NOINPUT, "%s: there is no run of that name (no directory %s)", operand,
                          work->s);
    return 0;
}

static int put_page(const struct pc_text *page, FILE *out, const char *name, struct pc_err *err)
{
    if (fwrite(page->s, 1, page->len, out) != page->len || fflush(out))
        return pc_err_errno(err, PC_EX_IOERR, "%s", name);
    return 0;
}

/* Under another name until it is whole. */
static int save_page(const struct pc_text *page, const char *dst, struct pc_err *err)
{
    struct pc_text part = {0};
    pc_text_add(&part, "%s.part", dst);
    if (pc_text_ok(&part, err))
        return -1;
    FILE *out = fopen(part.s, "w");
    int bad = out ? put_page(page, out, part.s, err) : pc_err_errno(err, PC_EX_CANTCREAT, "%s", part.s);
    if (out && fclose(out) && !bad)
        bad = pc_err_errno(err, PC_EX_IOERR, "%s", part.s);
    if (!bad && rename(part.s, dst))
        bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", dst);
    if (bad && out)
        unlink(part.s);
    pc_text_free(&part);
    return bad;
}

/* The images in whatever form they are: FITS, compressed or not, or a CASA image. */
static int find_image(const char *name, struct pc_text *image, struct pc_err *err)
{
    static const char *const forms[] = {".image.fits", ".image.fits.fz", ".image"};
    struct stat st;
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        image->len = 0;
        pc_text_add(image, "%s%s", name, forms[i]);
        if (pc_text_ok(image, err))
            return -1;
        if (stat(image->s, &st) == 0)
            return 0;
    }
    image->len = 0; /* the page says that it is not there */
    pc_text_add(image, "%s%s", name, forms[0]);
    return pc_text_ok(image, err);
}

static int make_page(const struct params *p, const char *work, const char *name, struct pc_runinfo *info,
                     struct pc_text *page, struct pc_err *err)
{
    struct pc_report_conf conf = {.version = pc_version};
    struct view_input input = {0};
    struct pc_text image = {0};
    int bad = pc_runinfo_open(info, work, name, err) || find_image(name, &image, err) ||
              (p->pictures && view_input_open(&input, image.s, err));
    conf.image = p->pictures ? input.path : NULL;
    bad = bad || pc_report_page(info, &conf, page, err);
    view_input_close(&input);
    pc_text_free(&image);
    return bad ? -1 : 0;
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    struct pc_text work = {0}, name = {0}, page = {0}, dst = {0};
    struct pc_runinfo info = {0};
    pc_text_add(&dst, "%s", r->dst ? r->dst : "");
    int bad = find_run(r->src, p, &work, &name, err) || make_page(p, work.s, name.s, &info, &page, err);
    if (!bad && !r->dst)
        pc_text_add(&dst, "%s.report.html", name.s);
    bad = bad || pc_text_ok(&dst, err);
    if (!bad)
        bad = strcmp(dst.s, "-") ? save_page(&page, dst.s, err)
                                 : put_page(&page, stdout, "standard output", err);
    if (!bad)
        pc_log_line(&r->log, "channels=%d done=%d failed=%d bytes=%zu", info.nchan,
                    info.dir.count[PC_WORK_DONE], info.dir.count[PC_WORK_FAILED], page.len);
    pc_runinfo_close(&info);
    pc_text_free(&work);
    pc_text_free(&name);
    pc_text_free(&page);
    pc_text_free(&dst);
    return bad ? -1 : 0;
}

int main(int argc, char **argv)
{
    return pc_tool_main(&prog, argc, argv, run);
}
