/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/direction.h"
}

#include <casacore/casa/Quanta/MVAngle.h>
#include <casacore/measures/Measures/MCDirection.h>
#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/ms/MeasurementSets/MSFieldColumns.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <sstream>

using namespace casacore;

namespace
{

[[noreturn]] void refuse(const std::string &text, const std::string &why)
{
    throw pc::Failure{PC_EX_USAGE, "--phasecenter '" + text + "': " + why};
}

std::vector<std::string> words(const std::string &text)
{
    std::istringstream in(text);
    std::vector<std::string> w;
    for (std::string s; in >> s;)
        w.push_back(s);
    return w;
}

double angle(const std::string &text, const std::string &word)
{
    Quantity q;
    if (!MVAngle::read(q, word) || !q.isConform("rad") || !std::isfinite(q.getValue("rad")))
        refuse(text, "'" + word + "' is no angle: write 16h00m00s, 10:00:00 (hours), -40d00m00s, -40.00.00 " +
                         "(degrees) or 13.2782deg");
    return q.getValue("rad");
}

/* In J2000 or ICRS, from a frame that depends on neither time nor place. */
MDirection at_rest(const std::string &text, const MDirection &dir)
{
    switch (dir.getRef().getType()) {
    case MDirection::J2000:
    case MDirection::ICRS:
        return dir;
    case MDirection::B1950:
    case MDirection::B1950_VLA:
    case MDirection::GALACTIC:
    case MDirection::SUPERGAL:
    case MDirection::ECLIPTIC:
        return MDirection::Convert(dir, MDirection::J2000)();
    default:
        refuse(text, "directions in " + MDirection::showType(dir.getRef().getType()) +
                         " move with time: write one in J2000 or ICRS");
    }
}

MDirection read_direction(const std::string &text)
{
    std::vector<std::string> w = words(text);
    MDirection::Types type = MDirection::J2000;
    if (w.size() == 3) {
        if (!MDirection::getType(type, w[0]))
            refuse(text, "'" + w[0] + "' is no frame: J2000, ICRS, B1950, GALACTIC, ...");
        w.erase(w.begin());
    }
    if (w.size() != 2)
        refuse(text, "write a direction, 'J2000 10:00:00 +13.16.43', the number of a field, TRACKFIELD, or a "
                     "source that casacore knows (JUPITER)");
    const double a = angle(text, w[0]), d = angle(text, w[1]);
    if (std::abs(d) > M_PI / 2) {
        char deg[40];
        snprintf(deg, sizeof deg, "%.6g", d * 180 / M_PI);
        refuse(text,
               std::string("a declination of ") + deg + " degrees; 13:16:43 are hours, 13.16.43 degrees");
    }
    return at_rest(text, MDirection(Quantity(a, "rad"), Quantity(d, "rad"), MDirection::Ref(type)));
}

bool is_number(const std::string &s)
{
    return !s.empty() && s.size() < 9 && s.find_first_not_of("0123456789") == std::string::npos;
}

MDirection field_direction(const std::string &text, pc_ms &m)
{
    const int id = std::stoi(text), n = (int)m.set.field().nrow();
    if (id >= n)
        throw pc::Failure{PC_EX_NOINPUT, "--phasecenter " + text + ": " + m.name + " has the fields 0 to " +
                                             std::to_string(n - 1)};
    return at_rest(text, MSFieldColumns(m.set.field()).phaseDirMeas(id, m.time(0)));
}

void set_place(pc_direction &out, const MDirection &dir)
{
    const Vector<Double> a = dir.getAngle("rad").getValue();
    out.rad[0] = a[0] < 0 ? a[0] + 2 * M_PI : a[0];
    out.rad[1] = a[1];
    snprintf(out.radesys, sizeof out.radesys, "%s",
             dir.getRef().getType() == MDirection::ICRS ? "ICRS" : "FK5");
}

MDirection::Types type_of(const char *radesys)
{
    return std::strcmp(radesys, "ICRS") == 0 ? MDirection::ICRS : MDirection::J2000;
}

/* A place in another frame, and the angle by which its old north lies east of the new one there. The point 90
 * degrees north of it carries the old north along: both frames are at rest. */
double convert(double rad[2], MDirection::Types from, MDirection::Types to)
{
    if (from == to)
        return 0;
    const MDirection::Ref old(from), now(to);
    MDirection::Convert conv(old, now);
    const MVDirection place = conv(MVDirection(rad[0], rad[1])).getValue();
    const MVDirection north = conv(MVDirection(rad[0], rad[1] + M_PI / 2)).getValue();
    const Vector<Double> a = place.get(), n = north.getValue();
    const double sa = std::sin(a[0]), ca = std::cos(a[0]), sd = std::sin(a[1]), cd = std::cos(a[1]);
    rad[0] = a[0] < 0 ? a[0] + 2 * M_PI : a[0];
    rad[1] = a[1];
    return std::atan2(-sa * n[0] + ca * n[1], -sd * ca * n[0] - sd * sa * n[1] + cd * n[2]);
}

void check_horizon(const pc_visinfo &v, const pc_direction &d)
{
    const double away =
        MVDirection(v.phase_rad[0], v.phase_rad[1]).separation(MVDirection(d.rad[0], d.rad[1]));
    if (away < M_PI / 2)
        return;
    char deg[40];
    snprintf(deg, sizeof deg, "%.4g", away * 180 / M_PI);
    throw pc::Failure{PC_EX_USAGE, std::string("--phasecenter is ") + deg + " degrees from field " +
                                       std::to_string(v.field_id) + " '" + v.field + "' of " + v.ms +
                                       ": nothing was seen there"};
}

/* All directions of a window in the frame of the image, whose place there is; the twist of the field's own.
 */
double set_image(pc_visinfo &v, const char *radesys, const double image_rad[2])
{
    const MDirection::Types from = type_of(v.radesys), to = type_of(radesys);
    const double twist = convert(v.phase_rad, from, to);
    (void)convert(v.pointing_rad, from, to);
    snprintf(v.radesys, sizeof v.radesys, "%s", radesys);
    v.image_rad[0] = image_rad[0] < 0 ? image_rad[0] + 2 * M_PI : image_rad[0];
    v.image_rad[1] = image_rad[1];
    return twist;
}

/* A field that moves itself, from where it is at each time. */
void set_track(pc::Window &w, const std::vector<pc::Place> &home, const std::vector<pc::Place> &to)
{
    const MDirection::Types frame = type_of(w.c.info.radesys);
    w.track.resize(w.epoch.size());
    for (size_t i = 0; i < w.epoch.size(); i++) {
        double from[2] = {home[i].rad[0], home[i].rad[1]};
        const double twist = convert(from, MDirection::J2000, frame);
        pc_shift_init(&w.track[i], from, to[i].rad, twist);
    }
    w.c.track = w.track.data();
}

void recenter(pc_ms &m, pc::Window &w, const pc_direction &d)
{
    pc_visinfo &v = w.c.info;
    const double twist = set_image(v, d.radesys, d.rad);
    check_horizon(v, d);
    w.c.shifted = true;
    if (pc::has_ephemeris(m, w.c.field_id)) {
        w.place = pc::field_places(m, w);
        set_track(w, w.place, std::vector<pc::Place>(w.place.size(), {{d.rad[0], d.rad[1]}, 0, false}));
    } else {
        pc_shift_init(&w.c.shift, v.phase_rad, v.image_rad, twist);
    }
}

/* After a source that moves. The uvw of a field with an ephemeris are those of its own place at each time. */
void follow(pc_ms &m, pc::Window &w, const pc_direction &d)
{
    pc_visinfo &v = w.c.info;
    pc_direction at = d;
    w.place = pc::places(m, w, d.moving);
    const double twist = set_image(v, at.radesys, w.place[0].rad);
    std::memcpy(at.rad, v.image_rad, sizeof at.rad);
    check_horizon(v, at);
    if (std::string(d.moving) == "TRACKFIELD")
        return;
    w.c.shifted = true;
    if (pc::has_ephemeris(m, w.c.field_id)) {
        set_track(w, pc::field_places(m, w), w.place);
        return;
    }
    w.track.resize(w.place.size());
    for (size_t i = 0; i < w.place.size(); i++)
        pc_shift_init(&w.track[i], v.phase_rad, w.place[i].rad, twist);
    w.c.track = w.track.data();
}

} // namespace

extern "C" {

int pc_direction_parse(const char *text, struct pc_ms *fields, struct pc_direction *d, struct pc_err *err)
{
    return pc::guard(err, text, [&] {
        const std::vector<std::string> w = words(text);
        const bool id = w.size() == 1 && is_number(w[0]);
        *d = {};
        if (w.size() == 1 && !id && pc::is_moving(w[0])) {
            snprintf(d->radesys, sizeof d->radesys, "FK5");
            snprintf(d->moving, sizeof d->moving, "%s", w[0].c_str());
            return;
        }
        set_place(*d, id ? field_direction(w[0], *fields) : read_direction(text));
    });
}

int pc_ms_recenter(struct pc_ms *ms, const struct pc_direction *d, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        for (auto &w : ms->windows)
            if (d->moving[0])
                follow(*ms, *w, *d);
            else
                recenter(*ms, *w, *d);
    });
}

int pc_ms_moves(struct pc_ms *ms, bool *moves, struct pc_err *err)
{
    *moves = false;
    return pc::guard(err, ms->path.c_str(), [&] {
        for (auto &w : ms->windows)
            *moves = *moves || pc::has_ephemeris(*ms, w->c.field_id);
    });
}

void pc_ms_set_image(struct pc_ms *ms, const double image_rad[2])
{
    const double rad[2] = {image_rad[0], image_rad[1]}; /* it may be one of these */
    for (auto &w : ms->windows)
        std::memcpy(w->c.info.image_rad, rad, sizeof rad);
}

} // extern "C"
