/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/ms_model.h"
}

#include <casacore/casa/Arrays/Slicer.h>
#include <casacore/tables/DataMan/TiledShapeStMan.h>
#include <casacore/tables/Tables/RefRows.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace casacore;

namespace
{

const char model_column[] = "MODEL_DATA";
constexpr int64_t tile_sample = 1 << 17; /* a mebibyte of complex numbers */

/* Another writer is not waited for. */
std::unique_ptr<pc_ms> open_locked(const char *path)
{
    if (access(path, F_OK) == 0 && (access(path, W_OK) != 0 || !Table::isWritable(path)))
        throw pc::Failure{PC_EX_CANTCREAT, std::string(path) +
                                               ": MODEL_DATA is to be written into it, and it "
                                               "cannot be written to"};
    try {
        return pc::open_main(path, TableLock(TableLock::PermanentLocking), Table::Update);
    } catch (const AipsError &e) {
        if (e.getMesg().contains("could not be acquired"))
            throw pc::Failure{PC_EX_CANTCREAT, std::string(path) +
                                                   ": is locked by another program, which writes "
                                                   "to it or has it open: end that, or wait for it"};
        throw;
    }
}

double free_byte(const std::string &path)
{
    struct statvfs fs;
    return statvfs(path.c_str(), &fs) == 0 ? (double)fs.f_bavail * (double)fs.f_frsize : 1e300;
}

/* A column of zeros, each cell shaped as the row's flags, flushed as a whole: the data first, then (by
 * renaming) the table that knows of them. A disk that fills up later would end the process: casacore's
 * destructors write, and throw. */
void make_column(pc_ms &m)
{
    double byte = 0;
    IPosition cell(2, 1, 1);
    for (rownr_t r = 0; r < m.main.nrow(); r++) {
        const IPosition shape = m.flag.shape(r);
        byte += 8.0 * (double)shape.product();
        if (shape.product() > cell.product())
            cell = shape;
    }
    if (byte * 1.1 > free_byte(m.path))
        throw pc::Failure{PC_EX_CANTCREAT, m.path + ": MODEL_DATA takes " + std::to_string((long long)byte) +
                                               " bytes, " + std::to_string((long long)free_byte(m.path)) +
                                               " are free"};
    TableDesc desc;
    MS::addColumnToDesc(desc, MS::MODEL_DATA, 2);
    const int64_t nchan = std::min<int64_t>(cell[1], 64);
    const int64_t rows = std::clamp<int64_t>(tile_sample / (cell[0] * nchan), 1, (int64_t)m.main.nrow());
    m.main.addColumn(desc, TiledShapeStMan("TiledModelData", IPosition(3, cell[0], nchan, rows)));
    ArrayColumn<Complex> model(m.main, model_column);
    for (rownr_t r = 0; r < m.main.nrow(); r++)
        model.setShape(r, m.flag.shape(r));
    m.main.flush(True);
}

/* Row numbers of row.fits. */
RefRows list_of(const double *row, int64_t n)
{
    Vector<rownr_t> v(n);
    for (int64_t i = 0; i < n; i++)
        v[i] = (rownr_t)row[4 * i];
    return RefRows(v, False, True);
}

/* Whether the MeasurementSet has, in these rows, what row.fits says. */
void check_rows(pc_ms &m, const pc::Window &w, const double *row, int64_t n)
{
    for (int64_t i = 0; i < n; i++, row += 4) {
        const int64_t r = (int64_t)row[0];
        if (std::binary_search(w.row.begin(), w.row.end(), r) && m.time(r) == row[1] && m.ant1(r) == row[2] &&
            m.ant2(r) == row[3])
            continue;
        throw pc::Failure{PC_EX_DATA,
                          m.path + ": row " + std::to_string(r) +
                              " is not the one the bundle was made from (its time or antennas are "
                              "others): is this the same MeasurementSet?"};
    }
}

Slicer channels(const pc::Window &w, int chan0, int nchan)
{
    return Slicer(IPosition(2, 0, chan0), IPosition(2, w.c.ncorr, nchan));
}

Array<Complex> view(const pc::Window &w, int64_t n, int nchan, float *vis)
{
    return Array<Complex>(IPosition(3, w.c.ncorr, nchan, n), reinterpret_cast<Complex *>(vis), SHARE);
}

/* What casacore cannot write is no fault of the data. */
int written(int status, struct pc_err *err)
{
    if (status && err->code == PC_EX_DATA)
        err->code = PC_EX_IOERR;
    return status;
}

} // namespace

extern "C" {

int pc_ms_open_for_model(struct pc_ms **ms, const char *path, struct pc_err *err)
{
    *ms = nullptr;
    return pc::guard(err, path, [&] {
        auto m = open_locked(path);
        pc::attach(*m, "");
        *ms = m.release();
    });
}

int pc_ms_model_check(struct pc_ms *ms, int window, const double *row, int64_t n, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] { check_rows(*ms, *ms->windows[window], row, n); });
}

int pc_ms_model_begin(struct pc_ms *ms, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        if (!ms->main.tableDesc().isColumn(model_column))
            make_column(*ms);
        else if (ms->main.tableDesc().columnDesc(model_column).dataType() != TpComplex)
            throw pc::Failure{PC_EX_DATA,
                              ms->path + ": MODEL_DATA does not hold single-precision complex numbers"};
        pc::attach(*ms, model_column);
    });
}

int pc_ms_model_uvw(struct pc_ms *ms, const double *row, int64_t n, double *uvw_m, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        Array<Double> uvw(IPosition(2, 3, n), uvw_m, SHARE);
        ms->uvw.getColumnCells(list_of(row, n), uvw);
    });
}

int pc_ms_model_get(struct pc_ms *ms, int window, const double *row, int64_t n, int chan0, int nchan,
                    float *vis_jy, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        Array<Complex> vis = view(*ms->windows[window], n, nchan, vis_jy);
        ms->data.getColumnCells(list_of(row, n), channels(*ms->windows[window], chan0, nchan), vis);
    });
}

int pc_ms_model_put(struct pc_ms *ms, int window, const double *row, int64_t n, int chan0, int nchan,
                    float *vis_jy, struct pc_err *err)
{
    const int status = pc::guard(err, ms->path.c_str(), [&] {
        const Array<Complex> vis = view(*ms->windows[window], n, nchan, vis_jy);
        ms->data.putColumnCells(list_of(row, n), channels(*ms->windows[window], chan0, nchan), vis);
    });
    return written(status, err);
}

int pc_ms_model_flush(struct pc_ms *ms, struct pc_err *err)
{
    return written(pc::guard(err, ms->path.c_str(), [&] { ms->main.flush(True); }), err);
}

} // extern "C"
