/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Runs a fuzz target without libFuzzer: its seeds, then $PC_FUZZ_RUNS mutations of them (2000), the same ones
 * every time. Prints TAP. An input that crashes is left in PROGRAM.crash; the arguments are files to run
 * instead. */

enum { MOST = 1 << 17 };

static uint8_t input[MOST];
static size_t input_size;
static char crash_path[4096];

static void crashed(int sig)
{
    int fd = open(crash_path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    if (fd >= 0) {
        ssize_t n = write(fd, input, input_size);
        (void)n;
        close(fd);
    }
    signal(sig, SIG_DFL);
    raise(sig);
}

/* Sanitizers end by abort(), so that crashed() gets to see it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "abort_on_error=1";
}

/* xorshift64*: the same numbers on every machine. */
static uint64_t state = 0x9e3779b97f4a7c15U;
static size_t pick(size_t n)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return n ? (size_t)((state * 0x2545f4914f6cdd1dU) >> 33) % n : 0;
}

static void mutate(void)
{
    static const char *const bits[] = {
        "0",  "-1", "99999999999999999999", "=", "\n", "END", "'", "nan", "inf", "1e999", "\0",
        "%n", "--", "\xff\xff\xff\xff"};
    size_t at = pick(input_size + 1), n = 1 + pick(8);
    const char *bit = bits[pick(sizeof bits / sizeof *bits)];
    switch (pick(6)) {
    case 0: /* a bit flips */
        if (at < input_size)
            input[at] ^= (uint8_t)(1U << pick(8));
        break;
    case 1: /* another byte */
        if (at < input_size)
            input[at] = (uint8_t)pick(256);
        break;
    case 2: /* cut short */
        input_size = at;
        break;
    case 3: /* bytes go */
        n = n < input_size - at ? n : input_size - at;
        memmove(input + at, input + at + n, input_size - at - n);
        input_size -= n;
        break;
    case 4: /* bytes come */
        n = strlen(bit) ? strlen(bit) : 1;
        if (input_size + n <= MOST) {
            memmove(input + at + n, input + at, input_size - at);
            memcpy(input + at, bit, n);
            input_size += n;
        }
        break;
    default: /* a piece is repeated */
        n = n < input_size - at ? n : input_size - at;
        if (input_size + n <= MOST) {
            memmove(input + at + n, input + at, input_size - at);
            input_size += n;
        }
    }
}

static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        perror(path);
        return 1;
    }
    input_size = fread(input, 1, MOST, f);
    fclose(f);
    LLVMFuzzerTestOneInput(input, input_size);
    return 0;
}

static long run_seeds(int *seeds)
{
    const char *s = getenv("PC_FUZZ_RUNS");
    long runs = s ? strtol(s, NULL, 10) : 2000, n;
    for (*seeds = 0; (n = pc_fuzz_seed(*seeds, input, MOST)) >= 0; ++*seeds) {
        input_size = (size_t)n;
        LLVMFuzzerTestOneInput(input, input_size);
    }
    for (long i = 0; *seeds && i < runs; i++) {
        input_size = (size_t)pc_fuzz_seed((int)pick((size_t)*seeds), input, MOST);
        for (size_t k = 1 + pick(4); k > 0; k--)
            mutate();
        LLVMFuzzerTestOneInput(input, input_size);
    }
    return runs;
}

int main(int argc, char **argv)
{
    int seeds = 0;
    snprintf(crash_path, sizeof crash_path, "%s.crash", argv[0]);
    signal(SIGABRT, crashed);
    signal(SIGSEGV, crashed);
    signal(SIGFPE, crashed);
    for (int i = 1; i < argc; i++)
        if (run_file(argv[i]))
            return 1;
    if (argc > 1)
        return 0;
    long runs = run_seeds(&seeds);
    const char *slash = strrchr(argv[0], '/');
    printf("%s 1 - %s: %d seeds and %ld mutations of them do no harm\n1..1\n", seeds ? "ok" : "not ok",
           slash ? slash + 1 : argv[0], seeds, runs);
    return !seeds;
}
