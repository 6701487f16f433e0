/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/unit/stream_filter.h"
#include "tests/unit/tap.h"

#include <sys/stat.h>
#include <unistd.h>

/* Passes from and to every form, in one process. Called with arguments it is the filter that
 * tests/cli/stream.bats puts into pipes: write DST FIRST NCHAN NCUBE N | filter SRC DST FACTOR MEM. */

static int command(int argc, char **argv)
{
    struct pc_err err = {0};
    int rc;
    if (argc == 7 && !strcmp(argv[1], "write"))
        rc = write_small(argv[2], atoi(argv[3]), atoi(argv[4]), atoi(argv[5]), atoi(argv[6]), &err);
    else if (argc == 6 && !strcmp(argv[1], "filter"))
        rc = filter_small(argv[2], *argv[3] ? argv[3] : NULL, strtof(argv[4], NULL), atoll(argv[5]), &err);
    else
        rc = pc_err_set(&err, PC_EX_USAGE, "write DST FIRST NCHAN NCUBE N | filter SRC DST FACTOR MEM");
    if (rc)
        fprintf(stderr, "test_pass: %s\n", err.msg);
    return rc ? err.code : 0;
}

static char dir[] = "/tmp/pc-test-pass-XXXXXX";
static char path_buf[8][256];

static const char *in(const char *name)
{
    static int next;
    char *s = path_buf[next++ % 8];
    snprintf(s, 256, "%s/%s", dir, name);
    return s;
}

static bool same_files(const char *a, const char *b)
{
    char cmd[600];
    snprintf(cmd, sizeof cmd, "diff -r '%s' '%s' >/dev/null", a, b);
    return system(cmd) == 0;
}

static bool exists(const char *name)
{
    struct stat st;
    return !stat(in(name), &st);
}

static void test_forms(void)
{
    struct pc_err err = {0};
    ok(!write_small(in("a"), 3, 2, 10, 100, &err), "write a directory %s", err.msg);
    ok(!write_small(in("a.tar"), 3, 2, 10, 100, &err), "write a tar file %s", err.msg);
    ok(!filter_small(in("a.tar"), in("a2"), 0, 0, &err), "tar to directory %s", err.msg);
    ok(same_files(in("a"), in("a2")), "is the same directory");
    ok(!filter_small(in("a"), in("a2.tar"), 0, 0, &err), "directory to tar %s", err.msg);
    ok(same_files(in("a.tar"), in("a2.tar")), "is the same tar file");
    ok(!filter_small(in("a.tar"), in("a3.tar"), 0, 1, &err), "with no memory to hold anything %s", err.msg);
    ok(same_files(in("a.tar"), in("a3.tar")), "is the same tar file");
    struct stat st, st2;
    ok(!stat(in("a/ch00003/vis00000/uvw.fits"), &st) && !stat(in("a/ch00004/vis00000/uvw.fits"), &st2) &&
           st.st_ino == st2.st_ino,
       "uvw.fits is shared by the channels");
    ok(filter_small(in("a"), in("a2"), 0, 0, &err) && err.code == PC_EX_CANTCREAT,
       "not into a full directory: %s", err.msg);
}

static void test_changes(void)
{
    struct pc_err err = {0};
    ok(!filter_small(in("a"), in("b"), 2, 0, &err), "directory to directory, changed %s", err.msg);
    ok(!filter_small(in("a.tar"), in("b.tar"), 2, 1, &err), "tar to tar, changed %s", err.msg);
    ok(!filter_small(in("b.tar"), in("b2"), 0, 0, &err) && same_files(in("b"), in("b2")), "the same");
    ok(!exists("b/ch00003/mask.fits"), "a dropped member is gone");
    ok(exists("b/ch00004/model.fits"), "a new one is there");
    ok(!filter_small(in("a2"), NULL, 2, 0, &err) && same_files(in("a2"), in("b")), "in place: the same %s",
       err.msg);
    ok(!filter_small(in("a2/ch00003"), NULL, 2, 0, &err), "one channel in place %s", err.msg);
    ok(!same_files(in("a2/ch00003"), in("b/ch00003")) && same_files(in("a2/ch00004"), in("b/ch00004")),
       "that one alone");
    ok(!filter_small(in("b.tar"), in("c.tar"), 2, 0, &err) &&
           !filter_small(in("c.tar"), in("c"), 0, 0, &err) && same_files(in("a2/ch00003"), in("c/ch00003")),
       "state is 2 as in the stream %s", err.msg);
    ok(!filter_small(in("b/ch00003"), in("one.tar"), 0, 0, &err) &&
           !filter_small(in("one.tar"), in("one"), 0, 0, &err) &&
           same_files(in("b/ch00003"), in("one/ch00003")) && !exists("one/ch00004"),
       "one channel as a stream %s", err.msg);
}

static bool reads(const char *src, bool accept, int *nmember, struct pc_err *err)
{
    static const struct pc_use all[] = {{"*", PC_TAKE}, {"vis*/*", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .uses = all, .read_only = true, .accept_uncommitted = accept};
    struct pc_pass *pass;
    struct pc_chan chan;
    struct pc_member m;
    int more;
    *nmember = 0;
    if (pc_pass_open(&pass, &conf, err))
        return false;
    while ((more = pc_pass_channel(pass, &chan, err)) > 0)
        while ((more = pc_pass_member(pass, &m, err)) > 0)
            ++*nmember;
    if (more < 0) {
        pc_pass_abort(pass);
        return false;
    }
    return !pc_pass_close(pass, err);
}

static void test_unfinished(void)
{
    struct pc_err err = {0};
    int n = 0;
    unlink(in("b2/ch00003/zzplane"));
    ok(!reads(in("b2"), false, &n, &err) && err.code == PC_EX_DATA, "no zzplane: %s", err.msg);
    has(err.msg, "ch00003/zzplane", "which one is said");
    ok(!reads(in("b2/ch00003"), false, &n, &err) && err.code == PC_EX_DATA, "nor that channel alone");
    ok(reads(in("b2/ch00004"), false, &n, &err) && n == 7, "the other one is read (%d members) %s", n,
       err.msg);
    ok(reads(in("b2"), true, &n, &err) && n == 2 + 7,
       "accepted: the visibilities of one, all of the other (%d)", n);
    ok(!filter_small(in("b2/ch00004"), NULL, 0, 0, &err), "an untouched channel %s", err.msg);
    unlink(in("b2/zzend"));
    ok(!reads(in("b2"), true, &n, &err) && err.code == PC_EX_DATA, "no zzend: %s", err.msg);
    ok(!reads(in("nothing"), false, &n, &err) && err.code == PC_EX_NOINPUT, "no such source: %s", err.msg);
    ok(!reads(dir, false, &n, &err) && err.code == PC_EX_DATA, "not a bundle: %s", err.msg);
}

static int make_empty(const char *path)
{
    FILE *f = fopen(path, "w");
    return f ? fclose(f) : -1;
}

static void test_begun_afresh(void)
{
    static const struct pc_use uses[] = {{"psf.fits", PC_MAKE}, {NULL, 0}};
    struct pc_err err = {0};
    struct pc_pass_conf conf = {.src = in("b2/ch00003"), .uses = uses, .accept_uncommitted = true};
    struct pc_pass *pass;
    struct pc_chan chan;
    char leftover[256];
    snprintf(leftover, sizeof leftover, "%s", in("b2/ch00003/.residual.fits.new"));
    ok(!make_empty(leftover), "a leftover");
    if (!ok(!pc_pass_open(&pass, &conf, &err), "open %s", err.msg))
        return;
    ok(pc_pass_channel(pass, &chan, &err) == 1 && chan.index == 3, "channel 3");
    ok(!put_small_image(pass, "psf.fits", 10, 1, false, &err) && !pc_pass_commit(pass, &err),
       "begun afresh %s", err.msg);
    ok(!pc_pass_close(pass, &err), "close");
    ok(exists("b2/ch00003/zzplane") && !exists("b2/ch00003/residual.fits") && !exists("b2/ch00003/state"),
       "what was of before is gone");
    ok(exists("b2/ch00003/vis00000/weight.fits") && exists("b2/ch00003/00plane"),
       "the visibilities are still there");
    ok(access(leftover, F_OK) != 0, "what a killed writer left is cleaned away");
}

static void join(const char *a, const char *b, const char *to)
{
    char cmd[900];
    snprintf(cmd, sizeof cmd, "cat '%s' '%s' >'%s'", a, b, to);
    if (system(cmd))
        diag("cat failed");
}

static void test_concatenated(void)
{
    struct pc_err err = {0};
    int n = 0;
    ok(!write_small(in("d.tar"), 5, 2, 10, 100, &err) && !write_small(in("e.tar"), 7, 1, 11, 100, &err),
       "two more");
    join(in("a.tar"), in("d.tar"), in("ad.tar"));
    ok(!filter_small(in("ad.tar"), in("ad"), 0, 0, &err), "two streams are one: %s", err.msg);
    ok(exists("ad/ch00003/zzplane") && exists("ad/ch00006/zzplane"), "with the channels of both");
    ok(reads(in("ad"), false, &n, &err) && n == 4 * 7, "%d members", n);
    join(in("a.tar"), in("e.tar"), in("ae.tar"));
    ok(!reads(in("ae.tar"), false, &n, &err) && err.code == PC_EX_DATA, "of different cubes: %s", err.msg);
    has(err.msg, "nchan=11", "the difference is said");
    join(in("a.tar"), in("a.tar"), in("aa.tar"));
    ok(!reads(in("aa.tar"), false, &n, &err) && err.code == PC_EX_DATA, "a channel twice: %s", err.msg);
}

int main(int argc, char **argv)
{
    char cmd[64];
    if (argc > 1)
        return command(argc, argv);
    if (!mkdtemp(dir))
        return 1;
    test_forms();
    test_changes();
    test_unfinished();
    test_begun_afresh();
    test_concatenated();
    snprintf(cmd, sizeof cmd, "rm -rf '%s'", dir);
    ok(system(cmd) == 0, "clean up");
    return tap_done();
}
