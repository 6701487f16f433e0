# SPDX-License-Identifier: GPL-3.0-or-later
# The rules proper: read once everything they need is there (see Makefile). Sources are found by wildcard: a new
# lib/ROOM/*.c, lib/casa/*.cc, tools/*.c, man/*, tests/unit/test_*.c or tests/fuzz/fuzz_*.c needs no change here.

PC_VERSION := $(shell mk/version)

PKGS      := cfitsio fftw3f fftw3 libarchive wcslib nettle
CPPFLAGS  += -D_POSIX_C_SOURCE=200809L -D_XOPEN_SOURCE=700 -D_FILE_OFFSET_BITS=64 -Ilib -I.
WARN      := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wwrite-strings
CFLAGS    ?= -O3 -g
CXXFLAGS  ?= -O2 -g
MATH      := -ffp-contract=off -fno-math-errno -fno-trapping-math
PKGCFLAGS := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags $(PKGS) cairo))
LIBS      := $(shell pkg-config --libs $(PKGS) cairo) -lm -lpthread
# STATIC= links them all dynamically
ifeq ($(origin STATIC),undefined)
STATIC    := $(shell mk/static '$(CC)')
endif
SLIMLIBS  := $(if $(STATIC),$(STATIC) $(filter-out -lcfitsio -larchive -lfftw3f -lfftw3 -lwcs -lcairo,$(LIBS)),$(LIBS))
STATICOBJ := $(if $(STATIC),$(BUILD)/mk/cfitsio.o)
CASAINC   := $(patsubst -I%,-isystem %,$(shell pkg-config --cflags casacore))
CASALIBS  := $(shell pkg-config --libs-only-L casacore) -lcasa_msfits -lcasa_images -lcasa_fits -lcasa_coordinates -lcasa_lattices \
	-lcasa_ms -lcasa_derivedmscal -lcasa_meas -lcasa_measures -lcasa_scimath -lcasa_tables -lcasa_casa
SANFLAGS  := $(if $(SAN),-O1 -fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer \
	-Wno-format-truncation) # that warning guesses, and wrongly once sanitizers are in the way
# casacore's headers bind references to null pointers
CASASAN   := $(if $(findstring undefined,$(SAN)),-fno-sanitize=null)
FATAL     := $(if $(filter 1 yes,$(WERROR)),-Werror)
ALLCFLAGS  = -std=c11 $(WARN) -Wstrict-prototypes -Wmissing-prototypes $(MATH) $(PKGCFLAGS) $(CFLAGS) $(SANFLAGS)
ALLCXXFLAGS= -std=c++17 -Wall -Wextra $(MATH) $(CASAINC) $(PKGCFLAGS) $(CXXFLAGS) $(SANFLAGS) $(CASASAN)
ALLLDFLAGS = -Wl,--as-needed $(LDFLAGS) $(if $(SAN),-fsanitize=$(SAN))

ASSETS    := lib/report/report.css lib/report/report.js
LIBOBJ    := $(patsubst %.c,$(BUILD)/%.o,$(filter-out lib/casa/%,$(wildcard lib/*/*.c))) $(BUILD)/assets.o
# what tools share, or keep in a file beside their own
TOOLOBJ   := $(patsubst %.c,$(BUILD)/%.o,$(filter-out tools/pc-%,$(wildcard tools/*.c)))
CASAOBJ   := $(patsubst %.cc,$(BUILD)/%.o,$(wildcard lib/casa/*.cc)) \
	$(patsubst %.c,$(BUILD)/%.o,$(wildcard lib/casa/*.c))
TOOLS     := $(patsubst tools/%.c,$(BUILD)/bin/%,$(wildcard tools/pc-*.c))
UNIT      := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
FUZZ      := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCH     := $(patsubst tests/bench/%.c,$(BUILD)/bench/%,$(wildcard tests/bench/bench_*.c))
# those that include a header of lib/casa
USECASA   := $(patsubst tools/%,bin/%,$(patsubst tests/%,%,$(basename $(shell grep -ls '^.include "casa/' tools/*.c tests/*/*.c))))
CASAUSERS := $(addprefix $(BUILD)/,$(USECASA))
MAN       := $(patsubst man/%,$(BUILD)/man/%,$(wildcard man/*.[1-8]))
LIBTOOL   := $(BUILD)/libpctool.a
LIBPC     := $(BUILD)/libpc.a
LIBPCCASA := $(BUILD)/libpccasa.a
# $(call say,CC,file): one short line instead of the command, unless V=1
say        = $(if $(V),,@printf '  %-4s %s\n' $(1) $(2);)
.SECONDARY:

all: $(TOOLS)
man: $(MAN)
unit: $(UNIT)

# Objects are made again when the compiler or its flags change, not when only WERROR does.
BUILT_WITH := $(CC) $(CXX) $(CPPFLAGS) | $(ALLCFLAGS) | $(ALLCXXFLAGS) | $(ALLLDFLAGS)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D); echo '$(BUILT_WITH)' | cmp -s - $@ || echo '$(BUILT_WITH)' >$@
$(BUILD)/version.c: FORCE
	@mkdir -p $(@D); printf '%s\n' 'extern const char pc_version[];' 'const char pc_version[] = "$(PC_VERSION)";' >$@.new; \
	cmp -s $@.new $@ || mv $@.new $@; rm -f $@.new

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(ALLCFLAGS) $(FATAL) -MMD -MP -c -o $@ $<
$(BUILD)/%.o: %.cc $(BUILD)/flags
	@mkdir -p $(@D)
	$(call say,CXX,$<)$(CXX) $(CPPFLAGS) $(ALLCXXFLAGS) $(FATAL) -MMD -MP -c -o $@ $<
$(BUILD)/assets.c: mk/assets $(ASSETS)
	@mkdir -p $(@D); mk/assets $(ASSETS) >$@.new && mv $@.new $@
$(BUILD)/version.o $(BUILD)/assets.o: $(BUILD)/%.o: $(BUILD)/%.c $(BUILD)/flags
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(ALLCFLAGS) -c -o $@ $<
# The list is a prerequisite too: a source that was removed must leave the archive.
$(LIBPC): $(LIBOBJ) $(BUILD)/libpc.list
	@rm -f $@; ar rcs $@ $(LIBOBJ)
$(LIBPCCASA): $(CASAOBJ) $(BUILD)/libpccasa.list
	@rm -f $@; ar rcs $@ $(CASAOBJ)
$(LIBTOOL): $(TOOLOBJ) $(BUILD)/libpctool.list
	@rm -f $@; ar rcs $@ $(TOOLOBJ)
$(BUILD)/libpctool.list: LIST := $(TOOLOBJ)
$(BUILD)/libpc.list: LIST := $(LIBOBJ)
$(BUILD)/libpccasa.list: LIST := $(CASAOBJ)
$(BUILD)/%.list: FORCE
	@mkdir -p $(@D); echo '$(LIST)' | cmp -s - $@ || echo '$(LIST)' >$@

# casacore is linked only where it is used, with the shared libraries it uses itself: the other programs start in a
# millisecond.
LINK = $(call say,LINK,$@)mkdir -p $(@D) && $(LINKER) $(ALLLDFLAGS) -o $@ $(filter %.o,$^) $(filter $(LIBTOOL),$^) $(EXTRA) $(LIBPC) \
	$(OTHERLIBS)
SLIMUSERS := $(filter-out $(CASAUSERS),$(TOOLS) $(UNIT) $(FUZZ) $(BENCH))
$(SLIMUSERS): LINKER := $(CC)
$(SLIMUSERS): OTHERLIBS := $(SLIMLIBS)
$(SLIMUSERS): $(STATICOBJ) $(BUILD)/libs.list
$(BUILD)/libs.list: LIST := $(SLIMLIBS)
$(CASAUSERS): LINKER := $(CXX)
$(CASAUSERS): EXTRA := $(LIBPCCASA)
$(CASAUSERS): OTHERLIBS := $(CASALIBS) $(LIBS)
$(CASAUSERS): $(LIBPCCASA)
$(BUILD)/bin/%: $(BUILD)/tools/%.o $(LIBTOOL) $(BUILD)/version.o $(LIBPC)
	$(LINK)
$(BUILD)/unit/%: $(BUILD)/tests/unit/%.o $(LIBPC)
	$(LINK)
$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o $(LIBPC)
	$(LINK)
# libFuzzer in the place of our own driver: make fuzz CC=clang BUILD=build-lf SAN=address,undefined,fuzzer-no-link
# FUZZ_ENGINE=-fsanitize=fuzzer
FUZZ_ENGINE ?=
FUZZ_DRIVER := $(if $(FUZZ_ENGINE),,$(BUILD)/tests/fuzz/driver.o)
$(BUILD)/fuzz/%: $(BUILD)/tests/fuzz/%.o $(FUZZ_DRIVER) $(LIBPC)
	$(LINK) $(FUZZ_ENGINE)

# The OPTIONS of a page are printed by the program they describe.
$(BUILD)/man/%: man/% mk/manpage $(TOOLS)
	@mkdir -p $(@D)
	@mk/manpage $< $(BUILD)/bin >$@.new && mv $@.new $@

check: $(TOOLS) $(MAN) $(UNIT) $(FUZZ) $(BENCH)
	@BUILD='$(BUILD)' SAN='$(SAN)' tests/run
check-long: $(TOOLS) $(MAN) $(UNIT) $(FUZZ) $(BENCH)
	@BUILD='$(BUILD)' SAN='$(SAN)' PC_FUZZ_RUNS=200000 tests/run --long
fuzz: $(FUZZ)
	@for f in $(FUZZ); do PC_FUZZ_RUNS=$${PC_FUZZ_RUNS:-100000} $$f || exit 1; done
bench: $(TOOLS) $(BENCH)
	@PC_BIN='$(abspath $(BUILD))/bin' tests/bench/bench.sh
	@$(BUILD)/bench/bench_stream
	@$(BUILD)/bench/bench_stats
demo: $(TOOLS)
	@env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS PATH='$(abspath $(BUILD))/bin':"$$PATH" pipelines/demo $(if $(VIS),'$(VIS)')
lint:
	@mk/lint
install: $(TOOLS) $(MAN)
	@BUILD='$(BUILD)' PREFIX='$(PREFIX)' DESTDIR='$(DESTDIR)' mk/install

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
