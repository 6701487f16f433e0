# SPDX-License-Identifier: GPL-3.0-or-later
# The channels of a planned cube by make:
#   make -f cube.mk -jN -k WORK=NAME.pc channels
# The targets are the done records. WORK may hold any character make can hold in a variable: the work is done in a make
# of its own inside WORK, where the names are plain.
WORK ?= .
# Where this file is, as the shell takes it: the path may hold blanks, which make's own functions take for two names.
SELF := $(MAKEFILE_LIST)
export WORK SELF

ifndef PC_INSIDE
channels:
	@+self=$$(realpath -- "$${SELF# }") && \
		PC_INSIDE=1 $(MAKE) --no-print-directory -C "$$WORK" -f "$$self" channels
else
CHANNELS := $(shell sed 's/^/0000/; s/.*\(.....\)$$/ch\1.done/' channels)
channels: $(CHANNELS)
ch%.done:
	@pc-channel --job . $*
endif
.PHONY: channels
.SECONDARY:
