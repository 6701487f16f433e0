/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include <stdarg.h>
#include <string.h>

/* One fwrite per line: stderr is unbuffered, and the programs of a pipe share it. */
static void line(struct pc_log *log, const char *kind, const char *fmt, va_list ap)
{
    char s[2048];
    int n = snprintf(s, sizeof s, "%s: %s", log->tool ? log->tool : "pc", kind);
    size_t len = n < 0 ? 0 : (size_t)n;
    n = vsnprintf(s + len, sizeof s - len - 1, fmt, ap);
    len += n < 0 ? 0 : (size_t)n;
    if (len > sizeof s - 2)
        len = sizeof s - 2;
    s[len++] = '\n';
    fwrite(s, 1, len, log->out);
    fflush(log->out);
}

void pc_log_warn(struct pc_log *log, const char *fmt, ...)
{
    if (!log)
        return;
    log->nwarn++;
    if (!log->out)
        return;
    va_list ap;
    va_start(ap, fmt);
    line(log, "warning: ", fmt, ap);
    va_end(ap);
}

void pc_log_note(struct pc_log *log, const char *fmt, ...)
{
    if (!log || !log->out || log->verbose < 1)
        return;
    va_list ap;
    va_start(ap, fmt);
    line(log, "", fmt, ap);
    va_end(ap);
}

void pc_log_line(struct pc_log *log, const char *fmt, ...)
{
    if (!log || !log->out)
        return;
    va_list ap;
    va_start(ap, fmt);
    line(log, "", fmt, ap);
    va_end(ap);
}
