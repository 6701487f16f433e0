/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where CFITSIO is linked statically (mk/static), what it is given instead of what it asks for.
 *
 * Of libcurl, for its driver for network files: what always fails. Our programs open files and memory only,
 * so that nothing of it is ever called.
 *
 * In place of the initialisers of three tables, of 10 000 entries each that they set to zero, as in a new
 * process they are: nothing. Writing to them takes a megabyte of memory, and a third of the time in which a
 * program of ours starts.
 */
void *curl_easy_init(void);
int curl_easy_setopt(void *handle, int option, ...);
int curl_easy_perform(void *handle);
void curl_easy_cleanup(void *handle);
int curl_global_init(long flags);
void curl_global_cleanup(void);

int __wrap_mem_init(void);
int __wrap_file_init(void);
int __wrap_root_init(void);

enum { FAILED_INIT = 2 }; /* CURLE_FAILED_INIT */

void *curl_easy_init(void)
{
    return 0;
}

int curl_easy_setopt(void *handle, int option, ...)
{
    (void)handle;
    (void)option;
    return FAILED_INIT;
}

int curl_easy_perform(void *handle)
{
    (void)handle;
    return FAILED_INIT;
}

void curl_easy_cleanup(void *handle)
{
    (void)handle;
}

int curl_global_init(long flags)
{
    (void)flags;
    return FAILED_INIT;
}

void curl_global_cleanup(void)
{
}

int __wrap_mem_init(void)
{
    return 0;
}

int __wrap_file_init(void)
{
    return 0;
}

int __wrap_root_init(void)
{
    return 0;
}
