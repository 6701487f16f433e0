/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/ms_impl.hh"

extern "C" {
#include "casa/flags.h"
}

#include <casacore/casa/Arrays/Slicer.h>
#include <casacore/tables/Tables/RefRows.h>

#include <algorithm>
#include <cstring>

using namespace casacore;

namespace
{

/* The rows asked for: as one range when they follow each other, which storage managers read fastest. */
struct Rows {
    const int64_t *row;
    int64_t n;
    bool contiguous;
    Rows(const int64_t *r, int64_t count) : row(r), n(count), contiguous(r[count - 1] - r[0] == count - 1)
    {
    }
    Slicer range() const
    {
        return Slicer(IPosition(1, row[0]), IPosition(1, n));
    }
    RefRows list() const
    {
        Vector<rownr_t> v(n);
        std::copy(row, row + n, v.begin());
        return RefRows(v, False, True);
    }
};

template <class T> void read_scalar(const ScalarColumn<T> &col, const Rows &rows, Vector<T> &out)
{
    if (rows.contiguous)
        col.getColumnRange(rows.range(), out, True);
    else
        col.getColumnCells(rows.list(), out, True);
}

/* One cell shape for all rows; `out` views the caller's memory of the right size. */
template <class T>
void read_array(const ArrayColumn<T> &col, const Rows &rows, const Slicer *part, Array<T> &out)
{
    if (rows.contiguous && part)
        col.getColumnRange(rows.range(), *part, out);
    else if (rows.contiguous)
        col.getColumnRange(rows.range(), out);
    else if (part)
        col.getColumnCells(rows.list(), *part, out);
    else
        col.getColumnCells(rows.list(), out);
}

/* Everything about one request that its parts share. */
struct Request {
    pc_ms &m;
    const pc::Window &w;
    const pc_ms_rows &r;
    Rows rows;
    int64_t nsample() const
    {
        return (int64_t)r.nchan * w.c.ncorr;
    }
    Slicer channels() const
    {
        return Slicer(IPosition(2, 0, r.chan0), IPosition(2, w.c.ncorr, r.nchan), IPosition(2, 1, r.step));
    }
    IPosition shape() const
    {
        return IPosition(3, w.c.ncorr, r.nchan, r.n);
    }
};

void read_data(const Request &q)
{
    const IPosition cell = q.m.data.shape(q.rows.row[0]);
    if (cell.size() != 2 || cell[0] != q.w.c.ncorr || cell[1] != q.w.c.nchan)
        throw pc::Failure{PC_EX_DATA, q.m.path + ": the data of row " + std::to_string(q.rows.row[0]) +
                                          " have shape " + cell.toString() + "; its data description has " +
                                          std::to_string(q.w.c.ncorr) + " correlations and " +
                                          std::to_string(q.w.c.nchan) + " channels"};
    Array<Complex> vis(q.shape(), reinterpret_cast<Complex *>(q.r.vis_jy), SHARE);
    const Slicer part = q.channels();
    read_array(q.m.data, q.rows, &part, vis);
}

void read_places(const Request &q)
{
    Array<Double> uvw(IPosition(2, 3, q.r.n), q.r.uvw_m, SHARE);
    read_array(q.m.uvw, q.rows, nullptr, uvw);
    Vector<Double> time;
    Vector<Int> a1, a2;
    read_scalar(q.m.time, q.rows, time);
    read_scalar(q.m.ant1, q.rows, a1);
    read_scalar(q.m.ant2, q.rows, a2);
    for (int64_t i = 0; i < q.r.n; i++) {
        double *row = q.r.row + 4 * i;
        row[0] = (double)q.rows.row[i];
        row[1] = time[i];
        row[2] = a1[i];
        row[3] = a2[i];
    }
}

/* WEIGHT_SPECTRUM may have cells that were never written, and cells of another shape: those rows have WEIGHT
 * only. */
bool spectrum_defined(const Request &q, int64_t row)
{
    if (!q.m.has_spectrum || !q.m.spectrum.isDefined(row))
        return false;
    const IPosition cell = q.m.spectrum.shape(row);
    return cell.size() == 2 && cell[0] == q.w.c.ncorr && cell[1] == q.w.c.nchan;
}

void row_weights(const Request &q, int64_t first, int64_t n)
{
    Array<Float> wt;
    read_array(q.m.weight, Rows(q.rows.row + first, n), nullptr, wt);
    if (wt.ndim() != 2 || wt.shape()[0] != q.w.c.ncorr)
        throw pc::Failure{PC_EX_DATA, q.m.path + ": WEIGHT has cells of shape " + wt.shape().toString() +
                                          " at row " + std::to_string(q.rows.row[first]) +
                                          " where there are " + std::to_string(q.w.c.ncorr) +
                                          " correlations"};
    const Float *w = wt.data();
    float *out = q.r.weight + first * q.nsample();
    for (int64_t i = 0; i < n; i++, w += q.w.c.ncorr)
        for (int c = 0; c < q.r.nchan; c++, out += q.w.c.ncorr)
            std::memcpy(out, w, sizeof(float) * q.w.c.ncorr);
}

void read_weights(const Request &q)
{
    for (int64_t i = 0; i < q.r.n;) {
        const bool defined = spectrum_defined(q, q.rows.row[i]);
        int64_t end = i + 1;
        while (end < q.r.n && spectrum_defined(q, q.rows.row[end]) == defined)
            end++;
        if (defined) {
            const Slicer part = q.channels();
            Array<Float> ws(IPosition(3, q.w.c.ncorr, q.r.nchan, end - i), q.r.weight + i * q.nsample(),
                            SHARE);
            read_array(q.m.spectrum, Rows(q.rows.row + i, end - i), &part, ws);
        } else {
            row_weights(q, i, end - i);
        }
        i = end;
    }
}

void apply_flags(const Request &q)
{
    Array<Bool> flag(q.shape());
    const Slicer part = q.channels();
    read_array(q.m.flag, q.rows, &part, flag);
    Vector<Bool> flag_row;
    read_scalar(q.m.flag_row, q.rows, flag_row);
    static_assert(sizeof(Bool) == 1, "flags are handed to C as bytes");
    const unsigned char *f = reinterpret_cast<const unsigned char *>(flag.data());
    const int64_t ns = q.nsample();
    for (int64_t i = 0; i < q.r.n; i++)
        pc_flags_apply(ns, f + i * ns, flag_row[i], q.r.vis_jy + 2 * i * ns, q.r.weight + i * ns);
}

/* As many rows at a time as caches hold while samples, weights and flags are brought together; all of them
 * where each request would read tiles again. */
void read_samples(const Request &q)
{
    constexpr int64_t cached_byte = 8 << 20;
    const int64_t step = q.m.keeps_tiles ? std::max<int64_t>(cached_byte / (8 * q.nsample()), 1) : q.r.n;
    for (int64_t i = 0; i < q.r.n; i += step) {
        pc_ms_rows some = q.r;
        some.first += i;
        some.n = std::min(step, q.r.n - i);
        some.vis_jy += 2 * i * q.nsample();
        some.weight += i * q.nsample();
        const Request part{q.m, q.w, some, Rows(q.rows.row + i, some.n)};
        read_data(part);
        read_weights(part);
        apply_flags(part);
    }
}

} // namespace

extern "C" int pc_ms_read(struct pc_ms *ms, int window, struct pc_ms_rows *rows, struct pc_err *err)
{
    return pc::guard(err, ms->path.c_str(), [&] {
        const pc::Window &w = *ms->windows[window];
        if (rows->n == 0)
            return;
        pc::wake(*ms);
        const Request q{*ms, w, *rows, Rows(w.row.data() + rows->first, rows->n)};
        read_samples(q);
        read_places(q);
    });
}
