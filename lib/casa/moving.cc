/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/casa/OS/File.h>
#include <casacore/measures/Measures/MCDirection.h>
#include <casacore/measures/Measures/MCEpoch.h>
#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MEpoch.h>
#include <casacore/measures/Measures/MPosition.h>
#include <casacore/measures/Measures/MRadialVelocity.h>
#include <casacore/measures/Measures/MeasComet.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/measures/Measures/MeasFrame.h>
#include <casacore/measures/Measures/MeasTable.h>
#include <casacore/ms/MeasurementSets/MSFieldColumns.h>

#include <cmath>
#include <cstring>

using namespace casacore;

namespace
{

constexpr double au_m = 149597870700.0, day_s = 86400.0, light_m_s = 299792458.0;

/* casacore's words for what moves, and for its tables of them. */
bool known(const std::string &name, MDirection::Types &type, MeasTable::Types &body)
{
    static const std::map<std::string, std::pair<MDirection::Types, MeasTable::Types>> bodies = {
        {"MERCURY", {MDirection::MERCURY, MeasTable::MERCURY}},
        {"VENUS", {MDirection::VENUS, MeasTable::VENUS}},
        {"MARS", {MDirection::MARS, MeasTable::MARS}},
        {"JUPITER", {MDirection::JUPITER, MeasTable::JUPITER}},
        {"SATURN", {MDirection::SATURN, MeasTable::SATURN}},
        {"URANUS", {MDirection::URANUS, MeasTable::URANUS}},
        {"NEPTUNE", {MDirection::NEPTUNE, MeasTable::NEPTUNE}},
        {"PLUTO", {MDirection::PLUTO, MeasTable::PLUTO}},
        {"SUN", {MDirection::SUN, MeasTable::SUN}},
        {"MOON", {MDirection::MOON, MeasTable::MOON}}};
    std::string upper;
    for (char c : name)
        upper += (char)toupper(c);
    auto f = bodies.find(upper);
    if (f == bodies.end())
        return false;
    type = f->second.first;
    body = f->second.second;
    return true;
}

/* How far the body is from the centre of the Earth, and how fast it goes away: as what arrives now left it.
 */
double distance(MeasTable::Types body, double tdb, double &away_m_s)
{
    const Vector<Double> earth = MeasTable::Planetary(MeasTable::EARTH, tdb);
    double far = 0;
    away_m_s = 0;
    for (int pass = 0; pass < 2; pass++) {
        const Vector<Double> p = MeasTable::Planetary(body, tdb - far / light_m_s / day_s);
        const double d[3] = {p[0] - earth[0], p[1] - earth[1], p[2] - earth[2]};
        const double r = std::hypot(d[0], d[1], d[2]);
        away_m_s = 0;
        for (int k = 0; k < 3; k++)
            away_m_s += d[k] / r * (p[k + 3] - earth[k + 3]) * au_m / day_s;
        far = r * au_m;
    }
    return far;
}

/* casacore calls a table that it does not find corrupted. */
void need_planets()
{
    try {
        (void)MeasTable::Planetary(MeasTable::EARTH, 51544.5);
    } catch (const AipsError &) {
        throw pc::Failure{
            PC_EX_UNAVAILABLE,
            "casacore does not find its table of the planets, DE200 (Debian: casacore-data-jpl-de200): "
            "measures.DE200.directory in ~/.casarc says where it is"};
    }
}

void set(pc::Place &p, const MDirection &dir)
{
    const Vector<Double> a = dir.getAngle("rad").getValue();
    p.rad[0] = a[0];
    p.rad[1] = a[1];
}

/* From the array instead of from the centre of the Earth, as casacore gives it. */
MDirection seen_from(const MeasFrame &frame, const pc_visinfo &v, const MDirection &dir, double far_m)
{
    const MVPosition p(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]);
    const MDirection up = MDirection::Convert(
        MDirection(MVDirection(p), MDirection::Ref(MDirection::ITRF, frame)), MDirection::J2000)();
    const Vector<Double> a = dir.getValue().getValue(), u = up.getValue().getValue();
    const double r = std::hypot(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]);
    return MDirection(MVDirection(far_m * a[0] - r * u[0], far_m * a[1] - r * u[1], far_m * a[2] - r * u[2]),
                      MDirection::J2000);
}

void track_field(pc_ms &m, const pc::Window &w, std::vector<pc::Place> &out)
{
    MSFieldColumns field(m.set.field());
    if (field.ephemerisId().isNull() || field.ephemerisId()(w.c.field_id) < 0)
        throw pc::Failure{PC_EX_USAGE, "--phasecenter TRACKFIELD: " + m.name + " has no ephemeris of field " +
                                           std::to_string(w.c.field_id) + " '" + w.c.info.field +
                                           "'; name the source (JUPITER) or a direction"};
    for (const pc_ms_epoch &e : w.epoch) {
        pc::Place p{};
        set(p, MDirection::Convert(field.phaseDirMeas(w.c.field_id, e.time_s), MDirection::J2000)());
        p.away_m_s = field.radVelMeas(w.c.field_id, e.time_s).getValue().get("m/s").getValue();
        out.push_back(p);
    }
}

void track_body(const pc::Window &w, MeasFrame &frame, MDirection::Types type, MeasTable::Types body,
                std::vector<pc::Place> &out)
{
    need_planets();
    MDirection::Convert to(MDirection::Ref(type, frame), MDirection::Ref(MDirection::J2000, frame));
    for (const pc_ms_epoch &e : w.epoch) {
        const MVEpoch t(Quantity(e.time_s, "s"));
        pc::Place p{};
        frame.resetEpoch(t);
        const double far = distance(
            body, MEpoch::Convert(MEpoch(t, MEpoch::UTC), MEpoch::TDB)().getValue().get(), p.away_m_s);
        set(p, seen_from(frame, w.c.info, to(MVDirection()), far));
        out.push_back(p);
    }
}

void track_table(const pc::Window &w, MeasFrame &frame, const std::string &path, std::vector<pc::Place> &out)
{
    MeasComet comet(path);
    frame.set(comet);
    MDirection::Convert to(MDirection::Ref(MDirection::COMET, frame),
                           MDirection::Ref(MDirection::J2000, frame));
    for (const pc_ms_epoch &e : w.epoch) {
        const MVEpoch t(Quantity(e.time_s, "s"));
        pc::Place p{};
        MVRadialVelocity v;
        frame.resetEpoch(t);
        const double tdb = MEpoch::Convert(MEpoch(t, MEpoch::UTC), MEpoch::TDB)().getValue().get();
        if (!comet.getRadVel(v, tdb))
            throw pc::Failure{PC_EX_DATA,
                              path + ": the ephemeris does not cover the times of " + w.c.info.ms};
        set(p, to(MVDirection()));
        p.away_m_s = v.get("m/s").getValue();
        out.push_back(p);
    }
}

} // namespace

namespace pc
{

bool is_moving(const std::string &name)
{
    MDirection::Types type;
    MeasTable::Types body;
    return name == "TRACKFIELD" || known(name, type, body) || File(name + "/table.dat").exists();
}

std::vector<Place> places(pc_ms &m, const Window &w, const std::string &name)
{
    const pc_visinfo &v = w.c.info;
    MeasFrame frame(MPosition(MVPosition(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]), MPosition::ITRF),
                    MEpoch(MVEpoch(v.mjd_begin), MEpoch::UTC));
    MDirection::Types type;
    MeasTable::Types body;
    std::vector<Place> out;
    if (name == "TRACKFIELD")
        track_field(m, w, out);
    else if (known(name, type, body))
        track_body(w, frame, type, body, out);
    else
        track_table(w, frame, name, out);
    return out;
}

} // namespace pc
