# SPDX-License-Identifier: GPL-3.0-or-later
# The channels of a planned cube by make:
#   make -f cube.mk -jN -k WORK=NAME.pc channels
# or only their clean beams (target beams), which come first when a common beam is asked for.
# The targets are the done records. WORK may hold any character make can hold in a variable: the work is done in a make
# of its own inside WORK, where the names are plain.
WORK ?= .
# Which: the file in WORK that lists them.
LIST ?= channels
# Where this file is, as the shell takes it: the path may hold blanks, which make's own functions take for two names.
SELF := $(MAKEFILE_LIST)
export WORK SELF LIST

ifndef PC_INSIDE
channels beams:
	@+self=$$(realpath -- "$${SELF# }") && \
		PC_INSIDE=1 $(MAKE) --no-print-directory -C "$$WORK" -f "$$self" $@
else
CHANNELS := $(shell sed 's/^/0000/; s/.*\(.....\)$$/ch\1/' $(LIST))
channels: $(CHANNELS:=.done)
beams: $(CHANNELS:=.beam)
ch%.done:
	@pc-channel --job . $*
ch%.beam:
	@pc-channel --beam . $*
endif
.PHONY: channels beams
.SECONDARY:
