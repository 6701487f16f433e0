/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/view_place.h"

#include "base/mem.h"
#include "image/region_text.h"
#include "io/fits.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two numbers with a comma between, pixels counted from 0. */
static bool parse_pixel(const char *s, double xy[2])
{
    char *end;
    xy[0] = strtod(s, &end);
    if (end == s || *end != ',')
        return false;
    s = end + 1;
    xy[1] = strtod(s, &end);
    return end != s && !*end;
}

/* Of the sky: as the centre of a region, so that it is written as there. */
int view_center(const char *s, const char *path, struct pc_pvcut_conf *c, struct pc_err *err)
{
    char text[300];
    struct pc_region_set set = {0};
    struct pc_imhead head;
    c->has_centre = s != NULL;
    if (!s || parse_pixel(s, c->centre))
        return 0;
    snprintf(text, sizeof text, "circle[[%.200s], 1pix]", s);
    if (pc_region_parse(&set, text, 0, strlen(text), "--center", PC_EX_USAGE, err)) {
        pc_region_set_fini(&set);
        return pc_err_set(err, PC_EX_USAGE,
                          "--center %s: pixels X,Y or a place like 10h2m3s,-30d1m2s are wanted", s);
    }
    int bad = pc_fits_load_head(path, &head, err);
    if (!bad) {
        pc_region_set_first(&set, &head, c->centre);
        pc_imhead_fini(&head);
        if (!isfinite(c->centre[0] + c->centre[1]))
            bad = pc_err_set(err, PC_EX_USAGE, "--center %s: is not on the image's side of the sky", s);
    }
    pc_region_set_fini(&set);
    return bad;
}

/* ---- the part of a spectrum ---- */

int view_part_open(struct view_part *part, const char *s, struct pc_err *err)
{
    struct pc_strlist list = {.s = {s}, .n = 1};
    *part = (struct view_part){.given = {.option = "--spectrum"}};
    part->is_pixel = parse_pixel(s, part->pixel);
    return part->is_pixel ? 0 : mask_given_open(&part->given, &list, err);
}

void view_part_close(struct view_part *part)
{
    mask_given_close(&part->given);
}

static int pixel_part(const struct view_part *part, const struct pc_imhead *h, unsigned char **mask,
                      struct pc_err *err)
{
    double x = floor(part->pixel[0] + 0.5), y = floor(part->pixel[1] + 0.5);
    if (!(x >= 0 && x < h->nx && y >= 0 && y < h->ny))
        return pc_err_set(err, PC_EX_USAGE, "--spectrum %g,%g: the image has %d x %d pixels, counted from 0",
                          part->pixel[0], part->pixel[1], h->nx, h->ny);
    *mask = pc_mem_new0((int64_t)h->nx * h->ny, 1, "a mask", err);
    if (*mask)
        (*mask)[(int64_t)y * h->nx + (int64_t)x] = 1;
    return *mask ? 0 : -1;
}

int view_part_paint(void *ctx, const struct pc_imhead *head, int chan, unsigned char **mask,
                    struct pc_err *err)
{
    const struct view_part *part = ctx;
    return part->is_pixel ? pixel_part(part, head, mask, err)
                          : mask_given_paint(&part->given, head, chan, mask, err);
}
