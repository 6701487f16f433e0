/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/quantity.h"
#include "image/region_scan.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* CASA's region text: a region a line, "[+-][ann] shape[...], key=value, ...". "global key=value" holds for
 * the lines after it. */

static const double DEG = 3.14159265358979323846 / 180;

static int coordinate(struct pc_scan *sc, bool second, struct pc_scan_value *v)
{
    if (pc_scan_value(sc, v))
        return -1;
    if (v->unit == PC_SCAN_COLONS) {
        v->v *= (second ? 1 : 15) * DEG;
        v->unit = PC_SCAN_ANGLE;
    }
    if (v->unit != PC_SCAN_PIXEL && v->unit != PC_SCAN_ANGLE)
        return pc_scan_fail(sc, v->at, "\"%s\" needs a unit: pix, deg, arcmin, arcsec, rad, or 12h34m56.7s",
                            v->text);
    return 0;
}

/* [x, y], both in pixels or both in the sky; the first decides for the region. */
static int point(struct pc_scan *sc, struct pc_region_set *set)
{
    struct pc_region *r = &set->region[set->n - 1];
    struct pc_scan_value x, y;
    if (pc_scan_expect(sc, '[') || coordinate(sc, false, &x) || pc_scan_expect(sc, ',') ||
        coordinate(sc, true, &y) || pc_scan_expect(sc, ']'))
        return -1;
    bool pixels = x.unit == PC_SCAN_PIXEL;
    if (r->npoint == 0 && pixels)
        r->frame = PC_REGION_PIXEL;
    if ((y.unit == PC_SCAN_PIXEL) != pixels || (r->frame == PC_REGION_PIXEL) != pixels)
        return pc_scan_fail(sc, x.at, "\"%s, %s\": pixels and sky coordinates cannot be mixed", x.text,
                            y.text);
    return pc_region_add_point(set, x.v, y.v, sc->err);
}

static int length(struct pc_scan *sc, bool first, bool *in_pixels, double *v)
{
    struct pc_scan_value x;
    if (coordinate(sc, true, &x))
        return -1;
    bool pixels = x.unit == PC_SCAN_PIXEL;
    if (x.v < 0)
        return pc_scan_fail(sc, x.at, "\"%s\" is a length and cannot be negative", x.text);
    if (!first && pixels != *in_pixels)
        return pc_scan_fail(sc, x.at, "\"%s\": pixels and angles cannot be mixed", x.text);
    *in_pixels = pixels;
    *v = x.v;
    return 0;
}

static int two_lengths(struct pc_scan *sc, struct pc_region *r, double *a, double *b)
{
    return pc_scan_expect(sc, '[') || length(sc, true, &r->in_pixels, a) || pc_scan_expect(sc, ',') ||
           length(sc, false, &r->in_pixels, b) || pc_scan_expect(sc, ']');
}

/* Position angles are measured from north through east, in pixels too. */
static int angle(struct pc_scan *sc, double *v)
{
    struct pc_scan_value x;
    if (pc_scan_expect(sc, ',') || coordinate(sc, true, &x))
        return -1;
    if (x.unit != PC_SCAN_ANGLE)
        return pc_scan_fail(sc, x.at, "\"%s\" is not an angle: deg, rad", x.text);
    *v = x.v;
    return 0;
}

static int box(struct pc_scan *sc, struct pc_region_set *set)
{
    set->region[set->n - 1].shape = PC_REGION_CORNERS;
    return point(sc, set) || pc_scan_expect(sc, ',') || point(sc, set);
}

static int centred_box(struct pc_scan *sc, struct pc_region_set *set, bool turned)
{
    if (point(sc, set) || pc_scan_expect(sc, ','))
        return -1;
    struct pc_region *r = &set->region[set->n - 1];
    r->shape = PC_REGION_BOX;
    if (two_lengths(sc, r, &r->a, &r->b) || (turned && angle(sc, &r->angle_rad)))
        return -1;
    r->a /= 2;
    r->b /= 2;
    return 0;
}

static int centerbox(struct pc_scan *sc, struct pc_region_set *set)
{
    return centred_box(sc, set, false);
}

static int rotbox(struct pc_scan *sc, struct pc_region_set *set)
{
    return centred_box(sc, set, true);
}

static int circle(struct pc_scan *sc, struct pc_region_set *set)
{
    if (point(sc, set) || pc_scan_expect(sc, ','))
        return -1;
    struct pc_region *r = &set->region[set->n - 1];
    r->shape = PC_REGION_ELLIPSE;
    if (length(sc, true, &r->in_pixels, &r->a))
        return -1;
    r->b = r->a;
    return 0;
}

static int annulus(struct pc_scan *sc, struct pc_region_set *set)
{
    if (point(sc, set) || pc_scan_expect(sc, ','))
        return -1;
    struct pc_region *r = &set->region[set->n - 1];
    size_t at = sc->at;
    r->shape = PC_REGION_ELLIPSE;
    if (two_lengths(sc, r, &r->inner, &r->a))
        return -1;
    r->b = r->a;
    return r->inner < r->a ? 0 : pc_scan_fail(sc, at, "the inner radius must be smaller than the outer one");
}

/* The semi-major axis comes first and lies along the position angle. */
static int ellipse(struct pc_scan *sc, struct pc_region_set *set)
{
    if (point(sc, set) || pc_scan_expect(sc, ','))
        return -1;
    struct pc_region *r = &set->region[set->n - 1];
    r->shape = PC_REGION_ELLIPSE;
    if (two_lengths(sc, r, &r->a, &r->b) || angle(sc, &r->angle_rad))
        return -1;
    r->angle_rad += 90 * DEG;
    return 0;
}

static int poly(struct pc_scan *sc, struct pc_region_set *set)
{
    size_t at = sc->at;
    set->region[set->n - 1].shape = PC_REGION_POLYGON;
    do
        if (point(sc, set))
            return -1;
    while (pc_scan_accept(sc, ','));
    int n = set->region[set->n - 1].npoint;
    return n >= 3 ? 0 : pc_scan_fail(sc, at, "a polygon has three corners at least, not %d", n);
}

static const struct {
    const char *name;
    int (*parse)(struct pc_scan *sc, struct pc_region_set *set); /* NULL: cannot be a mask */
} shapes[] = {{"box", box},         {"centerbox", centerbox}, {"rotbox", rotbox}, {"circle", circle},
              {"annulus", annulus}, {"ellipse", ellipse},     {"poly", poly},     {"line", NULL},
              {"vector", NULL},     {"text", NULL},           {"symbol", NULL}};
enum { NSHAPE = sizeof shapes / sizeof *shapes };

/* ---- options ---- */

/* A bare word, in capitals. */
static void capitals(struct pc_scan *sc, char word[32])
{
    pc_scan_accept(sc, '\'');
    pc_scan_word(sc, word);
    pc_scan_accept(sc, '\'');
    for (char *c = word; *c; c++)
        *c = (char)toupper((unsigned char)*c);
}

static int coord(struct pc_scan *sc, struct pc_region *r)
{
    char word[32];
    pc_scan_blank(sc);
    size_t at = sc->at;
    capitals(sc, word);
    if (!strcmp(word, "J2000") || !strcmp(word, "FK5"))
        r->frame = PC_REGION_FK5;
    else if (!strcmp(word, "ICRS"))
        r->frame = PC_REGION_ICRS;
    else if (!strcmp(word, "GALACTIC"))
        r->frame = PC_REGION_GALACTIC;
    else
        return pc_scan_fail(sc, at, "coord=%s: J2000, ICRS and GALACTIC are understood", word);
    return 0;
}

static int veltype(struct pc_scan *sc, struct pc_region *r)
{
    char word[32];
    pc_scan_blank(sc);
    size_t at = sc->at;
    capitals(sc, word);
    r->optical = !strcmp(word, "OPTICAL") || !strcmp(word, "Z");
    if (!r->optical && strcmp(word, "RADIO") != 0)
        return pc_scan_fail(sc, at, "veltype=%s: RADIO and OPTICAL are understood", word);
    return 0;
}

static int frame(struct pc_scan *sc, struct pc_region *r)
{
    char word[32];
    capitals(sc, word);
    memcpy(r->specsys, word, sizeof r->specsys - 1);
    r->specsys[sizeof r->specsys - 1] = '\0';
    return 0;
}

static int restfreq(struct pc_scan *sc, struct pc_region *r)
{
    struct pc_scan_value v;
    if (pc_scan_value(sc, &v))
        return -1;
    if (pc_quantity_parse(v.text, PC_DIM_FREQUENCY, &r->restfreq_hz, sc->err) || !(r->restfreq_hz > 0))
        return pc_scan_fail(sc, v.at, "restfreq=%s is no frequency", v.text);
    return 0;
}

static int range_end(struct pc_scan *sc, enum pc_region_range *what, double *value)
{
    struct pc_scan_value v;
    if (pc_scan_value(sc, &v))
        return -1;
    size_t n = strlen(v.text);
    int dim = pc_quantity_dim(v.text);
    *value = v.v;
    if (v.unit == PC_SCAN_BARE || (v.unit == PC_SCAN_OTHER && n > 4 && !strcmp(v.text + n - 4, "chan")))
        *what = PC_REGION_CHANNELS;
    else if (dim == PC_DIM_FREQUENCY && !pc_quantity_parse(v.text, PC_DIM_FREQUENCY, value, sc->err))
        *what = PC_REGION_FREQUENCY;
    else if (dim == PC_DIM_VELOCITY && !pc_quantity_parse(v.text, PC_DIM_VELOCITY, value, sc->err))
        *what = PC_REGION_VELOCITY;
    else
        return pc_scan_fail(sc, v.at, "\"%s\" is neither a channel (3chan), a frequency nor a velocity",
                            v.text);
    return 0;
}

static int range(struct pc_scan *sc, struct pc_region *r)
{
    enum pc_region_range last;
    if (pc_scan_expect(sc, '['))
        return -1;
    size_t at = sc->at;
    if (range_end(sc, &r->range, &r->lo) || pc_scan_expect(sc, ',') || range_end(sc, &last, &r->hi) ||
        pc_scan_expect(sc, ']'))
        return -1;
    if (last != r->range)
        return pc_scan_fail(sc, at, "both ends of a range must be channels, frequencies or velocities");
    if (r->lo > r->hi) {
        double swap = r->lo;
        r->lo = r->hi;
        r->hi = swap;
    }
    return 0;
}

static int corr(struct pc_scan *sc, struct pc_region *r)
{
    char word[32];
    if (pc_scan_expect(sc, '['))
        return -1;
    r->nstokes = 0;
    do {
        pc_scan_blank(sc);
        size_t at = sc->at;
        capitals(sc, word);
        int code = pc_stokes_code(word);
        if (!code || r->nstokes == PC_MAX_POL)
            return pc_scan_fail(sc, at, "corr=%s: at most %d of I, Q, U, V, XX, YY, RR, LL", word,
                                PC_MAX_POL);
        r->stokes[r->nstokes++] = code;
    } while (pc_scan_accept(sc, ','));
    return pc_scan_expect(sc, ']');
}

/* A value that is of no concern here: quoted, in brackets, or up to the next comma. */
static int skip_value(struct pc_scan *sc)
{
    pc_scan_blank(sc);
    size_t at = sc->at;
    int c = pc_scan_peek(sc), close = c == '[' ? ']' : c == '"' || c == '\'' ? c : 0;
    if (!close) {
        while (c = pc_scan_peek(sc), c && c != ',' && c != '\n')
            sc->at++;
        return 0;
    }
    sc->at++;
    while (c = pc_scan_peek(sc), c && c != close && c != '\n')
        sc->at++;
    if (c != close)
        return pc_scan_fail(sc, at, "this is not closed before the end of the line");
    sc->at++;
    return 0;
}

static int option(struct pc_scan *sc, struct pc_region *r)
{
    static const struct {
        const char *name;
        int (*parse)(struct pc_scan *sc, struct pc_region *r);
    } keys[] = {{"coord", coord}, {"range", range},       {"corr", corr},
                {"frame", frame}, {"restfreq", restfreq}, {"veltype", veltype}};
    char word[32];
    pc_scan_blank(sc);
    size_t at = sc->at;
    pc_scan_word(sc, word);
    if (!word[0] || !pc_scan_accept(sc, '='))
        return pc_scan_fail(sc, at, "an option is expected: coord=, range=[..], corr=[..], label= ...");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (!strcmp(word, keys[i].name))
            return keys[i].parse(sc, r);
    return skip_value(sc);
}

static bool at_line_end(struct pc_scan *sc)
{
    pc_scan_blank(sc);
    return !pc_scan_peek(sc) || pc_scan_peek(sc) == '\n';
}

static int options(struct pc_scan *sc, struct pc_region *r)
{
    while (!at_line_end(sc)) {
        pc_scan_accept(sc, ',');
        if (at_line_end(sc))
            break;
        if (option(sc, r))
            return -1;
    }
    return 0;
}

/* ---- lines ---- */

static int region(struct pc_scan *sc, struct pc_region_set *set, const struct pc_region *global)
{
    struct pc_region r = *global;
    char word[32];
    r.exclude = !pc_scan_accept(sc, '+') && pc_scan_accept(sc, '-');
    pc_scan_blank(sc);
    size_t at = sc->at;
    pc_scan_word(sc, word);
    int i = 0;
    if (!strcmp(word, "ann")) {
        pc_scan_line_end(sc);
        return 0;
    }
    while (i < NSHAPE && strcmp(word, shapes[i].name) != 0)
        i++;
    if (i == NSHAPE)
        return pc_scan_fail(
            sc, at, "\"%s\" is no region: box, centerbox, rotbox, poly, circle, annulus, ellipse", word);
    if (!shapes[i].parse) {
        pc_scan_line_end(sc);
        return 0;
    }
    if (pc_region_add(set, &r, sc->err) || pc_scan_expect(sc, '[') || shapes[i].parse(sc, set) ||
        pc_scan_expect(sc, ']'))
        return -1;
    struct pc_region *last = &set->region[set->n - 1];
    enum pc_region_frame made = last->frame;
    if (options(sc, last))
        return -1;
    if (made == PC_REGION_PIXEL)
        last->frame = made;
    return 0;
}

int pc_region_parse_crtf(struct pc_region_set *set, struct pc_scan *sc)
{
    struct pc_region global = {.frame = PC_REGION_IMAGE};
    do {
        char word[32];
        if (at_line_end(sc))
            continue;
        size_t at = sc->at;
        if (pc_scan_peek(sc) == '#') {
            pc_scan_line_end(sc);
            continue;
        }
        pc_scan_word(sc, word);
        if (!strcmp(word, "global")) {
            if (options(sc, &global))
                return -1;
            continue;
        }
        sc->at = at;
        if (region(sc, set, &global))
            return -1;
    } while (pc_scan_newline(sc));
    return 0;
}
