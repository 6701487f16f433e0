/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/moving_impl.hh"

#include <casacore/casa/OS/Path.h>
#include <casacore/measures/Measures/MCDirection.h>
#include <casacore/measures/Measures/MEpoch.h>
#include <casacore/measures/Measures/MPosition.h>
#include <casacore/measures/Measures/MeasComet.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/ms/MeasurementSets/MSFieldColumns.h>

#include <cmath>

using namespace casacore;

namespace
{

constexpr double day_s = 86400.0, surface_m = 1.0;

/* casacore looks for other paths than absolute ones elsewhere, too. */
std::unique_ptr<MeasComet> open_table(const std::string &path)
{
    try {
        return std::make_unique<MeasComet>(Path(path).absoluteName());
    } catch (const AipsError &) {
        throw pc::Failure{PC_EX_DATA, path + ": is not an ephemeris table of CASA's form (columns MJD, RA, "
                                             "DEC, Rho, RadVel; keywords MJD0, dMJD, NAME, GeoDist ...)"};
    }
}

/* Who sees the source where the table says, at the speed it says: tables with a GeoDist are one observatory's
 * own, as CASA takes them. */
bool is_geocentric(const MeasComet &table)
{
    return table.getTopo().getLength("m").getValue() <= surface_m;
}

/* Times are UTC, as in CASA's imager and casacore's FIELD table; not TDB, as casacore's own frames take them.
 */
void need(bool there, const std::string &path, const pc::Window &w)
{
    if (!there)
        throw pc::Failure{PC_EX_DATA, path + ": the ephemeris does not cover the times of " + w.c.info.ms};
}

/* The places of a table, as it says them, and shifted as FIELD says. casacore's own conversion (of the type
 * COMET) takes every table for one of apparent places; this goes by its posrefsys. */
std::vector<pc::Place> along(const pc::Window &w, const MeasComet &table, const std::string &path,
                             const MVDirection &offset, bool from_array)
{
    std::vector<pc::Place> out;
    MeasFrame frame = pc::frame_of(w);
    MDirection::Convert to(MDirection::Ref(table.getType(), frame),
                           MDirection::Ref(MDirection::J2000, frame));
    for (const pc_ms_epoch &e : w.epoch) {
        MVPosition at;
        MVRadialVelocity away;
        pc::Place p{};
        frame.resetEpoch(MVEpoch(Quantity(e.time_s, "s")));
        need(table.get(at, e.time_s / day_s) && table.getRadVel(away, e.time_s / day_s), path, w);
        MVDirection dir(at.getAngle());
        dir.shift(offset, True);
        MDirection j2000 = to(dir);
        if (from_array)
            j2000 = pc::seen_from_array(frame, w.c.info, j2000, at.getLength("m").getValue());
        pc::set_place(p, j2000);
        p.away_m_s = away.get("m/s").getValue();
        p.from_array = !is_geocentric(table);
        out.push_back(p);
    }
    return out;
}

} // namespace

namespace pc
{

MeasFrame frame_of(const Window &w)
{
    const pc_visinfo &v = w.c.info;
    return MeasFrame(MPosition(MVPosition(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]), MPosition::ITRF),
                     MEpoch(MVEpoch(v.mjd_begin), MEpoch::UTC));
}

void set_place(Place &p, const MDirection &j2000)
{
    const Vector<Double> a = j2000.getAngle("rad").getValue();
    p.rad[0] = a[0];
    p.rad[1] = a[1];
}

/* The array's place from the centre of the Earth. It is no light that comes from there: of the apparent place
 * the axes count, without what aberration does. */
static MDirection up_of(const MeasFrame &frame, const MVPosition &p)
{
    const MDirection::Ref earth(MDirection::ITRF, frame), now(MDirection::APP, frame);
    const MDirection app = MDirection::Convert(MDirection(MVDirection(p), earth), now)();
    return MDirection::Convert(MDirection(app.getValue(), MDirection::Ref(MDirection::JTRUE, frame)),
                               MDirection::J2000)();
}

MDirection seen_from_array(const MeasFrame &frame, const pc_visinfo &v, const MDirection &j2000, double far_m)
{
    const MVPosition p(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]);
    const MDirection up = up_of(frame, p);
    const Vector<Double> a = j2000.getValue().getValue(), u = up.getValue().getValue();
    const double r = std::hypot(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]);
    return MDirection(MVDirection(far_m * a[0] - r * u[0], far_m * a[1] - r * u[1], far_m * a[2] - r * u[2]),
                      MDirection::J2000);
}

std::vector<Place> table_places(const Window &w, const std::string &path)
{
    const std::unique_ptr<MeasComet> table = open_table(path);
    return along(w, *table, path, MVDirection(0, 0), is_geocentric(*table));
}

bool has_ephemeris(pc_ms &m, int field_id)
{
    MSFieldColumns field(m.set.field());
    return !field.ephemerisId().isNull() && field.ephemerisId()(field_id) >= 0;
}

std::vector<Place> field_places(pc_ms &m, const Window &w)
{
    MSFieldColumns field(m.set.field());
    const std::string path = field.ephemPath(w.c.field_id);
    const std::unique_ptr<MeasComet> table = open_table(path);
    const MDirection offset = *field.phaseDirMeasCol()(w.c.field_id).begin();
    return along(w, *table, path, offset.getValue(), false);
}

} // namespace pc
