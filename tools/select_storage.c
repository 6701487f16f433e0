/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tools/select_storage.h"

#include "base/mem.h"
#include "casa/storage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static void print_numbers(const char *key, const int64_t *v, int n)
{
    printf(" %s=", key);
    for (int i = 0; i < n; i++)
        printf("%s%lld", i ? "," : "", (long long)v[i]);
}

static void print_column(const struct pc_storage *s)
{
    printf("column=%s manager=%s name=%s rows=%lld", s->column, s->manager, s->name[0] ? s->name : "-",
           (long long)s->nrow);
    if (s->ncell > 0)
        print_numbers("cell", s->cell, s->ncell);
    if (s->ntile > 0)
        print_numbers("tile", s->tile, s->ntile);
    if (s->byte > 0)
        printf(" byte=%.0f", s->byte);
    if (!isnan(s->channel_read))
        printf(" channel_read=%.4g", s->channel_read);
    else if (strcmp(s->manager, "Adios2StMan") == 0)
        printf(" channel_read=nan");
    putchar('\n');
}

int select_check_storage(const struct pc_operands *from, const char *const *given, struct pc_err *err)
{
    for (int i = 0; i < from->n; i++) {
        struct pc_storage *list;
        int n;
        int64_t nrow;
        if (pc_storage_list(from->path[i], &list, &n, &nrow, err))
            return -1;
        printf("ms=%s rows=%lld adios2=%s\n", given[i], (long long)nrow,
               pc_storage_has("Adios2StMan") ? "yes" : "no");
        for (int k = 0; k < n; k++)
            print_column(&list[k]);
        pc_mem_free(list);
    }
    return 0;
}

/* Rows are copied, not channels of them. */
static int check_channels(const struct pc_ms *ms, struct pc_err *err)
{
    for (int i = 0; i < pc_ms_window_count(ms); i++) {
        const struct pc_ms_window *w = pc_ms_window(ms, i);
        if (w->nsel < w->nchan)
            return pc_err_set(err, PC_EX_USAGE,
                              "--to-ms copies whole rows; --spw leaves %d of the %d channels of spectral "
                              "window %d: name windows only",
                              w->nsel, w->nchan, w->spw_id);
    }
    return 0;
}

int select_to_ms(const char *path, const struct pc_ms_selection *sel, const struct pc_mscopy_conf *conf,
                 struct pc_log *log, struct pc_err *err)
{
    struct pc_ms *ms;
    int64_t nrow = 0;
    if (pc_ms_open(&ms, path, PC_MS_CORRECTED, NULL, err))
        return -1;
    int status = pc_ms_select(ms, sel, log, err);
    if (status == 0)
        status = check_channels(ms, err);
    if (status == 0)
        status = pc_ms_copy(ms, conf, err);
    for (int i = 0; status == 0 && i < pc_ms_window_count(ms); i++)
        nrow += pc_ms_window(ms, i)->nrow;
    if (status == 0)
        pc_log_line(log, "%s rows=%lld stman=%s", conf->out, (long long)nrow,
                    conf->stman == PC_STMAN_TILED ? "tiled" : "adios2");
    pc_ms_close(ms);
    return status;
}
