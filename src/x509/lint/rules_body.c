#include "crypto/algorithm.h"
#include "x509/lint/rules.h"

/* RFC 5280, 4.1.2.2: conforming authorities use no more. */
#define SERIAL_LONGEST 20
/* CA/Browser Forum BR, 7.1: at least 64 bits from a random generator. */
#define SERIAL_SHORTEST 8
/* Ours: 128 random bits behind a byte that is never zero. */
#define SERIAL_OURS 16

static void serial_positive(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes serial = facts->body->serial;

    if (serial.length == 0 || (serial.start[0] & 0x80) != 0 ||
        (serial.length == 1 && serial.start[0] == 0))
        lint_find(pen, "the serial number is not positive");
}

static void serial_longest(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->body->serial.length > SERIAL_LONGEST)
        lint_find(pen, "the serial number has %zu octets, at most %d may be",
            facts->body->serial.length, SERIAL_LONGEST);
}

static void serial_shortest(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->body->serial.length < SERIAL_SHORTEST)
        lint_find(pen, "the serial number has %zu octets, at least %d must be",
            facts->body->serial.length, SERIAL_SHORTEST);
}

static void serial_random(const struct lint_facts *facts, struct lint_pen *pen)
{
    size_t length = facts->body->serial.length;

    if (length >= SERIAL_SHORTEST && length < SERIAL_OURS)
        lint_find(pen,
            "the serial number has %zu octets: 128 random bits "
            "need %d",
            length, SERIAL_OURS);
}

static void issuer_present(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (name_is_empty(facts->body->issuer))
        lint_find(pen, "the issuer's name is empty");
}

/* Byte for byte: what is compared in a looser way somewhere is compared in a
 * stricter way elsewhere. */
static void issuer_matches(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct tbs_certificate *issuer =
        facts->issuer == NULL ? facts->body : facts->issuer;

    if (facts->issuer_is != LINT_ISSUER_UNKNOWN &&
        !bytes_equal(facts->body->issuer, issuer->subject))
        lint_find(pen, "the issuer's name is not the subject of the issuer's "
                       "certificate, byte for byte");
}

/* kb 4: an authority came to a lifetime of nothing on 29 February. */
static void dates_ordered(const struct lint_facts *facts, struct lint_pen *pen)
{
    char from[CLOCK_TEXT], until[CLOCK_TEXT];

    if (facts->body->not_before < facts->body->not_after)
        return;
    clock_print(facts->body->not_before, from);
    clock_print(facts->body->not_after, until);
    lint_find(pen, "it ends (%s) before it begins (%s)", until, from);
}

/* kb 64: what outlives its issuer dies with it, unannounced. */
static void dates_nested(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct tbs_certificate *issuer = facts->issuer;
    char ours[CLOCK_TEXT], theirs[CLOCK_TEXT];

    if (issuer == NULL)
        return;
    if (facts->body->not_before < issuer->not_before) {
        clock_print(facts->body->not_before, ours);
        clock_print(issuer->not_before, theirs);
        lint_find(
            pen, "it begins (%s) before its issuer does (%s)", ours, theirs);
    }
    if (facts->body->not_after > issuer->not_after) {
        clock_print(facts->body->not_after, ours);
        clock_print(issuer->not_after, theirs);
        lint_find(pen, "it ends (%s) after its issuer does (%s)", ours, theirs);
    }
}

/* --- the signature algorithm ---------------------------------------------- */

static void signature_algorithm(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (signature_algorithm_of(facts->body->signature_algorithm) == NULL)
        lint_find(pen, "the signature algorithm is none that we sign with");
}

#define RSA_SIGNATURE "\x2a\x86\x48\x86\xf7\x0d\x01\x01"
#define ECDSA_SIGNATURE "\x2a\x86\x48\xce\x3d\x04"
#define OID_IS(oid, text) \
    bytes_equal(          \
        (oid), (struct bytes){(const uint8_t *)(text), sizeof(text) - 1})

static bool is_sha1(struct bytes oid)
{
    return OID_IS(oid, RSA_SIGNATURE "\x05") ||
           OID_IS(oid, ECDSA_SIGNATURE "\x01") ||
           OID_IS(oid, "\x2a\x86\x48\xce\x38\x04\x03") /* dsa-with-sha1 */ ||
           OID_IS(oid, "\x2b\x0e\x03\x02\x1d"); /* of OIW */
}

static void signature_sha1(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_sha1(facts->signature_oid))
        lint_find(pen, "it is signed with SHA-1");
}

/* 2017-01-01T00:00:00Z: what SHA-1 had signed was no longer to be in use. */
static void signature_sha1_2017(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (is_sha1(facts->signature_oid) &&
        facts->body->not_after >= INT64_C(1483228800))
        lint_find(pen, "it is signed with SHA-1 and valid after 2016");
}

/* Mozilla 5.1.2: the hash of the curve's size, and no parameters.  The curve
 * shows in the length of the signature, two numbers and their heads. */
static void signature_ecdsa(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes oid = facts->signature_oid;
    size_t length = facts->form.signature.length;
    uint8_t hash = length <= 72 ? 2 : length <= 104 ? 3 : 4;

    if (length == 0 || oid.length != sizeof(ECDSA_SIGNATURE) + 1 ||
        !bytes_equal((struct bytes){oid.start, sizeof(ECDSA_SIGNATURE)},
            (struct bytes){(const uint8_t *)ECDSA_SIGNATURE "\x03",
                sizeof(ECDSA_SIGNATURE)}))
        return;
    if (facts->signature_parameters.length > 0)
        lint_find(pen, "the ECDSA signature has parameters");
    if (oid.start[oid.length - 1] != hash)
        lint_find(pen, "the hash of the ECDSA signature is not that of its "
                       "curve's size");
}

/* BR 7.1.3.2: RSA and ECDSA with SHA-2; SHA-1 has its own rule. */
static void signature_algorithm_known(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const char *const last = "\x0a\x0b\x0c\x0d";
    struct bytes oid = facts->signature_oid;
    bool known = is_sha1(oid) || OID_IS(oid, ECDSA_SIGNATURE "\x03\x02") ||
                 OID_IS(oid, ECDSA_SIGNATURE "\x03\x03") ||
                 OID_IS(oid, ECDSA_SIGNATURE "\x03\x04");

    for (const char *byte = last; *byte != '\0'; byte++)
        known |= oid.length == sizeof(RSA_SIGNATURE) &&
                 bytes_equal((struct bytes){oid.start, oid.length - 1},
                     (struct bytes){(const uint8_t *)RSA_SIGNATURE,
                         sizeof(RSA_SIGNATURE) - 1}) &&
                 oid.start[oid.length - 1] == (uint8_t)*byte;
    if (!known)
        lint_find(pen, "the signature algorithm is neither RSA nor ECDSA with "
                       "SHA-256, SHA-384 or SHA-512");
}

/* RFC 3279, 2.2.1; RFC 4055, 5: NULL, not absent. */
static void signature_parameters(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    static const uint8_t null[] = {DER_NULL, 0};
    struct bytes oid = facts->signature_oid;
    uint8_t last = oid.length == 0 ? 0 : oid.start[oid.length - 1];

    if (oid.length == sizeof(RSA_SIGNATURE) &&
        bytes_equal((struct bytes){oid.start, oid.length - 1},
            (struct bytes){
                (const uint8_t *)RSA_SIGNATURE, sizeof(RSA_SIGNATURE) - 1}) &&
        last != 0x0a &&
        !bytes_equal(
            facts->signature_parameters, (struct bytes){null, sizeof(null)}))
        lint_find(pen, "the parameters of the RSA signature are not NULL");
}

/* RFC 4055, 3.1: three fields in the one order and hash that are in use. */
static void signature_pss(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (OID_IS(facts->signature_oid, RSA_SIGNATURE "\x0a") &&
        signature_algorithm_of(facts->body->signature_algorithm) == NULL)
        lint_find(pen, "the parameters of RSASSA-PSS are not those of SHA-256, "
                       "SHA-384 or SHA-512 with a salt as long");
}

/* RFC 5758, 3.2: ECDSA by the curve that signs, where the issuer is known. */
static void signature_fits_issuer(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct tbs_certificate *issuer =
        facts->issuer_is == LINT_ISSUER_ITSELF ? facts->body : facts->issuer;
    const struct signature_algorithm *algorithm =
        signature_algorithm_of(facts->body->signature_algorithm);
    struct public_key_parts parts = {0};
    struct failure unread = {0};

    if (issuer == NULL || algorithm == NULL ||
        !spki_parts(&issuer->key, &parts, &unread))
        return;
    if (parts.algorithm->kind != algorithm->kind)
        lint_find(pen, "it is signed with %s, which a key of %s can't do",
            algorithm->name, parts.algorithm->title);
}

#define RULE(title, where, function, from, drafts)                  \
    {                                                               \
        .name = (title), .reference = (where), .check = (function), \
        .scope = (from), .on_drafts = (drafts)                      \
    }

const struct lint_rule lint_rules_of_body[] = {
    RULE("serial-positive", "RFC 5280, 4.1.2.2", serial_positive, LINT_RFC5280,
        true),
    RULE("serial-longest", "RFC 5280, 4.1.2.2", serial_longest, LINT_RFC5280,
        true),
    RULE("serial-shortest", "CA/Browser Forum BR, 7.1", serial_shortest,
        LINT_BR, true),
    RULE("serial-random", "docs/lint.md", serial_random, LINT_OWN, true),
    {.name = "signature-algorithm",
        .reference = "RFC 5280, 4.1.2.3",
        .check = signature_algorithm,
        .scope = LINT_OWN,
        .on_drafts = true,
        .drafts_only = true},
    {.name = "signature-sha1",
        .reference = "CA/Browser Forum BR, 7.1.3.2.1",
        .check = signature_sha1,
        .scope = LINT_BR,

        .on_requests = true},
    {.name = "signature-algorithm-known",
        .reference = "CA/Browser Forum BR, 7.1.3.2",
        .check = signature_algorithm_known,
        .scope = LINT_BR,
        .on_requests = true},
    RULE("signature-sha1-2017", "CA/Browser Forum BR 1.3, 7.1.3",
        signature_sha1_2017, LINT_BR, false),
    RULE("signature-ecdsa", "Mozilla, 5.1.2", signature_ecdsa, LINT_BR, false),
    RULE("signature-parameters", "RFC 4055, 5", signature_parameters,
        LINT_RFC5280, false),
    RULE("signature-pss", "Mozilla, 5.1.1", signature_pss, LINT_BR, false),
    RULE("signature-fits-issuer", "RFC 5280, 4.1.1.2", signature_fits_issuer,
        LINT_RFC5280, true),
    RULE("issuer-present", "RFC 5280, 4.1.2.4", issuer_present, LINT_RFC5280,
        true),
    RULE("issuer-matches", "RFC 5280, 6.1.3 (a)(4)", issuer_matches,
        LINT_RFC5280, true),
    RULE("dates-ordered", "RFC 5280, 4.1.2.5", dates_ordered, LINT_RFC5280,
        true),
    RULE(
        "dates-nested", "RFC 5280, 6.1.3 (a)(2)", dates_nested, LINT_OWN, true),
    {0},
};
