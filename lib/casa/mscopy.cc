/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "base/tempdir.h"
#include "casa/mscopy.h"
#include "casa/storage.h"
}

#include <casacore/casa/Containers/Record.h>
#include <casacore/tables/Tables/TableAttr.h>
#include <casacore/tables/Tables/TableCopy.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace casacore;

namespace
{

/* Rows of a tile, and those copied at a time: each tile is then written once. */
constexpr int64_t tile_rows = 4096;

/* The columns whose cells have channels, of those a MeasurementSet may have. */
std::vector<String> heavy_columns(const Table &t)
{
    std::vector<String> found;
    for (const char *name : {"DATA", "CORRECTED_DATA", "MODEL_DATA", "FLOAT_DATA", "FLAG", "WEIGHT_SPECTRUM",
                             "SIGMA_SPECTRUM", "CORRECTED_WEIGHT_SPECTRUM"})
        if (t.tableDesc().isColumn(name))
            found.push_back(name);
    return found;
}

Record adios2_spec(const pc_mscopy_conf &c)
{
    Record spec, params;
    for (int i = 0; i < c.nparam; i++) {
        const std::string p = c.param[i];
        const size_t equals = p.find('=');
        if (equals == 0 || equals == std::string::npos)
            throw pc::Failure{PC_EX_USAGE, "--engine-param " + p + ": write KEY=VALUE"};
        params.define(p.substr(0, equals), String(p.substr(equals + 1)));
    }
    if (c.engine && *c.engine)
        spec.define("ENGINETYPE", String(c.engine));
    if (c.nparam > 0)
        spec.defineRecord("ENGINEPARAMS", params);
    return spec;
}

Record tiled_spec(const Table &t, const String &column)
{
    const TableColumn col(t, column);
    Record spec;
    Int ncorr = 1;
    for (rownr_t r = 0; r < t.nrow(); r++)
        if (col.isDefined(r)) {
            ncorr = (Int)col.shape(r)[0];
            break;
        }
    Vector<Int> tile(3);
    tile[0] = ncorr;
    tile[1] = 1;
    tile[2] = (Int)std::min<int64_t>(tile_rows, (int64_t)t.nrow());
    spec.define("DEFAULTTILESHAPE", tile);
    return spec;
}

/* Storage managers without some of their columns; those that are left without any go. */
Record without(const Record &info, const std::vector<String> &columns)
{
    Record kept;
    for (uInt i = 0; i < info.nfields(); i++) {
        Record dm = info.subRecord(i);
        std::vector<String> left;
        for (const String &c : Vector<String>(dm.asArrayString("COLUMNS")))
            if (std::find(columns.begin(), columns.end(), c) == columns.end())
                left.push_back(c);
        dm.define("COLUMNS", Vector<String>(left));
        if (!left.empty())
            kept.defineRecord(info.name(i), dm);
    }
    return kept;
}

/* The table's storage managers, the heavy columns having new ones. */
Record storage_of(const Table &t, const pc_mscopy_conf &c)
{
    const std::vector<String> heavy = heavy_columns(t);
    Record info = without(t.dataManagerInfo(), heavy);
    for (const String &column : heavy) {
        Record dm;
        const bool tiled = c.stman == PC_STMAN_TILED;
        dm.define("TYPE", String(tiled ? "TiledShapeStMan" : "Adios2StMan"));
        dm.define("NAME", String("Channels") + column);
        dm.defineRecord("SPEC", tiled ? tiled_spec(t, column) : adios2_spec(c));
        dm.define("COLUMNS", Vector<String>(1, column));
        info.defineRecord(String("Channels") + column, dm);
    }
    return info;
}

Table selected(pc_ms &m)
{
    std::vector<rownr_t> rows;
    for (const auto &w : m.windows)
        rows.insert(rows.end(), w->row.begin(), w->row.end());
    std::sort(rows.begin(), rows.end());
    return m.main(Vector<rownr_t>(rows));
}

/* A disk that fills up ends the process: destructors of casacore's tables write, and throw. */
void check_space(pc_ms &m, const Table &rows, const std::string &parent)
{
    double byte = 64 << 20;
    for (const String &column : heavy_columns(rows)) {
        const TableColumn col(rows, column);
        const int size = ValType::getTypeSize(rows.tableDesc().columnDesc(column).dataType());
        for (rownr_t r = 0; r < rows.nrow(); r++)
            byte += col.isDefined(r) ? (double)(size * col.shape(r).product()) : 0;
    }
    struct statvfs fs;
    const double room = statvfs(parent.c_str(), &fs) == 0 ? (double)fs.f_bavail * (double)fs.f_frsize : 1e300;
    if (byte > room)
        throw pc::Failure{PC_EX_CANTCREAT,
                          m.name + ": the copy takes about " + std::to_string((long long)byte) +
                              " bytes; where it is to go are " + std::to_string((long long)room)};
}

/* Not those that are spoken of and not there, as in what some observatories export. */
void copy_subtables(Table &to, const Table &from)
{
    const TableRecord &keys = from.keywordSet();
    TableRecord there;
    for (uInt i = 0; i < keys.nfields(); i++)
        if (keys.dataType(i) == TpTable && Table::isReadable(keys.tableAttributes(keys.name(i)).name()))
            there.defineTable(keys.name(i), keys.asTable(i));
    TableCopy::copySubTables(to.rwKeywordSet(), there, to.tableName(), to.tableType(), from);
}

void copy_rows(pc_ms &m, const pc_mscopy_conf &c, const std::string &path, const std::string &parent)
{
    const Table from = selected(m);
    check_space(m, from, parent);
    Table to = TableCopy::makeEmptyTable(path, storage_of(from, c), from, Table::New, Table::LocalEndian);
    for (rownr_t r = 0; r < from.nrow(); r += tile_rows)
        TableCopy::copyRows(to, from, r, r, std::min<rownr_t>(tile_rows, from.nrow() - r), False);
    TableCopy::copyInfo(to, from);
    copy_subtables(to, from);
    to.flush(True, True);
}

std::string without_slash(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

} // namespace

extern "C" int pc_ms_copy(struct pc_ms *ms, const struct pc_mscopy_conf *conf, struct pc_err *err)
{
    struct pc_tempdir tmp;
    struct stat st;
    const std::string out = without_slash(conf->out);
    const size_t slash = out.rfind('/');
    const std::string parent = slash == std::string::npos ? "." : out.substr(0, slash + 1);
    if (conf->stman == PC_STMAN_ADIOS2 && !pc_storage_has("Adios2StMan"))
        return pc_err_set(err, PC_EX_UNAVAILABLE,
                          "--stman adios2: the casacore in use has no Adios2StMan; it must be built with "
                          "-DUSE_ADIOS2=ON (--stman tiled needs nothing)");
    if (stat(out.c_str(), &st) == 0)
        return pc_err_set(err, PC_EX_CANTCREAT, "%s: exists already; remove it or choose another name",
                          out.c_str());
    if (access(parent.c_str(), W_OK) != 0)
        return pc_err_errno(err, PC_EX_CANTCREAT, "%s: cannot write in %s", out.c_str(), parent.c_str());
    if (pc_tempdir_open(&tmp, parent.c_str(), ".pc-select", err))
        return -1;
    const std::string part = std::string(tmp.path) + "/copy.ms";
    int status = pc::guard(err, ms->path.c_str(), [&] { copy_rows(*ms, *conf, part, parent); });
    if (status == 0 && rename(part.c_str(), out.c_str()) != 0)
        status = pc_err_errno(err, PC_EX_CANTCREAT, "%s", out.c_str());
    pc_tempdir_close(&tmp);
    return status;
}
