/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run's records: states of channels, the table, the progress lines, and what a stage took. */
#define _DEFAULT_SOURCE /* flock, mkdtemp */
#include "base/child.h"
#include "clean/control.h"
#include "io/progress.h"
#include "io/report.h"
#include "io/stage.h"
#include "io/usage.h"
#include "io/workdir.h"
#include "tests/unit/tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static char dir[] = "/tmp/pc-workdir-XXXXXX";
static struct pc_err err;

static void write_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    ok(f && fputs(text, f) >= 0 && fclose(f) == 0, "%s is written", name);
}

static void test_states(void)
{
    struct pc_workdir w;
    write_file("channels", "0\n7\n8\n100000\n");
    write_file("ch00000.done", "index=0\npeak_jy=0.5\nstopcode=2\nfreq_hz=1.5e9\n");
    write_file("ch00000.failed", "index=0\n");
    write_file("ch00007.failed", "index=7\nstage=grid\nreason=no\troom\n");
    write_file("ch00008.lock", "");
    write_file("ch100000.done", ""); /* empty is not a record */
    int fd = open("ch00008.lock", O_RDWR);
    is_int(flock(fd, LOCK_EX | LOCK_NB), 0, "a job holds its channel's lock");
    is_int(pc_workdir_open(&w, dir, &err), 0, "the directory opens");
    is_int(w.nchan, 4, "channels");
    is_int(w.chan[0].state, PC_WORK_DONE, "a done record beats a failed one");
    is_int(w.chan[1].state, PC_WORK_FAILED, "failed");
    is_int(w.chan[2].state, PC_WORK_RUNNING, "its lock is held");
    is_int(w.chan[3].state, PC_WORK_TODO, "an empty record is none");
    is_int(w.count[PC_WORK_DONE], 1, "one is done");
    close(fd);
    is_int(pc_workdir_scan(&w, &err), 0, "scans again");
    is_int(w.chan[2].state, PC_WORK_TODO, "a lock that nobody holds means nothing");
    pc_workdir_close(&w);
}

static void test_table(void)
{
    struct pc_workdir w;
    struct pc_text t = {0};
    is_int(pc_workdir_open(&w, dir, &err), 0, "the directory opens");
    is_int(pc_workdir_table(&w, pc_stop_words, &t, &err), 0, "a table");
    int rows = 0, tabs = 0, tabs_heading = 0;
    for (const char *s = pc_text_str(&t); *s; s++) {
        rows += *s == '\n';
        tabs += *s == '\t';
        tabs_heading += *s == '\t' && rows == 0;
    }
    is_int(rows, 5, "a heading and a row per channel");
    is_int(tabs, 5 * tabs_heading, "as many fields in every row; a tab in a reason is none");
    has(pc_text_str(&t), "\n0\t1.5e9\tnan\t", "what is known and what is not");
    has(pc_text_str(&t), "\tthreshold reached\t\n", "the stop code in words");
    has(pc_text_str(&t), "\tno room\n", "the reason of a failure");
    pc_text_free(&t);
    pc_workdir_close(&w);
}

static void test_progress(void)
{
    struct pc_workdir w;
    struct pc_progress p;
    struct pc_text t = {0}, bar = {0};
    is_int(pc_workdir_open(&w, dir, &err), 0, "the directory opens");
    is_int(pc_progress_init(&p, &w, 100, &err), 0, "progress begins");
    is_int(pc_progress_news(&p, 101, true, &t, &err), 0, "news");
    is_str(pc_text_str(&t), "", "what was there before is no news");
    write_file("ch00008.done", "index=8\npeak_jy=2\n");
    is_int(pc_progress_news(&p, 130, true, &t, &err), 0, "news");
    is_str(pc_text_str(&t), "ch00008 done peak_jy=2 (2 of 4, 0:30 left)\n", "one in 30 s, one to go");
    pc_progress_bar(&p, 130, &bar);
    ok(strncmp(pc_text_str(&bar),
               "[###############...............] 2 of 4 done, 0 in flight, 1 failed, 0:30 left; memory ",
               86) == 0,
       "bar: %s", pc_text_str(&bar));
    write_file("ch100000.failed", "index=100000\nstage=psf\nreason=too bad\n");
    pc_text_free(&t);
    is_int(pc_progress_news(&p, 131, false, &t, &err), 0, "news");
    is_str(pc_text_str(&t), "ch100000 failed in psf: too bad\n", "a failure is always told");
    pc_text_free(&t);
    pc_text_free(&bar);
    pc_progress_fini(&p);
    pc_workdir_close(&w);
}

static void test_report(void)
{
    struct pc_workdir w;
    struct pc_text t = {0};
    write_file("truth", "# chan l m flux\n0 0 0 0.25\n7 0 0 9\n0 1e-6 -1e-6 0.5\n3 0 0 1\n");
    is_int(pc_workdir_open(&w, dir, &err), 0, "the directory opens");
    is_int(pc_report(&w, "truth", pc_stop_words, &t, &err), 0, "a report");
    has(pc_text_str(&t), "    0    1.500000 ", "frequency in GHz");
    has(pc_text_str(&t), "      nan    0.750  threshold reached\n",
        "fluxes put in are summed; what was found is not known");
    has(pc_text_str(&t), "    7  failed in grid\n", "a failure");
    pc_text_free(&t);
    write_file("truth", "0 0 zero 0.25\n");
    is_int(pc_report(&w, "truth", pc_stop_words, &t, &err), -1, "a damaged table");
    is_int(err.code, PC_EX_DATA, "is 65");
    pc_text_free(&t);
    pc_workdir_close(&w);
}

static void test_damage(void)
{
    struct pc_workdir w;
    write_file("channels", "0\nx\n");
    is_int(pc_workdir_open(&w, dir, &err), -1, "a damaged list is refused");
    is_int(err.code, PC_EX_DATA, "with 65");
    has(err.msg, "line 2", "and the line");
    unlink("channels");
    is_int(pc_workdir_open(&w, dir, &err), -1, "no list");
    is_int(err.code, PC_EX_NOINPUT, "is 66");
}

/* What is in use, against what the system's own programs say. */
static void test_usage(void)
{
    struct pc_usage u;
    struct stat st;
    char block[8192];
    memset(block, 1, sizeof block);
    ok(mkdir("cube", 0777) == 0, "a directory of cubes");
    FILE *f = fopen("cube/image.fits", "w");
    ok(f && fwrite(block, sizeof block, 1, f) == 1 && fseek(f, 1 << 20, SEEK_SET) == 0 &&
           fwrite(block, sizeof block, 1, f) == 1 && fclose(f) == 0 && stat("cube/image.fits", &st) == 0,
       "a cube with a hole");
    pc_usage_look(".", &u);
    ok(u.disk_byte >= (int64_t)st.st_blocks * 512 && u.disk_byte < st.st_size,
       "its blocks count, its hole does not: %lld", (long long)u.disk_byte);
    ok(u.disk_free_byte > 0 && u.mem_byte > 0 && u.mem_byte < u.mem_all_byte, "of %lld bytes, %lld are taken",
       (long long)u.mem_all_byte, (long long)u.mem_byte);
    struct pc_text t = {0};
    pc_usage_words(&(struct pc_usage){3100000000, 24000000000, 12000000000, -1}, &t);
    is_str(pc_text_str(&t), "memory 3.1 of 24 GB, cubes 12 GB", "in words");
    pc_text_free(&t);
}

static void test_stage(void)
{
    const char *const good[] = {"sh", "-c", "sleep 0.2", NULL},
                      *const bad[] = {"sh", "-c", "kill -9 $$", NULL},
                      *const none[] = {"./no-such-program", NULL};
    struct pc_record r;
    double grid_s = 0, all_s = 0, mem_byte = 0;
    int status = -1;
    is_int(pc_stage_run(good, "grid", 1, "notes", 0, &status, &err), 0, "a command runs");
    is_int(status, 0, "and succeeds");
    is_int(pc_stage_run(good, "grid", 1, "notes", 0, &status, &err), 0, "again");
    is_int(pc_stage_run(bad, "mask", 1, "notes", 0, &status, &err), 0, "one is killed");
    is_int(status, 137, "and its status is a shell's");
    is_int(pc_stage_run(none, "mask", 1, "notes", 0, &status, &err), 0, "one is not there");
    is_int(status, 127, "127");
    is_int(pc_record_load(&r, "notes", 0, &err), 0, "the record");
    is_int(pc_record_double(&r, "seconds_grid", &grid_s, &err), 0, "has the stage");
    is_int(pc_record_double(&r, "seconds", &all_s, &err), 0, "and all");
    is_int(pc_record_double(&r, "peak_mem_byte", &mem_byte, &err), 0, "and memory");
    ok(grid_s >= 0.4 && grid_s < 30, "seconds of both calls: %g", grid_s);
    ok(all_s >= grid_s, "the sum is not less: %g", all_s);
    ok(mem_byte > 1e5 && mem_byte < 1e9, "a shell's memory: %g", mem_byte);
    pc_record_free(&r);
}

static void test_timeout(void)
{
    const char *const slow[] = {"sleep", "60", NULL},
                      *const deaf[] = {"sh", "-c", "trap '' TERM; sleep 4; sleep 4", NULL},
                      *const quick[] = {"true", NULL};
    int status = -1;
    is_int(pc_stage_run(slow, "mask", 1, "notes", 0.1, &status, &err), 0, "one takes too long");
    is_int(status, 124, "and is ended");
    is_int(pc_stage_run(deaf, "mask", 1, "notes", 0.1, &status, &err), 0, "one does not listen");
    is_int(status, 124, "and is ended as well");
    is_int(pc_stage_run(quick, "mask", 1, "notes", 60, &status, &err), 0, "one has time enough");
    is_int(status, 0, "and is not");
}

static void test_stage_of_many(void)
{
    const char *const command[] = {"sh", "-c", "sleep 0.4", NULL};
    struct pc_record r;
    double clean_s = 0, all_s = 0, mem_byte = 0, peak_byte = 0;
    int status = -1;
    unlink("notes");
    is_int(pc_stage_run(command, "psf", 1, "notes", 0, &status, &err), 0, "a stage of one channel");
    is_int(pc_stage_run(command, "clean", 8, "notes", 0, &status, &err), 0, "a stage of eight");
    is_int(pc_record_load(&r, "notes", 0, &err), 0, "the record");
    is_int(pc_record_double(&r, "seconds_clean", &clean_s, &err), 0, "has the stage");
    is_int(pc_record_double(&r, "seconds", &all_s, &err), 0, "and all");
    is_int(pc_record_double(&r, "mem_byte_clean", &mem_byte, &err), 0, "the memory of the stage");
    is_int(pc_record_double(&r, "peak_mem_byte", &peak_byte, &err), 0, "and the largest");
    ok(clean_s >= 0.05 && clean_s < 0.4, "a channel's share of 0.4 s: %g", clean_s);
    ok(all_s >= 0.45 && all_s > clean_s, "is added to what was there: %g", all_s);
    ok(mem_byte > 1e5 && mem_byte <= peak_byte, "memory is not shared: %g", mem_byte);
    pc_record_free(&r);
}

int main(void)
{
    if (!ok(mkdtemp(dir) && chdir(dir) == 0, "a directory to work in"))
        return tap_done();
    test_states();
    test_table();
    test_progress();
    test_report();
    test_damage();
    test_usage();
    test_stage();
    test_timeout();
    test_stage_of_many();
    struct pc_child rm;
    const char *const remove_dir[] = {"rm", "-rf", dir, NULL};
    ok(chdir("/") == 0 && pc_child_run(remove_dir, 0, &rm, &err) == 0 && rm.status == 0, "all is removed");
    return tap_done();
}
