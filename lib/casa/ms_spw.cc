/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/ms/MSSel/MSSelection.h>

#include <algorithm>
#include <sstream>

using namespace casacore;

namespace
{

/* The parts of "a,b,c". */
std::vector<std::string> split(const std::string &s, char by)
{
    std::vector<std::string> parts;
    std::istringstream in(s);
    for (std::string part; std::getline(in, part, by);)
        parts.push_back(part);
    return parts;
}

/* The numbers that ranges begin with, as in "3~5;80~90^2"; empty when they are not plain channel numbers. */
std::vector<int> firsts(const std::string &ranges)
{
    std::vector<int> list;
    if (ranges.find_first_not_of("0123456789~;^ ") != std::string::npos)
        return list;
    for (const std::string &r : split(ranges, ';')) {
        int lo;
        if (std::istringstream(r) >> lo)
            list.push_back(lo);
    }
    return list;
}

} // namespace

namespace pc
{

ChannelRanges channel_ranges(pc_ms &m, const std::string &expr)
{
    MSSelection sel;
    ChannelRanges ranges;
    sel.setSpwExpr(expr);
    const Matrix<Int> list = sel.getChanList(&m.set);
    for (uInt i = 0; i < list.nrow(); i++)
        ranges[list(i, 0)].push_back({list(i, 1), list(i, 2), std::max(1, list(i, 3))});
    return ranges;
}

void check_channels(pc_ms &m, const char *option, const std::string &expr)
{
    ScalarColumn<Int> nchan(m.set.spectralWindow(), "NUM_CHAN");
    for (const std::string &entry : split(expr, ',')) {
        const size_t colon = entry.find(':');
        if (colon == std::string::npos)
            continue;
        const std::vector<int> lo = firsts(entry.substr(colon + 1));
        if (lo.empty())
            continue;
        const ChannelRanges windows = channel_ranges(m, entry);
        for (const auto &w : m.windows)
            for (int first : lo)
                if (windows.count(w->c.spw_id) && first >= nchan(w->c.spw_id))
                    throw Failure{PC_EX_USAGE, m.name + ": --" + option + " '" + entry +
                                                   "': there is no channel " + std::to_string(first) +
                                                   "; spectral window " + std::to_string(w->c.spw_id) +
                                                   " has the channels 0 to " +
                                                   std::to_string(nchan(w->c.spw_id) - 1)};
    }
}

std::vector<int> channels_of(const std::vector<std::array<int, 3>> &ranges, int nchan)
{
    std::vector<bool> keep(nchan, false);
    for (const auto &x : ranges)
        for (int c = std::max(0, x[0]); c <= std::min(nchan - 1, x[1]); c += x[2])
            keep[c] = true;
    std::vector<int> list;
    for (int c = 0; c < nchan; c++)
        if (keep[c])
            list.push_back(c);
    return list;
}

void set_fit(pc_ms &m, const std::string &fitspec)
{
    ChannelRanges ranges;
    try {
        ranges = channel_ranges(m, fitspec);
    } catch (const AipsError &e) {
        throw Failure{PC_EX_USAGE,
                      m.name + ": --fitspec '" + fitspec + "' cannot be understood (" + flat(e.what()) + ")"};
    }
    check_channels(m, "fitspec", fitspec);
    for (auto &w : m.windows) {
        w->fit = channels_of(ranges[w->c.spw_id], w->c.nchan);
        w->c.fit = w->fit.data();
        w->c.nfit = (int)w->fit.size();
        if (w->fit.empty())
            throw Failure{PC_EX_USAGE, m.name + ": --fitspec '" + fitspec +
                                           "' names no channel of spectral window " +
                                           std::to_string(w->c.spw_id) +
                                           ", which is selected: its continuum cannot be known"};
    }
}

} // namespace pc
