/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image/region_scan.h"

#include <string.h>

static bool among(const char *word, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static bool begins(const char *s, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(s, with, n) == 0;
}

/* Comments, empty lines, "global ...". */
static void skip_preface(struct pc_scan *sc)
{
    for (;;) {
        char word[32];
        pc_scan_blank(sc);
        size_t at = sc->at;
        pc_scan_word(sc, word);
        int next = pc_scan_peek(sc);
        if (strcmp(word, "global") != 0 && (word[0] || (next != '#' && next != '\n'))) {
            sc->at = at;
            return;
        }
        pc_scan_line_end(sc);
        if (!pc_scan_newline(sc))
            return;
    }
}

enum pc_region_text pc_region_text_kind(const char *s, size_t len)
{
    static const char *const shapes[] = {"box",     "centerbox",  "rotbox",  "poly",   "polygon", "circle",
                                         "annulus", "ellipse",    "line",    "vector", "text",    "symbol",
                                         "ann",     "point",      "panda",   "epanda", "bpanda",  "ruler",
                                         "compass", "projection", "segment", NULL};
    static const char *const systems[] = {"fk5",       "icrs",   "image", "physical", "j2000",
                                          "galactic",  "fk4",    "b1950", "ecliptic", "detector",
                                          "amplifier", "linear", "wcs",   NULL};
    if (begins(s, len, "#CRTF"))
        return PC_REGION_TEXT_CRTF;
    if (begins(s, len, "# Region file format: DS9"))
        return PC_REGION_TEXT_DS9;
    struct pc_scan sc = {.s = s, .len = len};
    char word[32];
    skip_preface(&sc);
    if (!pc_scan_accept(&sc, '+') && !pc_scan_accept(&sc, '!'))
        pc_scan_accept(&sc, '-');
    pc_scan_word(&sc, word);
    pc_scan_blank(&sc);
    int next = pc_scan_peek(&sc);
    if (among(word, systems) && (next == ';' || next == '\n' || next == '\0'))
        return PC_REGION_TEXT_DS9;
    if (!among(word, shapes))
        return PC_REGION_TEXT_NONE;
    if (!strcmp(word, "ann"))
        return PC_REGION_TEXT_CRTF;
    return next == '[' ? PC_REGION_TEXT_CRTF : next == '(' ? PC_REGION_TEXT_DS9 : PC_REGION_TEXT_NONE;
}

bool pc_region_text_is_option(const char *s, size_t len)
{
    static const char *const keys[] = {"coord",    "frame",      "range",     "corr",      "veltype",
                                       "restfreq", "linewidth",  "linestyle", "symsize",   "symthick",
                                       "color",    "font",       "fontsize",  "fontstyle", "usetex",
                                       "label",    "labelcolor", "labelpos",  "labeloff",  NULL};
    struct pc_scan sc = {.s = s, .len = len};
    char word[32];
    pc_scan_word(&sc, word);
    return among(word, keys) && pc_scan_accept(&sc, '=');
}

static int parse_as(enum pc_region_text kind, struct pc_region_set *set, struct pc_scan *sc)
{
    switch (kind) {
    case PC_REGION_TEXT_CRTF:
        return pc_region_parse_crtf(set, sc);
    case PC_REGION_TEXT_DS9:
        return pc_region_parse_ds9(set, sc);
    case PC_REGION_TEXT_NONE:
        break;
    }
    return pc_scan_fail(sc, sc->at,
                        "neither CASA's region text (#CRTF, circle[...]) nor DS9's (fk5, circle(...))");
}

int pc_region_parse(struct pc_region_set *set, const char *s, size_t from, size_t to, const char *name,
                    int code, struct pc_err *err)
{
    struct pc_scan sc = {.s = s, .name = name, .at = from, .len = to, .line = 1, .code = code, .err = err};
    if (memchr(s + from, 0, to - from))
        return pc_scan_fail(&sc, from, "holds a NUL character: this is no text");
    int n = set->n, npoint = set->npoint;
    if (parse_as(pc_region_text_kind(s + from, to - from), set, &sc)) {
        set->n = n; /* half a region has too few points to be painted */
        set->npoint = npoint;
        return -1;
    }
    return 0;
}
