#ifndef X509_SIGNED_FILE_H
#define X509_SIGNED_FILE_H

#include "base/json.h"
#include "x509/cms_verify.h"

/*
 * A file with signatures, whatever it is: told by what is in it and never by
 * its name.  CMS in DER, BER, PEM or base64, its content inside or beside it;
 * signed mail; programs with Authenticode signatures; time-stamps.
 *
 * docs/signed-files.md says what counts and what does not.
 */
enum signed_file_kind {
    SIGNED_FILE_PLAIN, /* none of these */
    SIGNED_FILE_CMS,
    SIGNED_FILE_MAIL,
    SIGNED_FILE_PROGRAM,
    SIGNED_FILE_TIME_STAMP,
    SIGNED_FILE_KINDS
};

/* "signed mail" */
const char *signed_file_kind_name(enum signed_file_kind kind);

enum signed_file_kind signed_file_kind_of(struct bytes file);

/* Is it one of these, rather than a certificate or a chain of them?  SignedData
 * with certificates and no signer is a chain. */
bool signed_file_is(struct bytes file);

struct signed_file {
    enum signed_file_kind kind;
    struct signature_list signatures; /* at least one, if only to say none */
    /* Whose verdict is the file's: of CMS the first that is not good, as every
     * signer must be.  Of a program one that found it altered, damaged or
     * revoked, else the first good one: it is signed for several roots. */
    size_t deciding;
    struct bytes der; /* of all but programs: the CMS or the server's answer */
    struct buffer decoded, rewritten, canonical; /* what views look into */
};

void signed_file_free(struct signed_file *file);
const struct verdict *signed_file_verdict(const struct signed_file *file);

/*
 * content: the bytes that a detached signature or a time-stamp is of, or NULL.
 * question: its roots, untrusted, distrusted, time, purpose, names, policies,
 * revocation, sources, cache and explains; leaf is filled in for each signer.
 * Views live as long as the file, the content and what the question has.
 *
 * FAILURE_NOT_FOUND: the content is not in the file and was not given.
 * FAILURE_UNSUITABLE: a limit is reached, or content was given for a program.
 */
#define SIGNED_FILE_MAX (1024L * 1024 * 1024) /* bytes of content beside it */
MUST_CHECK bool signed_file_verify(struct bytes bytes,
    const struct bytes *content, const struct chain_question *question,
    struct signed_file *file, struct failure *why);

/* The verdict's object (chain/explain.h), with "kind" and "signatures". */
MUST_CHECK bool signed_file_json(
    const struct signed_file *file, json_t **json, struct failure *why);

#endif
