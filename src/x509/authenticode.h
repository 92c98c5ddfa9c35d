#ifndef X509_AUTHENTICODE_H
#define X509_AUTHENTICODE_H

#include "x509/cms_verify.h"
#include "x509/pe.h"

/*
 * Signatures of programs ("Windows Authenticode Portable Executable Signature
 * Format"): every entry of the certificate table, and every signature nested
 * in one.  Hashes of single pages are not looked at: the image's covers them.
 */

/* A verdict for each signature, appended; none is VERDICT_NO_SIGNATURE. */
MUST_CHECK bool authenticode_verify(const struct pe *pe,
    const struct chain_question *question, struct signature_list *list,
    struct failure *why);

#endif
