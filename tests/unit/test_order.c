/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/listing.h"
#include "io/order.h"
#include "io/spool.h"
#include "tests/unit/tap.h"

#include <stdlib.h>

/* Travel order, commit records, and bytes kept for later. */

static const char *const travel[] = {"00plane",
                                     "vis00000/uvw.fits",
                                     "vis00000/freq.fits",
                                     "vis00000/vis.fits",
                                     "vis00000/weight.fits",
                                     "vis00000/imweight.fits",
                                     "vis00000/row.fits",
                                     "vis00000/model_vis.fits",
                                     "vis00000/zeta",
                                     "vis00001/uvw.fits",
                                     "vis00010/uvw.fits",
                                     "psf.fits",
                                     "pb.fits",
                                     "sumwt.fits",
                                     "state",
                                     "residual.fits",
                                     "mask.fits",
                                     "masknext.fits",
                                     "model.fits",
                                     "modelbest.fits",
                                     "image.fits",
                                     "image.pbcor.fits",
                                     "a-note",
                                     "vis00000",
                                     "zzz",
                                     "zzplane"};
enum { N = sizeof travel / sizeof *travel };

static void test_order(void)
{
    int bad = 0, unknown = 0;
    const char *rest;
    char first[64];
    for (int i = 0; i < N; i++)
        for (int k = 0; k < N; k++) {
            int c = pc_order_compare(travel[i], travel[k]);
            bad += (i < k) != (c < 0) || (i > k) != (c > 0);
        }
    is_int(bad, 0, "every pair of members is in the order of pc-stream(5)");
    for (int i = 0; i < N; i++)
        unknown += !pc_order_known(travel[i]);
    is_int(unknown, 4, "members of tomorrow are told from ours");
    is_int(pc_order_channel("ch00042/psf.fits"), 42, "channel of a path");
    is_int(pc_order_channel("ch00042"), 42, "channel of a directory");
    is_int(pc_order_channel("ch0042"), -1, "four digits are no channel");
    is_int(pc_order_channel("ch00042.done"), -1, "nor is a done record");
    is_int(pc_order_block("vis00007/vis.fits", &rest), 7, "block of a member");
    is_str(rest, "vis.fits", "and what it is");
    is_int(pc_order_block("vis00007", &rest), -1, "a block's name alone is no member");
    pc_order_first("vis*/imweight.fits", first, sizeof first);
    is_str(first, "vis00000/imweight.fits", "the first name a pattern stands for");
}

static void test_listing(void)
{
    struct pc_err err = {0};
    struct pc_listing l = {0}, again = {0};
    struct pc_text t = {0};
    int rc = pc_listing_set(&l, "state", 10, &err) || pc_listing_set(&l, "psf.fits", 5760, &err) ||
             pc_listing_set(&l, "with blank", 3, &err) || pc_listing_set(&l, "state", 11, &err);
    ok(!rc && !pc_listing_format(&l, &t, &err), "format");
    is_str(pc_text_str(&t), "member=psf.fits 5760\nmember=state 11\nmember=with blank 3\n",
           "in travel order, each once");
    ok(!pc_listing_parse(&again, &t, "zzplane", &err) && pc_listing_size(&again, "with blank") == 3,
       "read back");
    ok(pc_listing_remove(&l, "state") && !pc_listing_remove(&l, "state") && pc_listing_size(&l, "state") < 0,
       "removed");
    pc_text_add(&t, "member=psf.fits many\n");
    ok(pc_listing_parse(&again, &t, "zzplane", &err) && err.code == PC_EX_DATA, "a bad line: %s", err.msg);
    pc_text_free(&t);
    pc_listing_clear(&l);
    pc_listing_clear(&again);
}

/* Pieces of odd sizes, read back at odd places, whatever part is in memory. */
static void test_spool(int64_t mem_byte)
{
    enum { TOTAL = 5000000 };
    struct pc_err err = {0};
    struct pc_spool *s;
    char *all = malloc(TOTAL), *back = malloc(TOTAL);
    if (!ok(all && back && !pc_spool_new(&s, mem_byte, NULL, &err), "a spool of %lld bytes",
            (long long)mem_byte)) {
        free(all);
        free(back);
        return;
    }
    for (int i = 0; i < TOTAL; i++)
        all[i] = (char)(i * 7 + i / 251);
    for (int round = 0; round < 2; round++) {
        int rc = 0, bad = 0;
        for (int at = 0, n = 1; at < TOTAL; at += n, n = n * 3 % 99991 + 1) {
            n = n < TOTAL - at ? n : TOTAL - at;
            rc |= pc_spool_add(s, all + at, (size_t)n, &err);
        }
        is_int(pc_spool_size(s), TOTAL, "size");
        ok(!rc && !pc_spool_read(s, 0, back, TOTAL, &err) && !memcmp(all, back, TOTAL), "all of it");
        for (int at = 13; at < TOTAL - 5000; at += 77777)
            bad += pc_spool_read(s, at, back, 4999, &err) || memcmp(all + at, back, 4999);
        is_int(bad, 0, "pieces of it");
        for (int at = 99; at < TOTAL - 900000; at += 800001) {
            for (int i = 0; i < 900000; i++)
                all[at + i] = (char)(all[at + i] + i % 3 + 1);
            bad += pc_spool_replace(s, at, all + at, 900000, &err) != 0;
        }
        ok(!bad && pc_spool_size(s) == TOTAL && !pc_spool_read(s, 0, back, TOTAL, &err) &&
               !memcmp(all, back, TOTAL),
           "pieces replaced");
        ok(pc_spool_replace(s, TOTAL - 1, back, 2, &err) && err.code == PC_EX_BUG, "not beyond its end");
        ok(pc_spool_read(s, TOTAL - 1, back, 2, &err) && err.code == PC_EX_BUG, "not beyond its end");
        pc_spool_reset(s);
        is_int(pc_spool_size(s), 0, "emptied");
    }
    pc_spool_free(s);
    free(all);
    free(back);
}

int main(void)
{
    struct pc_err err = {0};
    struct pc_spool *s;
    test_order();
    test_listing();
    test_spool(0);
    test_spool(2500000);
    test_spool(1 << 30);
    ok(!pc_spool_new(&s, 0, "/no/such/directory", &err) && pc_spool_add(s, "x", 1, &err) &&
           err.code == PC_EX_CANTCREAT,
       "no room for a temporary file: %s", err.msg);
    pc_spool_free(s);
    return tap_done();
}
