/* SPDX-License-Identifier: GPL-3.0-or-later */
/* pc-concat: channels into cubes. */
#include "io/archive.h"
#include "io/cube.h"
#include "tools/concat_export.h"
#include "tools/concat_smooth.h"
#include "tools/concat_take.h"
#include "tools/tool.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum mode { PAGED, VIRTUAL, MOVEVIRTUAL, AUTO };

struct params {
    const char *products;
    bool overwrite;
    int format, compress, mode;
    const char *smooth_to, *archive;
    const char *create, *place, *finish;
    struct pc_strlist note;
};

#define FIELD(name) offsetof(struct params, name)
static const struct pc_opt opts[] = {
    {"products", PC_OPT_STRING, FIELD(products), NULL, 0, 0, 0, NULL, "LIST",
     "Which planes become cubes, comma-separated, of image, image.pbcor, residual, psf, model, mask, pb and "
     "sumwt. "
     "Default: all that the channels have.",
     0, "Products"},
    {"overwrite", PC_OPT_BOOL, FIELD(overwrite), "false", 0, 0, 0, NULL, NULL,
     "Replace cubes of that name. Otherwise an existing one is an error, before anything is read.", 0, NULL},
    {"format", PC_OPT_CHOICE, FIELD(format), "fits", 0, 0, 0, CONCAT_FORMATS, NULL,
     "What the cubes are: FITS files, CASA images (IMAGENAME.image and so on, made by pc-image), or both.", 0,
     NULL},
    {"compress", PC_OPT_CHOICE, FIELD(compress), "none", 0, 0, 0, CONCAT_COMPRESS, NULL,
     "FITS cubes compressed by tiles (IMAGENAME.PRODUCT.fits.fz): small, masks and models alone, which "
     "lose nothing; gzip, all, without loss; rice, all, and what has noise in steps of 1/16 of it.",
     0, NULL},
    {"mode", PC_OPT_CHOICE, FIELD(mode), "paged", 0, 0, 0, "paged|virtual|movevirtual|auto", NULL,
     "Paged cubes hold their planes. Virtual ones, in CASA's imageconcat form, refer to those of "
     "directories, movevirtual ones take them from there. auto: virtual where all SRC are directories.",
     0, NULL},
    {"smooth-to", PC_OPT_STRING, FIELD(smooth_to), NULL, 0, 0, 0, NULL, "BEAM",
     "SRC are finished cubes: convolve each plane from its own beam to BEAM (MAJ or MAJ,MIN,PA; common: the "
     "smallest for all planes of all SRC). Jy/beam are rescaled, blanks stay.",
     PC_OPT_PIXELS, "Finished cubes"},
    {"archive", PC_OPT_STRING, FIELD(archive), NULL, 0, 0, 0, NULL, "OUT.tar",
     "SRC is an IMAGENAME: pack its products, report, table, log and the records of its run, with checksums, "
     "into a tar file (OUT.tar.zst: compressed).",
     0, NULL},
    {"create", PC_OPT_STRING, FIELD(create), NULL, 0, 0, 0, NULL, "WORK",
     "Begin growing cubes in WORK/cube with the spectral axis of SRC (default: of WORK/vis). May be "
     "repeated, by many "
     "processes at once.",
     0, "Cubes that grow (what pc-cube runs)"},
    {"place", PC_OPT_STRING, FIELD(place), NULL, 0, 0, 0, NULL, "WORK",
     "Put the planes of the channels in SRC at their place in the growing cubes, begun if need be, then "
     "write WORK/chNNNNN.done, with the lines of WORK/chNNNNN.notes where there are some.",
     0, NULL},
    {"finish", PC_OPT_STRING, FIELD(finish), NULL, 0, 0, 0, NULL, "WORK",
     "Make the growing cubes final and give them the names of -o. Channels without a done record are blank.",
     0, NULL},
    {"note", PC_OPT_LIST, FIELD(note), NULL, 0, 0, 0, NULL, "KEY=VALUE",
     "With --place: a line for the done record. May be repeated.", 0, NULL},
    {0}};

static const struct pc_program program = {
    .name = "pc-concat",
    .summary = "puts channels together into cubes",
    .operands = "[SRC...]",
    .opts = opts,
    .params_size = sizeof(struct params),
    .dst = "The cubes are called IMAGENAME.image.fits, IMAGENAME.residual.fits and so on.",
    .operand_max = -1,
    .examples = "  pc-concat stage -o disc              disc.image.fits, disc.residual.fits ...\n"
                "  pc-concat ch*.tar -o disc --products image\n"
                "  ... | pc-restore | pc-concat -o ch42\n"};

static int create(const struct params *p, const struct pc_run *r, struct pc_err *err)
{
    static const struct pc_use nothing[] = {{NULL, 0}};
    struct concat_take take = {.work = p->create, .note = &p->note};
    struct pc_pass *pass;
    char vis[PATH_MAX];
    snprintf(vis, sizeof vis, "%s/vis", p->create);
    struct pc_pass_conf conf = {.src = r->cl->noperand ? r->src : vis, .uses = nothing, .read_only = true};
    if (pc_cube_open_work(&take.cube, p->create, p->products, err) != 0)
        return -1;
    int ret = pc_pass_open(&pass, &conf, err);
    if (ret == 0) {
        ret = concat_take_begin(&take, pass, err);
        pc_pass_abort(pass);
    }
    pc_cube_free(take.cube);
    return ret;
}

static int place(const struct params *p, struct pc_run *r, struct pc_err *err)
{
    struct concat_take take = {.work = p->place, .note = &p->note, .log = &r->log};
    if (pc_cube_open_work(&take.cube, p->place, p->products, err) != 0)
        return -1;
    int ret = concat_take_all(&take, r, err);
    pc_cube_free(take.cube);
    return ret;
}

/* Relative names would not survive a change of directory between a finish and the next. */
static int absolute(const char *name, char path[PATH_MAX], struct pc_err *err)
{
    char cwd[PATH_MAX];
    if (name == NULL || *name == '\0' || name[strlen(name) - 1] == '/')
        return pc_err_set(err, PC_EX_USAGE, "-o IMAGENAME is missing: what are the cubes to be called?");
    if (strcmp(name, "-") == 0)
        return pc_err_set(err, PC_EX_USAGE,
                          "-o -: cubes cannot be written to standard output; give them a name");
    if (name[0] != '/' && getcwd(cwd, sizeof cwd) == NULL)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s: the working directory", name);
    int n =
        name[0] == '/' ? snprintf(path, PATH_MAX, "%s", name) : snprintf(path, PATH_MAX, "%s/%s", cwd, name);
    return n < PATH_MAX - 64 ? 0 : pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", name);
}

static struct concat_export export_of(const struct params *p, const char *imagename)
{
    return (struct concat_export){.format = (enum concat_format)p->format,
                                  .compress = (enum concat_compress)p->compress,
                                  .imagename = imagename,
                                  .overwrite = p->overwrite};
}

static int finish_cube(struct pc_cube *cube, const struct pc_cube_names *names,
                       const struct concat_export *other, struct pc_log *log, struct pc_err *err)
{
    int nmissing;
    if (pc_cube_finish(cube, names, &nmissing, log, err) != 0)
        return -1;
    if (nmissing > 0)
        pc_log_warn(log, "%d channels are missing: their planes are blank", nmissing);
    return concat_export(other, cube, err);
}

static int finish(const struct params *p, struct pc_run *r, const char *imagename, struct pc_err *err)
{
    struct pc_cube *cube;
    struct concat_export other = export_of(p, imagename);
    if (r->cl->noperand > 0)
        return pc_err_set(err, PC_EX_USAGE, "--finish takes no SRC: '%s'", r->cl->operand[0]);
    if (pc_cube_open_work(&cube, p->finish, p->products, err) != 0)
        return -1;
    const struct pc_cube_names names = {imagename, p->overwrite, p->finish, other.keep};
    int ret = concat_export_prepare(&other, cube, err);
    if (ret == 0)
        ret = finish_cube(cube, &names, &other, &r->log, err);
    pc_cube_free(cube);
    return ret;
}

/* What auto is, and whether what was asked for can be. */
static int choose_mode(const struct params *p, const struct pc_run *r, enum mode *mode, struct pc_err *err)
{
    const char *no_dir = r->cl->noperand ? NULL : "standard input";
    struct stat st;
    for (int i = 0; i < r->cl->noperand && no_dir == NULL; i++)
        if (stat(r->cl->operand[i], &st) == 0 && !S_ISDIR(st.st_mode))
            no_dir = r->cl->operand[i];
    *mode = (enum mode)p->mode;
    if (*mode == AUTO)
        *mode =
            no_dir || p->compress != CONCAT_NONE || pc_opt_given(r->prog, r->cl, "format") ? PAGED : VIRTUAL;
    if (*mode == PAGED)
        return 0;
    if (no_dir)
        return pc_err_set(err, PC_EX_USAGE,
                          "--mode %s: %s is no directory of channels whose planes could be referred to",
                          *mode == VIRTUAL ? "virtual" : "movevirtual", no_dir);
    if (p->compress != CONCAT_NONE || (pc_opt_given(r->prog, r->cl, "format") && p->format != CONCAT_CASA))
        return pc_err_set(err, PC_EX_USAGE,
                          "--format and --compress go with --mode paged: virtual cubes are CASA's");
    return 0;
}

static int concat(const struct params *p, struct pc_run *r, const char *imagename, struct pc_err *err)
{
    char dir[PATH_MAX + 16];
    enum mode mode;
    if (choose_mode(p, r, &mode, err) != 0)
        return -1;
    struct concat_take take = {.note = &p->note, .log = &r->log, .refer = mode != PAGED};
    struct concat_export other = export_of(p, imagename);
    if (take.refer)
        other.format = CONCAT_CASA;
    const struct pc_cube_names names = {imagename, p->overwrite, NULL, other.keep};
    snprintf(dir, sizeof dir, "%s.concat.tmp", imagename);
    int fd = pc_cube_hold(dir, err);
    if (fd < 0)
        return -1;
    pc_cube_clear(dir); /* what a killed run left */
    int ret = pc_cube_open(&take.cube, dir, p->products, err);
    if (ret == 0)
        ret = concat_export_prepare(&other, take.cube, err);
    if (ret == 0)
        ret = pc_cube_check_names(take.cube, &names, err);
    if (ret == 0)
        ret = concat_take_all(&take, r, err);
    if (ret == 0)
        ret = pc_cube_crop(take.cube, err);
    if (ret == 0)
        ret = take.refer ? pc_cube_join(take.cube, imagename, mode == MOVEVIRTUAL, err)
                         : finish_cube(take.cube, &names, &other, &r->log, err);
    pc_cube_free(take.cube);
    pc_cube_clear(dir);
    rmdir(dir);
    close(fd);
    return ret;
}

static int archive(const struct params *p, struct pc_run *r, struct pc_err *err)
{
    if (p->create || p->place || p->finish || p->smooth_to || r->dst)
        return pc_err_set(err, PC_EX_USAGE, "--archive goes with --overwrite alone");
    if (r->cl->noperand != 1)
        return pc_err_set(err, PC_EX_USAGE, "--archive: one IMAGENAME is wanted, as it was given to -o");
    return pc_archive_write(r->src, p->archive, p->overwrite, &r->log, err);
}

static int run(void *params, struct pc_run *r, struct pc_err *err)
{
    const struct params *p = params;
    char imagename[PATH_MAX];
    if (p->archive)
        return archive(p, r, err);
    if ((p->create != NULL) + (p->place != NULL) + (p->finish != NULL) > 1)
        return pc_err_set(err, PC_EX_USAGE, "--create, --place and --finish: one at a time");
    if (p->smooth_to && (p->create || p->place || p->finish || p->mode != PAGED || p->products ||
                         p->format != CONCAT_FITS || p->compress != CONCAT_NONE))
        return pc_err_set(err, PC_EX_USAGE, "--smooth-to goes with -o and --overwrite alone");
    if (p->note.n > 0 && p->place == NULL)
        return pc_err_set(err, PC_EX_USAGE, "--note goes with --place");
    if ((p->create || p->place) && r->dst)
        return pc_err_set(err, PC_EX_USAGE, "-o goes with --finish, or with neither of --create and --place");
    if (p->create)
        return create(p, r, err);
    if (p->place)
        return place(p, r, err);
    if (absolute(r->dst, imagename, err) != 0)
        return -1;
    if (p->finish)
        return finish(p, r, imagename, err);
    const struct concat_smooth smooth = {p->smooth_to, imagename, p->overwrite};
    return p->smooth_to ? concat_smooth(&smooth, r, err) : concat(p, r, imagename, err);
}

int main(int argc, char **argv)
{
    return pc_tool_main(&program, argc, argv, run);
}
