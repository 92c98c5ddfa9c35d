#ifndef X509_VIEW_VIEW_H
#define X509_VIEW_VIEW_H

#include "x509/input.h"
#include "x509/view/document.h"

/*
 * The viewer: what any object of the domain says, for people.  Four parts:
 * General (who, by whom, from when to when, what for), Details (every field),
 * Path (view_path, when a verdict was asked for) and Raw.  It decides nothing:
 * the verdict is the chain engine's.
 */
struct view_options {
    int64_t now;
    bool shows_all;   /* every entry of a list, up to VIEW_NODES_MAX */
    const char *file; /* as the `trust add` line of a root names it */
};

/* What input_kind knows, and what it calls INPUT_OTHER. */
enum view_object_kind {
    VIEW_CERTIFICATE,
    VIEW_REQUEST,
    VIEW_CRL,
    VIEW_PRIVATE_KEY,
    VIEW_ENCRYPTED_KEY,
    VIEW_PUBLIC_KEY,
    VIEW_CMS,
    VIEW_PKCS12,
    VIEW_OCSP,
    VIEW_TIME_STAMP_ANSWER,
    VIEW_OTHER,
    VIEW_OBJECT_KINDS
};

/* By the shape of its outer elements, damaged ones too. */
enum view_object_kind view_kind_of(struct bytes der);

/*
 * Shows one object.  Damage is no failure: what can be shown is, and
 * document->is_damaged says so.  The document is the caller's to free; the
 * object's bytes must outlive it.  Nothing of a private key gets into it but
 * its public part.  False: no memory.
 */
MUST_CHECK bool view_object(const struct input_object *object,
    const struct view_options *options, struct view_document *document,
    struct failure *why);

/* --- each kind in its own file -------------------------------------------- */
void view_certificate(
    struct view_document *document, const struct view_options *options);
void view_request(
    struct view_document *document, const struct view_options *options);
void view_crl(
    struct view_document *document, const struct view_options *options);
void view_private_key(
    struct view_document *document, const struct view_options *options);
void view_public_key(
    struct view_document *document, const struct view_options *options);
void view_ocsp(
    struct view_document *document, const struct view_options *options);
void view_cms(
    struct view_document *document, const struct view_options *options);

#endif
