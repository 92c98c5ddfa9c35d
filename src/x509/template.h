#ifndef X509_TEMPLATE_H
#define X509_TEMPLATE_H

#include "x509/der_writer.h"

/*
 * DER with holes.  What is the same in every certificate of a profile is
 * encoded once; what differs is a hole.  Compiled front to back:
 *
 *     RELEASED(template) template = {0};
 *     template_enter(&template, DER_SEQUENCE, why) &&
 *         template_bytes(&template, version, why) &&
 *         template_hole(&template, HOLE_SERIAL, why) && ...
 *         template_leave(&template, why) &&
 *         template_finish(&template, HOLE_COUNT, why)
 *
 * and filled any number of times, back to front, by any number of threads at
 * once.
 */
#define TEMPLATE_PIECES_MAX 64
#define TEMPLATE_DEPTH_MAX 16
#define TEMPLATE_HOLES_MAX 32
#define TEMPLATE_CONSTANT_MAX (256 * 1024) /* bytes */

enum template_piece_kind {
    TEMPLATE_BYTES, /* constant DER */
    TEMPLATE_HOLE,  /* what the filler gives: any number of whole elements */
    TEMPLATE_ENTER, /* the contents of an element begin */
    TEMPLATE_LEAVE  /* ... end */
};

struct template_piece {
    enum template_piece_kind kind;
    unsigned int tag;    /* ENTER */
    bool is_conditional; /* ENTER: left out, with all in it, if the hole is
                            empty */
    size_t hole;         /* HOLE, conditional ENTER */
    size_t start;        /* BYTES: in the constant bytes */
    size_t length;
    size_t enter; /* LEAVE: the index of its ENTER */
};

struct template
{
    struct template_piece pieces[TEMPLATE_PIECES_MAX];
    size_t piece_count;
    size_t open[TEMPLATE_DEPTH_MAX]; /* ENTERs without their LEAVE */
    size_t depth;
    size_t holes_used; /* the highest hole and one */
    struct buffer constant;
};

/* Each adds one piece.  An all-zero template is empty.  FAILURE_INTERNAL:
 * beyond a limit above, or a LEAVE without an ENTER. */
MUST_CHECK bool template_bytes(
    struct template *template, struct bytes der, struct failure *why);
MUST_CHECK bool template_hole(
    struct template *template, size_t hole, struct failure *why);
MUST_CHECK bool template_enter(
    struct template *template, unsigned int tag, struct failure *why);
MUST_CHECK bool template_enter_if(struct template *template, unsigned int tag,
    size_t hole, struct failure *why);
MUST_CHECK bool template_leave(struct template *template, struct failure *why);

/* Every ENTER has its LEAVE, and every hole is below hole_count, the number
 * that will be given: FAILURE_INTERNAL otherwise. */
MUST_CHECK bool template_finish(
    const struct template *template, size_t hole_count, struct failure *why);

/* Fills a finished template.  A hole of no bytes, or beyond hole_count, is
 * empty; a writer that is too small says so when it is taken. */
void template_fill(const struct template *template, const struct bytes *holes,
    size_t hole_count, struct der_writer *writer);

void template_free(struct template *template); /* all-zero is allowed */

#endif
