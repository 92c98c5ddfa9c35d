#include "authority/compose_extensions.h"

#include <stdio.h>
#include <string.h>

#include "x509/der_writer.h"

#define KEY_USAGE_BITS 9

struct bytes encoded_extension_view(const struct encoded_extension *extension)
{
    return (struct bytes){
        .start = extension->bytes, .length = extension->length};
}

/* Puts the head of an extension before the value that was written. */
static bool finish_extension(struct der_writer *writer, size_t mark,
    enum oid type, bool critical, struct encoded_extension *extension,
    struct failure *why)
{
    struct bytes encoding = {0};

    der_write_head(writer, DER_OCTET_STRING, mark);
    if (critical)
        der_write_boolean(writer, true);
    der_write_oid(writer, oid_contents(type));
    der_write_head(writer, DER_SEQUENCE, mark);
    if (!der_writer_take(writer, &encoding, why))
        return false;
    memcpy(extension->bytes, encoding.start, encoding.length);
    extension->length = encoding.length;
    return true;
}

/* RFC 5280, 4.2.1.3 */
bool encode_key_usage(
    uint32_t bits, struct encoded_extension *extension, struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    der_write_named_bits(&writer, bits, KEY_USAGE_BITS);
    return finish_extension(&writer, mark, OID_KEY_USAGE, true, extension, why);
}

/* RFC 5280, 4.2.1.9 */
bool encode_basic_constraints(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    if (!profile->is_authority)
        return true;
    if (profile->path_length >= 0)
        der_write_small_integer(&writer, (uint32_t)profile->path_length);
    der_write_boolean(&writer, true);
    der_write_head(&writer, DER_SEQUENCE, mark);
    return finish_extension(
        &writer, mark, OID_BASIC_CONSTRAINTS, true, extension, why);
}

/* RFC 3161, 2.3: the one purpose of a key that stamps time is critical. */
static bool is_critical(const struct profile *profile)
{
    return profile->purpose_count == 1 &&
           profile->purposes[0] == OID_TIME_STAMPING;
}

/* RFC 5280, 4.2.1.12 */
bool encode_purposes(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    if (profile->purpose_count == 0)
        return true;
    for (size_t i = profile->purpose_count; i > 0; i--)
        der_write_oid(&writer, oid_contents(profile->purposes[i - 1]));
    der_write_head(&writer, DER_SEQUENCE, mark);
    return finish_extension(&writer, mark, OID_EXTENDED_KEY_USAGE,
        is_critical(profile), extension, why);
}

/* RFC 5280, 4.2.1.1: the keyIdentifier alone. */
bool encode_authority_identifier(struct bytes identifier,
    struct encoded_extension *extension, struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    if (identifier.length == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the issuing authority's certificate has no subjectKeyIdentifier "
            "that its certificates could name");
    der_write_element(&writer, DER_CONTEXT(0), identifier);
    der_write_head(&writer, DER_SEQUENCE, mark);
    return finish_extension(
        &writer, mark, OID_AUTHORITY_KEY_IDENTIFIER, false, extension, why);
}

static bool check_authority_name(const char *name, struct failure *why)
{
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz"
                                   "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    size_t length = strlen(name);

    if (length == 0 || length > 64 || strspn(name, alphabet) != length)
        return fail_because(why, FAILURE_UNSUITABLE,
            "an authority's name does not fit into an address: 1 to 64 "
            "letters, digits, \"-\", \"_\" and \".\"");
    return true;
}

bool encode_ocsp_no_check(const struct profile *profile,
    struct encoded_extension *extension, struct failure *why)
{
    static const uint8_t null[] = {DER_NULL, 0};
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);

    if (!profile->ocsp_no_check)
        return true;
    der_write_raw(
        &writer, (struct bytes){.start = null, .length = sizeof(null)});
    return finish_extension(
        &writer, mark, OID_OCSP_NO_CHECK, false, extension, why);
}

static bool has_address(const struct issuer *issuer)
{
    return issuer->url != NULL && *issuer->url != 0;
}

/* RFC 6960, 4.2.2.2.1: a responder's certificate with no-check is trusted for
 * its short life, and there is nowhere to ask. */
static bool names_lists(
    const struct profile *profile, const struct issuer *issuer)
{
    return has_address(issuer) && !profile->ocsp_no_check;
}

bool names_one_list(const struct profile *profile, const struct issuer *issuer)
{
    return names_lists(profile, issuer) && issuer->crl_shards <= 1;
}

bool names_shard(const struct profile *profile, const struct issuer *issuer)
{
    return names_lists(profile, issuer) && issuer->crl_shards > 1;
}

/* "URL/FOLDER/NAME" and an ending. */
static bool print_address(const struct issuer *issuer, const char *folder,
    const char *ending, char address[static ADDRESS_MAX], struct failure *why)
{
    if (!check_authority_name(issuer->name, why))
        return false;
    if (snprintf(address, ADDRESS_MAX, "%s/%s/%s%s", issuer->url, folder,
            issuer->name, ending) >= ADDRESS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the url of the authority is longer than fits into an address");
    return true;
}

bool print_shards_address(const struct issuer *issuer,
    char address[static ADDRESS_MAX], struct failure *why)
{
    return print_address(issuer, "crl", "/", address, why);
}

/* RFC 5280, 4.2.1.13: DistributionPoint { [0] { fullName [0] { URI } } } */
bool encode_lists(const struct profile *profile, const struct issuer *issuer,
    struct encoded_extension *extension, struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);
    char address[ADDRESS_MAX];

    if (!names_one_list(profile, issuer))
        return true;
    if (!print_address(issuer, "crl", ".crl", address, why))
        return false;
    der_write_element(&writer, DER_CONTEXT(6), bytes_of_text(address));
    der_write_head(&writer, DER_CONTEXT_HOLDING(0), mark);
    der_write_head(&writer, DER_CONTEXT_HOLDING(0), mark);
    der_write_head(&writer, DER_SEQUENCE, mark);
    der_write_head(&writer, DER_SEQUENCE, mark);
    return finish_extension(
        &writer, mark, OID_CRL_DISTRIBUTION_POINTS, false, extension, why);
}

/* RFC 5280, 4.2.2.1: AccessDescription { method, URI } */
static void write_access(
    struct der_writer *writer, enum oid method, const char *address)
{
    size_t mark = der_writer_mark(writer);

    der_write_element(writer, DER_CONTEXT(6), bytes_of_text(address));
    der_write_oid(writer, oid_contents(method));
    der_write_head(writer, DER_SEQUENCE, mark);
}

/* Authorities are issued by roots kept apart, too, for which nobody answers:
 * their lists say what became of them. */
bool names_responder(const struct profile *profile, const struct issuer *issuer)
{
    return has_address(issuer) && !profile->ocsp_no_check &&
           !profile->is_authority;
}

bool encode_authority_access(const struct profile *profile,
    const struct issuer *issuer, struct encoded_extension *extension,
    struct failure *why)
{
    uint8_t room[ENCODED_EXTENSION_MAX];
    struct der_writer writer = der_writer_in(room, sizeof(room));
    size_t mark = der_writer_mark(&writer);
    char address[ADDRESS_MAX], responder[ADDRESS_MAX];

    if (!has_address(issuer))
        return true;
    if (!print_address(issuer, "ca", ".cer", address, why))
        return false;
    write_access(&writer, OID_AD_CA_ISSUERS, address);
    if (names_responder(profile, issuer)) {
        (void)snprintf(responder, ADDRESS_MAX, "%s/ocsp", issuer->url);
        write_access(&writer, OID_AD_OCSP, responder);
    }
    der_write_head(&writer, DER_SEQUENCE, mark);
    return finish_extension(
        &writer, mark, OID_AUTHORITY_INFO_ACCESS, false, extension, why);
}
