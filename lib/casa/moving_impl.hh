/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MOVING_IMPL_HH
#define PC_CASA_MOVING_IMPL_HH

#include "casa/ms_impl.hh"

#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MeasFrame.h>

/* What moving.cc (bodies that casacore knows) and ephemeris.cc (tables) share. */

namespace pc
{

/* Of the array, at the window's first time. */
casacore::MeasFrame frame_of(const Window &w);
void set_place(Place &p, const casacore::MDirection &j2000);
/* From the array instead of from the centre of the Earth, in J2000, of what is far_m away; the frame has the
 * time. */
casacore::MDirection seen_from_array(const casacore::MeasFrame &frame, const pc_visinfo &v,
                                     const casacore::MDirection &j2000, double far_m);

} // namespace pc

#endif
