/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/psf_density.h"

#include "base/mem.h"
#include "io/density_file.h"

#include <stdlib.h>
#include <string.h>

static const struct pc_use uses[] = {
    {"vis*/uvw.fits", PC_TAKE}, {"vis*/freq.fits", PC_TAKE}, {"vis*/weight.fits", PC_TAKE}, {NULL, 0}};

static bool is_cube(const struct pc_record *cube)
{
    const char *specmode = pc_record_get(cube, "specmode");
    return specmode == NULL || strcmp(specmode, "mfs") != 0;
}

bool psf_density_shared(const struct psf_conf *conf, const struct pc_record *cube)
{
    return is_cube(cube) && pc_weighting_has_density(conf->weighting) &&
           (!conf->perchanweightdensity || conf->weighting == PC_WEIGHT_SUPERUNIFORM);
}

int psf_density_conf(const struct psf_conf *conf, const struct pc_record *cube, int nhand,
                     struct pc_weight_conf *weight, struct pc_err *err)
{
    const bool shared = psf_density_shared(conf, cube);
    *weight = (struct pc_weight_conf){.scheme = conf->weighting,
                                      .robust = conf->robust,
                                      .cube = is_cube(cube) && !shared,
                                      .nhand = nhand,
                                      .pseudo = conf->planes.pseudo,
                                      .npixels = conf->npixels,
                                      .noise_jy = conf->noise_jy,
                                      .fracbw = conf->fracbw,
                                      .taper = conf->taper};
    if (shared && conf->density == NULL && conf->weighting != PC_WEIGHT_BRIGGSBWTAPER)
        return pc_err_set(
            err, PC_EX_USAGE,
            "%s weights%s want the density of all channels of the cube: make it with --density-out "
            "FILE, then give --density FILE (pc-cube does both)",
            pc_weighting_name(conf->weighting),
            conf->perchanweightdensity ? "" : " with --perchanweightdensity=false");
    if (!shared && conf->density != NULL)
        return pc_err_set(err, PC_EX_USAGE,
                          "--density is of no use here: %s weights of %s%s take no density of all channels",
                          pc_weighting_name(conf->weighting), is_cube(cube) ? "a cube" : "specmode mfs",
                          pc_weighting_has_density(conf->weighting) && is_cube(cube)
                              ? " with --perchanweightdensity=true"
                              : "");
    if (conf->weighting == PC_WEIGHT_BRIGGSBWTAPER && conf->fracbw == 0)
        return pc_record_double(cube, "fracbw", &weight->fracbw, err);
    return 0;
}

/* All blocks of all channels, a channel at a time. */
static int add_channels(struct pc_pass *pass, struct pc_visstore *vis, const struct psf_conf *conf,
                        struct pc_density **d, long long *nchan, struct pc_err *err)
{
    struct pc_chan chan;
    int more;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0) {
        struct pc_weight_conf weight;
        struct pc_visblock *b;
        struct pc_member m;
        pc_visstore_clear(vis);
        while ((more = pc_pass_member(pass, &m, err)) > 0)
            if (pc_visstore_member(vis, pass, &m, false, err) < 0)
                return pc_err_prefix(err, "%s", chan.name);
        if (more < 0)
            return -1;
        if (*d == NULL && (psf_density_conf(conf, pc_pass_cube(pass), 1, &weight, err) != 0 ||
                           pc_density_new(d, &conf->geom, &weight, err) != 0))
            return -1;
        for (int i = 0; i < pc_visstore_count(vis); i++)
            if (pc_visstore_block(vis, i, &b, err) != 0 || pc_density_add(*d, b, err) != 0)
                return pc_err_prefix(err, "%s", chan.name);
        ++*nchan;
    }
    return more;
}

int psf_density_make(const struct psf_conf *conf, const char *src, const char *path, int64_t mem_byte,
                     struct pc_err *err)
{
    const struct pc_pass_conf pass_conf = {
        .src = src, .uses = uses, .read_only = true, .accept_uncommitted = true, .tmpdir = getenv("TMPDIR")};
    struct psf_conf wanted = *conf;
    struct pc_visstore *vis = NULL;
    struct pc_pass *pass = NULL;
    struct pc_density *d = NULL;
    struct pc_uvdensity cells;
    long long nchan = 0;
    wanted.density = path;
    int bad = pc_visstore_new(&vis, mem_byte, getenv("TMPDIR"), err) || pc_pass_open(&pass, &pass_conf, err);
    if (!bad && (bad = add_channels(pass, vis, &wanted, &d, &nchan, err)) == 0) {
        bad = pc_pass_close(pass, err);
        pass = NULL;
    }
    if (!bad && d == NULL)
        bad = pc_err_set(err, PC_EX_DATA, "%s: holds no channel", src);
    if (!bad) {
        pc_density_cells(d, &cells);
        bad = pc_density_file_save(path, &cells, conf->history, err);
    }
    if (!bad)
        pc_log_line(conf->log, "density channels=%lld cells=%d,%d box=%d density_sum=%.9g", nchan, cells.nx,
                    cells.ny, cells.box, cells.deposited);
    if (pass != NULL)
        pc_pass_abort(pass);
    pc_density_free(d);
    if (vis != NULL)
        pc_visstore_free(vis);
    return bad ? -1 : 0;
}

int psf_density_read(struct pc_density *d, const char *path, struct pc_err *err)
{
    struct pc_uvdensity cells;
    pc_density_cells(d, &cells);
    if (pc_density_file_load(path, &cells, err) != 0)
        return -1;
    pc_density_filled(d, cells.deposited);
    return 0;
}
