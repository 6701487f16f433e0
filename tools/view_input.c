/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/view_input.h"

#include "io/image_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int view_input_open(struct view_input *in, const char *path, struct pc_err *err)
{
    const char *tmp = getenv("TMPDIR");
    *in = (struct view_input){.path = path};
    if (!path || !pc_image_file_is_casa(path))
        return 0;
    if (snprintf(in->dir, sizeof in->dir, "%s/pc-view.XXXXXX", tmp ? tmp : "/tmp") >= (int)sizeof in->dir)
        return pc_err_set(err, PC_EX_CANTCREAT, "TMPDIR: the name is too long");
    if (!mkdtemp(in->dir)) {
        int bad = pc_err_errno(err, PC_EX_CANTCREAT, "%s", in->dir);
        in->dir[0] = '\0';
        return bad;
    }
    snprintf(in->made, sizeof in->made, "%s/image.fits", in->dir);
    in->path = in->made;
    if (pc_image_file_to_fits(path, in->made, err)) {
        view_input_close(in);
        return -1;
    }
    return 0;
}

void view_input_close(struct view_input *in)
{
    if (!in->dir[0])
        return;
    unlink(in->made);
    rmdir(in->dir);
    in->dir[0] = '\0';
}
