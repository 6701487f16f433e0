/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

#include <casacore/tables/Tables/TableLock.h>

#include <algorithm>
#include <numeric>
#include <sys/stat.h>

using namespace casacore;

namespace
{

std::string base_name(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path.substr(path.find_last_of('/') + 1);
}

/* casacore's own message for a path that is no table is about a missing table.dat: say what a user can act
 * on. */
void check_path(const std::string &path)
{
    struct stat st;
    if (stat(path.c_str(), &st) != 0)
        throw pc::Failure{PC_EX_NOINPUT, path + ": no such MeasurementSet"};
    if (!S_ISDIR(st.st_mode))
        throw pc::Failure{
            PC_EX_DATA,
            path + ": is a file, and neither a tar archive nor UVFITS; a MeasurementSet is a directory"};
    if (stat((path + "/table.dat").c_str(), &st) != 0)
        throw pc::Failure{PC_EX_DATA, path + ": is not a MeasurementSet: the directory has no table.dat"};
}

void need_column(const Table &t, const std::string &path, const char *name)
{
    if (!t.tableDesc().isColumn(name))
        throw pc::Failure{PC_EX_DATA,
                          path + ": is not a complete MeasurementSet: column " + name + " is missing"};
}

void check_table(const Table &t, const std::string &path)
{
    for (const char *sub :
         {"ANTENNA", "DATA_DESCRIPTION", "FIELD", "OBSERVATION", "POLARIZATION", "SPECTRAL_WINDOW"})
        if (!t.keywordSet().isDefined(sub))
            throw pc::Failure{PC_EX_DATA, path + ": is not a MeasurementSet: it has no subtable " + sub};
    const Vector<String> columns = MS::requiredTableDesc().columnNames();
    for (const String &col : columns)
        need_column(t, path, col.c_str());
}

/* The column of visibilities: CORRECTED_DATA falls back to DATA as tclean does. */
std::string choose_column(const Table &t, const std::string &path, pc_ms_column column, pc_log *log)
{
    const TableDesc &d = t.tableDesc();
    std::string name = column == PC_MS_DATA    ? "DATA"
                       : column == PC_MS_MODEL ? "MODEL_DATA"
                                               : "CORRECTED_DATA";
    if (column == PC_MS_CORRECTED && !d.isColumn(name)) {
        need_column(t, path, "DATA");
        pc_log_warn(log,
                    "%s has no CORRECTED_DATA: using DATA (--datacolumn data says so without this warning)",
                    base_name(path).c_str());
        name = "DATA";
    }
    need_column(t, path, name.c_str());
    if (d.columnDesc(name).dataType() != TpComplex)
        throw pc::Failure{PC_EX_DATA,
                          path + ": column " + name + " does not hold single-precision complex numbers"};
    return name;
}

/* Groups the rows into windows, in the order field, data description. */
void group(pc_ms &m, const std::vector<int64_t> &rows)
{
    Vector<Int> dd = ScalarColumn<Int>(m.main, "DATA_DESC_ID").getColumn();
    Vector<Int> field = ScalarColumn<Int>(m.main, "FIELD_ID").getColumn();
    Vector<Int> a1 = m.ant1.getColumn(), a2 = m.ant2.getColumn();
    std::map<std::pair<int, int>, std::unique_ptr<pc::Window>> found;
    for (int64_t r : rows) {
        if (a1[r] == a2[r]) {
            m.nauto++;
            continue;
        }
        auto &w = found[{field[r], dd[r]}];
        if (!w) {
            w = std::make_unique<pc::Window>();
            w->c.field_id = field[r];
            w->c.dd_id = dd[r];
        }
        w->row.push_back(r);
    }
    for (auto &f : found)
        m.windows.push_back(std::move(f.second));
    if (m.windows.empty())
        throw pc::Failure{PC_EX_NOINPUT,
                          m.name + ": the selected rows are autocorrelations only: nothing to image"};
}

} // namespace

namespace pc
{

std::unique_ptr<pc_ms> open_main(const char *path, const TableLock &lock, Table::TableOption option)
{
    hush_casacore();
    check_path(path);
    auto m = std::make_unique<pc_ms>();
    m->path = path;
    m->name = base_name(path);
    m->main = Table(path, lock, option);
    check_table(m->main, path);
    m->set = MeasurementSet(m->main);
    m->nrow = (int64_t)m->main.nrow();
    return m;
}

void attach(pc_ms &m, const std::string &column)
{
    if (!column.empty())
        m.data.attach(m.main, column);
    m.flag.attach(m.main, "FLAG");
    m.weight.attach(m.main, "WEIGHT");
    m.has_spectrum = m.main.tableDesc().isColumn("WEIGHT_SPECTRUM");
    if (m.has_spectrum)
        m.spectrum.attach(m.main, "WEIGHT_SPECTRUM");
    m.flag_row.attach(m.main, "FLAG_ROW");
    m.time.attach(m.main, "TIME");
    m.ant1.attach(m.main, "ANTENNA1");
    m.ant2.attach(m.main, "ANTENNA2");
    m.uvw.attach(m.main, "UVW");
    bound_caches(m, column);
}

void wake(pc_ms &m)
{
    if (!m.main.isNull())
        return;
    m.main = Table(m.path, TableLock(TableLock::NoLocking), Table::Old);
    attach(m, m.column);
}

} // namespace pc

extern "C" {

int pc_ms_open(struct pc_ms **ms, const char *path, enum pc_ms_column column, struct pc_log *log,
               struct pc_err *err)
{
    *ms = nullptr;
    return pc::guard(err, path, [&] {
        auto m = pc::open_main(path, TableLock(TableLock::NoLocking), Table::Old);
        m->column = choose_column(m->main, path, column, log);
        pc::attach(*m, m->column);
        *ms = m.release();
    });
}

void pc_ms_close(struct pc_ms *ms)
{
    struct pc_err ignored;
    (void)pc::guard(&ignored, "close", [&] { delete ms; });
}

const char *pc_ms_name(const struct pc_ms *ms)
{
    return ms->name.c_str();
}

int pc_ms_select(struct pc_ms *ms, const struct pc_ms_selection *sel, struct pc_log *log, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        if (ms->main.nrow() == 0)
            throw pc::Failure{PC_EX_NOINPUT, ms->path + ": the MeasurementSet has no rows"};
        pc::ChannelRanges ranges;
        group(*ms, pc::select_rows(*ms, *sel, ranges));
        for (auto &w : ms->windows)
            pc::describe(*ms, *w, ranges, log);
        if (sel->spw && *sel->spw)
            pc::check_channels(*ms, "spw", sel->spw);
        if (sel->fitspec && *sel->fitspec)
            pc::set_fit(*ms, sel->fitspec);
        if (sel->nparts > 0)
            pc::keep_part(*ms, sel->part, sel->nparts);
    });
}

int pc_ms_window_count(const struct pc_ms *ms)
{
    return (int)ms->windows.size();
}

const struct pc_ms_window *pc_ms_window(const struct pc_ms *ms, int i)
{
    return &ms->windows[i]->c;
}

void pc_ms_park(struct pc_ms *ms)
{
    struct pc_err ignored;
    (void)pc::guard(&ignored, "close", [&] {
        ms->data.reference(ArrayColumn<Complex>());
        ms->flag.reference(ArrayColumn<Bool>());
        ms->weight.reference(ArrayColumn<Float>());
        ms->spectrum.reference(ArrayColumn<Float>());
        ms->flag_row.reference(ScalarColumn<Bool>());
        ms->time.reference(ScalarColumn<Double>());
        ms->ant1.reference(ScalarColumn<Int>());
        ms->ant2.reference(ScalarColumn<Int>());
        ms->uvw.reference(ArrayColumn<Double>());
        ms->set = MeasurementSet();
        ms->main = Table();
    });
}

int64_t pc_ms_autocorrelations(const struct pc_ms *ms)
{
    return ms->nauto;
}

int64_t pc_ms_row_count(const struct pc_ms *ms)
{
    return ms->nrow;
}

int64_t pc_ms_window_find(const struct pc_ms *ms, int i, int64_t ms_row)
{
    const std::vector<int64_t> &row = ms->windows[i]->row;
    return std::lower_bound(row.begin(), row.end(), ms_row) - row.begin();
}

} // extern "C"
