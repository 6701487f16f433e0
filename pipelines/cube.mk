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
# A line of the list is a job: a channel, or several joined by commas; here ch00004+ch00005.
JOBS := $(shell awk -F , '{ for (i = 1; i <= NF; i++) printf "%sch%05d", (i > 1 ? "+" : ""), $$i; print "" }' $(LIST))
COMMA := ,
channels: $(addsuffix .done,$(subst +, ,$(JOBS)))
beams: $(addsuffix .beam,$(subst +, ,$(JOBS)))
# $(call job,JOB,done|beam,job|beam)
define job
$(addsuffix .$(2),$(subst +, ,$(1))) &: ; @pc-channel --$(3) . $(subst +,$(COMMA),$(subst ch,,$(1)))
endef
$(foreach j,$(JOBS),$(eval $(call job,$(j),done,job))$(eval $(call job,$(j),beam,beam)))
endif
.PHONY: channels beams
.SECONDARY:
