#include "x509/cms_signer.h"

#include <string.h>

#include "base/hex.h"
#include "x509/pkcs7_attribute.h"
#include "x509/pkcs7_oid.h"

/* --- whose ---------------------------------------------------------------- */

static bool add_all(struct chain_pool *pool, const struct chain_pool *given,
    struct failure *why)
{
    for (size_t i = 0; given != NULL && i < chain_pool_count(given); i++) {
        const struct chain_certificate *one = chain_pool_at(given, i);

        if (!chain_pool_add(pool, one->certificate.whole, one->origin, why))
            return false;
    }
    return true;
}

static bool add_enclosed(struct chain_pool *pool, struct der_reader enclosed,
    const char *origin, struct failure *why)
{
    struct bytes element = {0};
    struct failure unreadable = {0};

    for (size_t i = 0; i < CMS_CERTIFICATES_MAX; i++) {
        if (!pkcs7_next_certificate(&enclosed, &element, why))
            return false;
        if (element.length == 0)
            return true;
        if (!chain_pool_add(pool, element, origin, &unreadable) &&
            unreadable.kind != FAILURE_MALFORMED) {
            *why = unreadable;
            return false;
        }
    }
    return fail_because(why, FAILURE_MALFORMED,
        "more than %d certificates are enclosed", CMS_CERTIFICATES_MAX);
}

bool cms_pool(const struct chain_pool *given, struct der_reader enclosed,
    const char *origin, struct chain_pool **pool, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *made = NULL;

    if (!chain_pool_new(&made, why) || !add_all(made, given, why) ||
        !add_enclosed(made, enclosed, origin, why))
        return false;
    *pool = KEEP(chain_pool, &made);
    return true;
}

static bool is_signers(const struct pkcs7_signer *signer,
    const struct chain_certificate *certificate)
{
    const struct tbs_certificate *tbs = &certificate->certificate.tbs;

    if (signer->key_identifier.length > 0)
        return bytes_equal(certificate->key_identifier, signer->key_identifier);
    return bytes_equal(signer->serial, tbs->serial) &&
           bytes_equal(signer->issuer, tbs->issuer);
}

static void tell_missing(
    const struct pkcs7_signer *signer, struct signed_notes *notes)
{
    char text[SERIAL_TEXT] = "";

    serial_print(signer->key_identifier.length > 0 ? signer->key_identifier
                                                   : signer->serial,
        text);
    (void)note_fail(notes, RULE_SIGNER_FOUND, VERDICT_ISSUER_MISSING,
        "the signer's certificate, with the %s %s, is not enclosed and was "
        "not given",
        signer->key_identifier.length > 0 ? "key identifier" : "serial number",
        text);
}

const struct chain_certificate *cms_signer_find(
    const struct pkcs7_signer *signer, const struct chain_pool *pool,
    struct signed_notes *notes)
{
    for (size_t i = 0; i < chain_pool_count(pool); i++) {
        const struct chain_certificate *one = chain_pool_at(pool, i);
        char name[CHAIN_NAME_TEXT] = "";

        if (!is_signers(signer, one))
            continue;
        chain_certificate_print(one, name);
        note_pass(notes, RULE_SIGNER_FOUND, "signed by %s", name);
        return one;
    }
    tell_missing(signer, notes);
    return NULL;
}

/* --- what was signed ------------------------------------------------------ */

static bool attribute(const struct pkcs7_signer *signer, struct bytes type,
    const char *name, struct der_reader *values, bool *found,
    struct signed_notes *notes)
{
    struct failure why = {0};

    return pkcs7_attribute_find(
               signer->attribute_list, type, name, values, found, &why) ||
           note_failure(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED, &why);
}

/* RFC 5652, 11.1. */
static bool check_type(const struct pkcs7_signer *signer,
    const struct cms_content *content, struct signed_notes *notes)
{
    struct der_reader values = {0};
    struct bytes type = {0};
    struct failure why = {0};
    bool found = false;

    if (!attribute(
            signer, PKCS9_CONTENT_TYPE, "contentType", &values, &found, notes))
        return false;
    if (!found)
        return content->type_may_be_unsigned ||
               note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
                   "contentType is not among the signed attributes");
    if (!der_read_oid(&values, &type, &why) ||
        !der_finish(&values, "the attribute contentType", &why))
        return note_failure(
            notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED, &why);
    return bytes_equal(type, content->type) ||
           note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
               "the signed contentType is not that of the content");
}

/* RFC 5652, 11.2. */
static bool read_message_digest(const struct pkcs7_signer *signer,
    struct bytes *expected, struct signed_notes *notes)
{
    struct der_reader values = {0};
    struct der_reader octets = {0};
    struct failure why = {0};
    bool found = false;

    if (!attribute(signer, PKCS9_MESSAGE_DIGEST, "messageDigest", &values,
            &found, notes))
        return false;
    if (!found)
        return note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
            "messageDigest is not among the signed attributes");
    if (!der_read(&values, DER_OCTET_STRING, &octets, &why) ||
        !der_finish(&values, "the attribute messageDigest", &why))
        return note_failure(
            notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED, &why);
    *expected = der_remaining(&octets);
    return true;
}

static bool refuse_altered(const struct cms_digest *digest,
    struct bytes expected, struct bytes found, struct signed_notes *notes)
{
    char wanted_text[2 * 16 + 1] = "";
    char found_text[2 * 16 + 1] = "";

    expected.length = expected.length < 16 ? expected.length : 16;
    found.length = found.length < 16 ? found.length : 16;
    hex_print(expected, wanted_text);
    hex_print(found, found_text);
    return note_fail(notes, RULE_CONTENT, VERDICT_CONTENT_ALTERED,
        "its %s begins with %s, and what was signed has %s", digest->name,
        found_text, wanted_text);
}

static bool check_digest(const struct cms_digest *digest,
    const struct cms_content *content, struct bytes expected,
    struct signed_notes *notes)
{
    uint8_t value[EVP_MAX_MD_SIZE] = {0};
    struct bytes found = {.start = value};
    struct failure why = {0};

    for (size_t i = 0; i < content->count; i++) {
        if (!cms_digest_compute(
                digest, &content->readings[i], 1, value, &found.length, &why))
            return note_failure(notes, RULE_CONTENT, VERDICT_MALFORMED, &why);
        if (!bytes_equal(found, expected))
            continue;
        note_pass(notes, RULE_CONTENT, "%zu bytes have the signed %s",
            content->readings[i].length, digest->name);
        return true;
    }
    return refuse_altered(digest, expected, found, notes);
}

/* --- the signature -------------------------------------------------------- */

static bool refuse_arithmetic(enum signature_answer answer,
    const char *evidence, struct signed_notes *notes)
{
    switch (answer) {
    case SIGNATURE_MATCHES:
        return true;
    case SIGNATURE_DIFFERS:
        return note_fail(
            notes, RULE_SIGNATURE, VERDICT_SIGNATURE_INVALID, "%s", evidence);
    case SIGNATURE_ALGORITHM_REFUSED:
        return note_fail(notes, RULE_SIGNATURE_ALGORITHM,
            VERDICT_ALGORITHM_REFUSED, "%s", evidence);
    case SIGNATURE_KEY_REFUSED:
        return note_fail(
            notes, RULE_KEY_STRENGTH, VERDICT_KEY_TOO_WEAK, "%s", evidence);
    }
    return false;
}

static bool check_signature(const struct pkcs7_signer *signer,
    struct bytes algorithm, struct bytes message,
    const struct chain_certificate *certificate, struct signature_cache *cache,
    enum signature_answer *answer, char evidence[static SIGNATURE_EVIDENCE],
    struct signed_notes *notes)
{
    const struct signature_key key = {.spki = certificate->certificate.tbs.key};
    struct failure why = {0};

    return signature_check(&key, algorithm, message, signer->signature,
               ALGORITHMS_RFC5280, cache, answer, evidence, &why) ||
           note_failure(notes, RULE_SIGNATURE, VERDICT_MALFORMED, &why);
}

/* RFC 5652, 5.4: the attributes are signed as a SET, whose tag stands in for
 * the [0] that they have here. */
static bool check_over_attributes(const struct pkcs7_signer *signer,
    struct bytes algorithm, const struct chain_certificate *certificate,
    struct signature_cache *cache, struct signed_notes *notes)
{
    RELEASED(buffer) message = BUFFER("signed attributes", RENEWAL_MAX);
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE] = "";
    struct failure why = {0};

    if (!buffer_append(&message, signer->attributes, &why))
        return note_failure(
            notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED, &why);
    message.start[0] = DER_SET;
    if (!check_signature(signer, algorithm, buffer_view(&message), certificate,
            cache, &answer, evidence, notes) ||
        !refuse_arithmetic(answer, evidence, notes))
        return false;
    note_pass(notes, RULE_SIGNATURE, "%s", evidence);
    return true;
}

/* Attributes taken for content: a signature over them would pass as one over
 * bytes that nobody meant to sign. */
static bool is_attributes(struct bytes content)
{
    struct der_reader reader = der_reader_of(content);
    struct der_reader list = {0};
    struct der_reader values = {0};
    struct failure why = {0};
    bool found = false;

    return der_read(&reader, DER_SET, &list, &why) && der_at_end(&reader) &&
           pkcs7_attribute_find(list, PKCS9_MESSAGE_DIGEST, "messageDigest",
               &values, &found, &why) &&
           found;
}

/* RFC 5652, 5.3: without attributes the content is plain data. */
static bool check_bare(
    const struct cms_content *content, struct signed_notes *notes)
{
    if (!bytes_equal(content->type, PKCS7_DATA))
        return note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
            "content that is not plain data is signed without attributes");
    return !is_attributes(content->readings[0]) ||
           note_fail(notes, RULE_SIGNED_ATTRIBUTES, VERDICT_MALFORMED,
               "the content is itself a set of signed attributes");
}

static bool check_over_content(const struct pkcs7_signer *signer,
    struct bytes algorithm, const struct cms_content *content,
    const struct chain_certificate *certificate, struct signature_cache *cache,
    struct signed_notes *notes)
{
    enum signature_answer answer = SIGNATURE_DIFFERS;
    char evidence[SIGNATURE_EVIDENCE] = "";

    if (!check_bare(content, notes))
        return false;
    for (size_t i = 0; i < content->count && answer == SIGNATURE_DIFFERS; i++) {
        if (!check_signature(signer, algorithm, content->readings[i],
                certificate, cache, &answer, evidence, notes))
            return false;
    }
    if (!refuse_arithmetic(answer, evidence, notes))
        return false;
    note_pass(notes, RULE_SIGNATURE, "%s", evidence);
    return true;
}

static bool refuse_broken(
    const struct cms_digest *digest, struct signed_notes *notes)
{
    return !digest->is_broken ||
           note_fail(notes, RULE_SIGNATURE_ALGORITHM, VERDICT_ALGORITHM_REFUSED,
               "the content is hashed with %s, for which other content with "
               "the same value can be made",
               digest->name);
}

static const struct cms_digest *find_digest(
    const struct pkcs7_signer *signer, struct signed_notes *notes)
{
    const struct cms_digest *digest = cms_digest_of(signer->digest.oid);
    char name[OID_TEXT] = "";

    if (digest != NULL)
        return digest;
    algorithm_name_print(signer->digest.oid, name);
    (void)note_fail(notes, RULE_SIGNATURE_ALGORITHM, VERDICT_ALGORITHM_REFUSED,
        "the content is hashed with %s, which is not known here", name);
    return NULL;
}

bool cms_signer_check(const struct pkcs7_signer *signer,
    const struct cms_content *content,
    const struct chain_certificate *certificate, struct signature_cache *cache,
    struct signed_notes *notes)
{
    const struct cms_digest *digest = find_digest(signer, notes);
    struct bytes algorithm = {0};
    struct bytes expected = {0};
    struct failure why = {0};

    if (digest == NULL)
        return false;
    if (!cms_signature_algorithm(&signer->algorithm, digest, &algorithm, &why))
        return note_failure(
            notes, RULE_SIGNATURE_ALGORITHM, VERDICT_ALGORITHM_REFUSED, &why);
    if (!signer->has_attributes)
        return check_over_content(
                   signer, algorithm, content, certificate, cache, notes) &&
               refuse_broken(digest, notes);
    return check_type(signer, content, notes) &&
           read_message_digest(signer, &expected, notes) &&
           check_digest(digest, content, expected, notes) &&
           refuse_broken(digest, notes) &&
           check_over_attributes(signer, algorithm, certificate, cache, notes);
}
