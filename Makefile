# SPDX-License-Identifier: GPL-3.0-or-later
# pc: spectral cubes from radio interferometers, made by a line of small programs.
#
#   make                 everything into build/
#   make check           unit, command-line and science tests; check-long adds the sweeps
#   make demo            simulates a small MeasurementSet and images it; VIS=my.ms images that
#   make bench fuzz lint
#   make install PREFIX=/usr/local DESTDIR=      make uninstall      make clean
#   make DEPS=yes GOAL   installs what GOAL needs first (Debian); make deps installs what any goal needs
#
# Variables: V=1 (whole commands), BUILD (directory), SAN=address,undefined (sanitizers), WERROR=1 (warnings are errors), CC, CXX, CFLAGS,
# CXXFLAGS, LDFLAGS, PYTHON, PC_TEST_DATA (observed data for the tests; ../shared when it is there).

SAN     ?=
BUILD   ?= $(if $(SAN),build-san,build)
PREFIX  ?= /usr/local
DESTDIR ?=
DEPS    ?=
WERROR  ?=
PYTHON  ?= /usr/bin/python3
SHELL   := /bin/bash
export PYTHON CXX

GOALS := all man unit fuzz check check-long bench demo lint install
.DEFAULT_GOAL := all

ifeq ($(PC_READY),)
# First pass: is everything there? The rules below ask pkg-config while they are read, so they are read by a second
# make, after what was missing has been installed.
.NOTPARALLEL:
JOBS   = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc 2>/dev/null || echo 1))
AGAIN  = @mk/deps $(if $(filter yes,$(DEPS)),--install) '$@' $(SETS) && \
	$(MAKE) --no-print-directory $(JOBS) PC_READY=yes '$@'
SETS  := build
check check-long: SETS := build check
lint: SETS := lint check
$(GOALS):
	+$(AGAIN)
$(BUILD)/%: FORCE
	+$(AGAIN)
deps:
	@mk/deps --install deps build check lint
Makefile: ;
else
include mk/rules.mk
endif

uninstall:
	@PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' mk/install --remove
clean:
	rm -rf build build-san '$(BUILD)'
FORCE:
.PHONY: $(GOALS) deps uninstall clean FORCE
