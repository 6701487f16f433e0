/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/check.h"
#include "io/fits.h"
#include "io/order.h"
#include "io/pass_priv.h"
#include "io/pixels.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PC_PRINTF(3, 4)
static void problem(struct pc_check_report *r, const char *where, const char *fmt, ...)
{
    char s[1024];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(s, sizeof s, fmt, ap);
    va_end(ap);
    pc_text_add(&r->problems, "%s: %s\n", where, s);
    r->nproblem++;
}

/* Sum of what is left of the member. */
static int sum_rest(struct pc_pass *p, uint32_t *sum, struct pc_err *err)
{
    enum { BATCH = 1 << 16 };
    char buf[BATCH];
    *sum = 0;
    while (p->reader.left > 0) {
        size_t n = p->reader.left < BATCH ? (size_t)p->reader.left : BATCH;
        if (p->reader.read(&p->reader, buf, n, err))
            return -1;
        *sum = pc_datasum_bytes(*sum, buf, (int64_t)n);
    }
    return 0;
}

static bool has_card(const struct pc_text *header, const char *key)
{
    for (size_t at = 0; at + 80 <= header->len; at += 80)
        if (!strncmp(header->s + at, key, 8))
            return true;
    return false;
}

static int check_sums(struct pc_pass *p, const struct pc_fits_shape *shape, const struct pc_text *header,
                      struct pc_check_report *r, struct pc_err *err)
{
    uint32_t sum, whole;
    int64_t n = shape->naxis ? abs(shape->bitpix) / 8 : 0;
    for (int i = 0; i < shape->naxis; i++)
        n *= shape->axis[i];
    if (p->reader.left != pc_fits_padded(n))
        problem(r, p->label, "%lld bytes follow the header, which asks for %lld", (long long)p->reader.left,
                (long long)pc_fits_padded(n));
    if (sum_rest(p, &sum, err))
        return -1;
    whole = pc_datasum_add(sum, pc_datasum_bytes(0, header->s, (int64_t)header->len));
    if (has_card(header, "DATASUM ") && sum != shape->datasum)
        problem(r, p->label, "DATASUM is %u, the data sum up to %u", shape->datasum, sum);
    else if (has_card(header, "CHECKSUM") && whole != 0 && whole != UINT32_MAX)
        problem(r, p->label, "CHECKSUM does not fit: header or data were changed");
    r->nsum += has_card(header, "DATASUM ") && has_card(header, "CHECKSUM");
    return 0;
}

/* What is wrong inside a member is a problem; what is wrong with the source is an error. */
static int member_error(struct pc_pass *p, struct pc_check_report *r, struct pc_err *err)
{
    if (p->source_failed || err->code != PC_EX_DATA)
        return -1;
    size_t n = strlen(p->label);
    problem(r, p->label, "%s",
            !strncmp(err->msg, p->label, n) && err->msg[n] == ':' ? err->msg + n + 2 : err->msg);
    return 0;
}

static int check_member(struct pc_pass *p, const char *name, struct pc_check_report *r, struct pc_err *err)
{
    struct pc_fits_shape shape;
    struct pc_text text = {0};
    struct pc_record record = {0};
    size_t n = strlen(name);
    int rc = 0;
    if (!pc_order_known(name))
        return 0;
    if (n > 5 && !strcmp(name + n - 5, ".fits")) {
        rc = pc_fits_read_header(pc_pass_reader(p), &shape, &text, err)
                 ? member_error(p, r, err)
                 : check_sums(p, &shape, &text, r, err);
    } else if (pc_pass_slurp(p, &text, err) ||
               pc_record_parse(&record, pc_text_str(&text), text.len, p->label, err)) {
        rc = member_error(p, r, err);
    }
    pc_record_free(&record);
    pc_text_free(&text);
    return rc;
}

/* The commit record against what came. */
static int check_listing(struct pc_pass *p, const char *where, struct pc_check_report *r, struct pc_err *err)
{
    struct pc_listing said = {0};
    const struct pc_listing *got = &p->listing;
    if (p->uncommitted) {
        problem(r, where, "no zzplane: the channel was left unfinished");
        return 0;
    }
    int rc = pc_listing_parse(&said, &p->zzplane, where, err);
    if (rc)
        rc = member_error(p, r, err);
    for (int i = 0; i < said.n; i++) {
        int64_t size = pc_listing_size(got, said.line[i].name);
        if (size < 0)
            problem(r, where, "lists %s, which is not there", said.line[i].name);
        else if (size != said.line[i].size)
            problem(r, where, "says %s has %lld bytes; it has %lld", said.line[i].name,
                    (long long)said.line[i].size, (long long)size);
    }
    for (int i = 0; i < got->n; i++)
        if (pc_listing_size(&said, got->line[i].name) < 0)
            problem(r, where, "does not list %s, which is there", got->line[i].name);
    pc_listing_clear(&said);
    return rc;
}

static int check_channel(struct pc_pass *p, const struct pc_chan *chan, struct pc_check_report *r,
                         struct pc_err *err)
{
    char previous[1024] = "00plane", where[1100];
    struct pc_member m;
    int more;
    r->nchan++;
    r->nmember++;
    while ((more = pc_pass_member(p, &m, err)) > 0) {
        if (pc_order_compare(m.name, previous) < 0)
            problem(r, p->label, "travels after %s, should come before it", previous);
        snprintf(previous, sizeof previous, "%s", m.name);
        r->nmember++;
        r->nbyte += m.size;
        if (check_member(p, m.name, r, err))
            return -1;
    }
    snprintf(where, sizeof where, "%.900s: %s/zzplane", p->source->name, chan->name);
    return more < 0 ? -1 : check_listing(p, where, r, err);
}

int pc_check(const char *src, struct pc_check_report *r, struct pc_err *err)
{
    static const struct pc_use all[] = {{"*", PC_TAKE}, {"*/*", PC_TAKE}, {"*/*/*", PC_TAKE}, {NULL, 0}};
    struct pc_pass_conf conf = {.src = src, .uses = all, .read_only = true, .accept_uncommitted = true};
    struct pc_pass *p;
    struct pc_chan chan;
    int more, rc = 0;
    memset(r, 0, sizeof *r);
    if (pc_pass_open(&p, &conf, err))
        return -1;
    while (!rc && (more = pc_pass_channel(p, &chan, err)) != 0)
        rc = more < 0 ? -1 : check_channel(p, &chan, r, err);
    if (!rc)
        rc = pc_text_ok(&r->problems, err);
    if (rc) {
        pc_pass_abort(p);
        return -1;
    }
    return pc_pass_close(p, err);
}
