/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/lm.h"

#include <math.h>
#include <stdbool.h>

static double model(const struct pc_lm_point *pt, const double p[3], double grad[3])
{
    const double k = 4 * M_LN2;
    double s = sin(p[2]), c = cos(p[2]);
    double t = -pt->x * s + pt->y * c, u = pt->x * c + pt->y * s;
    double a = 1 / (p[0] * p[0]), b = a / (p[1] * p[1]);
    double g = exp(-k * (t * t * a + u * u * b));
    grad[0] = g * 2 * k * (t * t * a + u * u * b) / p[0];
    grad[1] = g * 2 * k * u * u * b / p[1];
    grad[2] = g * 2 * k * t * u * (a - b);
    return g;
}

static double sum_squares(const struct pc_lm_point *point, int n, const double p[3])
{
    double grad[3], sum = 0;
    for (int i = 0; i < n; i++) {
        double r = point[i].v - model(&point[i], p, grad);
        sum += r * r;
    }
    return sum;
}

/* Normal equations: h = J'J, g = J'r. */
static void normal(const struct pc_lm_point *point, int n, const double p[3], double h[3][3], double g[3])
{
    double grad[3];
    for (int i = 0; i < 3; i++)
        g[i] = h[i][0] = h[i][1] = h[i][2] = 0;
    for (int k = 0; k < n; k++) {
        double r = point[k].v - model(&point[k], p, grad);
        for (int i = 0; i < 3; i++) {
            g[i] += grad[i] * r;
            for (int j = 0; j < 3; j++)
                h[i][j] += grad[i] * grad[j];
        }
    }
}

/* Solves (h + lambda diag h) d = g by Cholesky on h scaled to a unit diagonal. A parameter nothing depends on
 * (the angle of a circle) stays where it is. */
static bool solve(double h[3][3], const double g[3], double lambda, double d[3])
{
    double l[3][3] = {{0}}, z[3], scale[3];
    for (int i = 0; i < 3; i++)
        scale[i] = h[i][i] > 1e-24 * (h[0][0] + h[1][1]) ? 1 / sqrt(h[i][i]) : 0;
    for (int i = 0; i < 3; i++)
        for (int j = 0; j <= i; j++) {
            double sum = i == j ? 1 + lambda : h[i][j] * scale[i] * scale[j];
            for (int k = 0; k < j; k++)
                sum -= l[i][k] * l[j][k];
            if (i != j)
                l[i][j] = sum / l[j][j];
            else if (sum > 1e-14)
                l[i][i] = sqrt(sum);
            else
                return false;
        }
    for (int i = 0; i < 3; i++) {
        z[i] = g[i] * scale[i];
        for (int k = 0; k < i; k++)
            z[i] -= l[i][k] * z[k];
        z[i] /= l[i][i];
    }
    for (int i = 2; i >= 0; i--) {
        d[i] = z[i];
        for (int k = i + 1; k < 3; k++)
            d[i] -= l[k][i] * d[k];
        d[i] /= l[i][i];
    }
    for (int i = 0; i < 3; i++)
        d[i] *= scale[i];
    return true;
}

static bool is_small(const double d[3], const double p[3])
{
    const double eps = 1e-10;
    return fabs(d[0]) <= eps * fabs(p[0]) && fabs(d[1]) <= eps * fabs(p[1]) && fabs(d[2]) <= eps;
}

enum pc_lm_status pc_lm_gaussian(const struct pc_lm_point *point, int n, double param[3])
{
    double h[3][3], g[3], d[3], next[3], lambda = 1e-3, chi = sum_squares(point, n, param);
    normal(point, n, param, h, g);
    for (int iter = 0; iter < 1000; iter++) {
        if (!solve(h, g, lambda, d))
            return PC_LM_SINGULAR;
        for (int i = 0; i < 3; i++)
            next[i] = param[i] + d[i];
        double chi_next = sum_squares(point, n, next);
        bool better = chi_next <= chi, done = is_small(d, param);
        if (better) {
            for (int i = 0; i < 3; i++)
                param[i] = next[i];
            chi = chi_next;
            lambda *= 0.1;
            normal(point, n, param, h, g);
        } else {
            lambda *= 10;
        }
        /* a step too small to matter, taken or not, is the end unless damping made it small */
        if (done && (better || lambda > 1e12))
            return isfinite(chi) && param[0] != 0 && param[1] != 0 ? PC_LM_CONVERGED : PC_LM_UNCONVERGED;
        if (!isfinite(lambda) || lambda > 1e20)
            return PC_LM_UNCONVERGED;
    }
    return PC_LM_UNCONVERGED;
}
