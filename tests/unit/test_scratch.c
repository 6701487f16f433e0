/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/portable.h"
#include "casa/scratch.h"

#include "tap.h"

#include <math.h>
#include <string.h>

static void scratch(int64_t mem, const char *what)
{
    struct pc_scratch *s;
    struct pc_err err = {0};
    unsigned char in[1000], out[1000];
    if (!ok(pc_scratch_new(&s, 100000, mem, NULL, &err) == 0, "%s: a store", what))
        return;
    for (int i = 0; i < 1000; i++)
        in[i] = (unsigned char)(i * 7);
    ok((pc_scratch_at(s, 0) != NULL) == (mem >= 100000), "%s: is where it should be", what);
    ok(pc_scratch_write(s, 99000, in, 1000, &err) == 0 && pc_scratch_write(s, 10, in, 500, &err) == 0,
       "%s: takes bytes", what);
    ok(pc_scratch_read(s, 99000, out, 1000, &err) == 0 && memcmp(in, out, 1000) == 0, "%s: gives them back",
       what);
    ok(pc_scratch_read(s, 10, out, 500, &err) == 0 && memcmp(in, out, 500) == 0, "%s: at every place", what);
    pc_scratch_free(s);
}

static void portable(void)
{
    double worst = 0, worst_log = 0;
    for (int i = -40000; i <= 40000; i++) {
        const double turns = i / 4096.0 + 1e-5 * i;
        double s, c;
        pc_sincos_turns(turns, &s, &c);
        const double x = 2 * M_PI * (turns - rint(turns));
        worst = fmax(worst, fmax(fabs(s - sin(x)), fabs(c - cos(x))));
    }
    is_near(worst, 0, 1e-11, "sine and cosine");
    for (double x = 1e-300; x < 1e300; x *= 1.37)
        worst_log = fmax(worst_log, fabs(pc_portable_log(x) - log(x)) / fmax(1, fabs(log(x))));
    is_near(worst_log, 0, 1e-14, "logarithm");
    ok(pc_counter_u64(1, 0, 5) != pc_counter_u64(1, 1, 5) &&
           pc_counter_u64(1, 0, 5) != pc_counter_u64(2, 0, 5) &&
           pc_counter_u64(1, 0, 5) != pc_counter_u64(1, 0, 6),
       "seed, stream and counter all matter");
    is_int((long long)(pc_counter_u64(1, 2, 3) >> 40), 5634146, "the same word on every machine");
    double sum = 0;
    for (uint64_t i = 0; i < 100000; i++)
        sum += pc_counter_uniform(7, 0, i);
    is_near(sum / 100000, 0.5, 4 / sqrt(12 * 100000), "uniform in the mean");
}

int main(void)
{
    struct pc_scratch *s;
    struct pc_err err = {0};
    scratch(100000, "memory");
    scratch(99999, "file");
    is_int(pc_scratch_new(&s, 10, 0, "/dev/null/nowhere", &err), -1, "no place for the file is an error");
    is_int(err.code, PC_EX_CANTCREAT, "73");
    has(err.msg, "/dev/null/nowhere", "naming it");
    portable();
    return tap_done();
}
