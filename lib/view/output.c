/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "view/output.h"

#include "base/mem.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static cairo_status_t write_some(void *to, const unsigned char *data, unsigned int n)
{
    return fwrite(data, 1, n, to) == n ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

int pc_output_check(const struct pc_output *o, struct pc_err *err)
{
    if (fflush(o->out) || ferror(o->out))
        return pc_err_errno(err, PC_EX_IOERR, "%s", o->name);
    return 0;
}

/* ---- sixel (DEC VT300 graphics): six rows at a time, a run-length coded line for each colour in them ----
 */

enum { PALETTE = 216, RED = 6, GREEN = 6, BLUE = 6 };

/* A cube of colours, with the grain of an ordered dither (Bayer 4 x 4) in what lies between. */
static int color_of(uint32_t argb, int x, int y)
{
    static const double grain[4][4] = {{0, 8, 2, 10}, {12, 4, 14, 6}, {3, 11, 1, 9}, {15, 7, 13, 5}};
    static const int levels[3] = {RED, GREEN, BLUE};
    double d = (grain[y & 3][x & 3] + 0.5) / 16;
    int index = 0;
    for (int k = 0; k < 3; k++) {
        double v = (argb >> (16 - 8 * k) & 255) / 255.0 * (levels[k] - 1);
        int level = (int)floor(v);
        level += level < levels[k] - 1 && v - level > d;
        index = index * levels[k] + level;
    }
    return index;
}

static void put_run(FILE *out, int bits, int n)
{
    if (n > 3)
        fprintf(out, "!%d%c", n, 63 + bits);
    else
        for (int i = 0; i < n; i++)
            fputc(63 + bits, out);
}

static void put_band(FILE *out, const unsigned char *index, int width, int height)
{
    bool used[PALETTE] = {false};
    for (int i = 0; i < width * height; i++)
        used[index[i]] = true;
    for (int c = 0; c < PALETTE; c++) {
        int last = -1, n = 0;
        if (!used[c])
            continue;
        fprintf(out, "#%d", c);
        for (int x = 0; x < width; x++) {
            int bits = 0;
            for (int y = 0; y < height; y++)
                bits |= (index[y * width + x] == c) << y;
            if (bits != last) {
                put_run(out, last, n);
                n = 0;
            }
            last = bits;
            n++;
        }
        put_run(out, last, n);
        fputc('$', out);
    }
    fputc('-', out);
}

static int put_sixel(const struct pc_output *o, cairo_surface_t *page, struct pc_err *err)
{
    int width = cairo_image_surface_get_width(page), height = cairo_image_surface_get_height(page);
    const unsigned char *data = cairo_image_surface_get_data(page);
    size_t stride = (size_t)cairo_image_surface_get_stride(page);
    unsigned char *band = pc_mem_new(6 * (int64_t)width, 1, "a picture", err);
    if (!band)
        return -1;
    fprintf(o->out, "\033P0;1;0q\"1;1;%d;%d", width, height);
    for (int c = 0; c < PALETTE; c++)
        fprintf(o->out, "#%d;2;%d;%d;%d", c, c / (GREEN * BLUE) * 100 / (RED - 1),
                c / BLUE % GREEN * 100 / (GREEN - 1), c % BLUE * 100 / (BLUE - 1));
    for (int y = 0; y < height; y += 6) {
        int rows = height - y < 6 ? height - y : 6;
        for (int j = 0; j < rows; j++)
            for (int x = 0; x < width; x++) {
                uint32_t argb;
                memcpy(&argb, data + (size_t)(y + j) * stride + 4 * (size_t)x, 4);
                band[j * width + x] = (unsigned char)color_of(argb, x, y + j);
            }
        put_band(o->out, band, width, rows);
    }
    fputs("\033\\\n", o->out);
    pc_mem_free(band);
    return pc_output_check(o, err);
}

int pc_output_page(const struct pc_output *o, cairo_surface_t *page, struct pc_err *err)
{
    cairo_status_t status = cairo_surface_status(page);
    cairo_surface_flush(page);
    if (status == CAIRO_STATUS_SUCCESS && o->form == PC_FORM_SIXEL)
        return put_sixel(o, page, err);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_write_to_png_stream(page, write_some, o->out);
    if (status == CAIRO_STATUS_NO_MEMORY || status == CAIRO_STATUS_INVALID_SIZE)
        return pc_err_set(err, PC_EX_NOMEM, "%s: a page of that size cannot be made", o->name);
    if (status == CAIRO_STATUS_WRITE_ERROR)
        return pc_err_errno(err, PC_EX_IOERR, "%s", o->name);
    if (status != CAIRO_STATUS_SUCCESS)
        return pc_err_set(err, PC_EX_BUG, "%s: cairo says: %s", o->name, cairo_status_to_string(status));
    return 0;
}
