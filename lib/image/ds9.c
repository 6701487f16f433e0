/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/region_scan.h"

#include <math.h>
#include <string.h>

/* DS9's regions: "[+-]shape(numbers) # properties", one a line or with semicolons between, after the name of
 * a coordinate system, which holds until the next. Pixels are counted from 1. */

static const double DEG = 3.14159265358979323846 / 180;

enum { MOST = 16 };

struct reader {
    struct pc_scan *sc;
    struct pc_region_set *set;
    enum pc_region_frame frame;
    bool excluding; /* this time the exclusions are taken, and only they */
};

/* Between numbers stand commas, blanks or both. */
static bool at_end(struct pc_scan *sc)
{
    pc_scan_accept(sc, ',');
    pc_scan_blank(sc);
    int c = pc_scan_peek(sc);
    return !c || c == ')' || c == '\n' || c == ';' || c == '#';
}

static void bare_suffix(struct pc_scan_value *v)
{
    size_t n = strlen(v->text);
    int c = n > 1 && v->unit == PC_SCAN_OTHER ? v->text[n - 1] : 0;
    if (c == 'd' || c == 'r') {
        v->v *= c == 'd' ? DEG : 1;
        v->unit = PC_SCAN_ANGLE;
    } else if (c == 'p' || c == 'i') {
        v->unit = PC_SCAN_PIXEL;
    }
}

static int number(struct reader *rd, struct pc_scan_value *v)
{
    if (at_end(rd->sc))
        return pc_scan_fail(rd->sc, rd->sc->at, "a number is missing here");
    if (pc_scan_value(rd->sc, v))
        return -1;
    bare_suffix(v);
    return v->unit == PC_SCAN_OTHER ? pc_scan_fail(rd->sc, v->at, "\"%s\" has no known unit", v->text) : 0;
}

static int coordinate(struct reader *rd, bool second, double *x)
{
    struct pc_scan_value v;
    bool pixels = rd->frame == PC_REGION_PIXEL;
    if (number(rd, &v))
        return -1;
    if (pixels ? v.unit != PC_SCAN_BARE && v.unit != PC_SCAN_PIXEL : v.unit == PC_SCAN_PIXEL)
        return pc_scan_fail(rd->sc, v.at, "\"%s\" is not of the coordinate system, %s", v.text,
                            pixels ? "image" : "the sky");
    if (pixels)
        *x = v.v - 1;
    else if (v.unit == PC_SCAN_COLONS)
        *x = v.v * (second || rd->frame == PC_REGION_GALACTIC ? 1 : 15) * DEG;
    else
        *x = v.unit == PC_SCAN_BARE ? v.v * DEG : v.v;
    return 0;
}

static int point(struct reader *rd)
{
    double x = 0, y = 0;
    return coordinate(rd, false, &x) || coordinate(rd, true, &y) ||
           pc_region_add_point(rd->set, x, y, rd->sc->err);
}

/* A bare length is in the coordinate system's unit. */
static int length(struct reader *rd, double *x, bool *in_pixels)
{
    struct pc_scan_value v;
    if (number(rd, &v))
        return -1;
    bool bare = v.unit == PC_SCAN_BARE;
    *in_pixels = v.unit == PC_SCAN_PIXEL || (bare && rd->frame == PC_REGION_PIXEL);
    *x = bare && !*in_pixels ? v.v * DEG : v.v;
    if (v.unit == PC_SCAN_COLONS || v.v < 0)
        return pc_scan_fail(rd->sc, v.at, "\"%s\" is not a length", v.text);
    return 0;
}

/* The lengths up to the end, all in one unit. */
static int lengths(struct reader *rd, struct pc_region *r, double *v, int least, int most, int *n)
{
    for (*n = 0; *n < least || !at_end(rd->sc); (*n)++) {
        bool in_pixels;
        size_t at = rd->sc->at;
        if (*n == most)
            return pc_scan_fail(rd->sc, at, "there are too many numbers");
        if (length(rd, &v[*n], &in_pixels))
            return -1;
        if (*n > 0 && in_pixels != r->in_pixels)
            return pc_scan_fail(rd->sc, at, "pixels and angles cannot be mixed");
        r->in_pixels = in_pixels;
    }
    return 0;
}

/* Two half axes and an angle, in degrees, which may be left out. */
static int axes(struct reader *rd, struct pc_region *r, double half)
{
    struct pc_scan_value v;
    double size[2];
    bool same;
    if (length(rd, &size[0], &r->in_pixels))
        return -1;
    size_t at = rd->sc->at;
    if (length(rd, &size[1], &same))
        return -1;
    if (same != r->in_pixels)
        return pc_scan_fail(rd->sc, at, "pixels and angles cannot be mixed");
    r->a = half * size[0];
    r->b = half * size[1];
    if (at_end(rd->sc))
        return 0;
    if (number(rd, &v))
        return -1;
    r->angle_rad = v.unit == PC_SCAN_BARE ? v.v * DEG : v.v;
    if (v.unit != PC_SCAN_BARE && v.unit != PC_SCAN_ANGLE)
        return pc_scan_fail(rd->sc, v.at, "\"%s\" is not an angle", v.text);
    if (!at_end(rd->sc))
        return pc_scan_fail(rd->sc, rd->sc->at, "annuli of ellipses and boxes are not understood");
    return 0;
}

static struct pc_region *last(struct reader *rd, enum pc_region_shape shape)
{
    struct pc_region *r = &rd->set->region[rd->set->n - 1];
    r->shape = shape;
    return r;
}

static int circle(struct reader *rd)
{
    int n;
    double radius[1];
    if (point(rd))
        return -1;
    struct pc_region *r = last(rd, PC_REGION_ELLIPSE);
    if (lengths(rd, r, radius, 1, 1, &n))
        return -1;
    r->a = r->b = radius[0];
    return 0;
}

static int annulus(struct reader *rd)
{
    int n;
    double radius[MOST];
    if (point(rd))
        return -1;
    struct pc_region *r = last(rd, PC_REGION_ELLIPSE);
    size_t at = rd->sc->at;
    if (lengths(rd, r, radius, 2, MOST, &n))
        return -1;
    r->inner = radius[0];
    r->a = r->b = radius[n - 1];
    return r->inner < r->a ? 0 : pc_scan_fail(rd->sc, at, "the radii of an annulus must grow");
}

static int ellipse(struct reader *rd)
{
    return point(rd) || axes(rd, last(rd, PC_REGION_ELLIPSE), 1);
}

static int box(struct reader *rd)
{
    return point(rd) || axes(rd, last(rd, PC_REGION_BOX), 0.5);
}

static int polygon(struct reader *rd)
{
    size_t at = rd->sc->at;
    last(rd, PC_REGION_POLYGON);
    do
        if (point(rd))
            return -1;
    while (!at_end(rd->sc));
    int n = rd->set->region[rd->set->n - 1].npoint;
    return n >= 3 ? 0 : pc_scan_fail(rd->sc, at, "a polygon has three corners at least, not %d", n);
}

static const struct {
    const char *name;
    int (*parse)(struct reader *rd); /* NULL: cannot be a mask */
} shapes[] = {{"circle", circle},   {"ellipse", ellipse}, {"box", box},    {"rotbox", box},
              {"polygon", polygon}, {"annulus", annulus}, {"point", NULL}, {"line", NULL},
              {"vector", NULL},     {"text", NULL},       {"ruler", NULL}, {"compass", NULL},
              {"segment", NULL},    {"projection", NULL}};
enum { NSHAPE = sizeof shapes / sizeof *shapes };

/* ---- lines ---- */

static void rest_of_item(struct pc_scan *sc)
{
    int c;
    while (c = pc_scan_peek(sc), c && c != '\n' && c != ';') {
        if (c == '#') { /* properties may hold semicolons, in braces */
            pc_scan_line_end(sc);
            return;
        }
        sc->at++;
    }
}

/* True when the word named one. */
static bool coordinate_system(struct reader *rd, const char *word)
{
    static const struct {
        const char *name;
        enum pc_region_frame frame;
    } systems[] = {{"fk5", PC_REGION_FK5},     {"j2000", PC_REGION_FK5},
                   {"icrs", PC_REGION_ICRS},   {"galactic", PC_REGION_GALACTIC},
                   {"image", PC_REGION_PIXEL}, {"physical", PC_REGION_PIXEL}};
    for (size_t i = 0; i < sizeof systems / sizeof *systems; i++)
        if (!strcmp(word, systems[i].name)) {
            rd->frame = systems[i].frame;
            return true;
        }
    return false;
}

static int shape(struct reader *rd, int i, bool exclude)
{
    struct pc_scan *sc = rd->sc;
    struct pc_region r = {.frame = rd->frame, .exclude = exclude};
    if (!shapes[i].parse || exclude != rd->excluding) {
        rest_of_item(sc);
        return 0;
    }
    bool bracket = pc_scan_accept(sc, '(');
    if (pc_region_add(rd->set, &r, sc->err) || shapes[i].parse(rd) || (bracket && pc_scan_expect(sc, ')')))
        return -1;
    if (pc_scan_accept(sc, '|') && pc_scan_expect(sc, '|')) /* another of a composite follows */
        return -1;
    pc_scan_blank(sc);
    int c = pc_scan_peek(sc);
    if (c && c != '#' && c != '\n' && c != ';')
        return pc_scan_fail(sc, sc->at, "the region is complete before this");
    rest_of_item(sc);
    return 0;
}

static int item(struct reader *rd)
{
    struct pc_scan *sc = rd->sc;
    char word[32];
    int c, i = 0;
    pc_scan_blank(sc);
    if (c = pc_scan_peek(sc), !c || c == '\n' || c == ';' || c == '#') {
        rest_of_item(sc);
        return 0;
    }
    if (!pc_scan_accept(sc, '+'))
        pc_scan_accept(sc, '&');
    bool exclude = pc_scan_accept(sc, '-') || pc_scan_accept(sc, '!');
    pc_scan_blank(sc);
    size_t at = sc->at;
    pc_scan_word(sc, word);
    if (!strcmp(word, "global") || coordinate_system(rd, word)) {
        if (!strcmp(word, "global"))
            pc_scan_line_end(sc);
        return 0;
    }
    while (i < NSHAPE && strcmp(word, shapes[i].name) != 0)
        i++;
    if (i == NSHAPE)
        return pc_scan_fail(sc, at,
                            "\"%s\": circle, ellipse, box, polygon and annulus are understood, in fk5, icrs, "
                            "galactic, image and physical coordinates",
                            word);
    return shape(rd, i, exclude);
}

static int read_all(struct reader *rd)
{
    struct pc_scan *sc = rd->sc;
    while (sc->at < sc->len) {
        if (item(rd))
            return -1;
        if (!pc_scan_accept(sc, ';'))
            pc_scan_newline(sc);
    }
    return 0;
}

int pc_region_parse_ds9(struct pc_region_set *set, struct pc_scan *sc)
{
    struct pc_scan begin = *sc;
    for (int pass = 0; pass < 2; pass++) {
        struct reader rd = {.sc = sc, .set = set, .frame = PC_REGION_PIXEL, .excluding = pass == 1};
        *sc = begin;
        if (read_all(&rd))
            return -1;
    }
    return 0;
}
