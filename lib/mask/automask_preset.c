/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mask/automask_preset.h"

const char pc_automask_presets[] =
    "none|12m-short|12m-mid|12m-long|7m|12m-short-cont|12m-mid-cont|12m-long-cont";

static const struct {
    double side, noise, low, minbeamfrac, negative;
    int growiterations;
    bool fastnoise;
} preset[] = {{2.0, 4.25, 1.5, 0.3, 15, 50, false}, {2.0, 5.0, 1.5, 0.3, 7, 50, false},
              {2.5, 5.0, 1.5, 0.3, 7, 50, true},    {1.25, 5.0, 2.0, 0.1, 0, 75, false},
              {2.0, 4.25, 1.5, 0.3, 0, 75, false},  {2.0, 5.0, 1.5, 0.3, 0, 75, false},
              {2.5, 5.0, 1.5, 0.3, 0, 75, true}};
enum { NPRESET = sizeof preset / sizeof *preset };

void pc_automask_preset(int choice, struct pc_automask_conf *conf)
{
    if (choice < 1 || choice > NPRESET)
        return;
    conf->sidelobethreshold = preset[choice - 1].side;
    conf->noisethreshold = preset[choice - 1].noise;
    conf->lownoisethreshold = preset[choice - 1].low;
    conf->negativethreshold = preset[choice - 1].negative;
    conf->minbeamfrac = preset[choice - 1].minbeamfrac;
    conf->growiterations = preset[choice - 1].growiterations;
    conf->fastnoise = preset[choice - 1].fastnoise;
    conf->smoothfactor = 1;
    conf->cutthreshold = 0.01;
    conf->dogrowprune = true;
    conf->minpercentchange = 1;
}
