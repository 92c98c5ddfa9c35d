#include "x509/chain/explain_words.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

void explain_name(struct bytes der, char text[static CHAIN_NAME_TEXT])
{
    struct chain_certificate certificate = {0};
    struct failure unread = {0};

    if (certificate_read(der, &certificate.certificate, &unread))
        chain_certificate_print(&certificate, text);
    else
        (void)snprintf(text, CHAIN_NAME_TEXT, "the certificate");
}

/* --- the issuer ---------------------------------------------------------- */

/* More than any key identifier in use has is cut. */
#define IDENTIFIER_SHOWN 20

#define IDENTIFIER_TEXT (3 * IDENTIFIER_SHOWN + 4)

static void print_identifier(
    struct bytes identifier, char text[static IDENTIFIER_TEXT])
{
    size_t shown = identifier.length < IDENTIFIER_SHOWN ? identifier.length
                                                        : IDENTIFIER_SHOWN;
    size_t length = 0;

    *text = 0;
    for (size_t i = 0; i < shown; i++)
        length += (size_t)snprintf(text + length, IDENTIFIER_TEXT - length,
            "%s%02x", i == 0 ? "" : ":", (unsigned)identifier.start[i]);
    if (shown < identifier.length)
        (void)snprintf(text + length, IDENTIFIER_TEXT - length, "...");
}

static bool find_extension(
    const struct certificate *certificate, enum oid type, struct bytes *value)
{
    struct extension extension = {0};
    struct failure unread = {0};
    bool found = false;

    if (!extensions_find(
            certificate->tbs.extensions, type, &extension, &found, &unread) ||
        !found)
        return false;
    *value = extension.value;
    return true;
}

static bool find_authority_key(const struct certificate *certificate,
    struct authority_key_identifier *authority_key)
{
    struct failure unread = {0};
    struct bytes value = {0};

    return find_extension(certificate, OID_AUTHORITY_KEY_IDENTIFIER, &value) &&
           extension_authority_key_identifier(value, authority_key, &unread);
}

void explain_issuer(struct bytes der, char text[static EXPLAIN_ISSUER])
{
    struct chain_certificate issuer = {0};
    struct authority_key_identifier authority_key = {0};
    char identifier[IDENTIFIER_TEXT] = "";
    char name[CHAIN_NAME_TEXT];
    struct failure unread = {0};

    *text = 0;
    if (!certificate_read(der, &issuer.certificate, &unread))
        return;
    if (find_authority_key(&issuer.certificate, &authority_key))
        print_identifier(authority_key.identifier, identifier);
    issuer.certificate.tbs.subject = issuer.certificate.tbs.issuer;
    chain_certificate_print(&issuer, name);
    (void)snprintf(text, EXPLAIN_ISSUER, "%s%s%s%s", name,
        *identifier == 0 ? "" : " (key identifier ", identifier,
        *identifier == 0 ? "" : ")");
}

/* --- where it may be ----------------------------------------------------- */

/* RFC 5280, 4.2.2.1: one AccessDescription; *address stays as it was when it
 * is of another method or kind. */
static bool read_access(
    struct der_reader *descriptions, struct bytes *address, struct failure *why)
{
    struct general_name name = {0};
    struct der_reader access = {0};
    struct bytes method = {0};

    if (!der_read(descriptions, DER_SEQUENCE, &access, why) ||
        !der_read_oid(&access, &method, why) ||
        !general_name_next(&access, &name, why))
        return false;
    if (oid_of(method) == OID_AD_CA_ISSUERS && name.kind == GENERAL_NAME_URI &&
        name.value.length >= 4 && memcmp(name.value.start, "http", 4) == 0)
        *address = name.value;
    return true;
}

static struct bytes find_address(struct bytes value)
{
    struct der_reader reader = der_reader_of(value);
    struct der_reader descriptions = {0};
    struct failure unread = {0};
    struct bytes address = {0};

    if (!der_read(&reader, DER_SEQUENCE, &descriptions, &unread))
        return address;
    while (address.length == 0 && !der_at_end(&descriptions) &&
           read_access(&descriptions, &address, &unread))
        continue;
    return address;
}

bool explain_issuer_address(struct bytes der, char text[static EXPLAIN_ADDRESS])
{
    RELEASED(buffer) shown = BUFFER("an address", EXPLAIN_ADDRESS - 1);
    struct certificate certificate = {0};
    struct failure unread = {0};
    struct bytes value = {0};
    struct bytes address;

    if (!certificate_read(der, &certificate, &unread) ||
        !find_extension(&certificate, OID_AUTHORITY_INFO_ACCESS, &value))
        return false;
    address = find_address(value);
    if (address.length == 0 || !text_append_visible(&shown, address, &unread))
        return false;
    memcpy(text, shown.start, shown.length);
    text[shown.length] = 0;
    return true;
}
