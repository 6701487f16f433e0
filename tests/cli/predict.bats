# SPDX-License-Identifier: GPL-3.0-or-later
# pc-grid --predict on the command line: the visibilities against a sum of their own, what is left alone, every form, and
# who refuses it.

load lib

# stage [STOKES [IMSIZE]]: two channels of a mock, with psf, residual, and in channel 0 a model of three pixels per plane, or
# of all those of IMSIZE. Some rows of it are flagged (--flagged), and one lies beyond the uv plane of the cell.
stage() {
    need pc-mock pc-select pc-psf pc-grid
    pc-mock -o obs.ms --sky points --nchan 2 --nant 5 --ntime 4 --bmax 200 --flagged 0.2 2>/dev/null
    pc-select --datacolumn data obs.ms -o stage 2>/dev/null
    /usr/bin/python3 -c '
from astropy.io import fits
for chan in range(2):
    with fits.open(f"stage/ch0000{chan}/vis00000/uvw.fits", mode="update") as f:
        f[0].data[3] = [1e4, 0, 0]
        f[0].add_checksum()'
    works pc-psf --imsize "${2:-24,20}" --cell 0.4arcsec --stokes "${1:-I}" stage
    works pc-grid stage
    /usr/bin/python3 -c '
import numpy as np
from astropy.io import fits
with fits.open("stage/ch00000/residual.fits") as f:
    f[0].data[:] = 0
    for plane in f[0].data[:, 0]:
        plane[12, 5], plane[0, 23], plane[9, 14] = 1.5, -0.5, 0.25
    if "'"${2-}"'":
        f[0].data[:] = np.random.default_rng(1).uniform(0.1, 1, f[0].data.shape)
    f[0].data[-1] *= 2
    f[0].header["BUNIT"] = "Jy/pixel"
    f[0].add_checksum()
    f.writeto("stage/ch00000/model.fits")'
}

# predicted DIR: that model_vis.fits of channel 0 is the sum over the model, of flagged samples too, zero beyond the uv
# plane, and that of channel 1 zero everywhere.
predicted() {
    /usr/bin/python3 - "$1" <<'END'
import sys
import numpy as np
from astropy.io import fits
for chan in range(2):
    where = f"{sys.argv[1]}/ch0000{chan}/vis00000"
    with fits.open(f"{where}/model_vis.fits", checksum=True) as f:
        f.verify("exception")
        got, head = f[0].data.astype(float), f[0].header
    data = fits.getdata(f"{where}/vis.fits")
    assert got.shape == data.shape, (got.shape, data.shape)
    if chan == 1:
        assert (got == 0).all()
        continue
    uvw, freq, weight = (fits.getdata(f"{where}/{n}.fits") for n in ("uvw", "freq", "weight"))
    assert (weight == 0).any() and (weight > 0).any()
    with fits.open(f"{sys.argv[1]}/ch00000/model.fits") as f:
        model, h = f[0].data[:, 0].astype(float), f[0].header
    y, x = np.mgrid[:model.shape[1], :model.shape[2]]
    l = np.deg2rad(h["CDELT1"]) * (x + 1 - h["CRPIX1"])
    m = np.deg2rad(h["CDELT2"]) * (y + 1 - h["CRPIX2"])
    n1 = np.sqrt(1 - l**2 - m**2) - 1
    u, v, w = (uvw[:, i] * freq[0] / 299792458 for i in range(3))
    turns = u[:, None, None] * l + v[:, None, None] * m + w[:, None, None] * n1
    planes = (model * np.exp(2j * np.pi * turns)[:, None]).sum((2, 3))
    want = planes[:, [0, -1]]  # XX and YY of I, or of themselves
    want[3] = 0
    got = got[:, 0, :, 0] + 1j * got[:, 0, :, 1]
    flagged = (weight[:, 0] == 0)
    err = np.abs(got - want).max() / np.abs(model).sum()
    assert err < 2e-6, err
    assert np.abs(got[flagged.any(1)]).max() > 0.1, "flagged samples are predicted too"
END
}

@test "the visibilities are those of a direct sum, of flagged samples too; the rest stays as it is" {
    stage
    cp -a stage before
    works pc-grid --predict stage
    grep -q 'ch00000 samples=40 model=[1-9][0-9]* predicted=sum$' err.txt
    grep -q 'ch00001 samples=40 model=0 predicted=zero$' err.txt
    predicted stage
    local file
    for file in residual psf model state vis00000/vis 00plane; do
        [ -e "before/ch00000/$file" ] || file=$file.fits
        cmp "before/ch00000/$file" "stage/ch00000/$file"
    done
    grep -q '^member=vis00000/model_vis.fits [1-9]' stage/ch00000/zzplane
    works pc-check stage
}

@test "planes predict their own correlations" {
    stage XXYY
    works pc-grid --predict --threads 2 stage
    predicted stage
}

@test "a dense model, predicted by the gridder, with samples beyond the grid" {
    stage XXYY 196,160
    works pc-grid --predict stage
    grep -q 'ch00000 .*predicted=grid$' err.txt
    predicted stage
}

@test "model visibilities: the same in a directory, a tar file and a pipe, and handed on" {
    stage
    works pc-grid --predict stage -o a.tar
    pc-grid --predict - <a.tar 2>/dev/null | pc-grid 2>/dev/null >b.tar # predicted twice is predicted
    tar xf a.tar --one-top-level=a
    tar xf b.tar --one-top-level=b
    works pc-grid --predict --mem 1MB stage
    same stage a
    cmp a/ch00000/vis00000/model_vis.fits b/ch00000/vis00000/model_vis.fits
    works pc-check a.tar
    works pc-check b.tar
}

@test "pc-psf begins anew, without model visibilities" {
    stage
    works pc-grid --predict stage
    works pc-psf --imsize 24,20 --cell 0.4arcsec stage
    [ -z "$(find stage -name model_vis.fits)" ]
    works pc-check stage
    works pc-grid --predict stage
    [ "$(grep -c 'model=0 predicted=zero' err.txt)" -eq 2 ]
}

@test "--predict is pc-grid's alone" {
    need parallel
    fails 64 "predict makes no image: it is for pc-grid" pc-cube obs.ms --imagename x --imsize 8 --cell 1arcsec --predict
    mkdir stage
    fails 64 "predict makes no image: it is for pc-grid" pc-channel --predict stage
    fails 65 "ch00000: no psf.fits" pc-grid --predict <(pc-mock -o m.ms --nchan 1 --nant 3 --ntime 1 2>/dev/null &&
        pc-select m.ms 2>/dev/null)
    [ ! -e x.pc ]
}
