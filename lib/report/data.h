/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_REPORT_DATA_H
#define PC_REPORT_DATA_H

#include "report/runinfo.h"

/* The data of a report's graphs, as JSON:
 *
 *     {"threshold": Jy or null, "stops": {"2": "threshold reached", ...},
 *      "channels": [{"i": index, "f": GHz, "v": km/s, "peak": Jy/beam, "flux": Jy, "rms": Jy/beam,
 *                    "bmaj": arcsec, "bmin": arcsec, "iterations": n, "nmajor": n, "stop": code,
 *                    "seconds": s, "mem": bytes, "peakres": Jy/beam, "why": reason of a failure,
 *                    "cycles": [{"iterations": n, "start": Jy/beam, "peak": Jy/beam, "level": Jy/beam,
 *                                "flux": Jy, "mask": pixels, "by": why the minor cycle ended}]}]}
 *
 * What is not known is null. */
void pc_report_data(const struct pc_runinfo *r, struct pc_text *out);

#endif
