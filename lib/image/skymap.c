/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/skymap.h"

#include <math.h>
#include <string.h>

static bool is_projection(const struct pc_imhead *h, const char *name)
{
    return strncmp(h->ctype, "RA--", 4) == 0 && strcmp(h->ctype + 4, name) == 0;
}

int pc_skymap_check(const struct pc_imhead *h, const char *name, const char *what, struct pc_err *err)
{
    if (h->rotated)
        return pc_err_set(err, PC_EX_DATA,
                          "%s: the %s's axes are turned (PC, CD or CROTA2); north must be up", name, what);
    if (h->ctype[0] != '\0' && !is_projection(h, "-SIN") && !is_projection(h, "-TAN"))
        return pc_err_set(err, PC_EX_DATA, "%s: CTYPE1 of the %s is %s; RA---SIN and RA---TAN are understood",
                          name, what, h->ctype);
    return 0;
}

/* Unit vectors of a place in the sky: east, north, towards it. */
static void basis(const double at_rad[2], double e[3][3])
{
    double sa = sin(at_rad[0]), ca = cos(at_rad[0]), sd = sin(at_rad[1]), cd = cos(at_rad[1]);
    const double v[3][3] = {{-sa, ca, 0}, {-sd * ca, -sd * sa, cd}, {cd * ca, cd * sa, sd}};
    memcpy(e, v, sizeof v);
}

/* Takes v from the axes of FK5 to those of ICRS (sign 1), or back (-1): a turn so small that its first order
 * is all of it (1e-14). */
static void turn_frame(double v[3], int sign)
{
    const double mas = 3.14159265358979323846 / 648000000, s = sign;
    const double e[3] = {s * -19.9 * mas, s * -9.1 * mas, s * 22.9 * mas};
    const double u[3] = {v[0], v[1], v[2]};
    v[0] += e[2] * u[1] - e[1] * u[2];
    v[1] += e[0] * u[2] - e[2] * u[0];
    v[2] += e[1] * u[0] - e[0] * u[1];
}

static struct pc_skygrid grid_of(const struct pc_imhead *h)
{
    return (struct pc_skygrid){.at = {h->crpix[0] - 1, h->crpix[1] - 1},
                               .cell_rad = {h->cell_rad[0], h->cell_rad[1]},
                               .tan = is_projection(h, "-TAN")};
}

void pc_skymap_init(struct pc_skymap *m, const struct pc_imhead *from, const struct pc_imhead *to)
{
    double a[3][3], b[3][3];
    const bool fk5[2] = {strcmp(from->radesys, "FK5") == 0, strcmp(to->radesys, "FK5") == 0};
    const bool icrs[2] = {strcmp(from->radesys, "ICRS") == 0, strcmp(to->radesys, "ICRS") == 0};
    m->from = grid_of(from);
    m->to = grid_of(to);
    basis(from->crval_rad, a);
    basis(to->crval_rad, b);
    for (int j = 0; j < 3; j++)
        if ((fk5[0] && icrs[1]) || (icrs[0] && fk5[1]))
            turn_frame(a[j], fk5[0] ? 1 : -1);
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            m->r[i][j] = b[i][0] * a[j][0] + b[i][1] * a[j][1] + b[i][2] * a[j][2];
}

void pc_skymap_at(const struct pc_skymap *m, double x, double y, double *to_x, double *to_y)
{
    const struct pc_skygrid *f = &m->from, *t = &m->to;
    const double l = (x - f->at[0]) * f->cell_rad[0], k = (y - f->at[1]) * f->cell_rad[1];
    /* in TAN the vector's length does not matter: it is divided out, or was never 1 */
    const double length = f->tan ? sqrt(1 + l * l + k * k) : 1;
    const double n = f->tan ? 1 : sqrt(1 - l * l - k * k);
    double v[3];
    for (int i = 0; i < 3; i++)
        v[i] = (m->r[i][0] * l + m->r[i][1] * k + m->r[i][2] * n) / length;
    if (!(v[2] > 0)) {
        *to_x = *to_y = NAN;
        return;
    }
    const double scale = t->tan ? 1 / v[2] : 1;
    *to_x = v[0] * scale / t->cell_rad[0] + t->at[0];
    *to_y = v[1] * scale / t->cell_rad[1] + t->at[1];
}

bool pc_skymap_shift(const struct pc_skymap *m, const struct pc_imhead *from, int64_t shift_px[2])
{
    const double corner[4][2] = {{0, 0}, {from->nx - 1, 0}, {0, from->ny - 1}, {from->nx - 1, from->ny - 1}};
    double first[2] = {0, 0};
    for (int i = 0; i < 4; i++) {
        double to[2];
        pc_skymap_at(m, corner[i][0], corner[i][1], &to[0], &to[1]);
        for (int k = 0; k < 2; k++) {
            const double shift = to[k] - corner[i][k];
            if (i == 0)
                first[k] = rint(shift);
            /* a NaN is no shift */
            if (!(fabs(shift - first[k]) < 1e-4 && fabs(first[k]) < 1e9))
                return false;
        }
    }
    shift_px[0] = (int64_t)first[0];
    shift_px[1] = (int64_t)first[1];
    return true;
}
