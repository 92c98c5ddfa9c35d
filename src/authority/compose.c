#include "authority/compose.h"

#include <stdlib.h>
#include <string.h>

#include "authority/compose_extensions.h"
#include "authority/shard.h"
#include "crypto/digest.h"
#include "x509/der_writer.h"
#include "x509/name.h"
#include "x509/template.h"

/* What the heads and fixed parts of the holes take beside their contents. */
#define HEADS_ROOM 256
#define KEY_KINDS 3
#define SHARD_DIGITS 10 /* of any 32-bit number */

enum hole {
    HOLE_SERIAL,
    HOLE_VALIDITY,
    HOLE_SUBJECT,
    HOLE_KEY,
    HOLE_KEY_IDENTIFIER,
    HOLE_KEY_USAGE,
    HOLE_NAMES_CRITICAL,
    HOLE_NAMES,
    HOLE_SHARD,
    HOLE_COUNT
};

struct composer {
    struct profile profile;
    struct template template;
    /* The whole keyUsage extension for each kind of key; length 0: a key of
     * this kind would have no use. */
    struct encoded_extension key_usages[KEY_KINDS];
    int shards; /* of the issuer's revocation lists */
};

void composer_free(struct composer *composer)
{
    if (composer == NULL)
        return;
    template_free(&composer->template);
    free(composer);
}

/* RFC 3279, 2.3.1; RFC 5480, 3; RFC 8410, 5; RFC 9881, 5: an RSA key does not
 * agree on keys, an EC key does nothing else but sign, the others sign. */
static uint32_t usages_of(const struct profile *profile, enum key_kind kind)
{
    uint32_t bits = profile->key_usage;

    if (kind != KEY_KIND_RSA)
        bits &= ~(profile->key_usage_rsa_only | KEY_USAGE_KEY_ENCIPHERMENT |
                  KEY_USAGE_DATA_ENCIPHERMENT);
    if (kind != KEY_KIND_EC)
        bits &= ~(uint32_t)KEY_USAGE_KEY_AGREEMENT;
    return bits;
}

static bool encode_key_usages(struct composer *composer, struct failure *why)
{
    for (int kind = 0; kind < KEY_KINDS; kind++) {
        uint32_t bits = usages_of(&composer->profile, (enum key_kind)kind);

        if (bits != 0 &&
            !encode_key_usage(bits, &composer->key_usages[kind], why))
            return false;
    }
    return true;
}

static bool add_constant(struct template *template,
    const struct encoded_extension *extension, struct failure *why)
{
    return template_bytes(template, encoded_extension_view(extension), why);
}

/* SubjectKeyIdentifier: an OCTET STRING within that of the extension. */
static bool add_key_identifier(struct template *template, struct failure *why)
{
    static const uint8_t type[] = {DER_OBJECT_IDENTIFIER, 3, 0x55, 0x1d, 0x0e};

    return template_enter(template, DER_SEQUENCE, why) &&
           template_bytes(template,
               (struct bytes){.start = type, .length = sizeof(type)}, why) &&
           template_enter(template, DER_OCTET_STRING, why) &&
           template_enter(template, DER_OCTET_STRING, why) &&
           template_hole(template, HOLE_KEY_IDENTIFIER, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why);
}

static bool add_names(struct template *template, struct failure *why)
{
    static const uint8_t type[] = {DER_OBJECT_IDENTIFIER, 3, 0x55, 0x1d, 0x11};

    return template_enter_if(template, DER_SEQUENCE, HOLE_NAMES, why) &&
           template_bytes(template,
               (struct bytes){.start = type, .length = sizeof(type)}, why) &&
           template_hole(template, HOLE_NAMES_CRITICAL, why) &&
           template_enter(template, DER_OCTET_STRING, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_hole(template, HOLE_NAMES, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why);
}

/* The address of the list that the serial belongs to: the shard is its hole. */
static bool add_shard(struct template *template, const struct profile *profile,
    const struct issuer *issuer, struct failure *why)
{
    static const uint8_t type[] = {DER_OBJECT_IDENTIFIER, 3, 0x55, 0x1d, 0x1f};
    char address[ADDRESS_MAX];

    if (!names_shard(profile, issuer))
        return true;
    return print_shards_address(issuer, address, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_bytes(template,
               (struct bytes){.start = type, .length = sizeof(type)}, why) &&
           template_enter(template, DER_OCTET_STRING, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_enter(template, DER_CONTEXT_HOLDING(0), why) &&
           template_enter(template, DER_CONTEXT_HOLDING(0), why) &&
           template_enter(template, DER_CONTEXT(6), why) &&
           template_bytes(template, bytes_of_text(address), why) &&
           template_hole(template, HOLE_SHARD, why) &&
           template_bytes(template, bytes_of_text(".crl"), why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why) && template_leave(template, why) &&
           template_leave(template, why);
}

static bool add_extensions(struct template *template,
    const struct profile *profile, const struct issuer *issuer,
    struct failure *why)
{
    struct encoded_extension authority_identifier = {0}, constraints = {0};
    struct encoded_extension purposes = {0}, access = {0}, lists = {0};
    struct encoded_extension no_check = {0};

    return encode_authority_identifier(
               issuer->key_identifier, &authority_identifier, why) &&
           encode_basic_constraints(profile, &constraints, why) &&
           encode_purposes(profile, &purposes, why) &&
           encode_ocsp_no_check(profile, &no_check, why) &&
           encode_lists(profile, issuer, &lists, why) &&
           encode_authority_access(profile, issuer, &access, why) &&
           template_enter(template, DER_CONTEXT_HOLDING(3), why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           add_constant(template, &constraints, why) &&
           template_hole(template, HOLE_KEY_USAGE, why) &&
           add_constant(template, &purposes, why) &&
           add_constant(template, &no_check, why) && add_names(template, why) &&
           add_key_identifier(template, why) &&
           add_constant(template, &authority_identifier, why) &&
           add_constant(template, &lists, why) &&
           add_shard(template, profile, issuer, why) &&
           add_constant(template, &access, why) &&
           template_leave(template, why) && template_leave(template, why);
}

/* RFC 5280, 4.1: TBSCertificate. */
static bool compile(struct template *template, const struct profile *profile,
    const struct issuer *issuer, struct failure *why)
{
    static const uint8_t version_3[] = {
        DER_CONTEXT_HOLDING(0), 3, DER_INTEGER, 1, 2};

    return template_enter(template, DER_SEQUENCE, why) &&
           template_bytes(template,
               (struct bytes){.start = version_3, .length = sizeof(version_3)},
               why) &&
           template_hole(template, HOLE_SERIAL, why) &&
           template_bytes(template, issuer->algorithm->identifier, why) &&
           template_bytes(template, issuer->subject, why) &&
           template_enter(template, DER_SEQUENCE, why) &&
           template_hole(template, HOLE_VALIDITY, why) &&
           template_leave(template, why) &&
           template_hole(template, HOLE_SUBJECT, why) &&
           template_hole(template, HOLE_KEY, why) &&
           add_extensions(template, profile, issuer, why) &&
           template_leave(template, why) &&
           template_finish(template, HOLE_COUNT, why);
}

bool composer_new(const struct profile *profile, const struct issuer *issuer,
    struct composer **composer, struct failure *why)
{
    SCOPED_STRUCT(composer) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->profile = *profile;
    made->shards = issuer->crl_shards;
    if (!encode_key_usages(made, why) ||
        !compile(&made->template, profile, issuer, why))
        return false;
    *composer = KEEP(composer, &made);
    return true;
}

static bool refuse_key(const struct profile *profile,
    const struct key_algorithm *algorithm, struct failure *why)
{
    RELEASED(buffer) list = BUFFER("the kinds of keys", 1024);
    const char *taken = NULL;

    for (size_t i = 0; i < profile->key_count; i++) {
        if (!buffer_print(
                &list, why, "%s%s", i == 0 ? "" : ", ", profile->keys[i]->name))
            return false;
    }
    if (!buffer_as_text(&list, &taken, why))
        return false;
    return fail_because(why, FAILURE_UNSUITABLE,
        "profile %s takes no %s keys; it takes %s", profile->name,
        algorithm->name, *taken == 0 ? "none" : taken);
}

static bool check_key(const struct composer *composer,
    const struct key_algorithm *algorithm, struct failure *why)
{
    if (!profile_allows_key(&composer->profile, algorithm))
        return refuse_key(&composer->profile, algorithm, why);
    if (composer->key_usages[algorithm->kind].length == 0)
        return fail_because(why, FAILURE_UNSUITABLE,
            "nothing in the key-usage of profile %s can be done with a key of "
            "%s",
            composer->profile.name, algorithm->title);
    return true;
}

/* The holes that are encoded for each draft. */
struct fillings {
    uint8_t serial[64];
    uint8_t validity[64];
    uint8_t key_identifier[KEY_IDENTIFIER_BYTES];
    uint8_t shard[SHARD_DIGITS];
};

/* In decimal, at the end of its room. */
static struct bytes print_shard(
    unsigned int shard, uint8_t room[static SHARD_DIGITS])
{
    size_t at = SHARD_DIGITS;

    do {
        room[--at] = (uint8_t)('0' + shard % 10);
        shard /= 10;
    } while (shard > 0);
    return (struct bytes){.start = room + at, .length = SHARD_DIGITS - at};
}

static bool fill_small_holes(const struct draft_wishes *wishes,
    struct fillings *fillings, struct bytes holes[static HOLE_COUNT],
    struct failure *why)
{
    struct der_writer serial =
        der_writer_in(fillings->serial, sizeof(fillings->serial));
    struct der_writer validity =
        der_writer_in(fillings->validity, sizeof(fillings->validity));

    der_write_unsigned(&serial, wishes->serial);
    der_write_time(&validity, wishes->not_after);
    der_write_time(&validity, wishes->not_before);
    holes[HOLE_KEY_IDENTIFIER] =
        (struct bytes){.start = fillings->key_identifier,
            .length = sizeof(fillings->key_identifier)};
    if (wishes->key_identifier.length > 0)
        holes[HOLE_KEY_IDENTIFIER] = wishes->key_identifier;
    return der_writer_take(&serial, &holes[HOLE_SERIAL], why) &&
           der_writer_take(&validity, &holes[HOLE_VALIDITY], why) &&
           key_identifier(wishes->key.bits, fillings->key_identifier, why);
}

static size_t room_for(const struct composer *composer,
    const struct bytes holes[static HOLE_COUNT])
{
    size_t room = composer->template.constant.length + HEADS_ROOM;

    for (size_t i = 0; i < HOLE_COUNT; i++)
        room += holes[i].length;
    return room;
}

/* The writer ends at the end of the room, the draft is wanted at its start. */
static bool append_filled(const struct composer *composer,
    const struct bytes holes[static HOLE_COUNT], struct buffer *draft,
    struct failure *why)
{
    size_t room = room_for(composer, holes);
    struct der_writer writer;
    struct bytes filled = {0};

    if (room > DRAFT_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the certificate would have more than %d bytes", DRAFT_MAX);
    if (!buffer_reserve(draft, room, why))
        return false;
    writer = der_writer_in(draft->start + draft->length, room);
    template_fill(&composer->template, holes, HOLE_COUNT, &writer);
    if (!der_writer_take(&writer, &filled, why))
        return false;
    memmove(draft->start + draft->length, filled.start, filled.length);
    draft->length += filled.length;
    return true;
}

/* RFC 5280, 4.2.1.6: subjectAltName is critical when the subject is empty. */
bool compose_draft(const struct composer *composer,
    const struct draft_wishes *wishes, struct buffer *draft,
    struct failure *why)
{
    static const uint8_t critical[] = {DER_BOOLEAN, 1, 0xff};
    struct fillings fillings;
    struct bytes holes[HOLE_COUNT] = {
        [HOLE_SUBJECT] = wishes->subject,
        [HOLE_KEY] = wishes->key.whole,
        [HOLE_NAMES] = wishes->general_names,
    };

    if (!check_key(composer, wishes->algorithm, why) ||
        !fill_small_holes(wishes, &fillings, holes, why))
        return false;
    if (composer->shards > 1)
        holes[HOLE_SHARD] = print_shard(
            crl_shard_of(wishes->serial, composer->shards), fillings.shard);
    holes[HOLE_KEY_USAGE] =
        encoded_extension_view(&composer->key_usages[wishes->algorithm->kind]);
    if (name_is_empty(wishes->subject))
        holes[HOLE_NAMES_CRITICAL] =
            (struct bytes){.start = critical, .length = sizeof(critical)};
    return append_filled(composer, holes, draft, why);
}
