/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/warn.h"

#include "base/mem.h"
#include "clean/control.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_REASONS = 12, MOST_RANGES = 12, MOST_SAID = 100 };

/* ---- which channels ---- */

/* "3, 5~9": those that `is` takes. Returns how many. */
static int list(const struct pc_runinfo *r, bool (*is)(const struct pc_runchan *c, double level),
                double level, struct pc_text *out)
{
    int n = 0, ranges = 0;
    for (int i = 0; i < r->nchan; i++) {
        int first = i;
        if (!is(&r->chan[i], level))
            continue;
        while (i + 1 < r->nchan && is(&r->chan[i + 1], level) && r->chan[i + 1].index == r->chan[i].index + 1)
            i++;
        n += i - first + 1;
        if (++ranges > MOST_RANGES)
            continue;
        pc_text_add(out, "%s%d", ranges > 1 ? ", " : "", r->chan[first].index);
        if (i > first)
            pc_text_add(out, "~%d", r->chan[i].index);
    }
    if (ranges > MOST_RANGES)
        pc_text_add(out, " ...");
    return n;
}

static bool is_state(const struct pc_runchan *c, double state)
{
    return c->state == (enum pc_work_state)lrint(state);
}

static bool is_stop(const struct pc_runchan *c, double stop)
{
    return pc_runinfo_number(&c->figures, "stopcode") == stop;
}

static bool is_noisy(const struct pc_runchan *c, double rms_jy)
{
    return pc_runinfo_number(&c->figures, "rms_jy") > rms_jy;
}

/* Of the beam times the frequency, which the array alone makes. */
static double beam_of(const struct pc_runchan *c)
{
    return pc_runinfo_number(&c->figures, "beam_maj_arcsec") * pc_runinfo_number(&c->figures, "freq_hz");
}

static bool is_wide(const struct pc_runchan *c, double beam)
{
    return beam_of(c) > beam;
}

static double rms_of(const struct pc_runchan *c)
{
    return pc_runinfo_number(&c->figures, "rms_jy");
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* NaN when nothing is known. */
static int median(const struct pc_runinfo *r, double (*of)(const struct pc_runchan *c), double *value,
                  struct pc_err *err)
{
    int n = 0;
    double *v = pc_mem_new(r->nchan, sizeof *v, "channels", err);
    if (!v)
        return -1;
    for (int i = 0; i < r->nchan; i++) {
        v[n] = of(&r->chan[i]);
        n += isfinite(v[n]);
    }
    qsort(v, (size_t)n, sizeof *v, by_value);
    *value = n ? v[n / 2] : (double)NAN;
    pc_mem_free(v);
    return 0;
}

/* ---- sentences ---- */

static const char *plural(int n)
{
    return n == 1 ? "channel" : "channels";
}

/* "12 channels (3~14): WHAT". */
static int say(const struct pc_runinfo *r, bool (*is)(const struct pc_runchan *c, double level), double level,
               const char *what, struct pc_text *out)
{
    struct pc_text which = {0};
    int n = list(r, is, level, &which);
    if (n > 0)
        pc_text_add(out, "%d %s (%s): %s\n", n, plural(n), pc_text_str(&which), what);
    out->bad = out->bad || which.bad;
    pc_text_free(&which);
    return n;
}

static void say_reasons(const struct pc_runinfo *r, struct pc_text *out)
{
    int n = 0, failed = say(r, is_state, PC_WORK_FAILED, "failed, and blank in the cubes", out);
    for (int i = 0; i < r->nchan && n < MOST_REASONS; i++) {
        const struct pc_record *f = &r->chan[i].figures;
        const char *stage = pc_record_get(f, "stage"), *reason = pc_record_get(f, "reason");
        if (r->chan[i].state != PC_WORK_FAILED)
            continue;
        pc_text_add(out, "channel %d failed in %s: %s\n", r->chan[i].index, stage ? stage : "?",
                    reason ? reason : "no sentence was left");
        n++;
    }
    if (failed > n)
        pc_text_add(out, "and %d more failed likewise or otherwise\n", failed - n);
}

/* An automatic mask finds nothing where there is nothing: only where it found nothing at all is that a
 * warning. */
static bool is_usual(const struct pc_runinfo *r, enum pc_stop stop)
{
    const char *usemask = pc_runinfo_param(r, "pc-mask", "usemask");
    if (stop != PC_STOP_ZERO_MASK || !usemask || strcmp(usemask, "auto-multithresh") != 0)
        return false;
    for (int i = 0; i < r->nchan; i++)
        if (r->chan[i].state == PC_WORK_DONE && !is_stop(&r->chan[i], PC_STOP_ZERO_MASK) &&
            !is_stop(&r->chan[i], PC_STOP_NO_DATA))
            return true;
    return false;
}

static void say_stops(const struct pc_runinfo *r, struct pc_text *out)
{
    static const struct {
        enum pc_stop stop;
        const char *what;
    } stops[] = {
        {PC_STOP_DIVERGING, "diverged in a major cycle; the best model before that is kept"},
        {PC_STOP_DIVERGED, "diverged; the best model before that is kept"},
        {PC_STOP_NO_CHANGE, "stopped above the threshold, as the peak no longer changed"},
        {PC_STOP_NITER, "reached the limit of iterations (niter) before the threshold"},
        {PC_STOP_NMAJOR, "reached the limit of major cycles (nmajor) before the threshold"},
        {PC_STOP_FORCED, "stopped by the user"},
        {PC_STOP_ZERO_MASK, "not cleaned, or not further: the mask is empty"},
        {PC_STOP_NO_DATA, "without data, and blank"},
    };
    for (size_t k = 0; k < sizeof stops / sizeof *stops; k++)
        if (!is_usual(r, stops[k].stop))
            say(r, is_stop, stops[k].stop, stops[k].what, out);
}

static int say_outliers(const struct pc_runinfo *r, struct pc_text *out, struct pc_err *err)
{
    double rms, beam;
    if (median(r, rms_of, &rms, err) || median(r, beam_of, &beam, err))
        return -1;
    if (rms > 0)
        say(r, is_noisy, 2 * rms, "more than twice the usual noise", out);
    if (beam > 0)
        say(r, is_wide, 1.2 * beam, "a beam that is wider than the usual by a fifth or more", out);
    return 0;
}

static void say_cost(const struct pc_runinfo *r, struct pc_text *out)
{
    double planned = pc_runinfo_number(&r->plan, "mem_byte"), used = 0;
    const char *cpu = NULL;
    bool mixed = false;
    for (int i = 0; i < r->nchan; i++) {
        const char *mine = pc_record_get(&r->chan[i].figures, "cpu");
        used = fmax(used, pc_runinfo_number(&r->chan[i].figures, "peak_mem_byte"));
        mixed = mixed || (cpu && mine && strcmp(cpu, mine));
        cpu = mine ? mine : cpu;
    }
    if (used > 1.1 * planned)
        pc_text_add(out, "a channel took %.3g MB of memory where %.3g MB were predicted\n", used * 1e-6,
                    planned * 1e-6);
    if (mixed)
        pc_text_add(out,
                    "channels were made on different processors, which agree to 1e-6 of the peak only\n");
}

/* ---- what the tools said ---- */

/* Each sentence once, its channel's number taken out. */
struct said {
    char *line[MOST_SAID];
    int times[MOST_SAID], n;
};

static void drop_channel(char *s)
{
    char *p = strstr(s, "ch0");
    size_t n = p ? strspn(p + 2, "0123456789") + 2 : 0;
    if (n < 7)
        return;
    n += strspn(p + n, ": /");
    memmove(p, p + n, strlen(p + n) + 1);
}

static int hear_line(struct said *said, const char *s, size_t len, struct pc_err *err)
{
    char *line = strndup(s, len);
    if (!line)
        return pc_err_set(err, PC_EX_NOMEM, "no memory for a warning");
    drop_channel(line);
    int k = 0;
    while (k < said->n && strcmp(said->line[k], line))
        k++;
    if (k < said->n || said->n == MOST_SAID) {
        free(line);
        said->times[k < said->n ? k : MOST_SAID - 1]++;
        return 0;
    }
    said->line[k] = line;
    said->times[k] = 1;
    said->n++;
    return 0;
}

static int hear(const struct pc_runinfo *r, const char *name, struct said *said, struct pc_err *err)
{
    struct pc_text path = {0}, text = {0};
    pc_text_add(&path, "%s/%s.log", r->dir.path, name);
    int bad = pc_text_ok(&path, err) || pc_runinfo_read(path.s, &text, err);
    for (const char *s = pc_text_str(&text); !bad && *s;) {
        size_t len = strcspn(s, "\n");
        const char *at = strstr(s, "warning: ");
        if (at && at < s + len)
            bad = hear_line(said, s, len, err);
        s += len + (s[len] == '\n');
    }
    pc_text_free(&path);
    pc_text_free(&text);
    return bad ? -1 : 0;
}

static int say_said(const struct pc_runinfo *r, struct pc_text *out, struct pc_err *err)
{
    static const char *const phases[] = {"select", "density", "plan", "finish"};
    struct said said = {.n = 0};
    int bad = 0;
    for (size_t k = 0; k < sizeof phases / sizeof *phases && !bad; k++)
        bad = hear(r, phases[k], &said, err);
    for (int i = 0; i < r->nchan && !bad; i++) {
        char name[32];
        snprintf(name, sizeof name, "ch%05d", r->chan[i].index);
        bad = hear(r, name, &said, err);
    }
    for (int k = 0; k < said.n; k++) {
        pc_text_add(out, "%s", said.line[k]);
        pc_text_add(out, said.times[k] > 1 ? " (%d times)\n" : "\n", said.times[k]);
        free(said.line[k]);
    }
    return bad;
}

int pc_report_warnings(const struct pc_runinfo *r, struct pc_text *out, struct pc_err *err)
{
    say(r, is_state, PC_WORK_TODO, "not done yet", out);
    say(r, is_state, PC_WORK_RUNNING, "at work now", out);
    say_reasons(r, out);
    say_stops(r, out);
    if (say_outliers(r, out, err))
        return -1;
    say_cost(r, out);
    return say_said(r, out, err) ? -1 : pc_text_ok(out, err);
}
