/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/concat_smooth.h"

#include "image/beam_parse.h"
#include "io/cube.h"
#include "io/cube_smooth.h"
#include "io/image_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PATH = 4096, MAX_CUBE = 64 };

struct work {
    int n;
    char src[MAX_CUBE][PATH]; /* FITS files: CASA images have been made into such in dir */
    char dst[MAX_CUBE][PATH];
    char dir[PATH];
};

/* The product that a file's name ends with, before .fits, .fits.fz or nothing. */
static const char *product_of(const char *path)
{
    static const char *const products[] = {"image.pbcor", "image", "residual", "psf"};
    char name[PATH];
    snprintf(name, sizeof name, "%s", path);
    for (size_t n = strlen(name); n > 0 && name[n - 1] == '/';)
        name[--n] = '\0';
    for (int i = 0; i < 2; i++) {
        const char *ending = i ? ".fits" : ".fz";
        size_t n = strlen(name), m = strlen(ending);
        if (n > m && strcmp(name + n - m, ending) == 0)
            name[n - m] = '\0';
    }
    for (size_t i = 0; i < sizeof products / sizeof *products; i++) {
        size_t n = strlen(name), m = strlen(products[i]);
        if (n > m && strcmp(name + n - m, products[i]) == 0 && name[n - m - 1] == '.')
            return products[i];
    }
    return "image";
}

static int name_products(const struct concat_smooth *s, const struct pc_run *r, struct work *w,
                         struct pc_err *err)
{
    if (r->cl->noperand == 0 || r->cl->noperand > MAX_CUBE)
        return pc_err_set(err, PC_EX_USAGE,
                          "--smooth-to: 1 to %d cubes are wanted, FITS files or CASA images", MAX_CUBE);
    for (w->n = 0; w->n < r->cl->noperand; w->n++) {
        const char *src = r->cl->operand[w->n];
        snprintf(w->src[w->n], PATH, "%s", src);
        if (snprintf(w->dst[w->n], PATH, "%s.%s.fits", s->imagename, product_of(src)) >= PATH)
            return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", s->imagename);
        for (int i = 0; i < w->n; i++)
            if (strcmp(w->dst[i], w->dst[w->n]) == 0)
                return pc_err_set(err, PC_EX_USAGE, "%s and %s would both become %s", r->cl->operand[i], src,
                                  w->dst[i]);
        if (!s->overwrite && access(w->dst[w->n], F_OK) == 0)
            return pc_err_set(err, PC_EX_CANTCREAT, "%s exists: another name, or --overwrite", w->dst[w->n]);
    }
    return 0;
}

static int read_casa(struct work *w, struct pc_err *err)
{
    for (int i = 0; i < w->n; i++) {
        char fits[PATH];
        if (!pc_image_file_is_casa(w->src[i]))
            continue;
        if (snprintf(fits, sizeof fits, "%s/src%d.fits", w->dir, i) >= PATH)
            return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", w->dir);
        if (pc_image_file_to_fits(w->src[i], fits, err) != 0)
            return -1;
        memcpy(w->src[i], fits, sizeof fits);
    }
    return 0;
}

static int smooth_all(const struct concat_smooth *s, struct work *w, struct pc_run *r, struct pc_err *err)
{
    struct pc_cube_smooth_conf conf = {.dir = w->dir, .history = r->history};
    const char *src[MAX_CUBE] = {NULL};
    char text[PC_BEAM_TEXT];
    for (int i = 0; i < w->n; i++)
        src[i] = w->src[i];
    if (strcmp(s->beam, "common") != 0) {
        if (pc_beam_parse(s->beam, &conf.to, err) != 0)
            return pc_err_prefix(err, "--smooth-to");
    } else if (pc_cube_smooth_common(src, w->n, &conf.to, err) != 0) {
        return -1;
    }
    pc_log_line(&r->log, "beam=%s", pc_beam_text(&conf.to, text));
    for (int i = 0; i < w->n; i++) {
        conf.src = src[i];
        conf.dst = w->dst[i];
        if (pc_cube_smooth(&conf, &r->log, err) != 0)
            return -1;
    }
    return 0;
}

int concat_smooth(const struct concat_smooth *s, struct pc_run *r, struct pc_err *err)
{
    int fd = -1, ret = -1;
    struct work *w = calloc(1, sizeof *w);
    if (w == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for names");
    if (name_products(s, r, w, err) != 0)
        goto out;
    if (snprintf(w->dir, sizeof w->dir, "%s.concat.tmp", s->imagename) >= PATH) {
        pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", s->imagename);
        goto out;
    }
    fd = pc_cube_hold(w->dir, err);
    if (fd < 0)
        goto out;
    pc_cube_clear(w->dir);
    ret = read_casa(w, err);
    if (ret == 0)
        ret = smooth_all(s, w, r, err);
    pc_cube_clear(w->dir);
    rmdir(w->dir);
    close(fd);
out:
    free(w);
    return ret;
}
