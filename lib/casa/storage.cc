/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/storage.h"
}

#include <casacore/casa/Containers/Record.h>
#include <casacore/tables/DataMan/DataManager.h>
#include <casacore/tables/Tables/TableColumn.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

using namespace casacore;

namespace
{

double element_byte(const Table &t, const String &column, bool tiled)
{
    const ColumnDesc &d = t.tableDesc().columnDesc(column);
    if (d.dataType() == TpBool)
        return tiled ? 0.125 : 1;
    return d.dataType() == TpString ? 0 : ValType::getTypeSize(d.dataType());
}

bool is_tiled(const String &manager)
{
    return manager.startsWith("Tiled");
}

pc_storage named(const String &column, const Record &dm)
{
    pc_storage s = {};
    snprintf(s.column, sizeof s.column, "%s", column.c_str());
    snprintf(s.manager, sizeof s.manager, "%s", dm.asString("TYPE").c_str());
    snprintf(s.name, sizeof s.name, "%s", dm.asString("NAME").c_str());
    s.channel_read = NAN;
    return s;
}

/* Cells of an array are correlations and channels where they have two axes. */
void set_cube(pc_storage &s, const Record &cube, double element)
{
    const Vector<Int> shape = cube.asArrayInt("CubeShape"), tile = cube.asArrayInt("TileShape");
    s.ncell = std::min<int>((int)shape.size() - 1, 8);
    s.ntile = std::min<int>((int)tile.size(), 9);
    s.nrow = shape[shape.size() - 1];
    s.byte = element * (double)s.nrow;
    for (int i = 0; i < s.ncell; i++) {
        s.cell[i] = shape[i];
        s.byte *= (double)shape[i];
    }
    for (int i = 0; i < s.ntile; i++)
        s.tile[i] = tile[i];
    if (s.ncell == 2)
        s.channel_read = 1 / std::ceil((double)s.cell[1] / (double)s.tile[1]);
}

/* Cells that are kept one by one: each is read whole. */
void set_cells(pc_storage &s, const Table &t, double element)
{
    const TableColumn col(t, s.column);
    const bool array = t.tableDesc().columnDesc(s.column).isArray();
    s.nrow = (int64_t)t.nrow();
    if (array && (t.nrow() == 0 || !col.isDefined(0)))
        return;
    const IPosition shape = array ? col.shape(0) : IPosition();
    s.ncell = (int)std::min<size_t>(shape.size(), 8);
    s.byte = element * (double)s.nrow;
    for (int i = 0; i < s.ncell; i++) {
        s.cell[i] = shape[i];
        s.byte *= (double)shape[i];
    }
    if (s.ncell == 2 && std::string(s.manager) != "Adios2StMan")
        s.channel_read = 1;
}

void add_column(std::vector<pc_storage> &list, const Table &t, const String &column, const Record &dm)
{
    const pc_storage s = named(column, dm);
    const double element = element_byte(t, column, is_tiled(s.manager));
    const Record spec = dm.isDefined("SPEC") ? dm.subRecord("SPEC") : Record();
    const Record cubes = spec.isDefined("HYPERCUBES") ? spec.subRecord("HYPERCUBES") : Record();
    if (cubes.nfields() == 0) {
        list.push_back(s);
        set_cells(list.back(), t, element);
    }
    for (uInt i = 0; i < cubes.nfields(); i++) {
        list.push_back(s);
        set_cube(list.back(), cubes.subRecord(i), element);
    }
}

} // namespace

extern "C" {

int pc_storage_list(const char *path, struct pc_storage **list, int *n, int64_t *nrow, struct pc_err *err)
{
    *list = nullptr;
    std::vector<pc_storage> found;
    int status = pc::guard(err, path, [&] {
        const auto m = pc::open_main(path, TableLock(TableLock::NoLocking), Table::Old);
        const Record info = m->main.dataManagerInfo();
        for (uInt i = 0; i < info.nfields(); i++)
            for (const String &column : Vector<String>(info.subRecord(i).asArrayString("COLUMNS")))
                add_column(found, m->main, column, info.subRecord(i));
        *nrow = (int64_t)m->main.nrow();
    });
    *n = (int)found.size();
    if (status == 0)
        *list = (struct pc_storage *)pc_mem_new(*n + 1, sizeof **list, "list of columns", err);
    if (!*list)
        return -1;
    std::copy(found.begin(), found.end(), *list);
    return 0;
}

bool pc_storage_has(const char *manager)
{
    bool known = false;
    struct pc_err ignored;
    /* not registered yet, it may still be in a library of its own, which getCtor() loads */
    (void)pc::guard(&ignored, manager, [&] {
        (void)DataManager::getCtor(manager);
        known = DataManager::isRegistered(manager);
    });
    return known;
}

} // extern "C"
