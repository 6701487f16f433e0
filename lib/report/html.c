/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html.h"

#include <math.h>
#include <stdbool.h>

/* Bytes of the UTF-8 letter that s begins with; 0 when it is none. */
static int letter_of(const unsigned char *s)
{
    int n = s[0] < 0x80                   ? 1
            : s[0] >= 0xC2 && s[0] < 0xE0 ? 2
            : s[0] >= 0xE0 && s[0] < 0xF0 ? 3
            : s[0] >= 0xF0 && s[0] < 0xF5 ? 4
                                          : 0;
    for (int i = 1; i < n; i++)
        if ((s[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void pc_html_text(struct pc_text *out, const char *s)
{
    while (*s) {
        int n = letter_of((const unsigned char *)s);
        bool control = n == 1 && (unsigned char)*s < 0x20 && *s != '\n' && *s != '\t';
        if (n == 0 || control)
            pc_text_add(out, "\xef\xbf\xbd"); /* the replacement character */
        else if (n == 1 && entity(*s))
            pc_text_add(out, "%s", entity(*s));
        else
            pc_text_add_bytes(out, s, (size_t)n);
        s += n ? n : 1;
    }
}

void pc_html_base64(struct pc_text *out, const void *bytes, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < n; i += 3) {
        unsigned v = (unsigned)b[i] << 16 | (i + 1 < n ? (unsigned)b[i + 1] << 8 : 0) |
                     (i + 2 < n ? (unsigned)b[i + 2] : 0);
        char four[4] = {digit[v >> 18], digit[v >> 12 & 63], i + 1 < n ? digit[v >> 6 & 63] : '=',
                        i + 2 < n ? digit[v & 63] : '='};
        pc_text_add_bytes(out, four, 4);
    }
}

void pc_json_string(struct pc_text *out, const char *s)
{
    pc_text_add(out, "\"");
    while (*s) {
        int n = letter_of((const unsigned char *)s);
        if (n == 0)
            pc_text_add(out, "\\ufffd");
        else if (n == 1 && ((unsigned char)*s < 0x20 || *s == '"' || *s == '\\' || *s == '<'))
            pc_text_add(out, "\\u%04x", (unsigned)*s);
        else
            pc_text_add_bytes(out, s, (size_t)n);
        s += n ? n : 1;
    }
    pc_text_add(out, "\"");
}

void pc_json_number(struct pc_text *out, double v)
{
    if (isfinite(v))
        pc_text_add(out, "%.9g", v);
    else
        pc_text_add(out, "null");
}
