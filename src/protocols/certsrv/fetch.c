#include <stdio.h>
#include <strings.h>

#include "authority/hierarchy.h"
#include "authority/lists.h"
#include "base/file.h"
#include "protocols/certsrv/certsrv.h"
#include "protocols/certsrv/lineage.h"
#include "protocols/certsrv/markup.h"
#include "protocols/certsrv/numbers.h"
#include "x509/pem.h"

/* Clients compare them whole: no charset. */
#define CERTIFICATE_TYPE "application/pkix-cert"
#define CHAIN_TYPE "application/x-pkcs7-certificates"
#define LIST_TYPE "application/pkix-crl"

/* Without Enc the old server gave base64 for certificates, DER for lists. */
static bool wants_der(const struct exchange *exchange, bool by_default)
{
    const char *encoding = exchange_text(exchange, "Enc");

    if (strcasecmp(encoding, "bin") == 0)
        return true;
    return strcasecmp(encoding, "b64") != 0 && by_default;
}

static bool answer(struct exchange *exchange, const char *type,
    const char *label, bool in_der, struct bytes der, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("answer", EXCHANGE_ANSWER_MAX);

    if (in_der)
        return exchange_answer(exchange, 200, type, der, why);
    return pem_append(&text, label, der, why) &&
           exchange_answer(exchange, 200, type, buffer_view(&text), why);
}

static bool is_authoritys(const struct exchange *exchange)
{
    return strcasecmp(exchange_text(exchange, "ReqID"), "CACert") == 0;
}

/* --- what is not there --------------------------------------------------- */

/*
 * certsrv.py: Disposition message:[^\t]+\t\t([^\r\n]+), and the same for
 * LastStatus; adcs-issuer looks for "Taken Under Submission" and "Denied by",
 * and fails on any status but 200.
 */
static bool answer_disposition(struct exchange *exchange, const char *message,
    const char *status, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("page", MARKUP_MAX);

    return markup_begin(&page, exchange, "Certificate not available", why) &&
           buffer_append_text(
               &page, "<pre>\nDisposition message:\n\t\t", why) &&
           markup_text(&page, message, why) &&
           buffer_append_text(&page, "\nLastStatus:\n\t\t", why) &&
           markup_text(&page, status, why) &&
           buffer_append_text(&page, "\n</pre>\n", why) &&
           markup_answer(exchange, &page, why);
}

static bool answer_state(struct exchange *exchange,
    const struct submission *submission, struct failure *why)
{
    return answer_disposition(exchange, submission->sentence,
        submission->state == SUBMISSION_WAITS
            ? "The request waits for approval. Ask again later."
            : "The request has ended; it won't have a certificate.",
        why);
}

/* Numbers of others are told from ones that mean nothing by nobody. */
static bool find(struct exchange *exchange, struct submission *submission,
    bool *answered, struct failure *why)
{
    struct failure absent = {0};

    *answered = true;
    if (exchange->caller.way == CALLER_ANYONE)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "a certificate is given to the account that asked for it: send "
            "its name and password, or a client certificate");
    if (submission_find(
            exchange, exchange_text(exchange, "ReqID"), submission, &absent)) {
        *answered = submission->state != SUBMISSION_ISSUED;
        return !*answered || answer_state(exchange, submission, why);
    }
    if (absent.kind == FAILURE_NOT_FOUND || absent.kind == FAILURE_MALFORMED)
        return answer_disposition(exchange, absent.reason,
            "There is no request of this number.", why);
    *why = absent;
    return false;
}

/* --- certificates and chains --------------------------------------------- */

static bool answer_certificate(
    struct exchange *exchange, const struct buffer *der, struct failure *why)
{
    return answer(exchange, CERTIFICATE_TYPE, "CERTIFICATE",
        wants_der(exchange, false), buffer_view(der), why);
}

bool certsrv_certificate(struct exchange *exchange, struct failure *why)
{
    RELEASED(submission) submission = {0};
    const struct authority_issuer *issuer = NULL;
    bool answered = false;

    if (is_authoritys(exchange))
        return lineage_issuer(exchange, &issuer, why) &&
               answer_certificate(exchange, &issuer->der, why);
    if (!find(exchange, &submission, &answered, why))
        return false;
    return answered ||
           answer_certificate(exchange, &submission.certificate, why);
}

static bool answer_chain(struct exchange *exchange,
    const struct issuers_chain *chain, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("chain", EXCHANGE_ANSWER_MAX);

    return pkcs7_certificates_write(
               chain->certificates, chain->count, &der, why) &&
           answer(exchange, CHAIN_TYPE, "PKCS7", wants_der(exchange, false),
               buffer_view(&der), why);
}

static bool chain_of_submission(struct exchange *exchange,
    const struct submission *submission, struct failure *why)
{
    RELEASED(issuers_chain) chain = {0};
    const struct authority_issuer *issuer =
        authority_by_id(exchange->authority, submission->authority);

    if (issuer == NULL)
        return fail_because(why, FAILURE_NOT_FOUND,
            "the authority that issued this is not here any more");
    chain.certificates[chain.count++] = buffer_view(&submission->certificate);
    return issuers_chain_add(exchange, issuer, &chain, why) &&
           answer_chain(exchange, &chain, why);
}

bool certsrv_chain(struct exchange *exchange, struct failure *why)
{
    RELEASED(issuers_chain) chain = {0};
    RELEASED(submission) submission = {0};
    const struct authority_issuer *issuer = NULL;
    bool answered = false;

    if (is_authoritys(exchange))
        return lineage_issuer(exchange, &issuer, why) &&
               issuers_chain_add(exchange, issuer, &chain, why) &&
               answer_chain(exchange, &chain, why);
    if (!find(exchange, &submission, &answered, why))
        return false;
    return answered || chain_of_submission(exchange, &submission, why);
}

/* --- revocation lists ---------------------------------------------------- */

/* What fits into an answer in base64, too. */
#define LIST_MAX ((size_t)5 * 1024 * 1024)

static bool read_list(const struct exchange *exchange, const char *name,
    struct buffer *list, struct failure *why)
{
    char path[PATH_ROOM];
    struct failure unread = {0};

    if (!path_join(path, exchange->authority->publish, name, why))
        return false;
    if (file_read(path, list, &unread))
        return true;
    if (unread.kind == FAILURE_NOT_FOUND)
        return fail_because(why, FAILURE_NOT_FOUND,
            "this authority has published no such list yet");
    *why = unread;
    return false;
}

bool certsrv_list(struct exchange *exchange, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("revocation list", LIST_MAX);
    const struct authority_issuer *issuer = NULL;
    bool is_delta = strcasecmp(exchange_text(exchange, "Type"), "delta") == 0;
    char path[PATH_ROOM];

    if (!lineage_issuer(exchange, &issuer, why))
        return false;
    (void)snprintf(path, sizeof(path), "/crl/%s%s.crl", issuer->name,
        is_delta ? "-delta" : "");
    if (read_list(exchange, path + 1, &list, why))
        return answer(exchange, LIST_TYPE, "X509 CRL",
            wants_der(exchange, true), buffer_view(&list), why);
    /* Too long for here, and not for the front. */
    return why->kind == FAILURE_UNSUITABLE &&
           exchange_redirect(exchange, path, why);
}
