/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/image_impl.hh"

extern "C" {
#include "casa/image.h"
#include "io/beams.h"
#include "io/fits.h"
#include "io/fits_cube.h"
#include "io/fits_rows.h"
}

#include <casacore/casa/Arrays/ArrayMath.h>
#include <casacore/coordinates/Coordinates/CoordinateSystem.h>
#include <casacore/coordinates/Coordinates/SpectralCoordinate.h>
#include <casacore/fits/FITS/FITSHistoryUtil.h>
#include <casacore/fits/FITS/FITSKeywordUtil.h>
#include <casacore/images/Images/ImageFITSConverter.h>
#include <casacore/images/Images/PagedImage.h>
#include <casacore/tables/LogTables/LoggerHolder.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

using namespace casacore;
using Image = ImageInterface<Float>;
using pc::fail;

namespace
{

void check(int status, const struct pc_err &err)
{
    if (status != 0)
        fail(err.code, err.msg);
}

/* What the FITS file says, and the file open for its pixels. */
struct Source {
    struct pc_text cards = {};
    struct pc_imhead head = {};
    struct pc_fits_cube cube = {};
    struct pc_fits_rows *rows = nullptr;
    explicit Source(const char *path)
    {
        struct pc_err err = {};
        int bad = pc_fits_load_cards(path, &cards, &err) || pc_fits_load_head(path, &head, &err) ||
                  pc_fits_cube_load(path, &cube, &err) || pc_fits_rows_open(&rows, path, &err);
        if (bad) {
            clear();
            check(-1, err);
        }
    }
    ~Source()
    {
        clear();
    }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;

  private:
    void clear()
    {
        pc_text_free(&cards);
        pc_imhead_fini(&head);
        pc_fits_cube_fini(&cube);
        pc_fits_rows_close(rows);
    }
};

/* The axes as they will be: coordinates, lengths, and which axis is what. */
struct Axes {
    CoordinateSystem where;
    IPosition shape;
    Int spectral = -1, stokes = -1;
};

Vector<String> lines_of(const struct pc_text &cards)
{
    std::vector<String> lines;
    for (size_t at = 0; at + 80 <= cards.len; at += 80)
        if (std::string(cards.s + at, 8) != "        ")
            lines.emplace_back(std::string(cards.s + at, 80));
    return Vector<String>(lines);
}

IPosition shape_of(const Vector<String> &lines)
{
    Int n = 0;
    for (const auto &l : lines)
        if (l.startsWith("NAXIS   ="))
            n = std::atoi(l.c_str() + 9);
    IPosition shape(n, 1);
    for (const auto &l : lines)
        for (Int i = 0; i < n; i++)
            if (l.startsWith("NAXIS" + String::toString(i + 1) + "  ="))
                shape[i] = std::atoll(l.c_str() + 9);
    return shape;
}

/* RA, Dec, Stokes, frequency, as tclean writes and wants them. */
void order_axes(Axes &a)
{
    const Int pol = a.where.polarizationAxisNumber(), spec = a.where.spectralAxisNumber();
    const Vector<Int> sky = a.where.hasDirectionCoordinate() ? a.where.directionAxesNumbers() : Vector<Int>();
    const Int n = (Int)a.shape.nelements();
    if (sky.nelements() != 2 || sky[0] != 0 || sky[1] != 1 || pol < 0 || spec < 0 ||
        (Int)a.where.nPixelAxes() != n || (Int)a.where.nWorldAxes() != n)
        return;
    std::vector<Int> order = {0, 1, pol, spec};
    for (Int i = 2; i < n; i++)
        if (i != pol && i != spec)
            order.push_back(i);
    const IPosition was = a.shape;
    for (Int i = 0; i < n; i++)
        a.shape[i] = was[order[i]];
    a.where.transpose(Vector<Int>(order), Vector<Int>(order));
}

/* An axis that is not linear has the frequency of each channel in a table. */
void put_freqs(CoordinateSystem &where, const struct pc_fits_cube &cube)
{
    if (cube.freq_hz == nullptr || !where.hasSpectralAxis())
        return;
    const Int at = where.spectralCoordinateNumber();
    const SpectralCoordinate linear = where.spectralCoordinate(at);
    Vector<Double> freqs((size_t)cube.nchan);
    std::copy(cube.freq_hz, cube.freq_hz + cube.nchan, freqs.begin());
    SpectralCoordinate table(linear.frequencySystem(False), freqs, linear.restFrequency());
    where.replaceCoordinate(table, at);
}

/* `rest`: what is not about axes. */
Axes read_axes(const Source &src, Record &rest)
{
    Axes a;
    LogIO log;
    Int unofficial = -1;
    const Vector<String> lines = lines_of(src.cards);
    a.shape = shape_of(lines);
    a.where = ImageFITSConverter::getCoordinateSystem(unofficial, rest, lines, log, 0, a.shape, False);
    order_axes(a);
    put_freqs(a.where, src.cube);
    for (Int i = 2; i < (Int)a.shape.nelements(); i++) {
        const bool is_pol = i == a.where.polarizationAxisNumber();
        if (a.shape[i] > 1)
            (is_pol ? a.stokes : a.spectral) = i;
    }
    return a;
}

GaussianBeam beam_of(const struct pc_beam &b)
{
    return GaussianBeam(Quantity(b.maj_rad * 648000 / M_PI, "arcsec"),
                        Quantity(b.min_rad * 648000 / M_PI, "arcsec"),
                        Quantity(b.pa_rad * 180 / M_PI, "deg"));
}

/* One beam where all have the same, else one for each plane; blank planes have that of a neighbour, since
 * casacore takes no gaps. */
void put_beams(ImageInfo &info, const Source &src)
{
    const int nchan = src.cube.nchan, npol = src.head.npol;
    std::vector<struct pc_beam> beam((size_t)nchan * npol);
    for (int i = 0; i < nchan * npol; i++)
        beam[i] = src.cube.beam ? src.cube.beam[i] : src.head.beam[i / nchan];
    pc_beams_fill(beam.data(), nchan, npol);
    info.removeRestoringBeam();
    if (!(beam[0].maj_rad > 0))
        return;
    const bool one = std::all_of(beam.begin(), beam.end(), [&](const struct pc_beam &b) {
        return b.maj_rad == beam[0].maj_rad && b.min_rad == beam[0].min_rad && b.pa_rad == beam[0].pa_rad;
    });
    if (one) {
        info.setRestoringBeam(beam_of(beam[0]));
        return;
    }
    info.setAllBeams(nchan, npol, beam_of(beam[0]));
    for (int p = 0; p < npol; p++)
        for (int k = 0; k < nchan; k++)
            info.setBeam(k, p, beam_of(beam[(size_t)p * nchan + k]));
}

void put_history(Image &image, const Source &src)
{
    std::vector<String> lines;
    std::string text(pc_text_str(&src.head.history));
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find('\n', at), text.size());
        lines.emplace_back(text.substr(at, end - at));
        at = end + 1;
    }
    FITSHistoryUtil::fromHISTORY(image.logger(), Vector<String>(lines), lines.size(), False);
}

void put_header(Image &image, const Source &src, Record &rest)
{
    LogIO log;
    TableRecord said;
    Record misc;
    image.setUnits(ImageFITSConverter::getBrightnessUnit(rest, log));
    ImageInfo info = ImageFITSConverter::getImageInfo(rest);
    put_beams(info, src);
    image.setImageInfo(info);
    static const char *const not_said[] = {
        "^bitpix$",  "^simple$",  "^extend$",    "^origin$",    "^datamax$", "^datamin$", "^blocked$",
        "^blank$",   "^bscale$",  "^bzero$",     "^xtension$",  "^pcount$",  "^gcount$",  "^checksum$",
        "^datasum$", "^casambm$", "^bmaj[0-9]$", "^bmin[0-9]$", "^bpa[0-9]$"};
    std::vector<String> names(std::begin(not_said), std::end(not_said));
    FITSKeywordUtil::removeKeywords(rest, Vector<String>(names));
    ImageFITSConverter::extractMiscInfo(misc, rest);
    said.fromRecord(misc);
    image.setMiscInfo(said);
    put_history(image, src);
}

/* Pixels of a block, zero where they are blank; false in good there. */
bool split(std::vector<float> &pix, std::vector<char> &good)
{
    bool blank = false;
    for (size_t i = 0; i < pix.size(); i++) {
        good[i] = !std::isnan(pix[i]);
        blank |= !good[i];
        pix[i] = good[i] ? pix[i] : 0;
    }
    return blank;
}

/* Block by block as the tiles of the image go, so that each tile is written once. */
class Copy
{
  public:
    Copy(PagedImage<Float> &image, const Source &src, const Axes &axes, const IPosition &tile)
        : m_image(image), m_src(src), m_axes(axes), m_ny(tile[1]),
          m_nk(axes.spectral < 0 ? 1 : tile[axes.spectral])
    {
    }
    void run()
    {
        for (int p = 0; p < m_src.head.npol; p++)
            for (int k = 0; k < m_src.cube.nchan; k += m_nk)
                for (int y = 0; y < m_src.head.ny; y += m_ny)
                    block(p, k, std::min(m_nk, m_src.cube.nchan - k), y, std::min(m_ny, m_src.head.ny - y));
    }

  private:
    void block(int p, int k, int nk, int y, int ny)
    {
        struct pc_err err = {};
        const size_t n = (size_t)m_src.head.nx * ny;
        std::vector<float> pix(n * nk);
        std::vector<char> good(n * nk);
        for (int i = 0; i < nk; i++)
            check(pc_fits_rows_read(m_src.rows, p, k + i, y, ny, pix.data() + n * i, &err), err);
        IPosition at(m_axes.shape.nelements(), 0), length(m_axes.shape.nelements(), 1);
        at[1] = y;
        length[0] = m_src.head.nx;
        length[1] = ny;
        if (m_axes.stokes >= 0)
            at[m_axes.stokes] = p;
        if (m_axes.spectral >= 0) {
            at[m_axes.spectral] = k;
            length[m_axes.spectral] = nk;
        }
        const bool blank = split(pix, good);
        m_image.putSlice(Array<Float>(length, pix.data(), SHARE), at);
        if (blank)
            put_mask(good, length, at);
    }
    /* mask0 is made when the first blank pixel comes. */
    void put_mask(const std::vector<char> &good, const IPosition &length, const IPosition &at)
    {
        if (!m_image.hasPixelMask())
            m_image.makeMask("mask0", True, True, True, True);
        Array<Bool> mask(length);
        std::copy(good.begin(), good.end(), mask.begin());
        m_image.pixelMask().putSlice(mask, at);
    }
    PagedImage<Float> &m_image;
    const Source &m_src;
    const Axes &m_axes;
    const int m_ny, m_nk;
};

} // namespace

extern "C" int pc_casaimage_from_fits(const struct pc_casaimage_conf *conf, struct pc_err *err)
{
    return pc::guard(err, conf->src, [&] {
        pc::hush_casacore();
        pc::Product product(conf->dst, pc::Product::Kind::casa, conf->overwrite);
        const Source src(conf->src);
        Record rest;
        const Axes axes = read_axes(src, rest);
        const TiledShape tiled(axes.shape);
        auto image = std::make_unique<PagedImage<Float>>(tiled, axes.where, product.temporary());
        put_header(*image, src, rest);
        Copy(*image, src, axes, tiled.tileShape()).run();
        image->flush();
        image.reset();
        product.finish();
    });
}
