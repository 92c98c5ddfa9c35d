#include <stdio.h>
#include <string.h>

#include "x509/algorithm_identifier.h"
#include "x509/chain/revocation_parts.h"
#include "x509/name_match.h"

/* RFC 6960: one OCSP answer and the certificates of the path. */
struct answer {
    struct revocation_desk *desk;
    const struct status_source *source;
    const struct ocsp_response *response;
    struct standing *standing;
};

static const char *origin_of(const struct status_source *source)
{
    return source->origin != NULL ? source->origin : "at hand";
}

static bool refuse(struct answer *answer, enum gap_rank rank,
    enum chain_rule rule, const char *evidence)
{
    standing_note(answer->standing, rank, rule, VERDICT_REVOCATION_UNKNOWN,
        "the OCSP answer (%.60s) %s", origin_of(answer->source), evidence);
    return false;
}

/* --- whose answer is it? (4.1.1) ------------------------------------------ */

struct identifier_digest {
    const char *name;
    uint8_t oid[9];
    size_t oid_length;
};

static const struct identifier_digest digests[] = {
    {"SHA1", {0x2b, 0x0e, 0x03, 0x02, 0x1a}, 5},
    {"SHA256", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01}, 9},
    {"SHA384", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02}, 9},
    {"SHA512", {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03}, 9},
};

static const char *digest_of(struct bytes algorithm)
{
    struct algorithm_identifier identifier = {0};
    struct der_reader reader = der_reader_of(algorithm);
    struct failure why = {0};

    if (!algorithm_identifier_read(&reader, &identifier, &why))
        return NULL;
    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++) {
        if (bytes_equal(identifier.oid,
                (struct bytes){digests[i].oid, digests[i].oid_length}))
            return digests[i].name;
    }
    return NULL;
}

static bool digest_is(
    const char *digest, struct bytes message, struct bytes expected)
{
    uint8_t found[EVP_MAX_MD_SIZE];
    size_t length = 0;

    return EVP_Q_digest(NULL, digest, NULL, message.start, message.length,
               found, &length) == 1 &&
           bytes_equal((struct bytes){found, length}, expected);
}

static bool is_about(
    const struct ocsp_certificate_id *id, const struct standing *standing)
{
    const struct tbs_certificate *tbs = &standing->certificate->certificate.tbs;
    const char *digest = NULL;

    if (!bytes_equal(id->serial, tbs->serial))
        return false;
    digest = digest_of(id->hash_algorithm);
    return digest != NULL && digest_is(digest, tbs->issuer, id->name_hash) &&
           digest_is(digest, standing->issuer->certificate.tbs.key.bits,
               id->key_hash);
}

/* --- who signed it? (4.2.2.2) --------------------------------------------- */

static bool is_responder(const struct ocsp_response *response,
    const struct chain_certificate *certificate)
{
    if (response->responder_name.length > 0)
        return name_matches(
            response->responder_name, certificate->certificate.tbs.subject);
    return digest_is(
        "SHA1", certificate->certificate.tbs.key.bits, response->responder_key);
}

static bool may_answer(const struct chain_certificate *responder)
{
    struct der_reader purposes = responder->purposes;
    struct bytes purpose = {0};
    struct failure why = {0};

    while (chain_has(responder, CHAIN_EXTENDED_KEY_USAGE) &&
           !der_at_end(&purposes) && der_read_oid(&purposes, &purpose, &why)) {
        if (oid_of(purpose) == OID_OCSP_SIGNING)
            return true;
    }
    return false;
}

/* NULL: the certificate may sign answers for its issuer's certificates. */
static const char *responder_refused(
    const struct answer *answer, const struct chain_certificate *responder)
{
    const struct tbs_certificate *tbs = &responder->certificate.tbs;

    if (!name_matches(
            tbs->issuer, answer->standing->issuer->certificate.tbs.subject))
        return "is signed by a responder of another issuer";
    if (!may_answer(responder))
        return "is signed by a responder without the purpose OCSPSigning";
    if (chain_has(responder, CHAIN_KEY_USAGE) &&
        (responder->key_usage &
            (KEY_USAGE_DIGITAL_SIGNATURE | KEY_USAGE_NON_REPUDIATION)) == 0)
        return "is signed by a responder whose key usage has no signatures";
    if (answer->desk->time < tbs->not_before ||
        answer->desk->time > tbs->not_after)
        return "is signed by a responder whose certificate is not valid then";
    if (responder->unknown_critical.length > 0)
        return "is signed by a responder with an unknown critical extension";
    return NULL;
}

/* Issued by the very key that issued the certificate asked about. */
static bool is_delegated(
    struct answer *answer, const struct chain_certificate *responder)
{
    const struct certificate *certificate = &responder->certificate;
    const struct signed_bytes bytes = {certificate->signature_algorithm,
        certificate->tbs.whole, certificate->signature};
    const char *refused = responder_refused(answer, responder);
    enum signature_answer matches = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE];

    if (refused != NULL)
        return refuse(answer, GAP_SIGNER, RULE_OCSP_RESPONDER, refused);
    if (!desk_check_signature(answer->desk, answer->standing->issuer, &bytes,
            desk_policy(answer->desk), &matches, evidence))
        return false;
    return matches == SIGNATURE_MATCHES ||
           refuse(answer, GAP_SIGNER, RULE_OCSP_RESPONDER,
               "is signed by a responder that the issuer did not delegate");
}

/* What was good then is told of then: the answer and the time asked about. */
static enum algorithm_policy policy_of(const struct answer *answer)
{
    if (desk_policy(answer->desk) == ALGORITHMS_RFC5280 &&
        answer->response->produced_at < OLD_OCSP_END &&
        answer->desk->time < OLD_OCSP_END)
        return ALGORITHMS_OLD_OCSP;
    return desk_policy(answer->desk);
}

static bool has_signed(
    struct answer *answer, const struct chain_certificate *responder)
{
    const struct ocsp_response *response = answer->response;
    const struct signed_bytes bytes = {
        response->signature_algorithm, response->body, response->signature};
    enum signature_answer matches = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE];

    if (!desk_check_signature(answer->desk, responder, &bytes,
            policy_of(answer), &matches, evidence))
        return false;
    if (matches == SIGNATURE_MATCHES)
        return true;
    return refuse(answer,
        matches == SIGNATURE_DIFFERS ? GAP_SIGNATURE : GAP_ALGORITHM,
        RULE_OCSP_SIGNATURE, evidence);
}

/* 4.2.2.2.1: unless its issuer says that it need not be asked about. */
static bool is_withdrawn(
    struct answer *answer, const struct chain_certificate *responder)
{
    if (chain_has(responder, CHAIN_OCSP_NO_CHECK) ||
        !status_lists_revoke(answer->desk, responder))
        return false;
    (void)refuse(answer, GAP_SIGNER, RULE_OCSP_RESPONDER,
        "is signed by a responder that is revoked");
    return true;
}

static bool is_signed_by_delegate(struct answer *answer)
{
    struct der_reader certificates = answer->response->certificates;
    struct chain_certificate responder = {0};
    struct bytes der = {0};
    struct failure why = {0};
    bool at_extension = false;

    while (!der_at_end(&certificates) && !desk_is_spent(answer->desk)) {
        if (!ocsp_next_certificate(&certificates, &der, &why))
            return false;
        if (chain_certificate_read(
                der, answer->source->origin, &responder, &at_extension, &why) &&
            is_responder(answer->response, &responder) &&
            is_delegated(answer, &responder) &&
            has_signed(answer, &responder) && !is_withdrawn(answer, &responder))
            return true;
    }
    return false;
}

static bool is_signed(struct answer *answer)
{
    if (is_responder(answer->response, answer->standing->issuer) &&
        has_signed(answer, answer->standing->issuer))
        return true;
    if (is_signed_by_delegate(answer))
        return true;
    return refuse(answer, GAP_OTHER, RULE_OCSP_RESPONDER,
        "is signed by one whose certificate is not at hand");
}

/* --- is it current? (3.2, 4.2.2.1) ---------------------------------------- */

static const char *not_current(
    const struct answer *answer, const struct ocsp_single *single)
{
    int64_t time = answer->desk->time;

    if (single->this_update > time + OCSP_TOLERANCE_SECONDS ||
        answer->response->produced_at > time + OCSP_TOLERANCE_SECONDS)
        return "is not valid before";
    if (single->next_update == 0)
        return single->this_update + OCSP_AGE_SECONDS < time
                   ? "says not how long it holds, and is older than 7 days: of"
                   : NULL;
    return single->next_update < time - OCSP_TOLERANCE_SECONDS
               ? "has expired, of"
               : NULL;
}

static bool is_current(struct answer *answer, const struct ocsp_single *single)
{
    const char *cause = not_current(answer, single);
    char sentence[128], when[CLOCK_TEXT];

    if (cause == NULL)
        return true;
    clock_print(single->this_update, when);
    (void)snprintf(sentence, sizeof(sentence), "%s %s", cause, when);
    return refuse(answer, GAP_NOT_CURRENT, RULE_OCSP_CURRENT, sentence);
}

/* --- what it says --------------------------------------------------------- */

static void take_status(struct answer *answer, const struct ocsp_single *single)
{
    struct standing *standing = answer->standing;
    char text[STATUS_SOURCE_TEXT], when[CLOCK_TEXT];

    clock_print(single->this_update, when);
    (void)snprintf(text, sizeof(text), "the OCSP answer (%.60s, of %s)",
        origin_of(answer->source), when);
    if (single->status == OCSP_UNKNOWN) {
        (void)refuse(answer, GAP_ANSWERED_UNKNOWN, RULE_STATUS_KNOWN,
            "says unknown: the responder does not know the certificate");
        return;
    }
    if (single->status == OCSP_REVOKED) {
        standing_revoke(standing, single->revoked_at, 0, single->reason, text);
        return;
    }
    standing->is_answered = true;
    if (!standing->is_revoked)
        (void)snprintf(standing->evidence, sizeof(standing->evidence),
            "%s says good", text);
}

/* The signature is asked about once, and only where there is an answer. */
static void ask_about(struct answer *answer)
{
    struct der_reader singles = answer->response->singles;
    struct ocsp_single single = {0};
    struct failure why = {0};
    bool is_checked = false;

    while (!der_at_end(&singles) && ocsp_next_single(&singles, &single, &why)) {
        if (!is_about(&single.id, answer->standing))
            continue;
        if (answer->response->has_unknown_critical ||
            single.has_unknown_critical) {
            (void)refuse(answer, GAP_USELESS, RULE_OCSP_READABLE,
                "has a critical extension that is not known");
            return;
        }
        if (!is_current(answer, &single))
            continue;
        is_checked = is_checked || is_signed(answer);
        if (!is_checked)
            return;
        take_status(answer, &single);
    }
}

void status_answer_apply(
    struct revocation_desk *desk, const struct status_source *source)
{
    struct answer answer = {
        .desk = desk, .source = source, .response = &source->of.ocsp};
    char sentence[64];

    for (size_t i = 0; i < desk->standing_count; i++) {
        answer.standing = &desk->standings[i];
        if (answer.response->status == OCSP_SUCCESSFUL) {
            ask_about(&answer);
            continue;
        }
        (void)snprintf(sentence, sizeof(sentence), "is none: it says %s",
            ocsp_response_status_name(answer.response->status));
        (void)refuse(&answer, GAP_UNREADABLE, RULE_OCSP_READABLE, sentence);
    }
}
