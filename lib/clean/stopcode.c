/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "clean/stopcode.h"

const char *pc_stopcode_words(int code)
{
    static const char *const words[] = {
        "not stopped",       "iteration limit",  "threshold",         "forced",
        "no change in peak", "diverging",        "peak above lowest", "mask of zeros",
        "n-sigma threshold", "major cycle limit"};
    if (code == -1)
        return "no data";
    if (code < 0 || code >= (int)(sizeof words / sizeof *words))
        return "unknown";
    return words[code];
}
