#include "crypto/algorithm.h"
#include "x509/lint/rules.h"

/* RFC 5280, 4.1.2.2: conforming authorities use no more. */
#define SERIAL_LONGEST 20
/* CA/Browser Forum BR, 7.1: at least 64 bits from a random generator. */
#define SERIAL_SHORTEST 8
/* 2050-01-01T00:00:00Z */
#define GENERALIZED_TIME_FROM INT64_C(2524608000)

void lint_version(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->draft->version != 2)
        lint_find(pen, "the version is %u, not 3: extensions need it",
            facts->draft->version + 1);
}

void lint_serial_positive(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct bytes serial = facts->draft->serial;

    if (serial.length == 0 || (serial.start[0] & 0x80) != 0 ||
        (serial.length == 1 && serial.start[0] == 0))
        lint_find(pen, "the serial number is not positive");
}

void lint_serial_longest(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->draft->serial.length > SERIAL_LONGEST)
        lint_find(pen, "the serial number has %zu octets, at most %d may be",
            facts->draft->serial.length, SERIAL_LONGEST);
}

void lint_serial_shortest(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->draft->serial.length < SERIAL_SHORTEST)
        lint_find(pen, "the serial number has %zu octets, at least %d must be",
            facts->draft->serial.length, SERIAL_SHORTEST);
}

void lint_signature_algorithm(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (signature_algorithm_of(facts->draft->signature_algorithm) == NULL)
        lint_find(pen, "the signature algorithm is none that we sign with");
}

void lint_key_algorithm(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_algorithm == NULL)
        lint_find(
            pen, "the public key is refused: %s", facts->key_refused.reason);
}

void lint_issuer_present(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (name_is_empty(facts->draft->issuer))
        lint_find(pen, "the issuer's name is empty");
}

/* Byte for byte: what is compared in a looser way somewhere is compared in a
 * stricter way elsewhere. */
void lint_issuer_matches(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct tbs_certificate *issuer =
        facts->issuer == NULL ? facts->draft : facts->issuer;

    if (!bytes_equal(facts->draft->issuer, issuer->subject))
        lint_find(pen, "the issuer's name is not the subject of the issuer's "
                       "certificate, byte for byte");
}

/* kb 4: an authority came to a lifetime of nothing on 29 February. */
void lint_dates_ordered(const struct lint_facts *facts, struct lint_pen *pen)
{
    char from[CLOCK_TEXT], until[CLOCK_TEXT];

    if (facts->draft->not_before < facts->draft->not_after)
        return;
    clock_print(facts->draft->not_before, from);
    clock_print(facts->draft->not_after, until);
    lint_find(pen, "it ends (%s) before it begins (%s)", until, from);
}

void lint_dates_nested(const struct lint_facts *facts, struct lint_pen *pen)
{
    const struct tbs_certificate *issuer = facts->issuer;
    char ours[CLOCK_TEXT], theirs[CLOCK_TEXT];

    if (issuer == NULL)
        return;
    if (facts->draft->not_before < issuer->not_before) {
        clock_print(facts->draft->not_before, ours);
        clock_print(issuer->not_before, theirs);
        lint_find(
            pen, "it begins (%s) before its issuer does (%s)", ours, theirs);
    }
    if (facts->draft->not_after > issuer->not_after) {
        clock_print(facts->draft->not_after, ours);
        clock_print(issuer->not_after, theirs);
        lint_find(pen, "it ends (%s) after its issuer does (%s)", ours, theirs);
    }
}

/* Stands at the two times of the validity: RFC 5280, 4.1. */
static bool find_validity(
    struct bytes body, struct der_reader *validity, struct failure *why)
{
    struct der_reader reader = der_reader_of(body), inside, passed;
    bool present = false;

    return der_read(&reader, DER_SEQUENCE, &inside, why) &&
           der_read_optional(
               &inside, DER_CONTEXT_HOLDING(0), &passed, &present, why) &&
           der_read(&inside, DER_INTEGER, &passed, why) &&
           der_read(&inside, DER_SEQUENCE, &passed, why) &&
           der_read(&inside, DER_SEQUENCE, &passed, why) &&
           der_read(&inside, DER_SEQUENCE, validity, why);
}

static void check_time_form(
    uint8_t tag, int64_t time, const char *which, struct lint_pen *pen)
{
    uint8_t belongs =
        time < GENERALIZED_TIME_FROM ? DER_UTC_TIME : DER_GENERALIZED_TIME;

    if (tag != belongs)
        lint_find(pen, "%s is not written as %s", which,
            belongs == DER_UTC_TIME ? "UTCTime, as through 2049"
                                    : "GeneralizedTime, as from 2050");
}

/* From the bytes: the two forms read as the same time. */
void lint_dates_encoding(const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader validity, contents;
    struct bytes element = {0};
    struct failure why = {0};
    uint8_t from = 0, until = 0;

    if (!find_validity(facts->draft->whole, &validity, &why) ||
        !der_read_any(&validity, &from, &contents, &element, &why) ||
        !der_read_any(&validity, &until, &contents, &element, &why)) {
        lint_find(pen, "the validity can't be read: %s", why.reason);
        return;
    }
    check_time_form(from, facts->draft->not_before, "notBefore", pen);
    check_time_form(until, facts->draft->not_after, "notAfter", pen);
}
