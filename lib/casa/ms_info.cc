/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/frame.h"
}

#include <casacore/casa/Quanta/MVTime.h>
#include <casacore/measures/Measures/MCDirection.h>
#include <casacore/measures/Measures/MCPosition.h>
#include <casacore/measures/Measures/MDirection.h>
#include <casacore/measures/Measures/MEpoch.h>
#include <casacore/measures/Measures/MPosition.h>
#include <casacore/measures/Measures/MeasConvert.h>
#include <casacore/measures/Measures/MeasFrame.h>
#include <casacore/measures/Measures/MeasTable.h>
#include <casacore/ms/MeasurementSets/MSFieldColumns.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstring>

using namespace casacore;

namespace
{

constexpr double day_s = 86400.0;

/* FITS headers hold plain ASCII; whatever else a name has becomes '?'. */
template <size_t N> void set_text(char (&dst)[N], const std::string &src)
{
    size_t n = std::min(src.size(), N - 1);
    for (size_t i = 0; i < n; i++)
        dst[i] = src[i] >= 32 && src[i] < 127 ? src[i] : '?';
    while (n > 0 && dst[n - 1] == ' ')
        n--;
    dst[n] = 0;
}

const char *specsys_of(int ref, const pc::Window &w, const pc_ms &m, pc_log *log)
{
    const char *name = pc_frame_of_code(ref);
    if (name)
        return name;
    pc_log_warn(log, "%s: spectral window %d has MEAS_FREQ_REF %d, which is no frame: taken as TOPO",
                m.name.c_str(), w.c.spw_id, ref);
    return "TOPOCENT";
}

/* casacore's Stokes codes to FITS's. */
int fits_corr(int code, const pc_ms &m)
{
    static const std::map<int, int> fits = {{1, 1},  {2, 2},  {3, 3},  {4, 4},   {5, -1},  {6, -3},
                                            {7, -4}, {8, -2}, {9, -5}, {10, -7}, {11, -8}, {12, -6}};
    auto f = fits.find(code);
    if (f == fits.end())
        throw pc::Failure{PC_EX_DATA, m.name + ": POLARIZATION.CORR_TYPE " + std::to_string(code) +
                                          " is none of I Q U V, RR RL LR LL, XX XY YX YY"};
    return f->second;
}

void set_spectral(pc_ms &m, pc::Window &w, const pc::ChannelRanges &ranges, pc_log *log)
{
    const MSSpectralWindow &t = m.set.spectralWindow();
    pc::need_row(t, "SPECTRAL_WINDOW", w.c.spw_id, m);
    const Vector<Double> f = ArrayColumn<Double>(t, "CHAN_FREQ")(w.c.spw_id);
    const Vector<Double> d = ArrayColumn<Double>(t, "CHAN_WIDTH")(w.c.spw_id);
    w.freq.assign(f.begin(), f.end());
    w.width.assign(d.begin(), d.end());
    if (w.freq.empty() || w.freq.size() != w.width.size())
        throw pc::Failure{PC_EX_DATA, m.name + ": spectral window " + std::to_string(w.c.spw_id) + " has " +
                                          std::to_string(w.freq.size()) + " CHAN_FREQ and " +
                                          std::to_string(w.width.size()) + " CHAN_WIDTH"};
    for (double v : w.freq)
        if (!(std::isfinite(v) && v > 0))
            throw pc::Failure{PC_EX_DATA, m.name + ": spectral window " + std::to_string(w.c.spw_id) +
                                              " has a channel frequency of " + std::to_string(v) + " Hz"};
    const int ref = ScalarColumn<Int>(t, "MEAS_FREQ_REF")(w.c.spw_id);
    set_text(w.c.info.specsys, specsys_of(ref, w, m, log));
    const int nchan = (int)w.freq.size();
    auto r = ranges.find(w.c.spw_id);
    if (ranges.empty())
        w.sel = pc::channels_of({{0, nchan - 1, 1}}, nchan);
    else if (r != ranges.end())
        w.sel = pc::channels_of(r->second, nchan);
    w.c.nchan = nchan;
    w.c.nsel = (int)w.sel.size();
    w.c.freq_hz = w.freq.data();
    w.c.width_hz = w.width.data();
    w.c.sel = w.sel.data();
}

void set_correlations(pc_ms &m, pc::Window &w, int pol_id)
{
    pc::need_row(m.set.polarization(), "POLARIZATION", pol_id, m);
    const Vector<Int> type = ArrayColumn<Int>(m.set.polarization(), "CORR_TYPE")(pol_id);
    if (type.empty() || type.size() > PC_MAX_CORR)
        throw pc::Failure{PC_EX_DATA, m.name + ": POLARIZATION row " + std::to_string(pol_id) + " has " +
                                          std::to_string(type.size()) +
                                          " correlations; 1 to 4 can be handled"};
    w.c.ncorr = w.c.info.ncorr = (int)type.size();
    for (size_t i = 0; i < type.size(); i++)
        w.c.info.corr[i] = fits_corr(type[i], m);
}

/* The telescope's place: casacore's catalogue, else the mean of the antennas that have one (some are at 0, 0,
 * 0). */
MPosition place(pc_ms &m, const std::string &telescope)
{
    MPosition pos;
    if (!telescope.empty() && MeasTable::Observatory(pos, telescope))
        return MPosition::Convert(pos, MPosition::ITRF)();
    double sum[3] = {0, 0, 0};
    int n = 0;
    ArrayColumn<Double> p(m.set.antenna(), "POSITION");
    for (rownr_t i = 0; i < p.nrow(); i++) {
        const Vector<Double> xyz = p(i);
        const bool known = xyz.size() == 3 && (xyz[0] != 0 || xyz[1] != 0 || xyz[2] != 0);
        n += known;
        for (int k = 0; known && k < 3; k++)
            sum[k] += xyz[k];
    }
    n = std::max(n, 1);
    return MPosition(MVPosition(sum[0] / n, sum[1] / n, sum[2] / n), MPosition::ITRF);
}

/* J2000 and ICRS are FITS's FK5 and ICRS; anything else is converted to J2000 at the window's first time. */
void set_direction(pc_ms &m, pc::Window &w, const MPosition &pos, double time_s, pc_log *log)
{
    pc::need_row(m.set.field(), "FIELD", w.c.field_id, m);
    MSFieldColumns field(m.set.field());
    pc_visinfo &v = w.c.info;
    set_text(v.field, field.name()(w.c.field_id));
    set_text(v.object, field.name()(w.c.field_id));
    MDirection dir = field.phaseDirMeas(w.c.field_id, time_s);
    const std::string type = MDirection::showType(dir.getRef().getType());
    if (type != "J2000" && type != "ICRS") {
        MeasFrame frame(MEpoch(MVEpoch(time_s / day_s), MEpoch::UTC), pos);
        dir = MDirection::Convert(dir, MDirection::Ref(MDirection::J2000, frame))();
        pc_log_warn(log, "%s: field %d has a phase centre in %s: converted to J2000", m.name.c_str(),
                    w.c.field_id, type.c_str());
    }
    set_text(v.radesys, type == "ICRS" ? "ICRS" : "FK5");
    const Vector<Double> a = dir.getAngle("rad").getValue();
    for (int k = 0; k < 2; k++)
        v.phase_rad[k] = v.pointing_rad[k] = v.image_rad[k] = a[k];
    if (v.phase_rad[0] < 0)
        v.phase_rad[0] = v.pointing_rad[0] = v.image_rad[0] = a[0] + 2 * M_PI;
}

void set_times(pc_ms &m, pc::Window &w)
{
    const Vector<Double> t = m.time.getColumn();
    std::vector<double> time;
    for (int64_t r : w.row)
        time.push_back(t[r]);
    std::sort(time.begin(), time.end());
    for (double s : time) {
        if (w.epoch.empty() || w.epoch.back().time_s != s)
            w.epoch.push_back({s, 0, 1});
        w.epoch.back().nrow++;
    }
    w.c.epoch = w.epoch.data();
    w.c.nepoch = (int)w.epoch.size();
    w.c.info.mjd_begin = time.front() / day_s;
    w.c.info.mjd_end = time.back() / day_s;
    MVTime at(MVEpoch(Quantity(time.front(), "s")));
    set_text(w.c.info.date_obs, at.string(MVTime::FITS, 9));
}

void set_dishes(pc_ms &m, pc::Window &w, struct pc_err &err)
{
    const Vector<Double> d = ScalarColumn<Double>(m.set.antenna(), "DISH_DIAMETER").getColumn();
    w.c.info.nant = (int)d.size();
    w.c.info.diam_m = (double *)pc_mem_new((int64_t)d.size(), sizeof(double), "dish diameters", &err);
    if (!w.c.info.diam_m)
        throw pc::Failure{err.code, err.msg};
    std::copy(d.begin(), d.end(), w.c.info.diam_m);
}

void set_observation(pc_ms &m, pc::Window &w)
{
    const int id = ScalarColumn<Int>(m.main, "OBSERVATION_ID")(w.row[0]);
    const MSObservation &t = m.set.observation();
    if (id < 0 || id >= (int)t.nrow())
        return;
    set_text(w.c.info.telescop, ScalarColumn<String>(t, "TELESCOPE_NAME")(id));
    set_text(w.c.info.observer, ScalarColumn<String>(t, "OBSERVER")(id));
}

} // namespace

namespace pc
{

void need_row(const Table &sub, const char *name, int id, const pc_ms &m)
{
    if (id < 0 || id >= (int)sub.nrow())
        throw Failure{PC_EX_DATA, m.name + ": the rows refer to row " + std::to_string(id) + " of " + name +
                                      ", which has " + std::to_string(sub.nrow())};
}

void describe(pc_ms &m, Window &w, const ChannelRanges &ranges, pc_log *log)
{
    struct pc_err err = {};
    const MSDataDescription &dd = m.set.dataDescription();
    need_row(dd, "DATA_DESCRIPTION", w.c.dd_id, m);
    w.c.spw_id = w.c.info.spw_id = ScalarColumn<Int>(dd, "SPECTRAL_WINDOW_ID")(w.c.dd_id);
    w.c.info.field_id = w.c.field_id;
    w.c.nrow = (int64_t)w.row.size();
    set_text(w.c.info.ms, m.name);
    set_spectral(m, w, ranges, log);
    set_correlations(m, w, ScalarColumn<Int>(dd, "POLARIZATION_ID")(w.c.dd_id));
    set_times(m, w);
    set_observation(m, w);
    const MPosition pos = place(m, w.c.info.telescop);
    const Vector<Double> xyz = pos.getValue().getValue();
    for (int k = 0; k < 3; k++)
        w.c.info.obsgeo_m[k] = xyz[k];
    set_direction(m, w, pos, w.c.info.mjd_begin * day_s, log);
    w.c.info.restfreq_hz = rest_frequency(m, w);
    set_sysvel(m, w);
    set_dishes(m, w, err);
}

} // namespace pc
