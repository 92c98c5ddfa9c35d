#include "server/pages/roots.h"

#include <stdio.h>
#include <string.h>

#include "authority/lists.h"
#include "base/base64.h"
#include "base/file.h"
#include "crypto/digest.h"
#include "server/pages/html.h"
#include "x509/pkcs7.h"

#define PUBLISHED_MODE 0644

/* What is there already in these bytes is left alone: its time of change is
 * what clients are told. */
static bool put(const char *folder, const char *name, struct bytes contents,
    struct failure *why)
{
    RELEASED(buffer) present = BUFFER("a published file", HTML_PAGE_MAX);
    struct failure absent = {0};
    char path[PATH_ROOM];

    if (!path_join(path, folder, name, why))
        return false;
    if (file_read(path, &present, &absent) &&
        bytes_equal(buffer_view(&present), contents))
        return true;
    return file_write(path, contents, PUBLISHED_MODE, FILE_REPLACE, why);
}

static bool folder_in(const struct authority *authority, const char *name,
    char path[static PATH_ROOM], struct failure *why)
{
    return path_join(path, authority->publish, name, why) &&
           folder_make_missing(path, 0755, why);
}

/* --- roots as a profile of Apple's --------------------------------------- */

/* The same root has the same identifier, so that a second installation takes
 * the place of the first (RFC 9562, 5.8: a UUID of our own making). */
static void print_uuid(
    const uint8_t digest[static SHA256_BYTES], char text[static 37])
{
    uint8_t b[16];

    memcpy(b, digest, sizeof(b));
    b[6] = (uint8_t)((b[6] & 0x0f) | 0x80);
    b[8] = (uint8_t)((b[8] & 0x3f) | 0x80);
    (void)snprintf(text, 37,
        "%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X",
        b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10],
        b[11], b[12], b[13], b[14], b[15]);
}

static bool add_payload(struct buffer *out, const struct authority_issuer *root,
    struct failure *why)
{
    struct bytes der = buffer_view(&root->der);
    uint8_t digest[SHA256_BYTES];
    char uuid[37];

    if (!sha256(&der, 1, digest, why))
        return false;
    print_uuid(digest, uuid);
    return html_print(out, why,
               "<dict>\n<key>PayloadType</key>"
               "<string>com.apple.security.root</string>\n"
               "<key>PayloadVersion</key><integer>1</integer>\n"
               "<key>PayloadIdentifier</key><string>chancery.root.%s</string>\n"
               "<key>PayloadUUID</key><string>%s</string>\n"
               "<key>PayloadDisplayName</key><string>%s</string>\n"
               "<key>PayloadCertificateFileName</key><string>%s.cer</string>\n"
               "<key>PayloadContent</key><data>\n",
               uuid, uuid, root->name, root->name) &&
           base64_append(out, der, 64, why) &&
           html_raw(out, "</data>\n</dict>\n", why);
}

static bool add_profile(const struct authority *authority, struct buffer *out,
    const char *uuid, struct failure *why)
{
    const char *name = authority->configuration->name[0] != '\0'
                           ? authority->configuration->name
                           : "Chancery";

    if (!html_raw(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
            "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
            "<plist version=\"1.0\">\n<dict>\n"
            "<key>PayloadContent</key>\n<array>\n",
            why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (root_is_given_out(&authority->issuers[i]) &&
            !add_payload(out, &authority->issuers[i], why))
            return false;
    }
    return html_print(out, why,
        "</array>\n<key>PayloadType</key><string>Configuration</string>\n"
        "<key>PayloadVersion</key><integer>1</integer>\n"
        "<key>PayloadIdentifier</key><string>chancery.roots.%s</string>\n"
        "<key>PayloadUUID</key><string>%s</string>\n"
        "<key>PayloadDisplayName</key><string>Roots of %s</string>\n"
        "</dict>\n</plist>\n",
        uuid, uuid, name);
}

/* The profile's own identifier, of all roots in it. */
static bool publish_profile(
    const struct authority *authority, struct failure *why)
{
    RELEASED(buffer) profile = BUFFER("roots.mobileconfig", HTML_PAGE_MAX);
    struct bytes roots[AUTHORITY_ISSUERS_MAX];
    uint8_t digest[SHA256_BYTES];
    char uuid[37];
    size_t count = 0;

    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (root_is_given_out(&authority->issuers[i]))
            roots[count++] = buffer_view(&authority->issuers[i].der);
    }
    if (count == 0)
        return true;
    if (!sha256(roots, count, digest, why))
        return false;
    print_uuid(digest, uuid);
    return add_profile(authority, &profile, uuid, why) &&
           put(authority->publish, "roots.mobileconfig", buffer_view(&profile),
               why);
}

/* --- certificates -------------------------------------------------------- */

static bool publish_root(const struct authority_issuer *root,
    const char *folder, struct failure *why)
{
    char sha256[SHA256_TEXT];

    return sha256_text(buffer_view(&root->der), sha256, why) &&
           put(folder, sha256, buffer_view(&root->der), why);
}

static size_t chain_of(const struct authority *authority,
    const struct authority_issuer *issuer,
    struct bytes chain[static AUTHORITY_ISSUERS_MAX])
{
    size_t count = 0;

    while (issuer != NULL && count < AUTHORITY_ISSUERS_MAX) {
        chain[count++] = buffer_view(&issuer->der);
        issuer = issuer->parent == issuer->id
                     ? NULL
                     : authority_by_id(authority, issuer->parent);
    }
    return count;
}

static bool publish_chain(const struct authority *authority,
    const struct authority_issuer *issuer, const char *folder,
    struct failure *why)
{
    RELEASED(buffer) p7b = BUFFER("a chain", HTML_PAGE_MAX);
    struct bytes chain[AUTHORITY_ISSUERS_MAX];
    size_t count = chain_of(authority, issuer, chain);
    char name[PROFILE_NAME_MAX + 4];

    (void)snprintf(name, sizeof(name), "%s.p7b", issuer->name);
    return pkcs7_certificates_write(chain, count, &p7b, why) &&
           put(folder, name, buffer_view(&p7b), why);
}

static bool publish_certificates(
    const struct authority *authority, struct failure *why)
{
    char roots[PATH_ROOM], chains[PATH_ROOM];

    if (!folder_in(authority, "root", roots, why) ||
        !folder_in(authority, "ca", chains, why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (issuer->der.length == 0)
            continue;
        if (!publish_chain(authority, issuer, chains, why) ||
            (root_is_given_out(issuer) && !publish_root(issuer, roots, why)))
            return false;
    }
    return true;
}

bool roots_publish(const struct authority *authority, struct failure *why)
{
    RELEASED(buffer) page = BUFFER("roots.html", HTML_PAGE_MAX);
    RELEASED(buffer) old = BUFFER("cacerts.htm", HTML_PAGE_MAX);

    return roots_page(authority, &page, why) &&
           roots_old_page(authority, &old, why) &&
           put(authority->publish, "roots.html", buffer_view(&page), why) &&
           put(authority->publish, "cacerts.htm", buffer_view(&old), why) &&
           publish_profile(authority, why) &&
           publish_certificates(authority, why);
}
