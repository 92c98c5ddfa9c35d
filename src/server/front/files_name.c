#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "server/front/files.h"

/* Caches ask again after a minute: a revocation is in the list by then. */
#define FRESH_LIST "public, max-age=60"
#define FRESH_CERTIFICATE "public, max-age=300"
#define FRESH_PAGE "no-cache"

#define ROOT_DIGITS 64 /* of a SHA-256 */

static const struct {
    const char *ending, *type, *cached;
} types[] = {
    {".crl", "application/pkix-crl", FRESH_LIST},
    {".cer", "application/pkix-cert", FRESH_CERTIFICATE},
    {".p7b", "application/pkcs7-mime", FRESH_CERTIFICATE},
    {".pem", "application/x-pem-file", FRESH_CERTIFICATE},
    {".mobileconfig", "application/x-apple-aspen-config", FRESH_CERTIFICATE},
    {".htm", "text/html; charset=utf-8", FRESH_PAGE},
    {".html", "text/html; charset=utf-8", FRESH_PAGE},
};

static bool fail_as_missing(struct failure *why)
{
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is nothing at this address");
}

static bool begins(const char *path, const char *beginning)
{
    return strncmp(path, beginning, strlen(beginning)) == 0;
}

static bool begins_in_any_case(const char *path, const char *beginning)
{
    return strncasecmp(path, beginning, strlen(beginning)) == 0;
}

static bool ends(const char *name, const char *ending)
{
    const size_t length = strlen(name), of_ending = strlen(ending);

    return length > of_ending &&
           strcasecmp(name + length - of_ending, ending) == 0;
}

/* One or two names, of letters that can't lead anywhere else. */
static bool is_plain_name(const char *name, size_t folders)
{
    bool at_start = true;

    for (; *name != '\0'; name++) {
        const char letter = *name;

        if (letter == '/') {
            if (at_start || folders-- == 0)
                return false;
            at_start = true;
            continue;
        }
        if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                   "0123456789-_",
                letter) == NULL &&
            (letter != '.' || at_start))
            return false;
        at_start = false;
    }
    return !at_start;
}

static bool put(char name[static FILE_NAME_ROOM], const char *folder,
    const char *rest, size_t length, const char *ending, struct failure *why)
{
    const int printed = snprintf(
        name, FILE_NAME_ROOM, "%s%.*s%s", folder, (int)length, rest, ending);

    return (printed > 0 && printed < FILE_NAME_ROOM) || fail_as_missing(why);
}

/* The old server's folder for lists and certificates (Q216339). */
static bool name_enrolled(
    const char *rest, char name[static FILE_NAME_ROOM], struct failure *why)
{
    if (!is_plain_name(rest, 0) || strlen(rest) >= FILE_NAME_ROOM)
        return fail_as_missing(why);
    if (strcasecmp(rest, "cacerts.htm") == 0)
        return put(name, "cacerts.htm", "", 0, "", why);
    if (ends(rest, ".crl"))
        return put(name, "crl/", rest, strlen(rest) - 4, ".crl", why);
    if (ends(rest, ".crt") || ends(rest, ".cer"))
        return put(name, "ca/", rest, strlen(rest) - 4, ".cer", why);
    if (ends(rest, ".p7b"))
        return put(name, "ca/", rest, strlen(rest) - 4, ".p7b", why);
    return fail_as_missing(why);
}

/* A fingerprint is hexadecimal in either case, as openssl prints it in
 * capitals; the file has it in small letters. */
static bool name_root(
    const char *rest, char name[static FILE_NAME_ROOM], struct failure *why)
{
    if (strlen(rest) != ROOT_DIGITS ||
        strspn(rest, "0123456789abcdefABCDEF") != ROOT_DIGITS)
        return fail_as_missing(why);
    if (!put(name, "root/", rest, ROOT_DIGITS, "", why))
        return false;
    for (char *digit = name; *digit != '\0'; digit++) {
        if (*digit >= 'A' && *digit <= 'F')
            *digit = (char)(*digit - 'A' + 'a');
    }
    return true;
}

static bool name_within(const char *path, size_t folders,
    char name[static FILE_NAME_ROOM], struct failure *why)
{
    if (strlen(path) >= FILE_NAME_ROOM || !is_plain_name(path + 1, folders))
        return fail_as_missing(why);
    return put(name, "", path + 1, strlen(path + 1), "", why);
}

static bool name_of(
    const char *path, char name[static FILE_NAME_ROOM], struct failure *why)
{
    static const char old[] = "/certsrv/CertEnroll/", older[] = "/CertEnroll/",
                      root[] = "/root/";

    if (begins_in_any_case(path, old))
        return name_enrolled(path + sizeof(old) - 1, name, why);
    if (begins_in_any_case(path, older))
        return name_enrolled(path + sizeof(older) - 1, name, why);
    if (strcmp(path, "/roots") == 0)
        return put(name, "roots.html", "", 0, "", why);
    if (strcmp(path, "/roots.pem") == 0 ||
        strcmp(path, "/roots.mobileconfig") == 0 ||
        strcmp(path, "/intermediates.pem") == 0)
        return name_within(path, 0, name, why);
    if (begins(path, root))
        return name_root(path + sizeof(root) - 1, name, why);
    if (begins(path, "/ca/"))
        return name_within(path, 1, name, why);
    if (begins(path, "/crl/"))
        return name_within(path, 2, name, why);
    return fail_as_missing(why);
}

bool files_name(const char *path, char name[static FILE_NAME_ROOM],
    const char **type, const char **cached, struct failure *why)
{
    if (!name_of(path, name, why))
        return false;
    /* Those under root/ are named by their SHA-256 alone. */
    if (begins(name, "root/") && strchr(name, '.') == NULL) {
        *type = "application/pkix-cert";
        *cached = FRESH_CERTIFICATE;
        return true;
    }
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++) {
        if (!ends(name, types[i].ending))
            continue;
        *type = types[i].type;
        *cached = types[i].cached;
        return true;
    }
    return fail_as_missing(why);
}
