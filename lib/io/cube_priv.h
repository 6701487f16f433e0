/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_CUBE_PRIV_H
#define PC_IO_CUBE_PRIV_H

#include "io/cube.h"

/* The inside of a growing cube, shared by cube*.c. */

enum { PC_CUBE_MAX_PRODUCTS = 8, PC_CUBE_PATH = 4096 };

struct pc_cube_product {
    const char *name;
    bool blanked; /* NaN where pb is not above the limit */
    bool has_beam;
    float neutral; /* what a placed channel without it has; NaN: blank */
    float missing; /* what a channel that was not placed has */
};

struct pc_cube {
    char dir[PC_CUBE_PATH];
    const struct pc_cube_product *product[PC_CUBE_MAX_PRODUCTS];
    int nproduct;
    struct pc_use uses[PC_CUBE_MAX_PRODUCTS + 2];
    char member[PC_CUBE_MAX_PRODUCTS + 1][32];
    struct pc_record axis; /* 00cube */
    int first, count;      /* 0, 0: no axis yet */
    double *freq_hz;       /* of the whole axis */
    int nfreq;
};

/* Whether the comma-separated list (NULL: empty) has the word. */
bool pc_cube_listed(const char *list, const char *word);
/* DIR/WHAT into path. */
int pc_cube_path(const struct pc_cube *c, char path[PC_CUBE_PATH], struct pc_err *err, const char *fmt, ...)
    PC_PRINTF(4, 5) PC_MUST_CHECK;

/* The header of a channel's plane of a product and the sums of its Stokes planes. */
struct pc_cube_plane {
    bool placed; /* the channel was */
    bool there;  /* and it had the product */
    uint32_t sum[PC_MAX_POL];
    struct pc_imhead head;
    char path[PC_CUBE_PATH]; /* of the file that is referred to (pc_cube_refer()) */
};
int pc_cube_planes_add(struct pc_record *planes, const char *product, const struct pc_imhead *head,
                       bool bytes, const uint32_t *sum, struct pc_err *err) PC_MUST_CHECK;
int pc_cube_planes_save(const struct pc_cube *c, int index, const struct pc_record *planes, bool safe,
                        struct pc_err *err) PC_MUST_CHECK;
/* What DIR/chNNNNN.planes says of a product; placed is false when there is no such file. */
int pc_cube_planes_load(const struct pc_cube *c, int index, const char *product, struct pc_cube_plane *plane,
                        struct pc_err *err) PC_MUST_CHECK;
bool pc_cube_is_placed(const struct pc_cube *c, int index);

/* The linear axis nearest to the channels, into h. Returns 0 when it is theirs, else by how many Hz the worst
 * is off. */
double pc_cube_linear_axis(const struct pc_cube *c, struct pc_imhead *h);

/* IMAGENAME that the cubes of this directory were renamed to, "" when they were not. */
int pc_cube_finished_as(const struct pc_cube *c, char name[PC_CUBE_PATH], struct pc_err *err) PC_MUST_CHECK;
/* Takes finished cubes back under their growing names. */
int pc_cube_take_back(struct pc_cube *c, struct pc_err *err) PC_MUST_CHECK;

#endif
