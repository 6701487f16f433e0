/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/image_impl.hh"

#include <casacore/casa/OS/Directory.h>
#include <casacore/casa/OS/File.h>
#include <casacore/images/Images/ImageOpener.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

using namespace casacore;

namespace
{

void remove_any(const std::string &name)
{
    const File f(name);
    if (f.isDirectory(False))
        Directory(f).removeRecursive();
    else if (f.exists())
        unlink(name.c_str());
}

} // namespace

namespace pc
{

Product::Product(const char *name, Kind kind, bool overwrite)
    : m_name(name), m_temporary(m_name + ".tmp" + std::to_string(getpid()))
{
    const File there(m_name);
    const bool exists = there.exists();
    if (exists && !overwrite)
        fail(PC_EX_CANTCREAT, m_name + ": is there already; --overwrite replaces it");
    if (exists && kind == Kind::fits && !there.isRegular())
        fail(PC_EX_CANTCREAT, m_name + ": is no file: a FITS file does not replace it");
    if (exists && kind == Kind::casa && ImageOpener::imageType(m_name) != ImageOpener::AIPSPP &&
        ImageOpener::imageType(m_name) != ImageOpener::IMAGECONCAT)
        fail(PC_EX_CANTCREAT, m_name + ": is no CASA image: a CASA image does not replace it");
    if (!File(m_temporary).canCreate())
        fail(PC_EX_CANTCREAT, m_name + ": cannot be written");
}

Product::~Product()
{
    try {
        remove_any(m_temporary);
    } catch (...) {
    }
}

void Product::finish()
{
    remove_any(m_name);
    if (rename(m_temporary.c_str(), m_name.c_str()) != 0)
        fail(PC_EX_CANTCREAT, m_name + ": " + std::strerror(errno));
}

} // namespace pc
