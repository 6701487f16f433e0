/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/text.h"
#include "tap.h"

static struct pc_err err;

static int parse(struct pc_record *r, const char *s)
{
    err = (struct pc_err){0};
    return pc_record_parse(r, s, strlen(s), "state", &err);
}

static void texts(void)
{
    struct pc_text t = {0};
    for (int i = 0; i < 300; i++)
        pc_text_add_bytes(&t, "x", 1);
    ok(t.len == 300 && strlen(t.s) == 300, "a text grows by a byte at a time");
    pc_text_free(&t);
    is_str(pc_text_str(&t), "", "a new text is empty");
    for (int i = 0; i < 1000; i++)
        pc_text_add(&t, "%04d,", i);
    ok(t.len == 5000 && strncmp(t.s + 4990, "0998,0999,", 10) == 0, "a text grows");
    pc_text_add_bytes(&t, "a\0b", 3);
    ok(t.len == 5003 && t.s[5001] == '\0' && t.s[5003] == '\0', "bytes may be NUL, and one ends the text");
    pc_text_add_bytes(&t, "", (size_t)-1 / 2);
    ok(t.bad && t.len == 5003, "what cannot be held is remembered");
    pc_text_add(&t, "more");
    ok(t.len == 5003, "and nothing is added after it");
    ok(pc_text_ok(&t, &err) == -1 && err.code == PC_EX_NOMEM, "and reported");
    pc_text_free(&t);
    ok(pc_text_ok(&t, &err) == 0 && !t.s, "a freed text is a new one");
}

static void round_trip(void)
{
    static const char text[] = "index=42\nfreq_hz=268500000000.125\nframe=\ncycle=a=b\ncycle=c\n";
    struct pc_record r, copy;
    struct pc_text out = {0};
    ok(parse(&r, text) == 0 && r.n == 5, "a record is parsed");
    ok(pc_record_copy(&copy, &r, &err) == 0, "and copied");
    pc_record_free(&r);
    ok(pc_record_format(&copy, &out, &err) == 0, "and formatted");
    is_str(pc_text_str(&out), text, "to the same bytes");
    is_str(pc_record_get(&copy, "cycle"), "a=b", "the first line of a key, whose value holds an =");
    is_str(pc_record_get(&copy, "frame"), "", "an empty value");
    is_str(pc_record_get(&copy, "fram"), NULL, "an absent key");
    pc_text_free(&out);
    pc_record_free(&copy);
}

static void lines(void)
{
    struct pc_record r;
    ok(parse(&r, "# a comment\n\nx=1\ny=2") == 0 && r.n == 2,
       "comments and empty lines are left out, a last newline too");
    pc_record_free(&r);
    ok(parse(&r, "x=1\noops\n") == -1 && err.code == PC_EX_DATA, "a line without = is an error");
    has(err.msg, "state: line 2 is \"oops\"", "that gives its number and text");
    ok(parse(&r, "=1\n") == -1, "an empty key is an error");
    ok(pc_record_parse(&r, "a=\0b\n", 5, "state", &err) == -1, "a NUL is an error");
    ok(pc_record_parse(&r, NULL, 0, "state", &err) == 0 && r.n == 0, "nothing is an empty record");
    pc_record_free(&r);
}

static void numbers(void)
{
    struct pc_record r = {0};
    double d = 0;
    long long i = 0;
    parse(&r, "n=12\nhuge=99999999999999999999\nx=1.5\nword=abc\ntail=1.5x\nblank=nan\n");
    ok(pc_record_int(&r, "n", &i, &err) == 0 && i == 12, "an integer");
    ok(pc_record_double(&r, "x", &d, &err) == 0 && d == 1.5, "a number");
    ok(pc_record_double(&r, "blank", &d, &err) == 0 && isnan(d), "a blank number");
    ok(pc_record_int(&r, "huge", &i, &err) == -1, "an integer that does not fit is refused");
    ok(pc_record_int(&r, "x", &i, &err) == -1, "1.5 is no integer");
    ok(pc_record_double(&r, "tail", &d, &err) == -1, "1.5x is no number");
    ok(pc_record_double(&r, "word", &d, &err) == -1 && err.code == PC_EX_DATA, "abc is no number");
    has(err.msg, "word is \"abc\"", "and named");
    ok(pc_record_double(&r, "gone", &d, &err) == -1 && strstr(err.msg, "gone"), "an absent number is named");
    pc_record_free(&r);
}

static void changes(void)
{
    struct pc_record r = {0};
    struct pc_text out = {0};
    double d;
    int rc = pc_record_set(&r, "a", "1", &err);
    rc |= pc_record_append(&r, "c", "x", &err);
    rc |= pc_record_append(&r, "c", "y", &err);
    rc |= pc_record_setf(&r, &err, "a", "%d-%s", 5, "z");
    rc |= pc_record_set_double(&r, "d", 0.1 + 0.2, &err);
    rc |= pc_record_double(&r, "d", &d, &err);
    ok(rc == 0 && d == 0.1 + 0.2, "numbers come back exactly");
    pc_record_remove(&r, "c");
    rc = pc_record_format(&r, &out, &err);
    is_str(pc_text_str(&out), "a=5-z\nd=0.30000000000000004\n",
           "set replaces in place, remove takes every line of a key");
    ok(rc == 0 && !pc_record_has(&r, "c"), "a removed key is gone");
    ok(pc_record_set(&r, "k", "two\nlines", &err) == -1, "a value with a newline is refused");
    ok(pc_record_set(&r, "k=", "v", &err) == -1, "a key with = is refused");
    ok(pc_record_append(&r, "#k", "v", &err) == -1, "a key that would read as a comment is refused");
    pc_text_free(&out);
    pc_record_free(&r);
}

static void errors(void)
{
    struct pc_err e = {0};
    ok(pc_err_set(&e, PC_EX_DATA, "NAXIS1 is %d", 4096) == -1 && e.code == PC_EX_DATA,
       "an error is -1 and a code");
    pc_err_prefix(&e, "%s", "ch00042/psf.fits");
    is_str(e.msg, "ch00042/psf.fits: NAXIS1 is 4096", "a prefix goes in front");
    pc_err_set(&e, PC_EX_IOERR, "again: %s", e.msg);
    is_str(e.msg, "again: ch00042/psf.fits: NAXIS1 is 4096", "a message may be made of the old one");
    for (int i = 0; i < 400; i++)
        pc_err_prefix(&e, "long");
    ok(strlen(e.msg) == sizeof e.msg - 1, "a long message is cut, not overrun");
}

int main(void)
{
    texts();
    round_trip();
    lines();
    numbers();
    changes();
    errors();
    return tap_done();
}
