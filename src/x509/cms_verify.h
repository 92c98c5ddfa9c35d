#ifndef X509_CMS_VERIFY_H
#define X509_CMS_VERIFY_H

#include "x509/stamp.h"

/*
 * Verdicts on signatures of SignedData (RFC 5652): the content, the signed
 * attributes, the arithmetic, the signer's time-stamps, and the signer's path
 * by the chain engine.  With a valid time-stamp the path is judged at the time
 * it states; without one, a signer whose certificate has expired is
 * VERDICT_EXPIRED_WITHOUT_TIMESTAMP.
 */
enum signature_kind {
    SIGNATURE_OF_CMS,
    SIGNATURE_OF_PROGRAM,    /* Authenticode */
    SIGNATURE_OF_TIME_STAMP, /* a token that stands alone */
    SIGNATURE_NONE           /* the file has none, or can't be read so far */
};

struct signature_verdict {
    enum signature_kind kind;
    struct verdict verdict;
    struct signed_notes notes; /* before the path was asked about */
    struct bytes certificate;  /* the signer's, a view; length 0: not found */
    char signer[CHAIN_NAME_TEXT];
    const char *digest; /* "SHA256"; NULL: none that is known */
    bool has_signing_time;
    int64_t signing_time; /* what the signer's clock said */
    struct stamps stamps;
    bool is_stamped;
    int64_t stamped_at;
};

#define SIGNATURES_MAX 32
/* Of all signatures of a file together, of this thread: after it the rest are
 * VERDICT_BUDGET_EXCEEDED.  One path costs BUDGET_CPU_MS at most. */
#define SIGNATURES_CPU_MS 1000

struct signature_list {
    int64_t cpu_started_ms; /* clock_thread_cpu_ms() */
    struct signature_verdict *all[SIGNATURES_MAX];
    size_t count;
};

void signature_list_free(struct signature_list *list);

/* Room for one more; FAILURE_UNSUITABLE beyond SIGNATURES_MAX. */
MUST_CHECK bool signature_list_add(struct signature_list *list,
    enum signature_kind kind, struct signature_verdict **added,
    struct failure *why);

/* Fills in the verdict from the first failure of the notes.  what: the thing,
 * for the sentence. */
void signature_conclude(struct signature_verdict *signature, const char *what);

/*
 * A verdict for every signer, appended to the list; none at all is one of
 * VERDICT_NO_SIGNATURE.  question: leaf, names and time are filled in here.
 * Everything that is a view lives as long as the bytes and the question.
 */
MUST_CHECK bool cms_verify(const struct pkcs7 *pkcs7,
    const struct cms_content *content, const struct chain_question *question,
    enum signature_kind kind, const char *origin, struct signature_list *list,
    struct failure *why);

/* A token of RFC 3161 over this content, judged at the question's time. */
MUST_CHECK bool cms_verify_time_stamp(struct bytes token,
    const struct cms_content *stamped, const struct chain_question *question,
    struct signature_list *list, struct failure *why);

#endif
