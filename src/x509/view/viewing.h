#ifndef X509_VIEW_VIEWING_H
#define X509_VIEW_VIEWING_H

#include "x509/container.h"
#include "x509/view/asker.h"
#include "x509/view/render.h"
#include "x509/view/view.h"

/*
 * What is shown of a file: every object in it, one after another.  The command
 * `view` and the library's view are this.
 */
struct viewing {
    const char *name; /* of the file, as reasons and origins have it */
    /* Text alone where neither is wanted. */
    bool makes_page, makes_json;
    /* Of the page the documents alone: their frame is another's. */
    bool is_fragment;
    struct view_options options;
    struct view_look look;
    /* Gives what the chain engine is asked of a certificate or a signature,
     * when the first one comes; NULL: it is not asked. */
    bool (*question)(
        void *owner, struct chain_question *question, struct failure *why);
    /* Opens a PKCS#12; NULL: it stays closed, and what it is is shown. */
    bool (*open_store)(void *owner, struct bytes store,
        struct container *container, struct failure *why);
    /* As struct view_asker has it; NULL: the chain engine alone. */
    bool (*judge)(void *owner, const struct chain_question *question,
        struct chain_pool *untrusted, struct verdict *verdict,
        struct failure *why);
    void *owner; /* of all three */

    /* What is shown, at the end. */
    struct buffer out;     /* the text or the page */
    struct buffer json;    /* one object, or an array of several; a newline */
    struct failure damage; /* the first; FAILURE_MALFORMED */
    bool is_damaged;

    json_t *objects; /* until the end */
    size_t place;    /* of the object that is shown, from 1; 0: the only one */
    struct view_asker asker;
    bool asks;            /* the asker is ready */
    bool is_judged_whole; /* what is in a signed file was judged with it */
};

/* What is asked for, and nothing shown yet. */
struct viewing viewing_new(const char *name);
void viewing_free(struct viewing *viewing);

MUST_CHECK bool viewing_begin(struct viewing *viewing, struct failure *why);
/* Damage is no failure where there is something to show; where there is
 * nothing it is FAILURE_MALFORMED. */
MUST_CHECK bool viewing_show_file(
    struct viewing *viewing, struct bytes file, struct failure *why);
/* What the reader found in one, or on a wire. */
MUST_CHECK bool viewing_show_container(struct viewing *viewing,
    const struct container *container, struct failure *why);
MUST_CHECK bool viewing_end(struct viewing *viewing, struct failure *why);

#endif
