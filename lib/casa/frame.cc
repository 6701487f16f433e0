/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/frame.h"
}

#include <casacore/measures/Measures/MCFrequency.h>
#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MEpoch.h>
#include <casacore/measures/Measures/MFrequency.h>
#include <casacore/measures/Measures/MPosition.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/measures/Measures/MeasFrame.h>

#include <cmath>
#include <cstring>
#include <strings.h>

using namespace casacore;

namespace
{

struct Frame {
    const char *casa, *fits;
    MFrequency::Types type;
};

constexpr Frame frames[] = {
    {"REST", "SOURCE", MFrequency::REST},         {"LSRK", "LSRK", MFrequency::LSRK},
    {"LSRD", "LSRD", MFrequency::LSRD},           {"BARY", "BARYCENT", MFrequency::BARY},
    {"GEO", "GEOCENTR", MFrequency::GEO},         {"TOPO", "TOPOCENT", MFrequency::TOPO},
    {"GALACTO", "GALACTOC", MFrequency::GALACTO}, {"LGROUP", "LOCALGRP", MFrequency::LGROUP},
    {"CMB", "CMBDIPOL", MFrequency::CMB},
};

const Frame *find(const char *name)
{
    for (const Frame &f : frames)
        if (strcasecmp(name, f.casa) == 0 || strcasecmp(name, f.fits) == 0)
            return &f;
    return nullptr;
}

MDirection direction(const pc_visinfo &v) /* J2000 where it moves */
{
    const bool icrs = std::strcmp(v.radesys, "ICRS") == 0;
    return MDirection(MVDirection(v.phase_rad[0], v.phase_rad[1]),
                      icrs ? MDirection::ICRS : MDirection::J2000);
}

/* To a source that goes away. */
double redshift(double away_m_s)
{
    const double b = away_m_s / 299792458.0;
    return std::sqrt((1 + b) / (1 - b));
}

/* The rest frame is reached by way of the frame that the velocity of the source is known in: of one that
 * moves the centre of the Earth or the array, else that of SOURCE.SYSVEL. */
MFrequency::Types by_way_of(const pc::Window &w, const Frame &to)
{
    if (to.type != MFrequency::REST)
        return to.type;
    if (w.place.empty())
        return find(w.sysvel_frame.c_str())->type;
    return w.place[0].from_array ? MFrequency::TOPO : MFrequency::GEO;
}

void convert(pc::Window &w, const Frame &from, const Frame &to)
{
    const bool rest = to.type == MFrequency::REST;
    const pc_visinfo &v = w.c.info;
    MeasFrame frame(MPosition(MVPosition(v.obsgeo_m[0], v.obsgeo_m[1], v.obsgeo_m[2]), MPosition::ITRF),
                    direction(v), MEpoch(MVEpoch(v.mjd_begin), MEpoch::UTC));
    MFrequency::Convert change(MFrequency::Ref(from.type, frame), MFrequency::Ref(by_way_of(w, to), frame));
    const double hz = w.freq[w.freq.size() / 2];
    for (pc_ms_epoch &e : w.epoch) {
        const pc::Place *at = w.place.empty() ? nullptr : &w.place[&e - w.epoch.data()];
        frame.resetEpoch(MVEpoch(Quantity(e.time_s, "s")));
        if (at)
            frame.resetDirection(MVDirection(at->rad[0], at->rad[1]));
        e.factor = change(MVFrequency(hz)).getValue().getValue() / hz *
                   (rest ? redshift(at ? at->away_m_s : w.sysvel_m_s) : 1);
        if (!(std::isfinite(e.factor) && e.factor > 0))
            throw pc::Failure{PC_EX_DATA, std::string(v.ms) + ": casacore cannot convert frequencies from " +
                                              from.casa + " to " + to.casa};
    }
}

void set_frame(pc::Window &w, const Frame &to)
{
    const Frame &from = *find(w.c.info.specsys);
    if (&from == &to)
        return;
    const bool known = !w.place.empty() || find(w.sysvel_frame.c_str());
    if (from.type == MFrequency::REST || (to.type == MFrequency::REST && !known))
        throw pc::Failure{PC_EX_USAGE, std::string("the data of ") + w.c.info.ms + " are in the frame " +
                                           from.casa + ", and cannot be converted to " + to.casa +
                                           ": the velocity of the source is not known: SOURCE has no SYSVEL "
                                           "of it (or 0), and --phasecenter "
                                           "does not say which of those that move it is"};
    convert(w, from, to);
    snprintf(w.c.info.specsys, sizeof w.c.info.specsys, "%s", to.fits);
}

} // namespace

extern "C" {

const char *const pc_frame_names = "LSRK, LSRD, BARY, GEO, TOPO, GALACTO, LGROUP, CMB, REST";

const char *pc_frame_specsys(const char *name)
{
    const Frame *f = find(name);
    return f ? f->fits : nullptr;
}

const char *pc_frame_of_code(int code)
{
    for (const Frame &f : frames)
        if (f.type == code)
            return f.fits;
    return nullptr;
}

int pc_ms_set_frame(struct pc_ms *ms, const char *specsys, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        pc::hush_casacore();
        for (auto &w : ms->windows)
            set_frame(*w, *find(specsys));
    });
}

} // extern "C"
