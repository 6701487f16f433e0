/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MSNEW_IMPL_HH
#define PC_CASA_MSNEW_IMPL_HH

#include "casa/guard.hh"

extern "C" {
#include "casa/msnew.h"
}

#include <casacore/ms/MeasurementSets/MSMainColumns.h>
#include <casacore/ms/MeasurementSets/MeasurementSet.h>

#include <memory>

struct pc_msnew {
    pc_msnew_conf conf;
    std::string path, temporary;
    casacore::MeasurementSet set;
    std::unique_ptr<casacore::MSMainColumns> col;
};

namespace pc
{

/* All required subtables, and SOURCE for the rest frequency. msnew_sub.cc */
void fill_subtables(pc_msnew &m);

} // namespace pc

#endif
