/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/pb_rows.h"

#include "base/clones.h"
#include "base/mem.h"

#include <math.h>

enum { TABLE = PC_PB_TABLE, PIECE = 512 };

/* A pointing on a pixel, as the phase centre mostly is, has the same beam to both sides: then a quarter of
 * the image is evaluated. World coordinates bring it back with an error of rounding. */
static double whole(double px)
{
    const double near = nearbyint(px);
    return fabs(px - near) < 1e-6 ? near : px;
}

int pc_pb_rows_init(struct pc_pb_rows *r, const struct pc_pb *pb, const struct pc_imhead *head,
                    double freq_hz, const double pointing_rad[2], double limit, struct pc_err *err)
{
    double x0, y0;
    *r = (struct pc_pb_rows){.nx = head->nx, .ny = head->ny};
    if (pb->kind == PC_PB_NONE)
        return 0;
    r->power = pc_mem_new(TABLE + 1, sizeof *r->power, "primary beam table", err);
    if (r->power == NULL)
        return -1;
    pc_pb_table(pb, freq_hz, r->power);
    for (int i = 0; limit >= 0 && i < TABLE; i++)
        r->power[i] = (double)r->power[i] > limit ? r->power[i] : 0;
    r->power[TABLE] = 0;
    pc_imhead_radec_to_pix(head, pointing_rad[0], pointing_rad[1], &x0, &y0);
    r->x0_px = whole(x0);
    r->y0_px = whole(y0);
    r->cell_rad[0] = head->cell_rad[0];
    r->cell_rad[1] = head->cell_rad[1];
    r->per_rad = (TABLE - 1) * (freq_hz / 1e9) / pb->maxrad_1ghz_rad;
    return 0;
}

void pc_pb_rows_fini(struct pc_pb_rows *r)
{
    pc_mem_free(r->power);
    r->power = NULL;
}

/* The samples of the table that are those of n pixels of row y from x on: of the distance
 * hypot((x - x0_px) cell_rad[0], (y - y0_px) cell_rad[1]) from the pointing. */
PC_INLINE void samples_at(const struct pc_pb_rows *r, int y, int x, int n, int *sample)
{
    const double x0 = r->x0_px, cell = r->cell_rad[0], per_rad = r->per_rad;
    const double dy = (y - r->y0_px) * r->cell_rad[1], y2 = dy * dy;
    for (int i = 0; i < n; i++) {
        const double dx = (x + i - x0) * cell, index = sqrt(dx * dx + y2) * per_rad;
        sample[i] = (int)(index < TABLE ? index : TABLE);
    }
}

/* Pixels [x, end) of row y. */
PC_CLONES static void fill(const struct pc_pb_rows *r, int y, int x, int end, float *row)
{
    int sample[PIECE];
    for (; x < end; x += PIECE) {
        const int n = end - x < PIECE ? end - x : PIECE;
        samples_at(r, y, x, n, sample);
        for (int i = 0; i < n; i++)
            row[x + i] = r->power[sample[i]];
    }
}

PC_CLONES static void add(const struct pc_pb_rows *r, int y, double scale, float *row)
{
    int sample[PIECE];
    for (int x = 0; x < r->nx; x += PIECE) {
        const int n = r->nx - x < PIECE ? r->nx - x : PIECE;
        samples_at(r, y, x, n, sample);
        for (int i = 0; i < n; i++)
            row[x + i] += (float)(scale * (double)r->power[sample[i]]);
    }
}

/* Pixels backwards from the last of those they are like. */
PC_CLONES static void mirror(int n, const float *restrict last, float *restrict row)
{
    for (int i = 0; i < n; i++)
        row[i] = last[-i];
}

static bool is_pixel(double px, int n)
{
    return px >= 0 && px < n && px == nearbyint(px);
}

void pc_pb_rows_fill(const struct pc_pb_rows *r, int y, float *row)
{
    const int nx = r->nx, centre = is_pixel(r->x0_px, nx) ? (int)r->x0_px : 0;
    const int first = 2 * centre >= nx ? 2 * centre - nx + 1 : 0; /* with a pixel like it in the west */
    if (r->power == NULL) {
        for (int x = 0; x < nx; x++)
            row[x] = 1;
        return;
    }
    fill(r, y, 0, first, row);
    fill(r, y, centre, nx, row);
    mirror(centre - first, row + 2 * centre - first, row + first);
}

void pc_pb_rows_add(const struct pc_pb_rows *r, int y, double scale, float *row)
{
    if (r->power != NULL)
        add(r, y, scale, row);
    else
        for (int x = 0; x < r->nx; x++)
            row[x] += (float)scale;
}

int pc_pb_rows_twin(const struct pc_pb_rows *r, int y)
{
    const int centre = is_pixel(r->y0_px, r->ny) ? (int)r->y0_px : y, twin = 2 * centre - y;
    return r->power != NULL && twin != y && twin >= 0 && twin < r->ny ? twin : -1;
}

int pc_pb_fill(const struct pc_pb *pb, const struct pc_imhead *head, double freq_hz,
               const double pointing_rad[2], double pblimit, float *plane, struct pc_err *err)
{
    struct pc_pb_rows r;
    if (pc_pb_rows_init(&r, pb, head, freq_hz, pointing_rad, fabs(pblimit), err) != 0)
        return -1;
    for (int y = 0; y < r.ny; y++)
        pc_pb_rows_fill(&r, y, plane + (int64_t)y * r.nx);
    pc_pb_rows_fini(&r);
    return 0;
}

int pc_pb_add(const struct pc_pb *pb, const struct pc_imhead *head, double freq_hz,
              const double pointing_rad[2], double scale, float *plane, struct pc_err *err)
{
    struct pc_pb_rows r;
    if (pc_pb_rows_init(&r, pb, head, freq_hz, pointing_rad, -1, err) != 0)
        return -1;
    for (int y = 0; y < r.ny; y++)
        pc_pb_rows_add(&r, y, scale, plane + (int64_t)y * r.nx);
    pc_pb_rows_fini(&r);
    return 0;
}
