/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_BASE_ERR_H
#define PC_BASE_ERR_H

/* An error: the exit status it deserves and one sentence for the user.
 *
 * Every function that can fail returns 0 (or a count) and -1, and takes a struct pc_err as its last argument.
 * The sentence is written once, where the failure is seen: what was wrong, where, what would be right, with
 * the values. Callers who know more put it in front with pc_err_prefix(). No errors are kept globally. */

enum pc_exit {
    PC_EX_OK = 0,
    PC_EX_DIFFERS = 1,      /* pc-diff, pc-check: differs; pc-cube: some channels failed */
    PC_EX_USAGE = 64,       /* wrong options */
    PC_EX_DATA = 65,        /* bad or truncated data */
    PC_EX_NOINPUT = 66,     /* no such input */
    PC_EX_UNAVAILABLE = 69, /* a needed program or library is missing */
    PC_EX_BUG = 70,         /* our bug */
    PC_EX_CANTCREAT = 73,   /* cannot create output */
    PC_EX_IOERR = 74,       /* cannot write or read */
    PC_EX_NOMEM = 75        /* not enough memory; fewer jobs may help */
};

struct pc_err {
    int code; /* enum pc_exit; 0: nothing happened */
    char msg[1024];
};

#define PC_PRINTF(fmt_arg, first_arg) __attribute__((format(printf, fmt_arg, first_arg)))
#define PC_MUST_CHECK __attribute__((warn_unused_result))

/* Writes code and sentence; returns -1, so that "return pc_err_set(err, ...)" is the usual last line. */
int pc_err_set(struct pc_err *err, int code, const char *fmt, ...) PC_PRINTF(3, 4);
/* The same, followed by ": " and the text of errno. ENOMEM becomes PC_EX_NOMEM. */
int pc_err_errno(struct pc_err *err, int code, const char *fmt, ...) PC_PRINTF(3, 4);
/* Puts "<prefix>: " before the sentence; keeps the code; returns -1. */
int pc_err_prefix(struct pc_err *err, const char *fmt, ...) PC_PRINTF(2, 3);

#endif
