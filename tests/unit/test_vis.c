/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/mem.h"
#include "image/vis.h"
#include "tests/unit/tap.h"

static void test_info_copy(void)
{
    struct pc_err err = {0};
    struct pc_visinfo a = {.field_id = 3, .nant = 2, .ncorr = 1, .corr = {-5}};
    a.diam_m = pc_mem_new(2, sizeof *a.diam_m, "test", &err);
    if (!ok(a.diam_m != NULL, "memory"))
        return;
    a.diam_m[0] = 12;
    a.diam_m[1] = 7;
    snprintf(a.field, sizeof a.field, "TW Hya");
    struct pc_visinfo b;
    ok(pc_visinfo_copy(&b, &a, &err) == 0, "copied");
    ok(b.diam_m != a.diam_m, "the copy owns its diameters");
    pc_visinfo_fini(&a);
    is_near(b.diam_m[1], 7, 0, "which outlive the original's");
    is_str(b.field, "TW Hya", "text is copied");
    is_int(b.corr[0], -5, "codes too");
    is_int(a.nant, 0, "fini leaves zeros");
    pc_visinfo_fini(&b);

    struct pc_visinfo none = {.nant = 4};
    ok(pc_visinfo_copy(&b, &none, &err) == 0 && b.diam_m == NULL, "no diameters: none copied");
    pc_visinfo_fini(&b);
}

static void test_block_fini(void)
{
    struct pc_err err = {0};
    struct pc_visblock b = {.nrow = 2, .ncorr = 1, .nchan = 1};
    b.uvw_m = pc_mem_new0(6, sizeof *b.uvw_m, "test", &err);
    b.weight = pc_mem_new0(2, sizeof *b.weight, "test", &err);
    pc_text_add(&b.history, "pc-select 1\n");
    pc_visblock_fini(&b);
    ok(b.uvw_m == NULL && b.weight == NULL && b.nrow == 0 && b.history.s == NULL, "fini leaves zeros");
    pc_visblock_fini(&b);
    ok(1, "and may be called again");
}

int main(void)
{
    test_info_copy();
    test_block_fini();
    return tap_done();
}
