/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/startmodel.h"

#include "io/fits.h"
#include "io/image_file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_unit(const struct pc_imhead *h, const char *path, struct pc_err *err)
{
    static const char *const right[] = {"Jy/pixel", "Jy/pix", "Jy pixel-1", "Jy.pixel-1", "Jy pix-1"};
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        if (strcasecmp(h->bunit, right[i]) == 0)
            return 0;
    return pc_err_set(err, PC_EX_DATA, "%s: a start model is in Jy/pixel; its unit (BUNIT) is %s%s", path,
                      h->bunit[0] ? h->bunit : "not said",
                      strncasecmp(h->bunit, "Jy/beam", 7) == 0
                          ? ": multiply by the area of a pixel and divide by that of the beam"
                          : "");
}

int pc_startmodel_check(const char *path, struct pc_err *err)
{
    struct pc_imhead h;
    struct stat st;
    if (stat(path, &st) != 0 || access(path, R_OK) != 0)
        return pc_err_errno(err, PC_EX_NOINPUT, "%s", path);
    if (S_ISDIR(st.st_mode))
        return pc_image_file_is_casa(path)
                   ? 0
                   : pc_err_set(err, PC_EX_DATA, "%s: is a directory without table.dat: no CASA image", path);
    if (pc_fits_load_head(path, &h, err) != 0)
        return -1;
    int bad = check_unit(&h, path, err);
    pc_imhead_fini(&h);
    return bad;
}

static bool is_served(const struct pc_imhead *model, int nchan, const struct pc_imhead *head)
{
    const double width_hz = fmax(fabs(model->width_hz), fabs(head->width_hz));
    if (nchan == 1 || !(model->freq_hz > 0) || !(head->freq_hz > 0))
        return true;
    return fabs(model->freq_hz - head->freq_hz) <= 0.5 * width_hz * (1 + 1e-6);
}

static void name_stokes(const struct pc_imhead *h, char *to, size_t size)
{
    size_t n = 0;
    to[0] = '\0';
    for (int i = 0; i < h->npol && n < size; i++) {
        const char *name = pc_stokes_name(h->stokes[i]);
        n += (size_t)snprintf(to + n, size - n, "%s%s", i ? "," : "", name ? name : "?");
    }
}

static int add_planes(const struct pc_image *im, const char *path, const struct pc_imhead *head, float *pix,
                      struct pc_regrid_tally *tally, struct pc_err *err)
{
    const struct pc_imhead *m = &im->head;
    int nshared = 0;
    for (int p = 0; p < head->npol; p++)
        for (int j = 0; j < m->npol; j++) {
            if (m->stokes[j] != head->stokes[p])
                continue;
            if (pc_regrid_add(m, im->pix + j * (int64_t)m->nx * m->ny, path, head,
                              pix + p * (int64_t)head->nx * head->ny, tally, err) != 0)
                return -1;
            nshared++;
        }
    if (nshared > 0)
        return 0;
    char have[64], want[64];
    name_stokes(m, have, sizeof have);
    name_stokes(head, want, sizeof want);
    return pc_err_set(err, PC_EX_DATA, "%s: has the Stokes planes %s, and none of the image's (%s)", path,
                      have, want);
}

int pc_startmodel_add(const char *path, const struct pc_imhead *head, int index, const char *tmpdir,
                      float *pix, struct pc_startmodel_tally *tally, struct pc_err *err)
{
    const struct pc_image_want want = {.freq_hz = head->freq_hz, .index = index, .tmpdir = tmpdir};
    struct pc_image im;
    int nchan;
    if (pc_image_file_load(path, &want, &im, &nchan, err) != 0)
        return -1;
    int bad = check_unit(&im.head, path, err);
    if (!bad && !is_served(&im.head, nchan, head))
        tally->nabsent++;
    else if (!bad)
        bad = add_planes(&im, path, head, pix, &tally->flux, err);
    pc_image_fini(&im);
    return bad ? -1 : 0;
}
