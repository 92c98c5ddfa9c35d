#include "x509/view/general.h"

#include <stdio.h>
#include <string.h>

#include "base/hex.h"
#include "crypto/openssl_scoped.h"
#include "x509/view/extension.h"
#include "x509/view/fields.h"
#include "x509/view/oid_name.h"

#define PURPOSES_SHOWN 12
#define PURPOSES_TEXT 512

/* False when it is absent or can't be read: Details tell of the damage. */
static bool find_extension(const struct view_certificate_facts *facts,
    enum oid type, struct bytes *value)
{
    struct extension extension = {0};
    struct failure why = {0};
    bool found = false;

    if (!extensions_find(facts->extensions, type, &extension, &found, &why) ||
        !found)
        return false;
    *value = extension.value;
    return true;
}

static bool is_authority(const struct view_certificate_facts *facts)
{
    struct basic_constraints basic = {0};
    struct failure why = {0};
    struct bytes value = {0};

    return find_extension(facts, OID_BASIC_CONSTRAINTS, &value) &&
           extension_basic_constraints(value, &basic, &why) &&
           basic.is_authority;
}

/* By arithmetic, not by name (kb 90). */
static bool is_self_signed(struct bytes der)
{
    SCOPED(EVP_PKEY) *key = NULL;
    struct certificate certificate = {0};
    struct public_key_parts parts = {0};
    struct failure why = {0};

    return certificate_read(der, &certificate, &why) &&
           bytes_equal(certificate.tbs.issuer, certificate.tbs.subject) &&
           spki_parts(&certificate.tbs.key, &parts, &why) &&
           public_key_make(&parts, &key, &why) &&
           certificate_verify(&certificate, key, &why);
}

static const char *purpose_words(enum oid purpose)
{
    static const struct {
        enum oid purpose;
        const char *words;
    } known[] = {
        {OID_SERVER_AUTH, "TLS server"},
        {OID_CLIENT_AUTH, "TLS client"},
        {OID_CODE_SIGNING, "signing code"},
        {OID_EMAIL_PROTECTION, "e-mail"},
        {OID_TIME_STAMPING, "time-stamps"},
        {OID_OCSP_SIGNING, "OCSP answers"},
        {OID_ANY_EXTENDED_KEY_USAGE, "any purpose"},
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].purpose == purpose)
            return known[i].words;
    }
    return NULL;
}

static void append_purpose(char text[static PURPOSES_TEXT], struct bytes oid)
{
    char room[OID_TEXT] = "";
    struct failure why = {0};
    const char *words = purpose_words(oid_of(oid));
    size_t used = strlen(text);

    if (words == NULL)
        words = view_oid_name(oid, room);
    if (words == NULL && oid_print(oid, room, &why))
        words = room;
    (void)snprintf(text + used, PURPOSES_TEXT - used, "%s%s",
        used == 0 ? "" : ", ", words == NULL ? "?" : words);
}

/* kb 46: what is missing is said, and what that means. */
static void show_purpose(
    struct view_document *document, const struct view_certificate_facts *facts)
{
    char text[PURPOSES_TEXT] = "";
    struct der_reader purposes = {0};
    struct bytes value = {0};
    struct bytes oid = {0};
    struct failure why = {0};

    if (!find_extension(facts, OID_EXTENDED_KEY_USAGE, &value)) {
        (void)view_print(document, document->general, "For",
            "any purpose: no extended key usage");
        return;
    }
    if (!extension_purposes(value, &purposes, &why)) {
        (void)view_print(document, document->general, "For",
            "unknown: the extended key usage can't be read");
        return;
    }
    for (int i = 0; i < PURPOSES_SHOWN && !der_at_end(&purposes); i++) {
        if (!der_read_oid(&purposes, &oid, &why))
            break;
        append_purpose(text, oid);
    }
    (void)view_print(document, document->general, "For", "%s%s", text,
        der_at_end(&purposes) ? "" : " and more");
}

static void show_authority(
    struct view_document *document, const struct view_certificate_facts *facts)
{
    struct basic_constraints basic = {0};
    struct bytes value = {0};
    struct failure why = {0};

    if (!is_authority(facts) ||
        !find_extension(facts, OID_BASIC_CONSTRAINTS, &value) ||
        !extension_basic_constraints(value, &basic, &why))
        return;
    if (basic.has_path_length)
        (void)view_print(document, document->general, "Authority",
            "yes, with at most %u authorities below it", basic.path_length);
    else
        (void)view_print(document, document->general, "Authority",
            "yes, it may issue certificates");
}

static void show_names(
    struct view_document *document, const struct view_certificate_facts *facts)
{
    struct bytes value = {0};
    struct der_reader names = {0};
    struct failure why = {0};

    if (find_extension(facts, OID_SUBJECT_ALT_NAME, &value) &&
        extension_general_names(value, &names, &why))
        (void)view_general_names(document, document->general, "Names", names);
}

void view_validity(struct view_document *document, size_t parent,
    int64_t not_before, int64_t not_after, int64_t now)
{
    char distance[VIEW_DISTANCE_TEXT] = "";
    size_t node = view_time(document, parent, "Valid from", not_before);

    view_distance_print(not_before - now, distance);
    view_note(document, node, "%s", distance);
    node = view_time(document, parent, "Valid until", not_after);
    view_distance_print(not_after - now, distance);
    if (not_after == TIME_WITHOUT_END)
        view_note(document, node, "without an end");
    else
        view_note(document, node, "%s", distance);
    if (now < not_before) {
        view_distance_print(not_before - now, distance);
        node = view_print(document, parent, "Status",
            "not yet valid: it begins %s", distance);
    } else if (now > not_after) {
        node = view_print(document, parent, "Status", "expired %s", distance);
    } else {
        node = view_print(document, parent, "Status", "within its dates");
    }
    view_tone(document, node,
        now < not_before || now > not_after ? VIEW_BAD : VIEW_PLAIN);
}

/* A word that a shell takes as it is, or in quotes. */
static void show_trust_line(
    struct view_document *document, const struct view_options *options)
{
    char fingerprint[SHA256_TEXT] = "";
    uint8_t digest[SHA256_BYTES] = {0};
    struct failure why = {0};
    const char *file = options->file == NULL ? "FILE" : options->file;
    bool is_plain =
        strspn(file, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                     "0123456789./_+-") == strlen(file);
    bool is_quoted = !is_plain && strchr(file, '\'') == NULL;

    if (!sha256(&document->der, 1, digest, &why))
        return;
    hex_print((struct bytes){digest, sizeof(digest)}, fingerprint);
    view_close(document, "chancery trust add %s%s%s --fingerprint %s",
        is_quoted ? "'" : "", is_plain || is_quoted ? file : "FILE",
        is_quoted ? "'" : "", fingerprint);
}

void view_certificate_general(struct view_document *document,
    const struct view_certificate_facts *facts,
    const struct view_options *options)
{
    size_t general = document->general;

    if (facts->subject.length > 0)
        (void)view_name(document, general, "Issued to", facts->subject);
    show_names(document, facts);
    if (facts->issuer.length > 0)
        (void)view_name(document, general, "Issued by", facts->issuer);
    if (facts->has_validity)
        view_validity(document, general, facts->not_before, facts->not_after,
            options->now);
    if (facts->has_key) {
        (void)view_key_line(document, general, "Key", &facts->key);
        show_purpose(document, facts);
        show_authority(document, facts);
    }
    if (facts->serial.length > 0)
        (void)view_serial(document, general, "Serial number", facts->serial);
    (void)view_fingerprint(document, general, document->der);
    if (is_authority(facts) && is_self_signed(document->der))
        show_trust_line(document, options);
}
