/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/cube_priv.h"

#include "io/atomic.h"
#include "io/fits.h"
#include "io/pixels.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Cubes of CASA's imageconcat form, which casacore's ImageConcat reads: IMAGENAME.PRODUCT is a directory with
 * imageconcat.json, a list of images that follow each other along an axis: here the planes of channels. A
 * name that begins with "././" is within the directory, one with "./" beside it. */

enum { SPECTRAL_AXIS = 2 };

static const struct pc_cube_product *product_of(const struct pc_cube *c, const char *member)
{
    for (int i = 0; i < c->nproduct; i++) {
        size_t n = strlen(c->product[i]->name);
        if (strncmp(member, c->product[i]->name, n) == 0 && strcmp(member + n, ".fits") == 0)
            return c->product[i];
    }
    return NULL;
}

/* 16-bit numbers: `mask`, or, where it is NULL, zeros. They are written where they are not zero: the rest is
 * holes. */
static int write_16bit(const struct pc_imhead *h, const unsigned char *mask, const char *path,
                       struct pc_err *err)
{
    enum { CHUNK = 32768 };
    struct pc_text header = {0};
    unsigned char buf[2 * CHUNK];
    const int64_t n = pc_imhead_npix(h);
    struct pc_fits_out out = {.bitpix = 16, .has_sum = true};
    int fd = -1, bad = 0;
    for (int64_t i = 0; mask && i < n; i++)
        out.datasum = pc_datasum_add(out.datasum, i % 2 ? mask[i] : (uint32_t)mask[i] << 16);
    int ret = pc_fits_format_imhead(h, &out, &header, err);
    if (ret == 0 && (fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666)) < 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", path);
    const off_t data = (off_t)header.len;
    if (ret == 0)
        bad = ftruncate(fd, data + pc_fits_padded(2 * n)) != 0 ||
              pwrite(fd, header.s, header.len, 0) != (ssize_t)header.len;
    for (int64_t at = 0; mask && ret == 0 && !bad && at < n; at += CHUNK) {
        const int64_t m = n - at < CHUNK ? n - at : CHUNK;
        bool any = false;
        for (int64_t i = 0; i < m; i++) {
            buf[2 * i] = 0;
            buf[2 * i + 1] = mask[at + i];
            any = any || mask[at + i];
        }
        bad = any && pwrite(fd, buf, (size_t)(2 * m), data + 2 * at) != 2 * m;
    }
    if (fd >= 0)
        bad = close(fd) != 0 || bad;
    if (bad && ret == 0)
        ret = pc_err_errno(err, PC_EX_IOERR, "%s", path);
    pc_text_free(&header);
    return ret;
}

/* casacore cannot mask images of bytes: masks are not referred to but copied, into the directory of the cube.
 */
static int copy_mask(struct pc_cube *c, struct pc_pass *pass, int index, struct pc_image *im,
                     char path[PC_CUBE_PATH], struct pc_err *err)
{
    if (pc_pass_image(pass, im, err) != 0 || pc_image_to_mask(im, err) != 0 ||
        pc_cube_path(c, path, err, "ch%05d.mask.fits", index) != 0)
        return -1;
    return write_16bit(&im->head, im->mask, path, err);
}

static int refer_member(struct pc_cube *c, struct pc_pass *pass, const struct pc_cube_product *product,
                        const char *member_path, int index, struct pc_record *planes, struct pc_err *err)
{
    static const uint32_t no_sum[PC_MAX_POL];
    struct pc_image im = {0};
    char path[PC_CUBE_PATH];
    snprintf(path, sizeof path, "%s", member_path);
    int ret = strcmp(product->name, "mask") == 0 ? copy_mask(c, pass, index, &im, path, err)
                                                 : pc_pass_imhead(pass, &im.head, err);
    if (ret == 0)
        ret = pc_cube_planes_add(planes, product->name, &im.head, im.mask != NULL, no_sum, err);
    if (ret == 0)
        ret = pc_record_append(planes, "path", path, err);
    pc_image_fini(&im);
    return ret;
}

int pc_cube_refer(struct pc_cube *c, struct pc_pass *pass, const struct pc_chan *chan, const char *dir,
                  struct pc_err *err)
{
    struct pc_record planes = {0};
    struct pc_member m;
    char real[PATH_MAX], path[PC_CUBE_PATH];
    int more, ret = -1;
    if (realpath(dir, real) == NULL)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", dir);
    if (strchr(real, '\n'))
        return pc_err_set(err, PC_EX_DATA, "%s: a name with a newline cannot be referred to", dir);
    if (chan->index < c->first || chan->index >= c->first + c->count)
        return pc_err_set(err, PC_EX_DATA, "%s: the cube has channels %d to %d", chan->name, c->first,
                          c->first + c->count - 1);
    if (pc_cube_is_placed(c, chan->index))
        return pc_err_set(err, PC_EX_DATA, "%s: came before; each channel is wanted once", chan->name);
    if (pc_record_setf(&planes, err, "index", "%d", chan->index) != 0)
        goto out;
    while ((more = pc_pass_member(pass, &m, err)) > 0) {
        const struct pc_cube_product *product = product_of(c, m.name);
        if (snprintf(path, sizeof path, "%s/%s", real, m.name) >= PC_CUBE_PATH) {
            pc_err_set(err, PC_EX_NOINPUT, "%s: the name is too long", dir);
            goto out;
        }
        if (product && refer_member(c, pass, product, path, chan->index, &planes, err) != 0)
            goto out;
    }
    if (more == 0)
        ret = pc_cube_planes_save(c, chan->index, &planes, false, err);
out:
    pc_record_free(&planes);
    return ret;
}

/* ---- the list ---- */

/* What is being made, and what is known of the product. */
struct joined {
    const struct pc_cube *c;
    const struct pc_cube_product *product;
    const char *imagename;
    bool move;
    char dir[PC_CUBE_PATH]; /* under a temporary name */
    struct pc_text names;   /* of the images, as JSON strings */
    struct pc_imhead like;  /* of a plane that is there */
    bool any;
};

static void add_json(struct pc_text *t, const char *name)
{
    pc_text_add(t, "%s\n    \"", t->len ? "," : "");
    for (const char *s = name; *s; s++) {
        if (*s == '"' || *s == '\\')
            pc_text_add(t, "\\%c", *s);
        else if ((unsigned char)*s < ' ')
            pc_text_add(t, "\\u%04x", (unsigned)*s);
        else
            pc_text_add_bytes(t, s, 1);
    }
    pc_text_add(t, "\"");
}

/* A plane with one value everywhere. */
static int write_neutral(struct joined *j, int index, float value, const char *path, struct pc_err *err)
{
    struct pc_imhead h = {0};
    int ret = pc_imhead_copy(&h, &j->like, err);
    h.freq_hz = j->c->freq_hz[index];
    if (ret == 0)
        ret = isnan(value) ? pc_record_set(&h.extra, "BLANK", "0", err)
                           : pc_record_setf(&h.extra, err, "BZERO", "%.1f", (double)value);
    if (ret == 0)
        ret = write_16bit(&h, NULL, path, err);
    pc_imhead_fini(&h);
    return ret;
}

/* As casacore has it: relative when it is below the directory that the image is in, so that both can move. */
static void add_reference(struct joined *j, const char *path)
{
    char near[PC_CUBE_PATH];
    const char *slash = strrchr(j->imagename, '/');
    size_t n = slash ? (size_t)(slash - j->imagename) : 0;
    if (n == 0 || strncmp(path, j->imagename, n) != 0 || path[n] != '/') {
        add_json(&j->names, path);
        return;
    }
    snprintf(near, sizeof near, ".%s", path + n);
    add_json(&j->names, near);
}

static int join_channel(struct joined *j, int index, struct pc_err *err)
{
    struct pc_cube_plane plane;
    char name[32], inside[PC_CUBE_PATH];
    if (pc_cube_planes_load(j->c, index, j->product->name, &plane, err) != 0)
        return -1;
    if (plane.there)
        pc_imhead_fini(&plane.head);
    const bool is_mask = strcmp(j->product->name, "mask") == 0;
    if (plane.there && !j->move && !is_mask) {
        add_reference(j, plane.path);
        return 0;
    }
    snprintf(name, sizeof name, "ch%05d.fits", index);
    if (snprintf(inside, sizeof inside, "%s/%s", j->dir, name) >= PC_CUBE_PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", j->dir);
    snprintf(name, sizeof name, "././ch%05d.fits", index);
    add_json(&j->names, name);
    if (!plane.there)
        return write_neutral(j, index, plane.placed ? j->product->neutral : j->product->missing, inside, err);
    if (link(plane.path, inside) == 0)
        return 0;
    return pc_err_errno(err, PC_EX_CANTCREAT,
                        errno == EXDEV ? "%s is on another file system than the cube; --mode paged copies it"
                                       : "%s cannot be moved",
                        plane.path);
}

static int find_like(struct joined *j, struct pc_err *err)
{
    for (int i = j->c->first; i < j->c->first + j->c->count; i++) {
        struct pc_cube_plane plane;
        if (pc_cube_planes_load(j->c, i, j->product->name, &plane, err) != 0)
            return -1;
        bool better = plane.there && (!j->any || plane.head.beam[0].maj_rad > 0);
        if (better) {
            pc_imhead_fini(&j->like);
            j->like = plane.head;
            j->any = true;
        } else if (plane.there) {
            pc_imhead_fini(&plane.head);
        }
        if (j->any && (!j->product->has_beam || j->like.beam[0].maj_rad > 0))
            break;
    }
    return 0;
}

static int write_list(struct joined *j, struct pc_err *err)
{
    struct pc_text json = {0};
    char path[PC_CUBE_PATH];
    pc_text_add(&json, "{\n  \"Version\": 1,\n  \"DataType\": \"float\",\n  \"Axis\": %d,\n", SPECTRAL_AXIS);
    pc_text_add(&json, "  \"TempClose\": true,\n  \"Images\": [");
    pc_text_add_bytes(&json, pc_text_str(&j->names), j->names.len);
    pc_text_add(&json, "\n  ],\n  \"MiscInfo\": {}\n}\n");
    int ret = snprintf(path, sizeof path, "%s/imageconcat.json", j->dir) < PC_CUBE_PATH
                  ? pc_atomic_write(path, &json, err)
                  : pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", j->dir);
    pc_text_free(&json);
    return ret;
}

/* What is there already of this kind gives way; what is not stays, and is in the way. */
static void clear_list(const char *dir)
{
    char path[PC_CUBE_PATH];
    if (snprintf(path, sizeof path, "%s/imageconcat.json", dir) < PC_CUBE_PATH && access(path, F_OK) == 0) {
        pc_cube_clear(dir);
        rmdir(dir);
    }
}

static int join_product(struct joined *j, struct pc_err *err)
{
    char to[PC_CUBE_PATH];
    int ret = find_like(j, err);
    if (ret != 0 || !j->any)
        return ret;
    snprintf(to, sizeof to, "%s.%s", j->imagename, j->product->name);
    if (snprintf(j->dir, sizeof j->dir, "%s.tmp%ld", to, (long)getpid()) >= PC_CUBE_PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", to);
    if (mkdir(j->dir, 0777) != 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", j->dir);
    for (int i = j->c->first; i < j->c->first + j->c->count && ret == 0; i++)
        ret = join_channel(j, i, err);
    if (ret == 0)
        ret = pc_text_ok(&j->names, err);
    if (ret == 0)
        ret = write_list(j, err);
    if (ret == 0)
        clear_list(to);
    if (ret == 0 && rename(j->dir, to) != 0)
        ret = pc_err_errno(err, PC_EX_CANTCREAT, "%s", to);
    if (ret != 0) {
        pc_cube_clear(j->dir);
        rmdir(j->dir);
    }
    return ret;
}

/* The planes are in the cubes now: the channels, unfinished without them, let go of their names. */
static int let_go(const struct pc_cube *c, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    for (int i = c->first; i < c->first + c->count; i++)
        for (int k = 0; k < c->nproduct; k++) {
            struct pc_cube_plane plane;
            if (pc_cube_planes_load(c, i, c->product[k]->name, &plane, err) != 0)
                return -1;
            if (plane.there)
                pc_imhead_fini(&plane.head);
            if (!plane.there || strcmp(c->product[k]->name, "mask") == 0)
                continue;
            const char *slash = strrchr(plane.path, '/');
            snprintf(path, sizeof path, "%.*s/zzplane", (int)(slash - plane.path), plane.path);
            if ((unlink(path) != 0 && errno != ENOENT) || unlink(plane.path) != 0)
                return pc_err_errno(err, PC_EX_IOERR, "%s: cannot be taken out of its channel", plane.path);
        }
    return 0;
}

int pc_cube_join(struct pc_cube *c, const char *imagename, bool move, struct pc_err *err)
{
    int ret = 0;
    for (int i = 0; i < c->nproduct && ret == 0; i++) {
        struct joined j = {.c = c, .product = c->product[i], .imagename = imagename, .move = move};
        ret = join_product(&j, err);
        pc_imhead_fini(&j.like);
        pc_text_free(&j.names);
    }
    return ret == 0 && move ? let_go(c, err) : ret;
}
