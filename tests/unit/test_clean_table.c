/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of cycles, and the file that many processes put their rows into. */
#include "clean/table.h"
#include "io/tablefile.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const char HEADING[] = "channel\tvalue\n";

static void is_table(const struct pc_state *s, const char *want, const char *name)
{
    struct pc_text t = {0};
    pc_cycles_rows("ch00007", s, &t);
    is_str(pc_text_str(&t), want, name);
    pc_text_free(&t);
}

/* A table has as many fields in every row. */
static int tabs(const char *s)
{
    int n = 0;
    for (; *s && *s != '\n'; s++)
        n += *s == '\t';
    return n;
}

static void test_rows(void)
{
    struct pc_cycle c[2] = {{.iterdone = 5,
                             .startpeak_jy = 1,
                             .peakres_jy = 0.25,
                             .peakres_nomask_jy = NAN,
                             .modelflux_jy = 0.75,
                             .cyclethreshold_jy = 0.3,
                             .rms_jy = 0.125,
                             .masksum = 9,
                             .stop = 2,
                             .startpeak_nomask_jy = 2,
                             .nsigma_jy = 0.1,
                             .stokes = "I"}};
    struct pc_state s;
    struct pc_text heading = {0};
    pc_state_init(&s);
    is_table(&s, "", "nothing happened");
    s.stopcode = -1;
    is_table(&s,
             "ch00007\t0\t-\t0\tnan\tnan\tnan\tnan\tnan\tnan\t0\tnan\tnan\tnan\t0\t0\tnothing to "
             "do\t-1\tno data\n",
             "a channel without data");
    s.stopcode = 7, s.peakres_jy = 1, s.peak_prev_jy = 2, s.cyclethreshold_jy = 0.3;
    is_table(&s,
             "ch00007\t0\t-\t0\t1\t2\t1\t2\tnan\tnan\t0\tnan\t0.3\tnan\t0\t0\tnothing to do\t7\tzero mask\n",
             "a stop before any cycle");
    s.stopcode = 0, s.cycle = c, s.ncycle = 1;
    const char *first =
        "ch00007\t1\tI\t5\t1\t2\t0.25\tnan\tnan\tnan\t0.75\t0.125\t0.3\t0.1\t9\t2\tcyclethreshold"
        "\t0\tnot stopped\n";
    is_table(&s, first, "a cycle after which nothing was tested yet");
    pc_cycles_header(&heading);
    is_int(tabs(pc_text_str(&heading)), tabs(first), "the heading has a name for each");
    pc_text_free(&heading);
    c[1] = c[0];
    c[1].startpeak_jy = 0.26, c[1].startpeak_nomask_jy = 1.5, c[1].stop = 4;
    strcpy(c[1].stokes, "IV");
    c[1].nplane = 1;
    c[1].plane[0] = (struct pc_cycle_plane){.iterdone = 3, .stokes = "V", .stop = 1};
    s.ncycle = 2, s.stopcode = 6, s.peakres_jy = 8, s.peak_prev_jy = 9;
    is_table(
        &s,
        "ch00007\t1\tI\t5\t1\t2\t0.25\tnan\t0.26\t1.5\t0.75\t0.125\t0.3\t0.1\t9\t2\tcyclethreshold\t0\tnot "
        "stopped\n"
        "ch00007\t2\tIV\t5\t0.26\t1.5\t0.25\tnan\t8\t9\t0.75\t0.125\t0.3\t0.1\t9\t4\tdiverging\t6\tdiverged "
        "from the lowest peak\n"
        "ch00007\t2\tV\t3\t0\t0\t0\t0\tnan\tnan\t0\t0\t0.3\t0\t0\t1\tcycleniter\t6\tdiverged from the "
        "lowest peak\n",
        "what came after a cycle, its planes, and why the channel stopped");
    is_str(pc_minor_stop_words(7), "unknown", "a minor stop code that is none");
}

static char *slurp(const char *path, char *buf, size_t cap)
{
    FILE *f = fopen(path, "r");
    buf[f ? fread(buf, 1, cap - 1, f) : 0] = '\0';
    if (f)
        fclose(f);
    return buf;
}

static void puts_to(const char *path, const char *key, const char *rows, const char *want, const char *name)
{
    char buf[4096];
    struct pc_err err = {0};
    if (pc_tablefile_put(path, HEADING, key, rows, &err))
        diag("%s", err.msg);
    is_str(slurp(path, buf, sizeof buf), want, name);
}

static void test_file(const char *path)
{
    struct pc_err err = {0};
    puts_to(path, "", "", "channel\tvalue\n", "a new file has the heading");
    puts_to(path, "ch2", "ch2\ta\nch2\tb\n", "channel\tvalue\nch2\ta\nch2\tb\n", "rows");
    puts_to(path, "ch10", "ch10\tc\n", "channel\tvalue\nch2\ta\nch2\tb\nch10\tc\n",
            "a longer key comes later");
    puts_to(path, "ch1", "ch1\td\n", "channel\tvalue\nch1\td\nch2\ta\nch2\tb\nch10\tc\n",
            "a smaller one before");
    puts_to(path, "ch2", "ch2\te\n", "channel\tvalue\nch1\td\nch2\te\nch10\tc\n", "rows are replaced");
    puts_to(path, "ch10", "", "channel\tvalue\nch1\td\nch2\te\n", "and taken away");
    puts_to(path, "ch", "", "channel\tvalue\nch1\td\nch2\te\n", "a key that only begins alike is another");
    ok(pc_tablefile_put(path, "other\n", "ch1", "", &err) < 0 && err.code == PC_EX_DATA,
       "another table is refused: %s", err.msg);
    ok(pc_tablefile_put("/nowhere/table", HEADING, "ch1", "", &err) < 0 && err.code == PC_EX_CANTCREAT,
       "a place that is none");
    ok(pc_tablefile_put("/dev/null", HEADING, "ch1", "ch1\ta\n", &err) == 0,
       "what is no file takes the rows");
    unlink(path);
}

/* Many processes at once lose nothing, and leave the file that one would. */
static void test_many(const char *path)
{
    enum { NPROC = 6, NKEY = 15 };
    char want[8192] = "channel\tvalue\n", got[8192];
    int bad = 0, status;
    fflush(stdout);
    for (int p = 0; p < NPROC; p++)
        if (fork() == 0) {
            struct pc_err err = {0};
            int failed = 0;
            for (int k = 0; k < NKEY; k++) {
                char key[16], row[64];
                snprintf(key, sizeof key, "ch%05d", k * NPROC + p);
                snprintf(row, sizeof row, "%s\t%d\n", key, k);
                failed |= pc_tablefile_put(path, HEADING, key, row, &err);
            }
            _exit(failed != 0);
        }
    while (wait(&status) > 0)
        bad |= status;
    for (int i = 0; i < NPROC * NKEY; i++)
        snprintf(want + strlen(want), sizeof want - strlen(want), "ch%05d\t%d\n", i, i / NPROC);
    is_int(bad, 0, "all of them succeed");
    is_str(slurp(path, got, sizeof got), want, "and every row is there, in order");
    unlink(path);
}

int main(void)
{
    char dir[] = "/tmp/pc-test-table.XXXXXX", path[64];
    test_rows();
    if (!ok(mkdtemp(dir) != NULL, "a directory"))
        return tap_done();
    snprintf(path, sizeof path, "%s/t.tsv", dir);
    test_file(path);
    test_many(path);
    is_int(rmdir(dir), 0, "nothing else is left");
    return tap_done();
}
