/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What CFITSIO's driver for network files wants of libcurl, where CFITSIO is linked statically (mk/static):
 * it always fails. Our programs open files and memory only, so that nothing here is ever called. */
void *curl_easy_init(void);
int curl_easy_setopt(void *handle, int option, ...);
int curl_easy_perform(void *handle);
void curl_easy_cleanup(void *handle);
int curl_global_init(long flags);
void curl_global_cleanup(void);

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
