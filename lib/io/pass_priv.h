/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef PC_IO_PASS_PRIV_H
#define PC_IO_PASS_PRIV_H

#include "io/listing.h"
#include "io/pass.h"
#include "io/sink.h"
#include "io/source.h"
#include "io/spool.h"

/* The inside of a pass: pass.c opens and closes it, pass_in.c walks the source, pass_out.c decides what goes
 * out when.
 *
 * A member that comes in is either forwarded at once or held: the first name that the tool may still make
 * (`undecided`) and everything that comes after it in travel order must wait, for the tool may yet put
 * something before it. */

struct pc_held {
    char *name;
    int64_t size;
    int64_t at;   /* in the spool */
    bool in_file; /* or not copied at all: the source is a directory and can be read again */
};

enum pc_member_way { PC_WAY_SKIP, PC_WAY_FORWARD, PC_WAY_SPOOL, PC_WAY_LATER };

struct pc_pass {
    struct pc_reader reader; /* first: pc_reader's functions find the pass by it */
    const struct pc_use *uses;
    struct pc_source *source; /* NULL: a pass that only writes */
    struct pc_sink *sink;     /* NULL: a pass that only reads */
    struct pc_spool *spool;
    char *tmpdir;
    int64_t mem_byte;
    int nthread;
    struct pc_record cube;
    struct pc_text cube_text;
    int64_t ncube;       /* nchan of the cube; 0: not said */
    unsigned char *seen; /* by index: channels that have come */

    struct pc_entry entry;     /* the last one the source gave */
    bool have_entry;           /* it is not processed yet */
    bool ended;                /* zzend was the last thing seen */
    int64_t nchan, nchan_here; /* channels in all, and since the last 00stream */

    bool in_channel, members_done, changed, uncommitted;
    struct pc_record plane;
    struct pc_text zzplane; /* what the commit record of this channel said */
    char channel[16];
    int index;
    struct pc_listing listing; /* members the channel will have */
    struct pc_held *held;
    int nheld, cap_held;
    char last_put[1024];

    bool member_open;       /* a member is being read */
    enum pc_member_way way; /* what happens to its bytes meanwhile */
    const char *chunk;      /* the rest of what the source gave last */
    size_t nchunk;
    char label[2048];   /* reader.name */
    bool source_failed; /* an error came from the source, not from what a member says */

    bool putting;
    char put_name[1024];
    int64_t put_left;
    struct pc_keep *keep;  /* members other channels may link to (a pass that only writes a stream) */
    uint32_t datasum;      /* of the image read last */
    int bitpix;            /* its own */
    int64_t vis_data_byte; /* of the member that pc_vis_put_begin() began */
    void *scratch;         /* pixels on their way out */
};

/* pass_in.c */
int pc_pass_next_entry(struct pc_pass *p,
                       struct pc_err *err) PC_MUST_CHECK; /* 1 there is one in p->entry, 0, -1 */
/* The next bytes of the open member, already on their way to where they go; *n is 0 at its end. */
int pc_pass_chunk(struct pc_pass *p, const void **s, size_t *n, struct pc_err *err) PC_MUST_CHECK;
/* The next n bytes of the open member as a place in a file; 0 when they must be read from the source. */
int pc_pass_range(struct pc_pass *p, int64_t n, int *fd, int64_t *at);
/* All that is left of the open member as a place in a file; 0 when it must be read from the source. */
int pc_pass_place(struct pc_pass *p, int *fd, int64_t *at);
int pc_pass_slurp(struct pc_pass *p, struct pc_text *t, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_finish_member(struct pc_pass *p, struct pc_err *err) PC_MUST_CHECK;
/* Takes in, without giving them to the tool, members up to and including `name` (NULL: all). */
int pc_pass_pull(struct pc_pass *p, const char *name, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_start(struct pc_pass *p, struct pc_err *err) PC_MUST_CHECK;

/* bundle.c: the two halves of pc_pass_image(); have: the pixels there is room for. */
struct pc_image;
struct pc_imhead;
int pc_pass_image_head(struct pc_pass *p, struct pc_imhead *h, int *bitpix, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_image_rest(struct pc_pass *p, struct pc_image *im, int64_t have, int bitpix,
                       struct pc_err *err) PC_MUST_CHECK;

/* pass_out.c */
unsigned pc_pass_how(const struct pc_pass *p, const char *name);
enum pc_member_way pc_pass_way(const struct pc_pass *p, const char *name);
/* Begins to forward or hold the current entry; bytes follow by pc_pass_tee(), then pc_pass_tee_end(). */
int pc_pass_tee_begin(struct pc_pass *p, const char *name, int64_t size, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_tee(struct pc_pass *p, const void *s, size_t n, struct pc_err *err) PC_MUST_CHECK;
int pc_pass_tee_end(struct pc_pass *p, struct pc_err *err) PC_MUST_CHECK;
/* Of the member that is being put, where pc_pass_can_amend(): begins with its first byte. Borrowed. */
int pc_pass_put_fd(const struct pc_pass *p);
/* All of it has been written there. */
void pc_pass_put_written(struct pc_pass *p);
void pc_pass_forget_channel(struct pc_pass *p);

#endif
