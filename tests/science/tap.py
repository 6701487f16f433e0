# SPDX-License-Identifier: GPL-3.0-or-later
"""Test Anything Protocol for the science tests, and where their data are.

A test is a script: ok(), near(), skip() in any order, done() at the end (it prints the plan and exits).
Observed data and CASA's runs are not in the repository: they are taken from $PC_TEST_DATA (a directory that holds
data/ and casa-ref/), by default ../shared beside the project. Absent by default, tests that need them skip; set but
missing is a failure.
"""
import os
import sys
import tarfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("PC_BIN", os.path.join(ROOT, "build", "bin"))

_count = 0
_failed = 0


def ok(cond, name, *diagnostics):
    """One test; the diagnostics are printed when it fails. Returns whether it passed."""
    global _count, _failed
    _count += 1
    print(f"{'ok' if cond else 'not ok'} {_count} - {name}", flush=True)
    if not cond:
        _failed += 1
        for d in diagnostics:
            diag(d)
    return bool(cond)


def near(got, want, tol, name):
    """|got - want| <= tol; a NaN is near nothing."""
    return ok(abs(got - want) <= tol, f"{name}: {got:.7g} is {want:.7g} within {tol:.3g}")


def below(got, limit, name):
    """got <= limit, with both in the name, so that the log shows how much room there is."""
    return ok(got <= limit, f"{name}: {got:.4g} <= {limit:.4g}")


def diag(text):
    for line in str(text).splitlines():
        print("#", line, flush=True)


def skip(name, why):
    global _count
    _count += 1
    print(f"ok {_count} - {name} # SKIP {why}", flush=True)


def done():
    """The plan, and the end of the script."""
    print(f"1..{_count}", flush=True)
    sys.exit(1 if _failed or not _count else 0)


def skip_all(why):
    """The whole file, or what is left of it, counts as one skipped test."""
    skip("the rest of the file" if _count else "the whole file", why)
    done()


def data_dir():
    """The directory with data/ and casa-ref/. Ends the script when there is none (see above)."""
    chosen = os.environ.get("PC_TEST_DATA")
    path = chosen or os.path.join(os.path.dirname(ROOT), "shared")
    if os.path.isdir(os.path.join(path, "data")):
        return path
    if chosen:
        ok(False, f"PC_TEST_DATA is {chosen}, but there is no {os.path.join(chosen, 'data')}")
        done()
    skip_all("no test data: set PC_TEST_DATA to the directory that holds data/ and casa-ref/")


def casa_dir():
    """casa-ref/ of the data directory, by the same rule."""
    path = os.path.join(data_dir(), "casa-ref")
    if not os.path.isdir(path):
        if os.environ.get("PC_TEST_DATA"):
            ok(False, f"PC_TEST_DATA holds no casa-ref: {path}")
            done()
        skip_all(f"no CASA runs: there is no {path}")
    return path


def unpack(name, tmpdir):
    """Unpacks data/NAME.ms.tar.gz (or NAME.tar.gz; casa-ref/ is looked at too) into tmpdir; returns the path of NAME.ms
    (of NAME)."""
    for folder in ("data", "casa-ref"):
        for suffix in (".ms", ""):
            archive = os.path.join(data_dir(), folder, name + suffix + ".tar.gz")
            if os.path.isfile(archive):
                with tarfile.open(archive) as tar:
                    tar.extractall(tmpdir)
                return os.path.join(tmpdir, name + suffix)
    ok(False, f"{data_dir()} holds {name}.ms.tar.gz in data/ or casa-ref/")
    done()
