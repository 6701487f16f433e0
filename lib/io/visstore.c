/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "io/bundle.h"
#include "io/order.h"
#include "io/pass_priv.h"
#include "io/pixels.h"
#include "io/spool.h"
#include "io/vis_header.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NHELD = PC_VIS_ROW + 1 }; /* members that are held: those before model_vis.fits */

/* One array of one block: in memory, or in the spool and loaded while its block is the current one. */
struct slot {
    void *data;    /* NULL while it is only in the spool */
    int64_t at;    /* in the spool; -1: not there */
    int64_t nbyte; /* 0: the block has no such member */
};

struct stored {
    struct pc_visblock b; /* its pointers are those of the slots */
    struct slot slot[NHELD];
    int64_t *bad; /* samples whose visibility is not finite */
    int64_t nbad, cap_bad;
};

struct pc_visstore {
    struct stored *block;
    int n, cap, current; /* the block whose spooled arrays are loaded; -1: none */
    int64_t mem_byte, used_byte, nan_count;
    struct pc_spool *spool;
};

int pc_visstore_new(struct pc_visstore **store, int64_t mem_byte, const char *tmpdir, struct pc_err *err)
{
    struct pc_visstore *s = calloc(1, sizeof *s);
    *store = NULL;
    if (!s)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for visibilities");
    s->mem_byte = mem_byte;
    s->current = -1;
    if (pc_spool_new(&s->spool, 0, tmpdir, err)) {
        free(s);
        return -1;
    }
    *store = s;
    return 0;
}

static void **pointer(struct pc_visblock *b, int which)
{
    void *p[NHELD] = {&b->uvw_m, &b->freq_hz, &b->vis_jy, &b->weight, &b->imweight, &b->row};
    return p[which];
}

static void set_pointer(struct stored *t, int which, void *data)
{
    memcpy(pointer(&t->b, which), &data, sizeof data);
}

/* Lets go of what was loaded from the spool for the current block. */
static void unload(struct pc_visstore *s)
{
    if (s->current < 0)
        return;
    struct stored *t = &s->block[s->current];
    for (int w = 0; w < NHELD; w++) {
        if (t->slot[w].at < 0)
            continue;
        pc_mem_free(t->slot[w].data);
        t->slot[w].data = NULL;
        set_pointer(t, w, NULL);
    }
    s->current = -1;
}

void pc_visstore_clear(struct pc_visstore *s)
{
    for (int i = 0; i < s->n; i++) {
        pc_visblock_fini(&s->block[i].b);
        free(s->block[i].bad);
    }
    s->n = 0;
    s->current = -1;
    s->used_byte = s->nan_count = 0;
    pc_spool_reset(s->spool);
}

void pc_visstore_free(struct pc_visstore *s)
{
    if (!s)
        return;
    pc_visstore_clear(s);
    pc_spool_free(s->spool);
    free(s->block);
    free(s);
}

int pc_visstore_count(const struct pc_visstore *s)
{
    return s->n;
}

int64_t pc_visstore_nsample(const struct pc_visstore *s)
{
    int64_t n = 0;
    for (int i = 0; i < s->n; i++)
        n += s->block[i].b.nrow * s->block[i].b.nchan;
    return n;
}

int64_t pc_visstore_nan_count(const struct pc_visstore *s)
{
    return s->nan_count;
}

/* Keeps an array that is complete: as it is when there is room, else in the spool. */
static int settle(struct pc_visstore *s, int i, int which, void *data, int64_t nbyte, struct pc_err *err)
{
    struct stored *t = &s->block[i];
    struct slot *slot = &t->slot[which];
    slot->nbyte = nbyte;
    slot->data = data;
    set_pointer(t, which, data);
    if (s->used_byte + nbyte <= s->mem_byte) {
        s->used_byte += nbyte;
        slot->at = -1;
        return 0;
    }
    int64_t at = pc_spool_size(s->spool);
    if (pc_spool_add(s->spool, data, (size_t)nbyte, err))
        return -1;
    slot->at = at;
    if (i != s->current) {
        pc_mem_free(data);
        slot->data = NULL;
        set_pointer(t, which, NULL);
    }
    return 0;
}

static int add_block(struct pc_visstore *s, struct pc_err *err)
{
    if (s->n == s->cap) {
        int cap = s->cap ? 2 * s->cap : 8;
        struct stored *block = realloc(s->block, (size_t)cap * sizeof *block);
        if (!block)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for %d blocks of visibilities", cap);
        s->block = block;
        s->cap = cap;
    }
    memset(&s->block[s->n], 0, sizeof *s->block);
    for (int w = 0; w < NHELD; w++)
        s->block[s->n].slot[w].at = -1;
    s->n++;
    return 0;
}

static int add_bad(struct stored *t, int64_t sample, struct pc_err *err)
{
    if (t->nbad == t->cap_bad) {
        int64_t cap = t->cap_bad ? 2 * t->cap_bad : 64;
        int64_t *bad = realloc(t->bad, (size_t)cap * sizeof *bad);
        if (!bad)
            return pc_err_set(err, PC_EX_NOMEM, "no memory for a list of %lld bad visibilities",
                              (long long)cap);
        t->bad = bad;
        t->cap_bad = cap;
    }
    t->bad[t->nbad++] = sample;
    return 0;
}

/* Visibilities that are no numbers become 0 and are remembered until their weights come. n counts floats. */
static int find_bad(struct stored *t, float *vis, int64_t n, int64_t first, struct pc_err *err)
{
    for (int64_t i = 0; i + 1 < n; i += 2) {
        if (isfinite(vis[i]) && isfinite(vis[i + 1]))
            continue;
        vis[i] = vis[i + 1] = 0;
        if (add_bad(t, (first + i) / 2, err))
            return -1;
    }
    return 0;
}

static void flag_bad(struct pc_visstore *s, struct stored *t, float *weight, int64_t n)
{
    for (int64_t i = 0; i < t->nbad; i++) {
        if (t->bad[i] < n && weight[t->bad[i]] != 0) {
            weight[t->bad[i]] = 0;
            s->nan_count++;
        }
    }
    for (int64_t i = 0; i < n; i++) {
        if (!isfinite(weight[i])) {
            weight[i] = 0;
            s->nan_count++;
        }
    }
}

/* vis.fits that is not wanted is still searched for what is no number: the PSF must not count it either. */
static int scan_vis(struct pc_pass *pass, struct stored *t, int64_t n, struct pc_err *err)
{
    enum { BATCH = 1 << 14 };
    float *vis = malloc(BATCH * sizeof *vis);
    int rc = vis ? 0 : pc_err_set(err, PC_EX_NOMEM, "no memory to read visibilities");
    for (int64_t i = 0; !rc && i < n; i += BATCH) {
        int64_t m = n - i < BATCH ? n - i : BATCH;
        rc = pc_pixels_read(pass, vis, m, 4, err);
        if (!rc)
            rc = find_bad(t, vis, m, i, err);
    }
    free(vis);
    return rc;
}

static int read_array(struct pc_visstore *s, struct pc_pass *pass, int i, int which, bool want_vis,
                      struct pc_err *err)
{
    struct stored *t = &s->block[i];
    int size;
    int64_t n = pc_vis_count((enum pc_vis_which)which, &t->b, &size);
    if (pass->reader.left != pc_fits_padded(n * size))
        return pc_err_set(err, PC_EX_DATA, "%s: %lld bytes follow the header, which asks for %lld",
                          pass->label, (long long)pass->reader.left, (long long)pc_fits_padded(n * size));
    if (which == PC_VIS_VIS && t->slot[PC_VIS_WEIGHT].nbyte)
        return pc_err_set(err, PC_EX_DATA, "%s: comes after weight.fits; members travel in another order",
                          pass->label);
    if (which == PC_VIS_VIS && !want_vis)
        return scan_vis(pass, t, n, err);
    void *data = pc_mem_new(n ? n : 1, (size_t)size, pass->label, err);
    if (!data)
        return -1;
    int rc = pc_pixels_read(pass, data, n, size, err);
    if (!rc && which == PC_VIS_VIS)
        rc = find_bad(t, data, n, 0, err);
    if (rc) {
        pc_mem_free(data);
        return rc;
    }
    if (which == PC_VIS_WEIGHT)
        flag_bad(s, t, data, n);
    return settle(s, i, which, data, n * size, err);
}

int pc_visstore_member(struct pc_visstore *s, struct pc_pass *pass, const struct pc_member *m, bool want_vis,
                       struct pc_err *err)
{
    const char *rest;
    int i = pc_order_block(m->name, &rest), which = i >= 0 ? pc_vis_which(rest) : -1;
    struct pc_fits_shape shape;
    struct pc_text header = {0};
    if (which < 0 || which >= NHELD)
        return 0;
    if (i > s->n || (i < s->n && s->block[i].slot[which].nbyte))
        return pc_err_set(err, PC_EX_DATA, "%s: comes after %d blocks", pass->label, s->n);
    if (i == s->n && add_block(s, err))
        return -1;
    int rc = pc_fits_read_header(pc_pass_reader(pass), &shape, &header, err);
    if (!rc)
        rc = pc_vis_header_parse((enum pc_vis_which)which, &shape, &header, pass->label, &s->block[i].b, err);
    pc_text_free(&header);
    if (rc || read_array(s, pass, i, which, want_vis, err))
        return -1;
    return 1;
}

static int load(struct pc_visstore *s, int i, struct pc_err *err)
{
    unload(s);
    s->current = i;
    for (int w = 0; w < NHELD; w++) {
        struct slot *slot = &s->block[i].slot[w];
        if (slot->at < 0 || slot->data)
            continue;
        if (!(slot->data = pc_mem_new(slot->nbyte ? slot->nbyte : 1, 1, "visibilities", err)))
            return -1;
        set_pointer(&s->block[i], w, slot->data);
        if (pc_spool_read(s->spool, slot->at, slot->data, (size_t)slot->nbyte, err))
            return -1;
    }
    return 0;
}

const struct pc_visinfo *pc_visstore_info(const struct pc_visstore *s, int i)
{
    return &s->block[i].b.info;
}

int pc_visstore_block(struct pc_visstore *s, int i, struct pc_visblock **b, struct pc_err *err)
{
    *b = NULL;
    if (i < 0 || i >= s->n)
        return pc_err_set(err, PC_EX_BUG, "block %d of %d", i, s->n);
    if (i != s->current && load(s, i, err))
        return -1;
    *b = &s->block[i].b;
    return 0;
}

int pc_visstore_keep_imweight(struct pc_visstore *s, int i, struct pc_err *err)
{
    struct stored *t = &s->block[i];
    struct slot *slot = &t->slot[PC_VIS_IMWEIGHT];
    int size;
    int64_t nbyte = pc_vis_count(PC_VIS_IMWEIGHT, &t->b, &size) * 4;
    if (i != s->current || !t->b.imweight)
        return pc_err_set(err, PC_EX_BUG, "imweight of block %d is not at hand", i);
    if (slot->data == t->b.imweight && slot->at < 0)
        return 0; /* it was in memory and has been changed there */
    return settle(s, i, PC_VIS_IMWEIGHT, t->b.imweight, nbyte, err);
}

int pc_visstore_keep_vis(struct pc_visstore *s, int i, struct pc_err *err)
{
    if (i < 0 || i >= s->n || i != s->current || !s->block[i].b.vis_jy)
        return pc_err_set(err, PC_EX_BUG, "visibilities of block %d are not at hand", i);
    const struct slot *slot = &s->block[i].slot[PC_VIS_VIS];
    if (slot->at < 0)
        return 0; /* changed where they are held */
    return pc_spool_replace(s->spool, slot->at, slot->data, (size_t)slot->nbyte, err);
}
