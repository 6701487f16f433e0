# SPDX-License-Identifier: GPL-3.0-or-later
# pc-report, and pc-cube --report: a page that is whole, and works in a browser.

load lib

# browser PAGE WIDTH SCRIPT: what the script returns, as JSON; no errors of the page are left. Without a Chromium it skips.
browser() {
    local code=0
    /usr/bin/python3 "$ROOT/tests/cli/browser.py" "$@" >said.json 2>browser.txt || code=$?
    [ $code -ne 77 ] || skip "no chromium"
    [ $code -eq 0 ] || { cat browser.txt >&2; return 1; }
    /usr/bin/python3 -c 'import json; d = json.load(open("said.json")); assert not d["errors"], d["errors"]; print(json.dumps(d["result"]))'
}

setup_file() {
    export REPORT_DATA=$BATS_FILE_TMPDIR
    cd "$REPORT_DATA" || return 1
    pc-mock --sky points --nchan 4 --nant 12 --ntime 6 --bmax 300 --noise 20mJy -o obs.ms
    pc-cube obs.ms --imagename cube --report --imsize 64 --cell 0.25arcsec --niter 300 --nsigma 4 --cyclefactor 1.5 \
        >list.txt 2>cube.txt || { cat cube.txt; return 1; }
}

@test "pc-cube --report leaves a page, the same one as pc-report afterwards" {
    cd "$REPORT_DATA"
    grep -q '/cube.report.html$' list.txt
    cp cube.report.html "$T/first.html"
    works pc-report cube
    grep -q 'channels=4 done=4 failed=0' "$T/err.txt"
    cmp cube.report.html "$T/first.html"
    pc-report cube.pc/ -o - 2>/dev/null | cmp - "$T/first.html"
    pc-report --imagename cube cube.pc -o "$T/again.html" 2>/dev/null
    cmp "$T/again.html" "$T/first.html"
    # nothing from elsewhere: the only address is the name of SVG
    [ "$(grep -o 'https\?://[^"]*' cube.report.html | sort -u)" = http://www.w3.org/2000/svg ]
    [ "$(grep -c 'src="data:image/png;base64,' cube.report.html)" -eq 3 ]
    # the command, to be pasted
    grep -q 'pre id="command">pc-cube obs.ms --imagename cube --report --imsize 64 --cell 0.25arcsec ' cube.report.html
    grep -q '<td>pc-clean</td><td class="words">--nsigma=4</td>' cube.report.html
    grep -q '<td class="words"><span class="dot good"></span>n-sigma level reached</td><td>8</td><td>4</td>' cube.report.html
}

@test "each channel's history is that of its log" {
    cd "$REPORT_DATA"
    sed -n '/^<script type="application\/json" id="data">$/,/^<\/script>$/p' cube.report.html | sed '1d;$d' >"$T/data.json"
    /usr/bin/python3 - "$T/data.json" <<'END'
import glob
import json
import re
import sys
data = json.load(open(sys.argv[1]))
assert [c["i"] for c in data["channels"]] == [0, 1, 2, 3]
assert data["stops"]["2"] == "threshold reached" and data["threshold"] is None
total = 0
logs = [line for path in glob.glob("cube.pc/ch*.log") for line in open(path)]
for c in data["channels"]:
    lines = [line for line in logs if line.startswith(f"pc-clean: ch{c['i']:05d} ")]
    said = [dict(re.findall(r"(\w+)=(\S+)", line)) for line in lines]
    said = [s for s in said if int(s["iterations"]) > 0]
    assert len(said) == len(c["cycles"]) > 0
    for s, y in zip(said, c["cycles"]):
        assert int(s["iterations"]) == y["iterations"] and int(s["mask_px"]) == y["mask"]
        for key, name in (("startpeak_jy", "start"), ("peak_jy", "peak"), ("cyclethreshold_jy", "level"), ("flux_jy", "flux")):
            assert abs(float(s[key]) - y[name]) < 1e-5 * abs(y[name]), (key, s[key], y)
    assert sum(y["iterations"] for y in c["cycles"]) == c["iterations"]
    total += len(said)
assert total > 4, total
END
}

@test "in a browser: no errors, a click on a channel shows its history, on a screen and on a phone" {
    local page=$REPORT_DATA/cube.report.html width
    for width in 390 1200; do
        browser "$page" $width 'document.querySelectorAll("#strip button")[2].click();
            return [document.getElementById("detail").dataset.channel, document.querySelectorAll("#detail table tr").length,
                document.querySelector("#detail svg path.s0").getAttribute("d").length > 10, document.documentElement.scrollWidth <= innerWidth,
                [...document.images].every((i) => i.naturalWidth > 200), document.querySelectorAll(".chart[data-of] svg").length,
                document.querySelectorAll("#strip button[aria-pressed=true]").length]' >got.json
        rows=$(cat "$REPORT_DATA"/cube.pc/ch*.log | grep -c '^pc-clean: ch00002 iterations=[1-9]')
        [ "$(cat got.json)" = "[\"2\", $((rows + 1)), true, true, true, 4, 1]" ] || { cat got.json said.json >&2; return 1; }
    done
    # a click into a graph: its left end is the lowest velocity, the last channel when frequency rises
    browser "$page" 800 'const svg = document.querySelector(".chart svg"), r = svg.getBoundingClientRect();
        const click = (x) => svg.dispatchEvent(new MouseEvent("click", { clientX: x, clientY: r.top + 50, bubbles: true }));
        const seen = () => Number(document.getElementById("detail").dataset.channel);
        click(r.left + 70); const left = seen(); click(r.right - 12); return [left, seen()];' >got.json
    [ "$(cat got.json)" = "[3, 0]" ] || { cat got.json said.json >&2; return 1; }
}

# A run of a thousand channels: its records only.
thousand() {
    mkdir big.pc
    /usr/bin/python3 - <<'END'
import math
W = "big.pc/"
n = 1000
open(W + "channels", "w").write("".join(f"{i}\n" for i in range(n)))
open(W + "params", "w").write("vis=/data/a & b.ms\nproducts=\npc-clean=--threshold=4mJy\npc-clean=--niter=500\ncwd=/data\nversion=1\n")
open(W + "plan", "w").write("mem_byte=1e8\nchannel_time_s=60\nproduct_byte=1e9\n")
for i in range(n):
    if i == 17:
        open(W + f"ch{i:05d}.failed", "w").write(f"index={i}\nstage=clean\nexit=75\nreason=no memory </script><img src=x onerror=alert(1)>\n")
        continue
    if i == 999:
        continue
    stop = {40: 5, 41: 5, 42: 5, 60: -1, 70: 1, 72: 1, 80: 7, 81: 7}.get(i, 2)
    v = 20 - 0.04 * i
    peak = 0.02 + math.exp(-v * v / 8)
    f = open(W + f"ch{i:05d}.done", "w")
    f.write(f"index={i}\nfreq_hz={230e9 + 3e4 * i!r}\nvelocity_kms={v!r}\nstopcode={stop}\niterdone=400\nnmajor=11\nseconds=61\n"
            f"seconds_grid=50\npeak_mem_byte={3e8 if i == 5 else 9e7:.0f}\ncpu={'b' if i == 9 else 'a'}\n")
    if stop >= 0:
        f.write(f"beam_maj_arcsec={0.7 if i == 300 else 0.5}\nbeam_min_arcsec=0.4\nbeam_pa_deg=3\npeak_jy={peak!r}\n"
                f"flux_jy={3 * peak!r}\nrms_jy={0.01 if i in (200, 201) else 0.002}\n")
    open(W + f"ch{i:05d}.state", "w").write(
        f"iterdone=400\nnmajor=11\nstopcode={stop}\npeakres_jy=0.004\n" + "".join(
            f"cycle=iterdone=40 startpeak_jy={peak * 0.5 ** k!r} peakres_jy={peak * 0.5 ** (k + 1)!r} peakres_nomask_jy=0 modelflux_jy={k}"
            f" cyclethreshold_jy={peak * 0.5 ** (k + 1)!r} rms_jy=0.003 masksum={100 + k} stop=2\n" for k in range(10)))
    open(W + f"ch{i:05d}.log", "w").write(f"pc-grid: warning: ch{i:05d}: 3 samples <lie> outside\n" if i % 2 else "all is well\n")
END
}

@test "a thousand channels: warnings first, a page of moderate size that a phone shows" {
    thousand
    works pc-report big
    grep -q 'channels=1000 done=998 failed=1' err.txt
    [ "$(wc -c <big.report.html)" -lt 3000000 ]
    # they come before all else
    [ "$(grep -n 'id="warnings"' big.report.html | cut -d : -f 1)" -lt "$(grep -n '<section' big.report.html | head -n 1 | cut -d : -f 1)" ]
    sed -n '/id="warnings"/,/<\/ul>/p' big.report.html | sed -n 's/^<li>\(.*\)<\/li>$/\1/p' >warnings.txt
    cat >wanted.txt <<'END'
1 channel (999): not done yet
1 channel (17): failed, and blank in the cubes
channel 17 failed in clean: no memory &lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;
3 channels (40~42): diverged in a major cycle; the best model before that is kept
2 channels (70, 72): reached the limit of iterations (niter) before the threshold
2 channels (80~81): not cleaned, or not further: the mask is empty
1 channel (60): without data, and blank
2 channels (200~201): more than twice the usual noise
1 channel (300): a beam that is wider than the usual by a fifth or more
a channel took 300 MB of memory where 100 MB were predicted
channels were made on different processors, which agree to 1e-6 of the peak only
pc-grid: warning: 3 samples &lt;lie&gt; outside (498 times)
END
    diff wanted.txt warnings.txt
    # an automatic mask finds nothing where there is nothing
    echo pc-mask=--usemask=auto-multithresh >>big.pc/params
    pc-report big -o auto.html 2>err.txt
    [ "$(grep -c 'the mask is empty' auto.html)" -eq 0 ]
    # but where it found nothing anywhere
    cp -r big.pc none.pc
    sed -i 's/^stopcode=.*/stopcode=7/' none.pc/*.done
    pc-report none -o none.html 2>err.txt
    grep -q 'the mask is empty' none.html
    # no cube, and so no pictures: it says why
    [ "$(grep -c '<p>No picture: big.image.fits: ' big.report.html)" -eq 1 ]
    grep -q '/data/a &amp; b.ms' big.report.html
    browser big.report.html 390 'document.querySelectorAll("#strip button")[500].click();
        const text = document.getElementById("detail").innerText;
        document.querySelectorAll("#strip button")[17].click();
        const failed = document.getElementById("detail").innerText;
        return [document.querySelectorAll("#strip button").length, document.querySelectorAll("#strip .bad").length, text.includes("Channel 500: 0.000 km/s"),
            failed.includes("failed: no memory </script><img src=x onerror=alert(1)>"), document.images.length,
            document.documentElement.scrollWidth <= innerWidth]' >got.json
    [ "$(cat got.json)" = "[1000, 4, true, true, 0, true]" ] || { cat got.json said.json >&2; return 1; }
}

# bytes_read PID: what a process and those that it has waited for have read.
bytes_read() {
    sed -n 's/^rchar: //p' "/proc/$1/io"
}

@test "the cube is read once for all pictures" {
    mkdir many.pc
    /usr/bin/python3 - <<'END'
import struct
n, nchan = 256, 64
cards = ["SIMPLE  =                    T", "BITPIX  =                  -32", "NAXIS   =                    4"]
cards += ["%-8s= %20s" % c for c in (
    ("NAXIS1", n), ("NAXIS2", n), ("NAXIS3", nchan), ("NAXIS4", 1), ("CTYPE1", "'RA---SIN'"), ("CRVAL1", 10.0), ("CRPIX1", 128.0),
    ("CDELT1", -1e-4), ("CTYPE2", "'DEC--SIN'"), ("CRVAL2", -30.0), ("CRPIX2", 128.0), ("CDELT2", 1e-4), ("CTYPE3", "'FREQ    '"),
    ("CRVAL3", 230e9), ("CRPIX3", 1.0), ("CDELT3", 1e5), ("CTYPE4", "'STOKES  '"), ("CRVAL4", 1.0), ("CRPIX4", 1.0), ("CDELT4", 1.0),
    ("RESTFRQ", 230.003e9), ("BUNIT", "'Jy/beam '"), ("BMAJ", 6e-4), ("BMIN", 5e-4), ("BPA", 0.0))] + ["END"]
text = "".join("%-80s" % c for c in cards)
with open("many.image.fits", "wb") as f:
    f.write(text.ljust(-(-len(text) // 2880) * 2880).encode())
    for k in range(nchan):
        plane = [0.001 * ((7919 * i + 104729 * k) % 1009 / 504.5 - 1) for i in range(n * n)]
        for y in range(120, 136):
            for x in range(100 + k // 2, 116 + k // 2):
                plane[y * n + x] += 0.1
        f.write(struct.pack(">%df" % (n * n), *plane))
    f.write(bytes(-(4 * n * n * nchan) % 2880))
open("many.pc/channels", "w").write("".join("%d\n" % i for i in range(nchan)))
open("many.pc/params", "w").write("vis=a.ms\nproducts=\ncwd=/data\nversion=1\n")
for i in range(nchan):
    open("many.pc/ch%05d.done" % i, "w").write("index=%d\nfreq_hz=%r\nvelocity_kms=%r\nstopcode=2\n" % (i, 230e9 + 1e5 * i, 4 - 0.13 * i))
END
    local before after size me=$BASHPID
    size=$(stat -c %s many.image.fits)
    before=$(bytes_read "$me")
    works pc-report many
    after=$(bytes_read "$me")
    [ "$(grep -c 'src="data:image/png;base64,' many.report.html)" -eq 3 ]
    # once, and of 25 channels the rows that are shown
    [ $((after - before)) -gt "$size" ]
    [ $((after - before)) -lt $((size * 3 / 2)) ]
}

@test "a run that is not finished, one without histories" {
    cp -r "$REPORT_DATA/cube.pc" half.pc
    rm half.pc/ch00001.done half.pc/ch0000[12].state half.pc/plan
    works pc-report --no-pictures half
    grep -q '1 channel (1): not done yet' half.report.html
    if grep -q 'data:image/png' half.report.html; then false; fi
    browser half.report.html 600 'document.querySelectorAll("#strip button")[2].click(); return document.getElementById("detail").innerText.includes("No history");' >got.json
    [ "$(cat got.json)" = true ]
}

@test "pc-cube --report when channels failed, and when all is done already" {
    cp -r "$REPORT_DATA/obs.ms" obs.ms
    works pc-cube obs.ms --imagename cube --imsize 64 --cell 0.25arcsec --keep
    [ ! -e cube.report.html ]
    works pc-cube obs.ms --imagename cube --imsize 64 --cell 0.25arcsec --keep --report
    grep -q '/cube.report.html$' out.txt
    [ -s cube.report.html ]
    mkdir bad
    printf '#!/bin/bash\n[[ "$*" != *ch00002* ]] || { echo "pc-mask: no luck" >&2; exit 65; }\nexec "%s/pc-mask" "$@"\n' "$PC_BIN" >bad/pc-mask
    chmod +x bad/pc-mask
    PATH=$PWD/bad:$PATH fails 1 '1 of 4 channels failed' \
        pc-cube obs.ms --imagename cube --imsize 64 --cell 0.25arcsec --fresh --report --niter 100
    grep -q '<li>channel 2 failed in mask: pc-mask: no luck</li>' cube.report.html
    works pc-cube obs.ms --imagename cube --imsize 64 --cell 0.25arcsec --report --niter 100
    if grep -q '<li>channel 2 failed' cube.report.html; then false; fi
}

@test "the examples of the manual" {
    cp -r "$REPORT_DATA/cube.pc" disc.pc
    cp "$REPORT_DATA/cube.image.fits" disc.image.fits
    works pc-report disc.pc
    [ -s disc.report.html ]
    pc-report --no-pictures disc.pc -o - >disc.html 2>err.txt
    [ "$(wc -c <disc.html)" -lt 100000 ]
}

@test "errors" {
    fails 66 'nothing: there is no run of that name .no directory nothing.pc.' pc-report nothing
    mkdir empty.pc other
    fails 66 'empty.pc/channels' pc-report empty
    fails 64 'other: its name does not end in .pc: --imagename' pc-report other
    cp -r "$REPORT_DATA/cube.pc" cube.pc
    fails 73 'no/such' pc-report cube.pc -o no/such.html
    echo 'iterdone=many' >cube.pc/ch00001.state
    fails 65 'ch00001.state: .*iterdone' pc-report cube
    [ ! -e cube.report.html ] && [ ! -e cube.report.html.part ]
}
