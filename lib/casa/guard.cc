/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/guard.hh"

#include <casacore/casa/Logging/LogSink.h>
#include <casacore/casa/Logging/NullLogSink.h>

namespace pc
{

void hush_casacore()
{
    static const bool done = [] {
        casacore::LogSinkInterface *silence = new casacore::NullLogSink;
        casacore::LogSink::globalSink(silence);
        return true;
    }();
    (void)done;
}

} // namespace pc
