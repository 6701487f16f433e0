/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/guard.hh"

extern "C" {
#include "casa/uvfits.h"
}

#include <casacore/msfits/MSFits/MSFitsInput.h>

#include <cstdio>
#include <cstring>
#include <memory>
#include <string>

namespace
{

constexpr size_t card_byte = 80;

struct Closer {
    void operator()(FILE *f) const
    {
        fclose(f);
    }
};

/* The value of a logical keyword in the primary header: 'T', 'F' or 0. */
char logical(FILE *f, const char *key)
{
    char card[card_byte + 1] = {0};
    const std::string want = std::string(key) + std::string(8 - strlen(key), ' ') + "=";
    while (fread(card, 1, card_byte, f) == card_byte && strncmp(card, "END     ", 8) != 0)
        if (strncmp(card, want.c_str(), want.size()) == 0)
            return card[10 + strspn(card + 10, " ")];
    return 0;
}

} // namespace

extern "C" {

int pc_uvfits_is(const char *path, struct pc_err *err)
{
    const std::unique_ptr<FILE, Closer> f(fopen(path, "rb"));
    char word[10] = {0};
    if (!f)
        return pc_err_errno(err, PC_EX_IOERR, "%s", path);
    if (fread(word, 1, 9, f.get()) != 9 || strcmp(word, "SIMPLE  =") != 0)
        return 0;
    rewind(f.get());
    if (logical(f.get(), "GROUPS") == 'T')
        return 1;
    return pc_err_set(err, PC_EX_DATA, "%s: is a FITS file, but no UVFITS: it has no random groups", path);
}

int pc_uvfits_convert(const char *path, const char *ms, struct pc_err *err)
{
    return pc::guard(err, path, [&] {
        pc::hush_casacore();
        casacore::MSFitsInput in(ms, path);
        in.readFitsFile();
    });
}

} // extern "C"
