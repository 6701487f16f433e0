/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* flock */
#include "io/cube_priv.h"

#include "base/mem.h"
#include "io/atomic.h"
#include "io/cubefile.h"
#include "io/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

const char pc_cube_all_products[] = "image,image.pbcor,residual,psf,model,mask,pb,sumwt";

static const struct pc_cube_product products[] = {
    {"psf", false, true, NAN, NAN},    {"pb", true, false, 1, NAN},
    {"sumwt", false, false, NAN, NAN}, {"residual", true, true, NAN, NAN},
    {"mask", false, false, 1, 0},      {"model", false, false, 0, NAN},
    {"image", true, true, NAN, NAN},   {"image.pbcor", true, true, NAN, NAN},
};
enum { NPRODUCT = sizeof products / sizeof products[0] };

int pc_cube_path(const struct pc_cube *c, char path[PC_CUBE_PATH], struct pc_err *err, const char *fmt, ...)
{
    va_list ap;
    int n = snprintf(path, PC_CUBE_PATH, "%s/", c->dir);
    va_start(ap, fmt);
    int m = vsnprintf(path + n, (size_t)(PC_CUBE_PATH - n), fmt, ap);
    va_end(ap);
    if (n + m >= PC_CUBE_PATH)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", c->dir);
    return 0;
}

bool pc_cube_listed(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *s = list ? list : ""; *s; s += strcspn(s, ","), s += *s == ',')
        if (strcspn(s, ",") == n && memcmp(s, word, n) == 0)
            return true;
    return false;
}

static int check_list(const char *list, struct pc_err *err)
{
    for (const char *s = list; *s; s += strcspn(s, ","), s += *s == ',') {
        char word[64];
        snprintf(word, sizeof word, "%.*s", (int)strcspn(s, ","), s);
        if (!pc_cube_listed(pc_cube_all_products, word))
            return pc_err_set(err, PC_EX_USAGE, "product '%s' is unknown; there are %s", word,
                              pc_cube_all_products);
    }
    return 0;
}

/* In the order of travel, whatever the order of the list. */
static void choose_products(struct pc_cube *c, const char *list)
{
    int nuse = 0;
    c->nproduct = 0;
    for (int i = 0; i < NPRODUCT; i++) {
        bool chosen = pc_cube_listed(list, products[i].name);
        if (!chosen && strcmp(products[i].name, "pb") != 0)
            continue;
        if (chosen)
            c->product[c->nproduct++] = &products[i];
        snprintf(c->member[nuse], sizeof c->member[nuse], "%s.fits", products[i].name);
        c->uses[nuse] = (struct pc_use){c->member[nuse], PC_TAKE};
        nuse++;
    }
    c->uses[nuse] = (struct pc_use){NULL, 0};
}

static int load_freqs(struct pc_cube *c, struct pc_err *err)
{
    long long nchan;
    int n = 0;
    if (pc_record_int(&c->axis, "nchan", &nchan, err) != 0)
        return -1;
    pc_mem_free(c->freq_hz);
    c->freq_hz = pc_mem_new((int64_t)c->axis.n, sizeof *c->freq_hz, "spectral axis", err);
    if (c->freq_hz == NULL)
        return -1;
    for (size_t i = 0; i < c->axis.n; i++)
        if (strcmp(c->axis.line[i].key, "freq_hz") == 0)
            c->freq_hz[n++] = strtod(c->axis.line[i].value, NULL);
    c->nfreq = n;
    if (n != nchan || n == 0)
        return pc_err_set(err, PC_EX_DATA, "00cube: nchan is %lld, but %d frequencies follow", nchan, n);
    return 0;
}

/* DIR/axis: first=, count=, products= and then 00cube. */
static int load_axis(struct pc_cube *c, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record r = {0};
    long long first, count;
    int ret = -1;
    if (pc_cube_path(c, path, err, "axis") != 0 || pc_record_load(&r, path, 1, err) != 0)
        return -1;
    if (r.n == 0)
        return 0;
    const char *list = pc_record_get(&r, "products");
    if (pc_record_int(&r, "first", &first, err) != 0 || pc_record_int(&r, "count", &count, err) != 0)
        goto out;
    choose_products(c, list ? list : pc_cube_all_products);
    pc_record_remove(&r, "first");
    pc_record_remove(&r, "count");
    pc_record_remove(&r, "products");
    pc_record_free(&c->axis);
    c->axis = r;
    r = (struct pc_record){0};
    c->first = (int)first;
    c->count = (int)count;
    ret = load_freqs(c, err);
    if (ret == 0 && (first < 0 || count < 1 || first + count > c->nfreq))
        ret = pc_err_set(err, PC_EX_DATA, "%s: channels %lld to %lld of an axis of %d", path, first,
                         first + count - 1, c->nfreq);
out:
    pc_record_free(&r);
    return ret;
}

int pc_cube_open(struct pc_cube **cube, const char *dir, const char *list, struct pc_err *err)
{
    *cube = NULL;
    if (list == NULL || *list == '\0')
        list = pc_cube_all_products;
    if (check_list(list, err) != 0)
        return -1;
    struct pc_cube *c = calloc(1, sizeof *c);
    if (c == NULL)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a cube");
    choose_products(c, list);
    if ((size_t)snprintf(c->dir, sizeof c->dir, "%s", dir) >= sizeof c->dir - 64)
        pc_err_set(err, PC_EX_CANTCREAT, "%s: the name is too long", dir);
    else if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        pc_err_errno(err, errno == ENOENT ? PC_EX_NOINPUT : PC_EX_CANTCREAT, "%s", dir);
    else if (load_axis(c, err) == 0) {
        *cube = c;
        return 0;
    }
    pc_cube_free(c);
    return -1;
}

void pc_cube_free(struct pc_cube *c)
{
    if (c == NULL)
        return;
    pc_record_free(&c->axis);
    pc_mem_free(c->freq_hz);
    free(c);
}

const struct pc_use *pc_cube_uses(const struct pc_cube *c)
{
    return c->uses;
}

const char *pc_cube_product_name(const struct pc_cube *c, int i)
{
    return i < c->nproduct ? c->product[i]->name : NULL;
}

bool pc_cube_has_axis(const struct pc_cube *c)
{
    return c->count > 0;
}

static int make_axis(struct pc_cube *c, const struct pc_record *cube00, int first, int count,
                     struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_text text = {0};
    bool made;
    pc_text_add(&text, "first=%d\ncount=%d\nproducts=", first, count);
    for (int i = 0; i < c->nproduct; i++)
        pc_text_add(&text, "%s%s", i ? "," : "", c->product[i]->name);
    pc_text_add(&text, "\n");
    int ret = pc_record_format(cube00, &text, err);
    if (ret == 0)
        ret = pc_cube_path(c, path, err, "axis");
    if (ret == 0)
        ret = pc_atomic_make(path, &text, &made, err);
    pc_text_free(&text);
    return ret == 0 ? load_axis(c, err) : -1;
}

static int same_axis(const struct pc_record *a, const struct pc_record *b, struct pc_err *err)
{
    bool same = a->n == b->n;
    for (size_t i = 0; same && i < a->n; i++)
        same = strcmp(a->line[i].key, b->line[i].key) == 0 && strcmp(a->line[i].value, b->line[i].value) == 0;
    if (same)
        return 0;
    const char *na = pc_record_get(a, "nchan"), *nb = pc_record_get(b, "nchan");
    return pc_err_set(err, PC_EX_DATA,
                      "00cube has another spectral axis (%s channels from %s Hz) than the cube (%s "
                      "from %s Hz)",
                      na ? na : "?", pc_record_has(a, "freq_hz") ? pc_record_get(a, "freq_hz") : "?",
                      nb ? nb : "?", pc_record_has(b, "freq_hz") ? pc_record_get(b, "freq_hz") : "?");
}

int pc_cube_set_axis(struct pc_cube *c, const struct pc_record *cube00, int first, int count,
                     struct pc_err *err)
{
    if (!pc_cube_has_axis(c) && make_axis(c, cube00, first, count, err) != 0)
        return -1;
    return same_axis(cube00, &c->axis, err);
}

int pc_cube_crop(struct pc_cube *c, struct pc_err *err)
{
    int lo = -1, hi = -1;
    for (int i = c->first; i < c->first + c->count; i++)
        if (pc_cube_is_placed(c, i)) {
            lo = lo < 0 ? i : lo;
            hi = i;
        }
    if (lo < 0)
        return pc_err_set(err, PC_EX_DATA, "no channel came: there is nothing to make a cube of");
    for (int i = 0; i < c->nproduct; i++) {
        struct pc_cubefile f;
        if (pc_cubefile_open(&f, c->dir, c->product[i]->name, c->count, NULL, false, err) != 0)
            return -1;
        int ret = f.fd < 0 ? 0 : pc_cubefile_crop(&f, lo - c->first, hi - lo + 1, err);
        pc_cubefile_close(&f);
        if (ret != 0)
            return -1;
    }
    c->first = lo;
    c->count = hi - lo + 1;
    return 0;
}

int pc_cube_finished_as(const struct pc_cube *c, char name[PC_CUBE_PATH], struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    struct pc_record r = {0};
    name[0] = '\0';
    if (pc_cube_path(c, path, err, "finished") != 0 || pc_record_load(&r, path, 1, err) != 0)
        return -1;
    const char *value = pc_record_get(&r, "imagename");
    if (value)
        snprintf(name, PC_CUBE_PATH, "%s", value);
    pc_record_free(&r);
    return 0;
}

static int take_back_locked(struct pc_cube *c, struct pc_err *err)
{
    char name[PC_CUBE_PATH], from[PC_CUBE_PATH + 64], to[PC_CUBE_PATH];
    if (pc_cube_finished_as(c, name, err) != 0)
        return -1;
    for (int i = 0; name[0] && i < NPRODUCT; i++) {
        snprintf(from, sizeof from, "%s.%s.fits", name, products[i].name);
        if (pc_cube_path(c, to, err, "%s.fits", products[i].name) != 0)
            return -1;
        if (access(from, F_OK) != 0)
            continue;
        if (access(to, F_OK) == 0)
            unlink(from); /* a move across file systems that was cut off between copying and removing */
        else if (pc_atomic_move(from, to, err) != 0)
            return -1;
    }
    if (pc_cube_path(c, to, err, "finished") != 0)
        return -1;
    unlink(to);
    return 0;
}

int pc_cube_take_back(struct pc_cube *c, struct pc_err *err)
{
    char path[PC_CUBE_PATH];
    if (pc_cube_path(c, path, err, "finished") != 0)
        return -1;
    if (access(path, F_OK) != 0)
        return 0;
    int fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || flock(fd, LOCK_EX) != 0) {
        pc_err_errno(err, PC_EX_IOERR, "%s", c->dir);
        if (fd >= 0)
            close(fd);
        return -1;
    }
    int ret = take_back_locked(c, err);
    close(fd);
    return ret;
}

int pc_cube_hold(const char *dir, struct pc_err *err)
{
    if (mkdir(dir, 0777) != 0 && errno != EEXIST)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", dir);
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s", dir);
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    close(fd);
    return pc_err_set(err, PC_EX_CANTCREAT, "%s: another process is making cubes of that name", dir);
}

void pc_cube_clear(const char *dir)
{
    DIR *d = opendir(dir);
    for (struct dirent *e; d && (e = readdir(d));)
        if (e->d_name[0] != '.')
            unlinkat(dirfd(d), e->d_name, 0);
    if (d)
        closedir(d);
}
