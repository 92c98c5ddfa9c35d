#include "x509/time_stamp.h"

#include <string.h>

#include "x509/der_element.h"
#include "x509/extension.h"
#include "x509/pkcs7.h"

#define WHOLE_SECONDS 14 /* YYYYMMDDHHMMSS */

/* --- genTime -------------------------------------------------------------- */

/* RFC 3161, 2.4.2: ".d...d" without a zero at its end; behind it a Z. */
static bool is_fraction(struct bytes rest)
{
    if (rest.length < 3 || rest.start[0] != '.' ||
        rest.start[rest.length - 1] != 'Z' ||
        rest.start[rest.length - 2] == '0')
        return false;
    for (size_t i = 1; i + 1 < rest.length; i++) {
        if (rest.start[i] < '0' || rest.start[i] > '9')
            return false;
    }
    return true;
}

/* The whole seconds are a GeneralizedTime of RFC 5280. */
static bool read_seconds(
    const uint8_t *digits, int64_t *time, struct failure *why)
{
    uint8_t element[2 + WHOLE_SECONDS + 1] = {
        DER_GENERALIZED_TIME, WHOLE_SECONDS + 1};
    struct der_reader reader = der_reader_of(
        (struct bytes){.start = element, .length = sizeof(element)});

    memcpy(element + 2, digits, WHOLE_SECONDS);
    element[sizeof(element) - 1] = 'Z';
    return der_read_time(&reader, time, why);
}

static bool read_time(
    struct der_reader *reader, int64_t *time, struct failure *why)
{
    struct der_reader contents = {0};

    if (!der_read(reader, DER_GENERALIZED_TIME, &contents, why))
        return false;

    struct bytes text = der_remaining(&contents);
    const struct bytes zulu = bytes_of_text("Z");
    struct bytes rest = {0};
    if (text.length > WHOLE_SECONDS)
        rest = (struct bytes){.start = text.start + WHOLE_SECONDS,
            .length = text.length - WHOLE_SECONDS};
    if (!bytes_equal(rest, zulu) && !is_fraction(rest))
        return fail_because(why, FAILURE_MALFORMED,
            "the time of a time-stamp is not YYYYMMDDHHMMSS[.f]Z, at offset "
            "%zu",
            contents.position);
    return read_seconds(text.start, time, why);
}

/* --- TSTInfo -------------------------------------------------------------- */

static bool read_imprint(
    struct der_reader *reader, struct time_stamp *stamp, struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader octets = {0};

    if (!der_read(reader, DER_SEQUENCE, &contents, why) ||
        !algorithm_identifier_read(&contents, &stamp->hash_algorithm, why) ||
        !der_read(&contents, DER_OCTET_STRING, &octets, why) ||
        !der_finish(&contents, "the message imprint", why))
        return false;
    stamp->imprint = der_remaining(&octets);
    return true;
}

/* Seconds, milliseconds, microseconds: walked, as nobody asks for them. */
static bool walk_accuracy(struct der_reader *reader, struct failure *why)
{
    struct der_reader contents = {0};
    struct der_reader inside = {0};
    struct bytes element = {0};
    uint8_t tag = 0;
    bool present = false;

    if (!der_read_optional(reader, DER_SEQUENCE, &contents, &present, why))
        return false;
    while (present && !der_at_end(&contents)) {
        if (!der_read_any(&contents, &tag, &inside, &element, why))
            return false;
        if (tag != DER_INTEGER && tag != DER_CONTEXT(0) &&
            tag != DER_CONTEXT(1))
            return fail_because(why, FAILURE_MALFORMED,
                "the accuracy of a time-stamp has an element of tag 0x%02x",
                tag);
    }
    return true;
}

static bool read_nonce(
    struct der_reader *reader, struct time_stamp *stamp, struct failure *why)
{
    stamp->has_nonce = der_peek(reader) == DER_INTEGER;
    return !stamp->has_nonce || der_read_integer(reader, &stamp->nonce, why);
}

/* Extensions with the tag [1] in place of their SEQUENCE. */
static bool walk_extensions(
    struct der_reader *reader, struct time_stamp *stamp, struct failure *why)
{
    struct der_reader extensions = {0};
    struct extension extension = {0};
    bool present = false;

    if (!der_read_optional(
            reader, DER_CONTEXT_HOLDING(1), &extensions, &present, why))
        return false;
    while (present && !der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, why))
            return false;
        stamp->has_critical_extension =
            stamp->has_critical_extension || extension.critical;
    }
    return true;
}

static bool read_optional_fields(
    struct der_reader *reader, struct time_stamp *stamp, struct failure *why)
{
    struct der_reader authority = {0};
    bool present = false;
    bool ordering = false;

    return walk_accuracy(reader, why) &&
           (der_peek(reader) != DER_BOOLEAN ||
               der_read_boolean(reader, &ordering, why)) &&
           read_nonce(reader, stamp, why) &&
           der_read_optional(
               reader, DER_CONTEXT_HOLDING(0), &authority, &present, why) &&
           walk_extensions(reader, stamp, why) &&
           der_finish(reader, "the time-stamp", why);
}

bool time_stamp_read(
    struct bytes der, struct time_stamp *stamp, struct failure *why)
{
    struct time_stamp found = {0};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    uint32_t version = 0;

    if (der.length > TIME_STAMP_MAX)
        return fail_because(why, FAILURE_MALFORMED,
            "the time-stamp has more than %d bytes", TIME_STAMP_MAX);
    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the time-stamp", why) ||
        !der_read_small_integer(&contents, &version, why))
        return false;
    if (version != 1)
        return fail_because(why, FAILURE_MALFORMED,
            "the time-stamp has version %u; 1 is the only one", version);
    if (!der_read_oid(&contents, &found.policy, why) ||
        !read_imprint(&contents, &found, why) ||
        !der_read_integer(&contents, &found.serial, why) ||
        !read_time(&contents, &found.time, why) ||
        !read_optional_fields(&contents, &found, why))
        return false;
    *stamp = found;
    return true;
}

/* --- the answer ----------------------------------------------------------- */

/* Certificates, requests and lists begin with two sequences and a number too;
 * none has a ContentInfo behind them. */
bool time_stamp_is_response(struct bytes der)
{
    struct time_stamp_response response = {0};
    struct failure why = {0};

    return time_stamp_response_read(der, &response, &why) &&
           (response.token.length == 0 ||
               pkcs7_is_content_info(response.token));
}

bool time_stamp_response_read(
    struct bytes der, struct time_stamp_response *response, struct failure *why)
{
    struct time_stamp_response found = {0};
    struct der_reader reader = der_reader_of(der);
    struct der_reader contents = {0};
    struct der_reader status = {0};
    struct der_reader token = {0};

    if (!der_read(&reader, DER_SEQUENCE, &contents, why) ||
        !der_finish(&reader, "the time-stamp's answer", why) ||
        !der_read(&contents, DER_SEQUENCE, &status, why) ||
        !der_read_small_integer(&status, &found.status, why))
        return false;
    if (!der_at_end(&contents) &&
        !der_read_element(&contents, DER_SEQUENCE, &token, &found.token, why))
        return false;
    if (!der_finish(&contents, "the time-stamp's answer", why))
        return false;
    *response = found;
    return true;
}
