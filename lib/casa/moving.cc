/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/moving_impl.hh"

#include <casacore/casa/OS/File.h>
#include <casacore/measures/Measures/MCDirection.h>
#include <casacore/measures/Measures/MCEpoch.h>
#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MEpoch.h>
#include <casacore/measures/Measures/MPosition.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/measures/Measures/MeasFrame.h>
#include <casacore/measures/Measures/MeasTable.h>

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

std::vector<pc::Place> track_body(const pc::Window &w, MDirection::Types type, MeasTable::Types body)
{
    need_planets();
    std::vector<pc::Place> out;
    MeasFrame frame = pc::frame_of(w);
    MDirection::Convert to(MDirection::Ref(type, frame), MDirection::Ref(MDirection::J2000, frame));
    for (const pc_ms_epoch &e : w.epoch) {
        const MVEpoch t(Quantity(e.time_s, "s"));
        pc::Place p{};
        frame.resetEpoch(t);
        const double far = distance(
            body, MEpoch::Convert(MEpoch(t, MEpoch::UTC), MEpoch::TDB)().getValue().get(), p.away_m_s);
        pc::set_place(p, pc::seen_from_array(frame, w.c.info, to(MVDirection()), far));
        out.push_back(p);
    }
    return out;
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
    MDirection::Types type;
    MeasTable::Types body;
    if (known(name, type, body))
        return track_body(w, type, body);
    if (name != "TRACKFIELD")
        return table_places(w, name);
    if (!has_ephemeris(m, w.c.field_id))
        throw pc::Failure{PC_EX_USAGE, "--phasecenter TRACKFIELD: " + m.name + " has no ephemeris of field " +
                                           std::to_string(w.c.field_id) + " '" + w.c.info.field +
                                           "'; name the source (JUPITER) or a direction"};
    return field_places(m, w);
}

} // namespace pc
