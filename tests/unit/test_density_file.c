/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/density_file.h"
#include "tests/unit/tap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The density of a run as a file: bit by bit what it was, or a sentence. */

enum { NX = 30, NY = 21 };
static struct pc_err err;
static char path[] = "/tmp/pc-density-XXXXXX";
static double cell[NX * NY], back[NX * NY];
static const struct pc_uvdensity made = {NX, NY, 3, {-3.1e-7, 2.9e-7}, 123.456789, cell};

static void refused(struct pc_uvdensity want, const char *word)
{
    want.cell = back;
    int rc = pc_density_file_load(path, &want, &err);
    ok(rc == -1 && err.code == PC_EX_DATA && strstr(err.msg, word), "refused: %s", rc ? err.msg : "not");
}

static void test_geometry(void)
{
    struct pc_uvdensity d = made;
    d.nx = NX + 1;
    refused(d, "want 31 x 21");
    d = made;
    d.cell_rad[1] *= 1 + 1e-6;
    refused(d, "--cell");
    d = made;
    d.box = 0;
    refused(d, "box 3");
}

static void overwrite(long at, const void *bytes, size_t n)
{
    FILE *f = fopen(path, "r+b");
    ok(f != NULL && fseek(f, at, SEEK_SET) == 0 && fwrite(bytes, 1, n, f) == n && fclose(f) == 0, "damaged");
}

static void test_damage(void)
{
    FILE *f = fopen(path, "rb");
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    fclose(f);
    is_int(size % 2880, 0, "whole blocks");
    overwrite(size - 2880 - 800, "\x3f\xf1", 2);
    refused(made, "DATASUM");
    overwrite(size - 2880 - 800, "\xbf\xf1", 2);
    refused(made, "negative");
    ok(truncate(path, size - 2880) == 0, "cut short");
    refused(made, "early");
    ok(truncate(path, 100) == 0, "cut shorter");
    refused(made, "100 bytes");
}

int main(void)
{
    struct pc_uvdensity d = made;
    close(mkstemp(path));
    for (int i = 0; i < NX * NY; i++)
        cell[i] = i % 7 ? 1.0 / (i + 1) : 0;
    ok(pc_density_file_save(path, &made, "pc-psf 1\npc-psf --imsize=30\n", &err) == 0, "saved");
    d.cell = back;
    d.deposited = 0;
    ok(pc_density_file_load(path, &d, &err) == 0, "loaded");
    ok(memcmp(cell, back, sizeof cell) == 0 && d.deposited == made.deposited, "bit by bit");
    test_geometry();
    test_damage();
    ok(pc_density_file_load("/nowhere/d.fits", &d, &err) == -1 && err.code == PC_EX_NOINPUT, "not there: 66");
    ok(pc_density_file_save("/nowhere/d.fits", &made, "", &err) == -1 && err.code == PC_EX_CANTCREAT,
       "no such directory: 73");
    unlink(path);
    return tap_done();
}
