/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The new sentence may be made of the old one, so it is put together elsewhere; too long a tail is cut. */
static void compose(struct pc_err *err, const char *fmt, va_list ap, const char *tail)
{
    char msg[sizeof err->msg];
    int n = vsnprintf(msg, sizeof msg, fmt, ap);
    if (n < 0)
        msg[n = 0] = '\0';
    if (tail && (size_t)n < sizeof msg)
        snprintf(msg + n, sizeof msg - (size_t)n, ": %s", tail);
    memcpy(err->msg, msg, sizeof msg);
}

int pc_err_set(struct pc_err *err, int code, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    compose(err, fmt, ap, NULL);
    va_end(ap);
    err->code = code;
    return -1;
}

int pc_err_errno(struct pc_err *err, int code, const char *fmt, ...)
{
    int saved = errno;
    char text[128];
    if (strerror_r(saved, text, sizeof text))
        snprintf(text, sizeof text, "error %d", saved);
    va_list ap;
    va_start(ap, fmt);
    compose(err, fmt, ap, text);
    va_end(ap);
    err->code = saved == ENOMEM ? PC_EX_NOMEM : code;
    return -1;
}

int pc_err_prefix(struct pc_err *err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    compose(err, fmt, ap, err->msg);
    va_end(ap);
    return -1;
}
