/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "io/runner.h"

#include "base/mem.h"
#include "io/fdio.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The descriptors of commands and answers are not for what is run: the parent, that waits for the end of the
 * answers, waits for nothing else. */
int pc_runner_open(struct pc_runner *r, struct pc_err *err)
{
    *r = (struct pc_runner){.out_fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)};
    int in_fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3), nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    r->in = in_fd < 0 ? NULL : fdopen(in_fd, "r");
    int bad =
        !r->in || r->out_fd < 0 || dup2(nothing, STDIN_FILENO) < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0;
    if (bad)
        pc_err_errno(err, PC_EX_IOERR, "the descriptors of commands");
    if (nothing > STDERR_FILENO)
        close(nothing);
    return bad ? -1 : 0;
}

void pc_runner_close(struct pc_runner *r)
{
    if (r->in)
        fclose(r->in);
    if (r->out_fd >= 0)
        close(r->out_fd);
    pc_text_free(&r->text);
    pc_mem_free(r->word);
}

/* Adds a word to the text; false when there is none, or it is cut short. */
static bool read_word(struct pc_runner *r)
{
    char *s = NULL;
    size_t cap = 0;
    ssize_t n = getdelim(&s, &cap, '\0', r->in);
    bool is = n > 0 && s[n - 1] == '\0';
    if (is)
        pc_text_add_bytes(&r->text, s, (size_t)n);
    free(s);
    return is;
}

/* Without a whole command: the parent has come to its end, be it in the middle of one. */
static int no_more(const struct pc_runner *r, struct pc_err *err)
{
    return ferror(r->in) ? pc_err_errno(err, PC_EX_IOERR, "commands cannot be read") : 0;
}

int pc_runner_next(struct pc_runner *r, struct pc_err *err)
{
    enum { MOST = 100000 };
    pc_text_free(&r->text);
    pc_mem_free(r->word);
    r->word = NULL;
    if (!read_word(r))
        return no_more(r, err);
    const int n = atoi(pc_text_str(&r->text));
    if (n < 2 || n > MOST)
        return pc_err_set(err, PC_EX_DATA, "a command of %s words: a number from 2 is wanted",
                          pc_text_str(&r->text));
    r->text.len = 0;
    for (int i = 0; i < n; i++)
        if (!read_word(r))
            return no_more(r, err);
    r->word = pc_mem_new0(n + 1, sizeof *r->word, "words", err);
    if (!r->word || pc_text_ok(&r->text, err))
        return -1;
    const char *s = r->text.s;
    for (int i = 0; i < n; i++, s += strlen(s) + 1)
        r->word[i] = s;
    return 1;
}

int pc_runner_answer(struct pc_runner *r, int status, struct pc_err *err)
{
    char line[16];
    int n = snprintf(line, sizeof line, "%d\n", status);
    return pc_fd_write(r->out_fd, line, (size_t)n, "the answer to a command", err);
}
