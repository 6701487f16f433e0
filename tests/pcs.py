# SPDX-License-Identifier: GPL-3.0-or-later
"""Bundles of channels from Python, for tests: pc-stream(5) with numpy and astropy.

    import pcs
    pcs.write_bundle("work", pcs.cube(nchan=4, freq_hz=1e11, width_hz=1e6),
                     {0: {"psf.fits": (pcs.image_header(256, 256, cell_arcsec=0.1), psf),
                          "state": {"iterdone": 0, "nmajor": 1},
                          "vis00000/uvw.fits": ({"MSNAME": "a.ms", "NCORR": 2}, uvw)}})
    header, data = pcs.read_image("work/ch00000/residual.fits")       # data is (npol, ny, nx)
    for name, content in pcs.read_stream("stage.tar"): ...

A record is a dict or a list of (key, value) pairs, the latter where a key comes twice. Arrays are C-ordered, so a member
of shape (3, nrow) in FITS's order is an array of shape (nrow, 3)."""
import io
import os
import tarfile

import numpy as np
from astropy.io import fits

ORDER = ["psf.fits", "pb.fits", "sumwt.fits", "state", "residual.fits", "mask.fits", "masknext.fits", "model.fits",
         "modelbest.fits", "image.fits", "image.pbcor.fits"]
BLOCK = ["uvw.fits", "freq.fits", "vis.fits", "weight.fits", "imweight.fits", "row.fits", "model_vis.fits"]


def travel_key(name):
    """Sorts members of a channel as they travel."""
    if name == "00plane":
        return (0, 0, 0, name)
    if name.startswith("vis") and "/" in name:
        block, rest = name.split("/", 1)
        return (1, int(block[3:]), BLOCK.index(rest) if rest in BLOCK else 99, name)
    if name in ORDER:
        return (2, ORDER.index(name), 0, name)
    return (4, 0, 0, name) if name == "zzplane" else (3, 0, 0, name)


def format_value(value):
    return repr(float(value)) if isinstance(value, (float, np.floating)) else str(value)


def format_record(record):
    pairs = record.items() if isinstance(record, dict) else record
    return "".join(f"{key}={format_value(value)}\n" for key, value in pairs)


def parse_record(text):
    """A dict; where a key comes several times, the list of its values."""
    out = {}
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        key, value = line.split("=", 1)
        if key not in out:
            out[key] = value
        elif isinstance(out[key], list):
            out[key].append(value)
        else:
            out[key] = [out[key], value]
    return out


def read_record(path):
    with open(path, encoding="ascii") as f:
        return parse_record(f.read())


def cube(nchan, freq_hz, width_hz, specmode="cube", frame="LSRK", restfreq_hz=0.0, **more):
    """00cube: freq_hz is the first channel's, or a list of all of them."""
    freqs = freq_hz if np.ndim(freq_hz) else [freq_hz + i * width_hz for i in range(nchan)]
    head = {"nchan": nchan, "specmode": specmode, "frame": frame, "restfreq_hz": restfreq_hz, "width_hz": width_hz, **more}
    return list(head.items()) + [("freq_hz", float(f)) for f in freqs]


def plane(index, cube_record, **more):
    """00plane of a channel of that cube."""
    head = dict(p for p in cube_record if p[0] != "freq_hz")
    freqs = [v for k, v in cube_record if k == "freq_hz"]
    return {"index": index, "freq_hz": freqs[index], "width_hz": head["width_hz"], "frame": head["frame"],
            "restfreq_hz": head["restfreq_hz"], **more}


def image_header(nx, ny, cell_arcsec=1.0, ra_deg=0.0, dec_deg=0.0, freq_hz=1e11, width_hz=1e6, stokes=1, bunit="Jy/beam",
                 beam=None, **more):
    """The cards of an image of one channel. beam: (major arcsec, minor arcsec, position angle deg)."""
    head = {"CTYPE1": "RA---SIN", "CUNIT1": "deg", "CRVAL1": ra_deg, "CRPIX1": nx // 2 + 1.0, "CDELT1": -cell_arcsec / 3600,
            "CTYPE2": "DEC--SIN", "CUNIT2": "deg", "CRVAL2": dec_deg, "CRPIX2": ny // 2 + 1.0, "CDELT2": cell_arcsec / 3600,
            "CTYPE3": "FREQ", "CUNIT3": "Hz", "CRVAL3": float(freq_hz), "CRPIX3": 1.0, "CDELT3": float(width_hz),
            "CTYPE4": "STOKES", "CRVAL4": float(stokes), "CRPIX4": 1.0, "CDELT4": 1.0,
            "LONPOLE": 180.0, "LATPOLE": dec_deg, "RADESYS": "ICRS", "SPECSYS": "LSRK", "BUNIT": bunit}
    if beam:
        head.update(BMAJ=beam[0] / 3600, BMIN=beam[1] / 3600, BPA=float(beam[2]))
    head.update(more)
    return head


def fits_bytes(header, array):
    """A primary array; two-dimensional float32 or byte arrays become one plane of (1, 1, ny, nx)."""
    array = np.asarray(array)
    if "CTYPE4" in header and array.ndim == 2:
        array = array[None, None]
    if "CTYPE4" in header and array.ndim == 3:
        array = array[:, None]
    if array.dtype == bool:
        array = array.astype(np.uint8)
    hdu = fits.PrimaryHDU(array)
    for key, value in header.items():
        for item in value if isinstance(value, (list, tuple)) else [value]:
            if key == "HISTORY":
                hdu.header.add_history(item)
            else:
                hdu.header[key] = item
    hdu.add_checksum(when="of this HDU")  # not the clock: what is the same has the same bytes
    out = io.BytesIO()
    hdu.writeto(out)
    return out.getvalue()


def member_bytes(content):
    if isinstance(content, bytes):
        return content
    if isinstance(content, str):
        return content.encode("ascii")
    if isinstance(content, tuple):
        return fits_bytes(*content)
    return format_record(content).encode("ascii")


def channel_members(index, cube_record, members):
    """All members of a channel as (name, bytes), in travel order, 00plane and zzplane added."""
    members = {"00plane": plane(index, cube_record), **members}
    out = [(name, member_bytes(members[name])) for name in sorted(members, key=travel_key)]
    listing = "".join(f"member={name} {len(data)}\n" for name, data in out)
    return out + [("zzplane", listing.encode("ascii"))]


def bundle_members(cube_record, channels):
    yield "00stream", b"pcs=1\n"
    yield "00cube", format_record(cube_record).encode("ascii")
    for index in sorted(channels):
        for name, data in channel_members(index, cube_record, channels[index]):
            yield f"ch{index:05d}/{name}", data
    yield "zzend", f"nchan={len(channels)}\n".encode("ascii")


def write_bundle(path, cube_record, channels):
    """A directory; channels is {index: {member: (header, array) | record | bytes | str}}."""
    for name, data in bundle_members(cube_record, channels):
        full = os.path.join(path, name)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "wb") as f:
            f.write(data)


def write_stream(path, cube_record, channels):
    """The same as a tar file, byte for byte what the programs write."""
    with open(path, "wb") as f:
        for name, data in bundle_members(cube_record, channels):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            info.mode = 0o644
            f.write(info.tobuf(tarfile.USTAR_FORMAT))
            f.write(data + bytes(-len(data) % 512))
        f.write(bytes(1024))


def read_image(path):
    """Header and pixels as (npol, ny, nx), native floats (or bytes, a mask)."""
    with fits.open(path, checksum=True) as f:
        data = f[0].data
        while data.ndim > 3:
            data = data[:, 0] if data.shape[1] == 1 else data[0]
        return f[0].header.copy(), np.array(data, dtype=data.dtype.newbyteorder("="))


def read_array(path):
    """Header and data of any member in FITS, in its own shape."""
    with fits.open(path) as f:
        data = f[0].data
        return f[0].header.copy(), np.array(data, dtype=data.dtype.newbyteorder("="))


def read_stream(path_or_file):
    """(name, bytes) of every member; raises ValueError when zzend is missing or says another number of channels."""
    channels, ended = 0, False
    kind = {"name": path_or_file} if isinstance(path_or_file, str) else {"fileobj": path_or_file}
    with tarfile.open(mode="r|", ignore_zeros=True, **kind) as tar:
        for info in tar:
            data = tar.extractfile(info).read()
            if info.name == "00stream":
                channels = 0
            channels += info.name.endswith("/zzplane")
            ended = info.name == "zzend"
            if ended and int(parse_record(data.decode("ascii"))["nchan"]) != channels:
                raise ValueError("zzend says another number of channels")
            yield info.name, data
    if not ended:
        raise ValueError("the stream was cut short: no zzend")
