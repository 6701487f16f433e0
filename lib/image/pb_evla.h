/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IMAGE_PB_EVLA_H
#define PC_IMAGE_PB_EVLA_H

/* The power pattern of a Jansky VLA dish as measured in each band: R. Perley, "Jansky Very Large Array
 * Primary Beam Characteristics", EVLA Memo 195 (2016), and for 230-470 MHz its companion, as CASA uses them:
 *     power = 1 + coeff[0] x^2 + coeff[1] x^4 + coeff[2] x^6 + coeff[3] x^8,   x = arcmin * GHz,
 * with the coefficients of the measured frequency that is nearest (of two equally near the higher). The one
 * of 11052 MHz stands at 10052 MHz in CASA, where it replaces that frequency's own. */
void pc_pb_evla(double freq_hz, double coeff[4]);

#endif
