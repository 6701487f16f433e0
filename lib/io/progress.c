/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/progress.h"

#include "base/mem.h"
#include "io/usage.h"

int pc_progress_init(struct pc_progress *p, struct pc_workdir *w, double now_s, struct pc_err *err)
{
    *p = (struct pc_progress){.w = w, .ndone_begin = w->count[PC_WORK_DONE], .begin_s = now_s};
    p->said = pc_mem_new0(w->nchan, sizeof *p->said, "states of the channels", err);
    if (!p->said)
        return -1;
    for (int i = 0; i < w->nchan; i++)
        p->said[i] = w->chan[i].state;
    return 0;
}

static void add_time(struct pc_text *out, double s)
{
    long t = (long)(s + 0.5);
    if (t >= 3600)
        pc_text_add(out, "%ld:%02ld:%02ld left", t / 3600, t / 60 % 60, t % 60);
    else
        pc_text_add(out, "%ld:%02ld left", t / 60, t % 60);
}

static void add_time_left(const struct pc_progress *p, double now_s, struct pc_text *out)
{
    const int *count = p->w->count;
    int ndone = count[PC_WORK_DONE] - p->ndone_begin;
    int nleft = count[PC_WORK_TODO] + count[PC_WORK_RUNNING];
    if (nleft == 0 || ndone <= 0)
        return;
    pc_text_add(out, ", ");
    add_time(out, (now_s - p->begin_s) / ndone * nleft);
}

static void add_done(const struct pc_progress *p, int index, const struct pc_record *r, double now_s,
                     struct pc_text *out)
{
    static const char *const keys[] = {"peak_jy", "rms_jy", "iterdone", "nmajor", "stopcode", "seconds"};
    pc_text_add(out, "ch%05d done", index);
    for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
        if (pc_record_has(r, keys[k]))
            pc_text_add(out, " %s=%s", keys[k], pc_record_get(r, keys[k]));
    pc_text_add(out, " (%d of %d", p->w->count[PC_WORK_DONE], p->w->nchan);
    add_time_left(p, now_s, out);
    pc_text_add(out, ")\n");
}

static void add_failed(int index, const struct pc_record *r, struct pc_text *out)
{
    const char *stage = pc_record_get(r, "stage"), *reason = pc_record_get(r, "reason");
    pc_text_add(out, "ch%05d failed in %s: %s\n", index, stage ? stage : "?", reason ? reason : "?");
}

int pc_progress_news(struct pc_progress *p, double now_s, bool each, struct pc_text *out, struct pc_err *err)
{
    struct pc_workdir *w = p->w;
    if (pc_workdir_scan(w, err))
        return -1;
    for (int i = 0; i < w->nchan; i++) {
        enum pc_work_state state = w->chan[i].state;
        if (state == p->said[i])
            continue;
        p->said[i] = state;
        struct pc_record r = {0};
        bool tell = state == PC_WORK_FAILED || (state == PC_WORK_DONE && each);
        if (tell && pc_workdir_record(w, w->chan[i].index, &r, err))
            return -1;
        if (tell && state == PC_WORK_DONE)
            add_done(p, w->chan[i].index, &r, now_s, out);
        else if (tell)
            add_failed(w->chan[i].index, &r, out);
        pc_record_free(&r);
    }
    return pc_text_ok(out, err);
}

void pc_progress_bar(const struct pc_progress *p, double now_s, struct pc_text *out)
{
    enum { WIDTH = 30 };
    const int *count = p->w->count;
    int nfull = (int)((long long)WIDTH * count[PC_WORK_DONE] / p->w->nchan);
    pc_text_add(out, "[");
    for (int i = 0; i < WIDTH; i++)
        pc_text_add(out, i < nfull ? "#" : ".");
    pc_text_add(out, "] %d of %d done, %d in flight", count[PC_WORK_DONE], p->w->nchan,
                count[PC_WORK_RUNNING]);
    if (count[PC_WORK_FAILED])
        pc_text_add(out, ", %d failed", count[PC_WORK_FAILED]);
    add_time_left(p, now_s, out);
    struct pc_usage usage;
    pc_usage_look(p->w->path, &usage);
    pc_text_add(out, "; ");
    pc_usage_words(&usage, out);
}

int pc_progress_left(const struct pc_workdir *w, double *left_s, struct pc_err *err)
{
    double sum_s = 0, s;
    int n = 0, nleft = w->count[PC_WORK_TODO] + w->count[PC_WORK_RUNNING];
    for (int i = 0; i < w->nchan; i++) {
        struct pc_record r = {0};
        if (w->chan[i].state != PC_WORK_DONE)
            continue;
        int rc = pc_workdir_record(w, w->chan[i].index, &r, err);
        if (rc == 0 && pc_record_has(&r, "seconds") && (rc = pc_record_double(&r, "seconds", &s, err)) == 0)
            sum_s += s, n++;
        pc_record_free(&r);
        if (rc)
            return -1;
    }
    *left_s = n && w->count[PC_WORK_RUNNING] ? sum_s / n * nleft / w->count[PC_WORK_RUNNING] : -1;
    if (nleft == 0)
        *left_s = 0;
    return 0;
}

void pc_progress_fini(struct pc_progress *p)
{
    pc_mem_free(p->said);
    *p = (struct pc_progress){0};
}
