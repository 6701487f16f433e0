/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "casa/image_impl.hh"

extern "C" {
#include "casa/image.h"
#include "io/fits.h"
#include "io/freqs.h"
}

#include <casacore/coordinates/Coordinates/CoordinateSystem.h>
#include <casacore/coordinates/Coordinates/SpectralCoordinate.h>
#include <casacore/images/Images/FITSImage.h>
#include <casacore/images/Images/ImageExpr.h>
#include <casacore/images/Images/ImageFITSConverter.h>
#include <casacore/images/Images/ImageOpener.h>
#include <casacore/images/Images/ImageUtilities.h>
#include <casacore/images/Images/SubImage.h>
#include <casacore/images/Images/TempImage.h>
#include <casacore/lattices/LEL/LatticeExpr.h>
#include <casacore/tables/Tables/Table.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <memory>
#include <unistd.h>
#include <vector>

using namespace casacore;
using Image = ImageInterface<Float>;
using pc::fail;

namespace
{

std::unique_ptr<Image> open_image(const std::string &name)
{
    FITSImage::registerOpenFunction(); /* what a list of images refers to may be FITS */
    if (!Table::isReadable(name) && ImageOpener::imageType(name) != ImageOpener::IMAGECONCAT)
        fail(PC_EX_DATA, name + ": is not a CASA image (no table can be read there)");
    std::unique_ptr<LatticeBase> lattice(ImageOpener::openImage(name));
    if (auto *f = dynamic_cast<Image *>(lattice.get())) {
        (void)lattice.release();
        return std::unique_ptr<Image>(f);
    }
    if (auto *d = dynamic_cast<ImageInterface<Double> *>(lattice.get())) {
        /* the expression's own copy of it lives on */
        const LatticeExpr<Float> narrow{LatticeExprNode(toFloat(LatticeExprNode(*d)))};
        auto image = std::make_unique<ImageExpr<Float>>(narrow, name);
        return image;
    }
    fail(PC_EX_DATA, name + ": is a table, but not a CASA image of real numbers");
}

int count_channels(const Image &image, Int axis)
{
    return axis < 0 ? 1 : (int)image.shape()[axis];
}

/* The channel that is wanted, counted from 0. */
int choose(const Image &image, Int axis, const pc_casaimage_conf &conf)
{
    const int n = count_channels(image, axis);
    const CoordinateSystem &where = image.coordinates();
    if (n == 1)
        return 0;
    if (conf.freq_hz > 0 && where.hasSpectralAxis()) {
        SpectralCoordinate spectral = where.spectralCoordinate();
        int best = 0;
        double nearest = HUGE_VAL;
        spectral.setWorldAxisUnits(Vector<String>(1, "Hz"));
        for (int i = 0; i < n; i++) {
            Double hz = 0;
            if (spectral.toWorld(hz, (Double)i) && std::abs(hz - conf.freq_hz) < nearest) {
                nearest = std::abs(hz - conf.freq_hz);
                best = i;
            }
        }
        return best;
    }
    if (conf.channel >= n)
        fail(PC_EX_DATA, std::string(conf.src) + ": channel " + std::to_string(conf.channel) +
                             " asked for, there are " + std::to_string(n));
    return conf.channel;
}

/* One beam for all planes where they have the same: the header can say that. */
void unite_beams(ImageInfo &info)
{
    if (!info.hasMultipleBeams())
        return;
    const ImageBeamSet set = info.getBeamSet();
    const GaussianBeam &first = set.getBeam(0, 0);
    if (!set.equivalent(ImageBeamSet(first)))
        return;
    info.removeRestoringBeam();
    info.setRestoringBeam(first);
}

/* One channel as an image of its own, in memory. */
std::unique_ptr<Image> one_channel(const Image &image, const pc_casaimage_conf &conf)
{
    const Int axis = image.coordinates().spectralAxisNumber();
    IPosition begin(image.ndim(), 0), length = image.shape();
    if (axis >= 0) {
        begin[axis] = choose(image, axis, conf);
        length[axis] = 1;
    }
    const SubImage<Float> part(image, Slicer(begin, length));
    auto copy = std::make_unique<TempImage<Float>>(TiledShape(part.shape()), part.coordinates());
    if (part.isMasked())
        copy->attachMask(ArrayLattice<Bool>(part.getMask()));
    copy->copyData(part);
    ImageUtilities::copyMiscellaneous(*copy, part);
    ImageInfo info = part.imageInfo();
    unite_beams(info);
    copy->setImageInfo(info);
    TableRecord said = part.miscInfo();
    said.define("nchan", count_channels(image, axis));
    copy->setMiscInfo(said);
    return copy;
}

void write_fits(Image &image, const std::string &dst, const pc_casaimage_conf &conf)
{
    String why;
    if (!ImageFITSConverter::ImageToFITS(why, image, dst, 64, False, False, -32, 1, -1, False, False, False,
                                         True, False, False, std::string("pc-image ") + conf.version))
        fail(PC_EX_DATA, std::string(conf.src) + ": cannot be written as FITS: " + why.c_str());
}

/* The frequency of each channel; empty where there is none. */
std::vector<double> frequencies(const Image &image)
{
    std::vector<double> freqs;
    const CoordinateSystem &where = image.coordinates();
    if (!where.hasSpectralAxis())
        return freqs;
    SpectralCoordinate spectral = where.spectralCoordinate();
    spectral.setWorldAxisUnits(Vector<String>(1, "Hz"));
    const int n = count_channels(image, where.spectralAxisNumber());
    for (int i = 0; i < n; i++) {
        Double hz = 0;
        if (!spectral.toWorld(hz, (Double)i))
            return {};
        freqs.push_back(hz);
    }
    return freqs;
}

/* casacore writes a linear axis whatever the image's is. Where that is wrong, a table has the frequencies. */
void add_frequencies(const Image &image, const std::string &file)
{
    struct pc_err err = {};
    struct pc_imhead head = {};
    struct pc_text table = {};
    const std::vector<double> freqs = frequencies(image);
    double off = 0;
    if (pc_fits_load_head(file.c_str(), &head, &err) != 0)
        fail(err.code, err.msg);
    for (size_t i = 0; i < freqs.size(); i++)
        off = std::max(off, std::abs(head.freq_hz + (double)i * head.width_hz - freqs[i]));
    const bool uneven = off > 1e-3 * std::abs(head.width_hz);
    pc_imhead_fini(&head);
    if (!uneven)
        return;
    bool good = pc_freqs_format(freqs.data(), (int)freqs.size(), &table, &err) == 0;
    if (good) {
        FILE *f = std::fopen(file.c_str(), "ab");
        good = f != nullptr && std::fwrite(table.s, 1, table.len, f) == table.len;
        good = (f == nullptr || std::fclose(f) == 0) && good;
        if (!good)
            pc_err_errno(&err, PC_EX_IOERR, "%s", file.c_str());
    }
    pc_text_free(&table);
    if (!good)
        fail(err.code, err.msg);
}

/* casacore tells nobody when the disk is full. */
void check_complete(const std::string &file, const Image &image)
{
    FILE *f = std::fopen(file.c_str(), "rb");
    const long long size = f != nullptr && std::fseek(f, 0, SEEK_END) == 0 ? std::ftell(f) : -1;
    if (f != nullptr)
        std::fclose(f);
    if (size < 4 * (long long)image.shape().product() || size % 2880 != 0)
        fail(PC_EX_IOERR, file + ": not everything could be written");
}

/* casacore writes FITS to named files alone. This one is in a directory of its own, and both are gone as soon
 * as it is whole; what is left is a file without a name, open at its beginning. */
int write_unnamed(Image &image, const pc_casaimage_conf &conf)
{
    std::string dir = std::string(conf.tmpdir != nullptr ? conf.tmpdir : "/tmp") + "/pc-image.XXXXXX";
    if (mkdtemp(&dir[0]) == nullptr)
        fail(PC_EX_CANTCREAT, dir + ": " + std::strerror(errno));
    const std::string name = dir + "/image.fits";
    auto discard = [&] {
        unlink(name.c_str());
        rmdir(dir.c_str());
    };
    try {
        write_fits(image, name, conf);
        check_complete(name, image);
        add_frequencies(image, name);
        const int fd = open(name.c_str(), O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            fail(PC_EX_IOERR, name + ": " + std::strerror(errno));
        discard();
        return fd;
    } catch (...) {
        discard();
        throw;
    }
}

void copy_to_stdout(int fd)
{
    std::vector<char> buf(1 << 20);
    ssize_t n;
    while ((n = read(fd, buf.data(), buf.size())) > 0)
        for (ssize_t at = 0, put; at < n; at += put)
            if ((put = write(STDOUT_FILENO, buf.data() + at, (size_t)(n - at))) < 0) {
                if (errno != EINTR)
                    fail(PC_EX_IOERR, std::string("standard output: ") + std::strerror(errno));
                put = 0;
            }
    if (n < 0)
        fail(PC_EX_IOERR, std::string("a temporary file: ") + std::strerror(errno));
}

} // namespace

extern "C" {

int pc_casaimage_to_fits(const struct pc_casaimage_conf *conf, struct pc_err *err)
{
    return pc::guard(err, conf->src, [&] {
        pc::hush_casacore();
        std::unique_ptr<Image> image = open_image(conf->src);
        if (conf->one)
            image = one_channel(*image, *conf);
        if (std::strcmp(conf->dst, "-") == 0) {
            const int fd = write_unnamed(*image, *conf);
            copy_to_stdout(fd);
            close(fd);
            return;
        }
        pc::Product product(conf->dst, pc::Product::Kind::fits, conf->overwrite);
        write_fits(*image, product.temporary(), *conf);
        check_complete(product.temporary(), *image);
        add_frequencies(*image, product.temporary());
        product.finish();
    });
}

} // extern "C"
