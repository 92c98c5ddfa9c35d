#include "authority/status_limits.h"

#include <stdio.h>

#include "crypto/openssl_scoped.h"

#define SPKI_MAX 4096

/* --- for whom it answers ------------------------------------------------- */

bool status_limits_of(const char *name, struct bytes certificate,
    struct status_limits *limits, struct failure *why)
{
    *limits =
        (struct status_limits){.der = BUFFER("certificate", CERTIFICATE_MAX),
            .spki = BUFFER("public key", SPKI_MAX)};
    (void)snprintf(limits->name, sizeof(limits->name), "%s", name);
    return buffer_append(&limits->der, certificate, why) &&
           certificate_read(buffer_view(&limits->der), &limits->issuer, why) &&
           status_identity_of(limits->issuer.tbs.subject,
               limits->issuer.tbs.key.bits, &limits->identity, why);
}

void status_limits_free(struct status_limits *limits)
{
    buffer_free(&limits->der);
    buffer_free(&limits->spki);
}

bool status_limits_own(
    struct status_limits *limits, struct bytes encoded, struct failure *why)
{
    struct der_reader reader = der_reader_of(encoded);
    struct status_identity identity = {0};
    struct spki spki = {0};

    buffer_clear(&limits->spki);
    limits->not_after = 0;
    if (!spki_read(&reader, &spki, why) ||
        !status_identity_of((struct bytes){0}, spki.bits, &identity, why))
        return false;
    limits->responder = identity.keys[OCSP_ID_SHA1];
    return buffer_append(&limits->spki, encoded, why);
}

/* --- the responder's certificate ----------------------------------------- */

static bool is_not(
    struct failure *why, const struct status_limits *limits, const char *what)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "the certificate for OCSP answers of \"%s\" is not %s", limits->name,
        what);
}

/* RFC 6960, 4.2.2.2: OCSPSigning, and here nothing beside it. */
static bool is_for_ocsp(
    const struct certificate *certificate, bool *is, struct failure *why)
{
    struct der_reader purposes = {0};
    struct extension extension = {0};
    struct bytes purpose = {0};
    bool found = false;

    *is = false;
    if (!extensions_find(certificate->tbs.extensions, OID_EXTENDED_KEY_USAGE,
            &extension, &found, why))
        return false;
    if (!found)
        return true;
    if (!extension_purposes(extension.value, &purposes, why) ||
        !der_read_oid(&purposes, &purpose, why))
        return false;
    *is = der_at_end(&purposes) && oid_of(purpose) == OID_OCSP_SIGNING;
    return true;
}

static bool verify_by_issuer(const struct status_limits *limits,
    const struct certificate *certificate, struct failure *why)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct public_key_parts parts = {0};

    return spki_parts(&limits->issuer.tbs.key, &parts, why) &&
           public_key_make(&parts, &key, why) &&
           certificate_verify(certificate, key, why);
}

bool status_limits_certify(
    struct status_limits *limits, struct bytes der, struct failure *why)
{
    struct certificate certificate = {0};
    bool is = false;

    if (!certificate_read(der, &certificate, why))
        return false;
    if (!bytes_equal(certificate.tbs.key.whole, buffer_view(&limits->spki)))
        return is_not(why, limits, "of the signer's own key");
    if (!bytes_equal(certificate.tbs.issuer, limits->issuer.tbs.subject))
        return is_not(why, limits, "issued by that authority");
    if (!is_for_ocsp(&certificate, &is, why))
        return false;
    if (!is)
        return is_not(why, limits, "for OCSP signing alone");
    if (!verify_by_issuer(limits, &certificate, why))
        return false;
    limits->not_after = certificate.tbs.not_after;
    return true;
}

/* --- answers -------------------------------------------------------------- */

static bool exceeds(
    struct failure *why, const struct status_limits *limits, const char *what)
{
    return fail_because(why, FAILURE_FORBIDDEN,
        "the status signer's limits for \"%s\" do not allow %s", limits->name,
        what);
}

static bool is_near(int64_t time, int64_t now)
{
    return time >= now - STATUS_PAST_MAX_S && time <= now + STATUS_AHEAD_MAX_S;
}

static bool allow_times(const struct status_limits *limits,
    const struct ocsp_single *single, int64_t now, struct failure *why)
{
    if (!is_near(single->this_update, now))
        return exceeds(why, limits, "a thisUpdate away from now");
    if (single->next_update == 0)
        return exceeds(why, limits, "an answer without an end");
    if (single->next_update <= single->this_update)
        return exceeds(why, limits, "an end before the beginning");
    if (single->next_update - single->this_update > STATUS_LIFE_MAX_S)
        return exceeds(why, limits, "an answer for more than 7 days");
    if (single->next_update > limits->not_after)
        return exceeds(
            why, limits, "an end after that of the responder's certificate");
    if (single->status == OCSP_REVOKED &&
        single->revoked_at > now + STATUS_AHEAD_MAX_S)
        return exceeds(why, limits, "a revocation in the future");
    return true;
}

static bool allow_single(const struct status_limits *limits,
    const struct ocsp_single *single, int64_t now, struct failure *why)
{
    if (status_hash_named(single->id.hash_algorithm) == OCSP_ID_OTHER)
        return exceeds(
            why, limits, "a CertID by another hash than SHA-1 and SHA-256");
    if (!status_identity_is_of(&limits->identity, &single->id))
        return exceeds(why, limits, "a CertID of another issuer");
    if (!der_at_end(&single->extensions))
        return exceeds(why, limits, "an extension of a single answer");
    return allow_times(limits, single, now, why);
}

static bool allow_singles(const struct status_limits *limits,
    struct der_reader singles, int64_t now, struct failure *why)
{
    struct ocsp_single single = {0};
    size_t count = 0;

    for (; !der_at_end(&singles); count++) {
        if (count == OCSP_QUESTION_IDS_MAX)
            return exceeds(why, limits, "so many single answers");
        if (!ocsp_next_single(&singles, &single, why) ||
            !allow_single(limits, &single, now, why))
            return false;
    }
    return count > 0 || exceeds(why, limits, "an answer about nothing");
}

/* RFC 9654: the nonce is the asker's, and says nothing. */
static bool allow_extensions(const struct status_limits *limits,
    const struct ocsp_response *response, struct failure *why)
{
    struct der_reader extensions = response->extensions;
    struct extension extension = {0};

    if (der_at_end(&extensions))
        return true;
    if (!extension_next(&extensions, &extension, why))
        return false;
    return (der_at_end(&extensions) && response->nonce.length > 0) ||
           exceeds(why, limits, "an extension beside the nonce");
}

bool status_limits_allow(const struct status_limits *limits, struct bytes body,
    int64_t now, struct failure *why)
{
    struct ocsp_response response = {0};

    if (!ocsp_body_read(body, &response, why))
        return false;
    if (limits->not_after <= now)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the key for OCSP answers of \"%s\" has no certificate in force",
            limits->name);
    if (!bytes_equal(response.responder_key,
            (struct bytes){limits->responder.bytes, limits->responder.length}))
        return exceeds(why, limits, "another responder");
    if (!is_near(response.produced_at, now))
        return exceeds(why, limits, "a producedAt away from now");
    return allow_extensions(limits, &response, why) &&
           allow_singles(limits, response.singles, now, why);
}
