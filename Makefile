# SPDX-License-Identifier: GPL-3.0-or-later
# pc: spectral cubes from radio interferometers, as a pipeline of small programs.
#   make            everything into build/
#   make check      unit, command-line and science tests
BUILD   ?= build
PREFIX  ?= /usr/local
CC      ?= cc
CXX     ?= c++
SAN     ?=
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo 0)

PKGS      := cfitsio fftw3f fftw3 libarchive wcslib
CPPFLAGS  += -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -Ilib -I.
WARN      := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings
CFLAGS    ?= -O3 -g
CXXFLAGS  ?= -O2 -g
MATH      := -ffp-contract=off -fno-math-errno -fno-trapping-math
ALLCFLAGS  = -std=c11 $(WARN) -Wstrict-prototypes -Wmissing-prototypes $(MATH) $(shell pkg-config --cflags $(PKGS) cairo) $(CFLAGS)
ALLCXXFLAGS= -std=c++17 -Wall -Wextra -isystem /usr/include/casacore $(CXXFLAGS)
LIBS       = $(shell pkg-config --libs $(PKGS)) -lm -lpthread
CASALIBS   = -lcasa_ms -lcasa_derivedmscal -lcasa_meas -lcasa_measures -lcasa_tables -lcasa_casa -lstdc++
CAIROLIBS  = $(shell pkg-config --libs cairo)
ifneq ($(SAN),)
CFLAGS   += -O1 -fsanitize=$(SAN) -fno-omit-frame-pointer
CXXFLAGS += -O1 -fsanitize=$(SAN) -fno-omit-frame-pointer
LDFLAGS  += -fsanitize=$(SAN)
endif

LIBSRC   := $(filter-out lib/casa/%,$(wildcard lib/*/*.c))
LIBOBJ   := $(LIBSRC:%.c=$(BUILD)/%.o)
CASAOBJ  := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard lib/casa/*.cc)) $(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/casa/*.c))
TOOLS    := $(patsubst tools/%.c,$(BUILD)/bin/%,$(wildcard tools/pc-*.c))
CASATOOLS:= $(filter %/pc-select %/pc-mock %/pc-image,$(TOOLS))
CAIROTOOLS:= $(filter %/pc-view,$(TOOLS))
UNIT     := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

all: $(TOOLS)
unit: $(UNIT)
$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALLCFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/%.o: %.cc
	@mkdir -p $(@D)
	$(CXX) $(CPPFLAGS) $(ALLCXXFLAGS) -MMD -MP -c -o $@ $<
$(BUILD)/libpc.a: $(LIBOBJ)
	@rm -f $@; ar rcs $@ $^
$(BUILD)/libpccasa.a: $(CASAOBJ)
	@rm -f $@; ar rcs $@ $^
$(BUILD)/version.c: FORCE
	@mkdir -p $(@D); echo 'extern const char pc_version[]; const char pc_version[] = "$(VERSION)";' | cmp -s - $@ || echo 'extern const char pc_version[]; const char pc_version[] = "$(VERSION)";' > $@
$(BUILD)/version.o: $(BUILD)/version.c
	$(CC) $(CPPFLAGS) $(ALLCFLAGS) -c -o $@ $<
$(CASATOOLS): EXTRA := $(BUILD)/libpccasa.a
$(CASATOOLS): EXTRALIBS := $(CASALIBS)
$(CASATOOLS): $(BUILD)/libpccasa.a
$(CAIROTOOLS): EXTRALIBS := $(CAIROLIBS)
$(BUILD)/bin/%: $(BUILD)/tools/%.o $(BUILD)/tools/tool.o $(BUILD)/version.o $(BUILD)/libpc.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(EXTRA) $(BUILD)/libpc.a $(EXTRALIBS) $(LIBS)
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(BUILD)/libpc.a
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -o $@ $(filter %.o,$^) $(BUILD)/libpc.a $(LIBS)
clean:
	rm -rf $(BUILD)
FORCE:
.PHONY: all unit clean FORCE
.SECONDARY:
-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
