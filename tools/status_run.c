/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _DEFAULT_SOURCE /* winsize */
#include "tools/status_run.h"

#include "io/cube_verify.h"
#include "io/left_out.h"
#include "io/progress.h"
#include "io/usage.h"

#include <math.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* Waits a moment, but so long that looking, which took look_s, is a small part of it; whether the writer at
 * the other end of standard input is gone. */
static bool input_closed(double look_s)
{
    const double least_s = 0.25, times = 20;
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char buf[256];
    int wait_ms = (int)(1e3 * fmax(least_s, times * look_s));
    return poll(&in, 1, wait_ms) > 0 && read(STDIN_FILENO, buf, sizeof buf) <= 0;
}

/* Columns of the terminal; 0 when they are not known. */
static int terminal_columns(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

static void say_news(const struct pc_text *news, const struct pc_text *bar)
{
    for (const char *s = pc_text_str(news); *s; s = strchr(s, '\n') + 1)
        fprintf(stderr, "%spc-cube: %.*s\n", bar ? "\r\033[K" : "", (int)strcspn(s, "\n"), s);
    int columns = terminal_columns();
    if (bar)
        fprintf(stderr, "\r%.*s\033[K", columns > 1 ? columns - 1 : (int)bar->len, pc_text_str(bar));
}

int status_watch(struct pc_workdir *w, struct pc_err *err)
{
    struct pc_progress progress;
    bool terminal = isatty(STDERR_FILENO), closed = false;
    int rc = pc_progress_init(&progress, w, now_s(), err);
    double look_s = 0;
    while (rc == 0 && !closed) {
        struct pc_text news = {0}, bar = {0};
        closed = input_closed(look_s);
        look_s = now_s();
        rc = pc_progress_news(&progress, now_s(), !terminal, &news, err);
        if (rc == 0 && terminal)
            pc_progress_bar(&progress, now_s(), &bar);
        if (rc == 0)
            say_news(&news, terminal ? &bar : NULL);
        look_s = now_s() - look_s;
        pc_text_free(&news);
        pc_text_free(&bar);
    }
    if (terminal)
        fputc('\n', stderr);
    pc_progress_fini(&progress);
    return rc;
}

int status_verify(struct pc_workdir *w, struct pc_err *err)
{
    struct pc_cube *cube;
    bool holds;
    if (pc_cube_open_work(&cube, w->path, NULL, err))
        return -1;
    int rc = 0;
    for (int i = 0; rc == 0 && i < w->nchan; i++) {
        if (w->chan[i].state != PC_WORK_DONE)
            continue;
        rc = pc_cube_verify(cube, w->chan[i].index, &holds, err);
        if (rc == 0 && !holds)
            printf("%d\n", w->chan[i].index);
    }
    pc_cube_free(cube);
    return rc;
}

/* WORK/selected; empty when there is none. */
static int load_selected(const struct pc_workdir *w, struct pc_record *selected, struct pc_err *err)
{
    struct pc_text path = {0};
    pc_text_add(&path, "%s/selected", w->path);
    const int rc = pc_text_ok(&path, err) || pc_record_load(selected, path.s, 1, err) ? -1 : 0;
    pc_text_free(&path);
    return rc;
}

int status_left_out(const struct pc_workdir *w, struct pc_text *out, struct pc_err *err)
{
    struct pc_record selected;
    if (load_selected(w, &selected, err))
        return -1;
    const size_t before = out->len;
    pc_left_out_words(&selected, out);
    if (out->len > before)
        pc_text_add(out, "\n");
    pc_record_free(&selected);
    return pc_text_ok(out, err);
}

int status_state(const struct pc_workdir *w, struct pc_text *out, struct pc_err *err)
{
    struct pc_usage usage;
    struct pc_record selected;
    double left_s;
    if (pc_progress_left(w, &left_s, err) || load_selected(w, &selected, err))
        return -1;
    pc_usage_look(w->path, &usage);
    pc_text_add(out, "channels=%d\ndone=%d\nrunning=%d\nfailed=%d\ntodo=%d\n", w->nchan,
                w->count[PC_WORK_DONE], w->count[PC_WORK_RUNNING], w->count[PC_WORK_FAILED],
                w->nchan - w->count[PC_WORK_DONE]);
    if (left_s >= 0)
        pc_text_add(out, "left_s=%.0f\n", left_s);
    pc_text_add(out, "mem_byte=%lld\nmem_all_byte=%lld\ndisk_byte=%lld\ndisk_free_byte=%lld\n",
                (long long)usage.mem_byte, (long long)usage.mem_all_byte, (long long)usage.disk_byte,
                (long long)usage.disk_free_byte);
    const int rc = pc_record_format(&selected, out, err);
    pc_record_free(&selected);
    return rc;
}
