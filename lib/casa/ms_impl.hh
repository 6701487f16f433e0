/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_CASA_MS_IMPL_HH
#define PC_CASA_MS_IMPL_HH

/* What the parts of the MeasurementSet reader share. */

#include "casa/guard.hh"

extern "C" {
#include "base/mem.h"
#include "casa/ms.h"
}

#include <casacore/casa/Arrays/Array.h>
#include <casacore/ms/MeasurementSets/MeasurementSet.h>
#include <casacore/tables/Tables/ArrayColumn.h>
#include <casacore/tables/Tables/ScalarColumn.h>
#include <casacore/tables/Tables/TableLock.h>
#include <casacore/tables/Tables/TableRecord.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pc
{

/* Where a moving source is, in J2000, and how fast it goes away from the centre of the Earth, or from the
 * array. */
struct Place {
    double rad[2];
    double away_m_s;
    bool from_array;
};

struct Window {
    struct pc_ms_window c {
    };
    std::vector<int64_t> row;
    std::vector<double> freq, width;
    std::vector<int> sel, fit;
    std::vector<pc_ms_epoch> epoch;
    std::vector<Place>
        place; /* at each epoch, of a source that moves, or of the field that does; else empty */
    std::vector<pc_shift> track;
    double sysvel_m_s = 0;    /* the SOURCE table's, of a source at rest */
    std::string sysvel_frame; /* casacore's name; "" when the table has none */
    Window() = default;
    Window(const Window &) = delete;
    ~Window()
    {
        pc_visinfo_fini(&c.info);
    }
};

/* How the main table will be read, as pc_ms_expect() has it. */
struct Reading {
    int64_t chan0, nchan, rows, limit_byte;
};

using ChannelRanges = std::map<int, std::vector<std::array<int, 3>>>; /* spw -> first, last, step */

} // namespace pc

struct pc_ms {
    std::string path, name;
    casacore::Table main;
    casacore::MeasurementSet set;
    std::vector<std::unique_ptr<pc::Window>> windows;
    casacore::ArrayColumn<casacore::Complex> data;
    casacore::ArrayColumn<casacore::Bool> flag;
    casacore::ArrayColumn<casacore::Float> weight, spectrum;
    casacore::ScalarColumn<casacore::Bool> flag_row;
    casacore::ScalarColumn<casacore::Double> time;
    casacore::ScalarColumn<casacore::Int> ant1, ant2;
    casacore::ArrayColumn<casacore::Double> uvw;
    bool has_spectrum = false;
    std::string column; /* of visibilities, for wake() */
    pc::Reading reading = {0, 0, 0, 0};
    bool keeps_tiles = false; /* those that requests of rows one after the other come back to */
    int64_t nrow = 0;
    int64_t nauto = 0;
};

namespace pc
{

/* The main table of a MeasurementSet, looked at; attach() then says which column its visibilities are. ms.cc
 */
std::unique_ptr<pc_ms> open_main(const char *path, const casacore::TableLock &lock,
                                 casacore::Table::TableOption option);
void attach(pc_ms &ms, const std::string &column);
/* How many tiles of each column are kept in memory. ms_cache.cc */
void bound_caches(pc_ms &ms, const std::string &column);
/* Opens again what pc_ms_park() has closed. */
void wake(pc_ms &ms);
/* The selected rows in the MS's order, and the channel ranges of the spw clause (empty: all). ms_select.cc */
std::vector<int64_t> select_rows(pc_ms &ms, const pc_ms_selection &sel, ChannelRanges &ranges);
/* casacore's sentence without its line breaks, and only its beginning. ms_select.cc */
std::string flat(std::string sentence);
/* The channels that ranges name, ascending. */
std::vector<int> channels_of(const std::vector<std::array<int, 3>> &ranges, int nchan);
/* What an expression in the syntax of the spw clause names. ms_spw.cc */
ChannelRanges channel_ranges(pc_ms &ms, const std::string &expr);
/* casacore takes the last channel where a window has less than the expression names: 64 here, for the windows
 * there are rows of. */
void check_channels(pc_ms &ms, const char *option, const std::string &expr);
/* Leaves the part-th block of nparts, by time, of the rows of all windows; 66 when there are fewer rows. */
void keep_part(pc_ms &ms, int part, int nparts);
/* The channels without lines of every window; one of them without any is 64. */
void set_fit(pc_ms &ms, const std::string &fitspec);
/* Fills frequencies, correlations and headers of a window whose ids are set. ms_info.cc */
void describe(pc_ms &ms, Window &w, const ChannelRanges &ranges, pc_log *log);
/* What SOURCE says of the field's source in a window: the first line's rest frequency, 0 when there is none;
 * and the systemic velocity, into the window. ms_source.cc */
double rest_frequency(pc_ms &ms, const Window &w);
void set_sysvel(pc_ms &ms, Window &w);
/* Whether it is the name of a source that moves, and where it is at each epoch. moving.cc */
bool is_moving(const std::string &name);
std::vector<Place> places(pc_ms &ms, const Window &w, const std::string &name);
/* By an ephemeris table; and by the one that the MS has of a field, where the field's phase centre is.
 * ephemeris.cc */
std::vector<Place> table_places(const Window &w, const std::string &path);
bool has_ephemeris(pc_ms &ms, int field_id);
std::vector<Place> field_places(pc_ms &ms, const Window &w);
/* A subtable's cell, with a sentence when the id is out of range. */
void need_row(const casacore::Table &sub, const char *name, int id, const pc_ms &ms);

} // namespace pc

#endif
