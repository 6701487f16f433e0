/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_TESTS_TAP_H
#define PC_TESTS_TAP_H

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A unit test is a program that prints the Test Anything Protocol: calls of ok() and its kin, then "return
 * tap_done();". Each returns whether it passed, so that a test can stop where going on makes no sense. */

static int tap_count, tap_failed, tap_planned;

#define TAP_UNUSED __attribute__((unused))

__attribute__((format(printf, 2, 3))) TAP_UNUSED static int ok(int cond, const char *fmt, ...)
{
    va_list ap;
    printf("%s %d - ", cond ? "ok" : "not ok", ++tap_count);
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
    fflush(stdout);
    tap_failed += !cond;
    return !!cond;
}

__attribute__((format(printf, 1, 2))) TAP_UNUSED static void diag(const char *fmt, ...)
{
    va_list ap;
    printf("# ");
    va_start(ap, fmt);
    vprintf(fmt, ap);
    va_end(ap);
    putchar('\n');
}

TAP_UNUSED static int is_int(long long got, long long want, const char *name)
{
    int good = ok(got == want, "%s", name);
    if (!good)
        diag("got %lld, wanted %lld", got, want);
    return good;
}

/* |got - want| <= tol; NaN is near NaN only. */
TAP_UNUSED static int is_near(double got, double want, double tol, const char *name)
{
    int both = isnan(got) && isnan(want);
    int good = ok(both || got == want || fabs(got - want) <= tol, "%s", name);
    if (!good)
        diag("got %.17g, wanted %.17g within %.3g", got, want, tol);
    return good;
}

TAP_UNUSED static int is_str(const char *got, const char *want, const char *name)
{
    int same = got && want ? strcmp(got, want) == 0 : got == want;
    int good = ok(same, "%s", name);
    if (!good)
        diag("got \"%s\", wanted \"%s\"", got ? got : "(null)", want ? want : "(null)");
    return good;
}

/* The text holds the piece. */
TAP_UNUSED static int has(const char *text, const char *piece, const char *name)
{
    int good = ok(strstr(text, piece) != NULL, "%s", name);
    if (!good)
        diag("\"%s\" does not hold \"%s\"", text, piece);
    return good;
}

TAP_UNUSED static void skip(const char *name, const char *why)
{
    printf("ok %d - %s # SKIP %s\n", ++tap_count, name, why);
}

TAP_UNUSED static void plan_done(void)
{
    if (!tap_planned++)
        printf("1..%d\n", tap_count);
}

/* The plan, and the exit status for main. */
TAP_UNUSED static int tap_done(void)
{
    plan_done();
    return fflush(stdout) || tap_failed ? 1 : 0;
}

#endif
