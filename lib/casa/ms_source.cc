/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/measures/Measures/MRadialVelocity.h>
#include <casacore/measures/TableMeasures/ArrayMeasColumn.h>
#include <casacore/measures/TableMeasures/TableMeasDescBase.h>

#include <cmath>
#include <functional>

using namespace casacore;

namespace
{

/* The rows of the field's source in this window, in order, until `take` has what it wants. SOURCE is
 * optional, and its spw id -1 means all. */
void search(pc_ms &m, const pc::Window &w, const char *column,
            const std::function<bool(const Table &, rownr_t)> &take)
{
    if (!m.main.keywordSet().isDefined("SOURCE"))
        return;
    const Table t = m.main.keywordSet().asTable("SOURCE");
    if (!t.tableDesc().isColumn(column) || !t.tableDesc().isColumn("SOURCE_ID"))
        return;
    const int id = ScalarColumn<Int>(m.set.field(), "SOURCE_ID")(w.c.field_id);
    ScalarColumn<Int> source(t, "SOURCE_ID"), spw(t, "SPECTRAL_WINDOW_ID");
    for (rownr_t i = 0; i < t.nrow(); i++)
        if (source(i) == id && (spw(i) == -1 || spw(i) == w.c.spw_id) &&
            ArrayColumn<Double>(t, column).isDefined(i) && take(t, i))
            return;
}

double first_of(const Table &t, const char *column, rownr_t row)
{
    const Array<Double> a = ArrayColumn<Double>(t, column)(row);
    return a.empty() ? (double)NAN : *a.begin();
}

/* casacore's name of the frame: LSRK unless the table says otherwise. */
std::string frame_of_velocity(const Table &t, rownr_t row)
{
    TableColumn column(t, "SYSVEL");
    if (!TableMeasDescBase::hasMeasures(column))
        return "LSRK";
    const Array<MRadialVelocity> v = ArrayMeasColumn<MRadialVelocity>(t, "SYSVEL")(row);
    return MRadialVelocity::showType(v.begin()->getRef().getType());
}

} // namespace

namespace pc
{

double rest_frequency(pc_ms &m, const Window &w)
{
    double hz = 0;
    search(m, w, "REST_FREQUENCY", [&](const Table &t, rownr_t row) {
        const double v = first_of(t, "REST_FREQUENCY", row);
        hz = std::isfinite(v) && v > 0 ? v : 0;
        return hz > 0;
    });
    return hz;
}

void set_sysvel(pc_ms &m, Window &w)
{
    search(m, w, "SYSVEL", [&](const Table &t, rownr_t row) {
        const double v = first_of(t, "SYSVEL", row);
        if (!std::isfinite(v) || v == 0) /* which means as a rule that nobody has filled it in */
            return false;
        w.sysvel_m_s = v;
        w.sysvel_frame = frame_of_velocity(t, row);
        return true;
    });
}

} // namespace pc
