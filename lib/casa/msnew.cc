/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/msnew_impl.hh"

#include <casacore/casa/Arrays/Cube.h>
#include <casacore/casa/Arrays/Matrix.h>
#include <casacore/tables/DataMan/IncrementalStMan.h>
#include <casacore/tables/DataMan/StandardStMan.h>
#include <casacore/tables/DataMan/TiledColumnStMan.h>
#include <casacore/tables/DataMan/TiledShapeStMan.h>
#include <casacore/tables/Tables/SetupNewTab.h>
#include <casacore/tables/Tables/TableUtil.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace casacore;

namespace
{

constexpr int tile_rows = 1024;

/* Tiles of DATA: channels and rows. */
int tile_chan(const pc_msnew_conf &c)
{
    return std::min(c.nchan, c.tile_chan);
}

int data_rows(const pc_msnew_conf &c)
{
    return (int)std::min<int64_t>(std::max(1, 64 * tile_rows / c.tile_chan),
                                  std::max<int64_t>(c.nrow, tile_rows));
}

MeasurementSet make_table(const pc_msnew_conf &c, const std::string &path)
{
    TableDesc td = MS::requiredTableDesc();
    MS::addColumnToDesc(td, MS::DATA, 2);
    SetupNewTable setup(path, td, Table::New);
    const int nchan = tile_chan(c), ncorr = c.ncorr;
    IncrementalStMan slow("Slow");
    StandardStMan fast("Fast", 65536);
    TiledColumnStMan uvw("TiledUVW", IPosition(2, 3, tile_rows));
    TiledShapeStMan data("TiledData", IPosition(3, ncorr, nchan, data_rows(c)));
    TiledShapeStMan flag("TiledFlag", IPosition(3, ncorr, nchan, 8 * data_rows(c)));
    TiledShapeStMan weight("TiledWeight", IPosition(2, ncorr, 4 * tile_rows));
    TiledShapeStMan sigma("TiledSigma", IPosition(2, ncorr, 4 * tile_rows));
    setup.bindAll(slow);
    for (auto col : {MS::ANTENNA1, MS::ANTENNA2, MS::FLAG_ROW})
        setup.bindColumn(MS::columnName(col), fast);
    setup.bindColumn("UVW", uvw);
    setup.bindColumn("DATA", data);
    setup.bindColumn("FLAG", flag);
    setup.bindColumn("WEIGHT", weight);
    setup.bindColumn("SIGMA", sigma);
    MeasurementSet ms(setup, (rownr_t)c.nrow);
    ms.createDefaultSubtables(Table::New);
    return ms;
}

/* What the tables take on disk: the columns' tiles, and what casacore writes besides. */
double disk_byte(const pc_msnew_conf &c)
{
    const auto tiled = [](double n, double tile) { return std::ceil(n / tile) * tile; };
    const double cells = tiled(c.nchan, tile_chan(c)) * c.ncorr, rows = (double)c.nrow;
    return tiled(rows, tile_rows) * 3 * 8 + tiled(rows, data_rows(c)) * 8 * cells +
           tiled(rows, 8 * data_rows(c)) * cells / 8 + tiled(rows, 4 * tile_rows) * 2 * 4 * c.ncorr +
           9 * rows + (2 << 20);
}

/* A disk that fills up ends the process: destructors of casacore's tables write, and throw. */
void check_space(const pc_msnew_conf &c, const std::string &path, const std::string &parent)
{
    struct statvfs fs;
    if (statvfs(parent.c_str(), &fs) != 0)
        return;
    const double available = (double)fs.f_bavail * (double)fs.f_frsize;
    if (available < disk_byte(c))
        throw pc::Failure{PC_EX_CANTCREAT, path + ": takes about " + std::to_string((long long)disk_byte(c)) +
                                               " bytes, " + std::to_string((long long)available) +
                                               " are free"};
}

void constant_columns(pc_msnew &m)
{
    MSMainColumns &col = *m.col;
    for (auto *c : {&col.dataDescId(), &col.fieldId(), &col.arrayId(), &col.observationId(), &col.stateId(),
                    &col.processorId(), &col.feed1(), &col.feed2()})
        c->fillColumn(0);
    col.scanNumber().fillColumn(1);
    col.exposure().fillColumn(m.conf.dt_s);
    col.interval().fillColumn(m.conf.dt_s);
}

template <class T, class S> Vector<T> vector_of(const S *from, int64_t n)
{
    Vector<T> v(n);
    std::copy(from, from + n, v.begin());
    return v;
}

/* Per-row values repeated for every correlation (and channel). */
void put_weights(pc_msnew &m, const pc_msnew_rows &r, const Slicer &range)
{
    const int nc = m.conf.ncorr;
    Matrix<Float> weight(nc, r.n), sigma(nc, r.n);
    Cube<Bool> flag(nc, m.conf.nchan, r.n);
    for (int64_t i = 0; i < r.n; i++) {
        weight.column(i) = r.weight[i];
        sigma.column(i) = 1 / std::sqrt(r.weight[i]);
        flag.xyPlane(i) = r.flag[i] != 0;
    }
    m.col->weight().putColumnRange(range, weight);
    m.col->sigma().putColumnRange(range, sigma);
    m.col->flag().putColumnRange(range, flag);
    m.col->flagRow().putColumnRange(range, vector_of<Bool>(r.flag, r.n));
}

void put_rows(pc_msnew &m, const pc_msnew_rows &r)
{
    const Slicer range(IPosition(1, r.first), IPosition(1, r.n));
    Array<Complex> vis(IPosition(3, m.conf.ncorr, m.conf.nchan, r.n), reinterpret_cast<Complex *>(r.vis_jy),
                       SHARE);
    m.col->data().putColumnRange(range, vis);
    Matrix<Double> uvw(3, r.n);
    std::copy(r.uvw_m, r.uvw_m + 3 * r.n, uvw.data());
    m.col->uvw().putColumnRange(range, uvw);
    const Vector<Double> time = vector_of<Double>(r.time_s, r.n);
    m.col->time().putColumnRange(range, time);
    m.col->timeCentroid().putColumnRange(range, time);
    m.col->antenna1().putColumnRange(range, vector_of<Int>(r.ant1, r.n));
    m.col->antenna2().putColumnRange(range, vector_of<Int>(r.ant2, r.n));
    put_weights(m, r, range);
}

std::string without_slash(std::string path)
{
    while (path.size() > 1 && path.back() == '/')
        path.pop_back();
    return path;
}

} // namespace

extern "C" {

int pc_msnew_open(struct pc_msnew **ms, const struct pc_msnew_conf *conf, struct pc_err *err)
{
    *ms = nullptr;
    return pc::guard(err, conf->path, [&] {
        pc::hush_casacore();
        auto m = std::make_unique<pc_msnew>();
        struct stat st;
        m->conf = *conf;
        m->path = without_slash(conf->path);
        if (stat(m->path.c_str(), &st) == 0)
            throw pc::Failure{PC_EX_CANTCREAT,
                              m->path + ": exists already; remove it or choose another name"};
        m->temporary = m->path + ".part" + std::to_string(getpid());
        const std::string parent =
            m->path.find('/') == std::string::npos ? "." : m->path.substr(0, m->path.rfind('/') + 1);
        if (access(parent.c_str(), W_OK) != 0)
            throw pc::Failure{PC_EX_CANTCREAT,
                              m->path + ": cannot write in " + parent + ": " + strerror(errno)};
        check_space(*conf, m->path, parent);
        m->set = make_table(*conf, m->temporary);
        m->col = std::make_unique<MSMainColumns>(m->set);
        constant_columns(*m);
        pc::fill_subtables(*m);
        *ms = m.release();
    });
}

int pc_msnew_put(struct pc_msnew *ms, const struct pc_msnew_rows *rows, struct pc_err *err)
{
    const int status = pc::guard(err, ms->path.c_str(), [&] { put_rows(*ms, *rows); });
    if (status && err->code == PC_EX_DATA)
        err->code = PC_EX_IOERR;
    return status;
}

int pc_msnew_close(struct pc_msnew *ms, struct pc_err *err)
{
    int status = pc::guard(err, ms->path.c_str(), [&] {
        ms->set.flush(True);
        ms->col.reset();
        ms->set = MeasurementSet();
    });
    if (status == 0 && rename(ms->temporary.c_str(), ms->path.c_str()) != 0)
        status = pc_err_errno(err, PC_EX_CANTCREAT, "%s", ms->path.c_str());
    if (status)
        pc_msnew_abort(ms);
    else
        delete ms;
    return status;
}

void pc_msnew_abort(struct pc_msnew *ms)
{
    struct pc_err ignored;
    if (!ms)
        return;
    (void)pc::guard(&ignored, "abort", [&] {
        ms->col.reset();
        ms->set.markForDelete();
        ms->set = MeasurementSet();
    });
    delete ms;
}

} // extern "C"
