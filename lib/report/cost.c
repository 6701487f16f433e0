/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/cost.h"

#include "report/html.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* ---- what it took ---- */

struct use {
    double sum, max;
    int n;
};

static struct use use_of(const struct pc_runinfo *r, const char *key)
{
    struct use u = {0};
    for (int i = 0; i < r->nchan; i++) {
        double v = pc_runinfo_number(&r->chan[i].figures, key);
        if (!isfinite(v))
            continue;
        u.sum += v;
        u.max = fmax(u.max, v);
        u.n++;
    }
    return u;
}

static void put_seconds(struct pc_text *out, double v)
{
    if (!isfinite(v))
        pc_text_add(out, "<td>&ndash;</td>");
    else if (v < 120)
        pc_text_add(out, "<td>%.3g s</td>", v);
    else if (v < 7200)
        pc_text_add(out, "<td>%.1f min</td>", v / 60);
    else
        pc_text_add(out, "<td>%.1f h</td>", v / 3600);
}

static void put_bytes(struct pc_text *out, double v)
{
    if (!isfinite(v))
        pc_text_add(out, "<td>&ndash;</td>");
    else if (v < 1e9)
        pc_text_add(out, "<td>%.3g MB</td>", v * 1e-6);
    else
        pc_text_add(out, "<td>%.3g GB</td>", v * 1e-9);
}

/* One line: a stage's keys are seconds_STAGE and mem_byte_STAGE of the channels, STAGE_mem_byte of the plan.
 */
static void put_stage(const struct pc_runinfo *r, const char *name, const char *seconds, const char *used,
                      const char *planned, struct pc_text *out)
{
    struct use s = use_of(r, seconds), mem = use_of(r, used);
    pc_text_add(out, "<tr><td>%s</td>", name);
    put_seconds(out, s.n ? s.sum / s.n : (double)NAN);
    put_seconds(out, s.n ? s.max : (double)NAN);
    put_seconds(out, s.n ? s.sum : (double)NAN);
    put_bytes(out, pc_runinfo_number(&r->plan, planned));
    put_bytes(out, mem.n ? mem.max : (double)NAN);
    pc_text_add(out, "</tr>\n");
}

static void put_stages(const struct pc_runinfo *r, struct pc_text *out)
{
    static const char *const stages[] = {"psf", "grid", "mask", "clean", "restore"};
    pc_text_add(out,
                "<div class=\"scroll\"><table>\n<tr><th>stage</th><th>a channel, mean</th><th>a channel, "
                "most</th><th>all channels</th><th>memory, predicted</th><th>most used</th></tr>\n");
    for (size_t k = 0; k < sizeof stages / sizeof *stages; k++) {
        char name[32], seconds[32], used[32], planned[32];
        snprintf(name, sizeof name, "pc-%s", stages[k]);
        snprintf(seconds, sizeof seconds, "seconds_%s", stages[k]);
        snprintf(used, sizeof used, "mem_byte_%s", stages[k]);
        snprintf(planned, sizeof planned, "%s_mem_byte", stages[k]);
        put_stage(r, name, seconds, used, planned, out);
    }
    put_stage(r, "together", "seconds", "peak_mem_byte", "mem_byte", out);
    pc_text_add(out, "</table></div>\n");
}

/* Bytes of the cubes, holes not counted. */
static double product_byte(const struct pc_runinfo *r)
{
    static const char *const products[] = {"image", "image.pbcor", "residual", "model",
                                           "mask",  "psf",         "pb",       "sumwt"};
    static const char *const forms[] = {".fits", ".fits.fz"};
    double sum = 0;
    for (size_t k = 0; k < 2 * (sizeof products / sizeof *products); k++) {
        struct pc_text path = {0};
        struct stat st;
        pc_text_add(&path, "%s.%s%s", r->imagename, products[k / 2], forms[k % 2]);
        if (stat(pc_text_str(&path), &st) == 0)
            sum += 512.0 * (double)st.st_blocks;
        pc_text_free(&path);
    }
    return sum > 0 ? sum : (double)NAN;
}

static void put_compared(const struct pc_runinfo *r, struct pc_text *out)
{
    struct use seconds = use_of(r, "seconds"), mem = use_of(r, "peak_mem_byte");
    pc_text_add(out, "<div class=\"scroll\"><table>\n<tr><th></th><th>predicted</th><th>used</th></tr>\n"
                     "<tr><td>time of a channel</td>");
    put_seconds(out, pc_runinfo_number(&r->plan, "channel_time_s"));
    put_seconds(out, seconds.n ? seconds.sum / seconds.n : (double)NAN);
    pc_text_add(out, "</tr>\n<tr><td>memory of a job, most</td>");
    put_bytes(out, pc_runinfo_number(&r->plan, "mem_byte"));
    put_bytes(out, mem.n ? mem.max : (double)NAN);
    pc_text_add(out, "</tr>\n<tr><td>disk for the cubes</td>");
    put_bytes(out, pc_runinfo_number(&r->plan, "product_byte"));
    put_bytes(out, product_byte(r));
    pc_text_add(out, "</tr>\n</table></div>\n");
}

void pc_report_cost(const struct pc_runinfo *r, struct pc_text *out)
{
    pc_text_add(out, "<section id=\"cost\">\n<h2>Time and memory</h2>\n");
    put_stages(r, out);
    put_compared(r, out);
    pc_text_add(out, "</section>\n");
}

/* ---- how to repeat it ---- */

static void put_params(const struct pc_runinfo *r, struct pc_text *out)
{
    pc_text_add(out,
                "<div class=\"scroll\"><table>\n<tr><th>program</th><th class=\"words\">option</th></tr>\n");
    for (size_t i = 0; i < r->params.n; i++) {
        const struct pc_record_line *l = &r->params.line[i];
        if (!*l->value)
            continue;
        pc_text_add(out, "<tr><td>");
        pc_html_text(out, l->key);
        pc_text_add(out, "</td><td class=\"words\">");
        pc_html_text(out, l->value);
        pc_text_add(out, "</td></tr>\n");
    }
    pc_text_add(out, "</table></div>\n");
}

/* A word as the log quotes it ('...'), bare where the shell needs no quotes. Returns where it ends. */
static const char *put_word(const char *s, bool first, struct pc_text *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./=,:^+@%-";
    size_t n = strspn(s + 1, plain);
    if (*s == '\'' && s[1 + n] == '\'' && (s[2 + n] == ' ' || !s[2 + n] || s[2 + n] == '\n') && n > 0) {
        char word[4096];
        snprintf(word, sizeof word, "%.*s", n < sizeof word ? (int)n : (int)sizeof word - 1, s + 1);
        const char *slash = first ? strrchr(word, '/') : NULL;
        pc_html_text(out, slash ? slash + 1 : word);
        return s + 2 + n;
    }
    bool quoted = false;
    for (; *s && *s != '\n' && (quoted || *s != ' '); s++) {
        char c[2] = {*s, '\0'};
        quoted = *s == '\'' ? !quoted : quoted;
        if ((unsigned char)*s < 0x80)
            pc_html_text(out, c);
        else
            pc_text_add_bytes(out, c, 1);
    }
    return s;
}

/* The last command of the log that ran pc-cube. */
static const char *last_command(const char *log)
{
    const char *found = NULL;
    for (const char *s = log; *s; s += strcspn(s, "\n"), s += *s == '\n') {
        const char *word = strchr(s, ' '), *end = word ? strchr(word + 1, ' ') : NULL;
        size_t line = strcspn(s, "\n");
        if (word && end && end < s + line && end - word > 9 && !strncmp(end - 8, "pc-cube'", 8))
            found = word + 1;
    }
    return found;
}

void pc_report_recipe(const struct pc_runinfo *r, struct pc_text *out)
{
    const char *s = last_command(pc_text_str(&r->log)), *cwd = pc_record_get(&r->params, "cwd");
    pc_text_add(out, "<section id=\"recipe\">\n<h2>To repeat it</h2>\n");
    if (s) {
        pc_text_add(out, "<pre id=\"command\">");
        for (bool first = true; *s && *s != '\n'; first = false) {
            s = put_word(s, first, out);
            if (*s == ' ')
                pc_text_add(out, " ");
            s += *s == ' ';
        }
        pc_text_add(out, "</pre>\n");
    } else {
        pc_text_add(out, "<p>The log of commands is not there.</p>\n");
    }
    if (cwd) {
        pc_text_add(out, "<p class=\"soft\">in the directory ");
        pc_html_text(out, cwd);
        pc_text_add(out, "</p>\n");
    }
    pc_text_add(out, "<h2>Parameters</h2>\n");
    put_params(r, out);
    pc_text_add(out, "</section>\n");
}
