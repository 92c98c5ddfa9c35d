#include "authority/facts.h"

#include <stdio.h>
#include <string.h>

#include "x509/pem.h"

#define NAME_SHOWN_MAX (4 * 1024 * 1024)

static bool print_name(struct bytes name, struct buffer *text,
    const char **printed, struct failure *why)
{
    *text = BUFFER("a name as text", NAME_SHOWN_MAX);
    return name_print(name, text, why) && buffer_as_text(text, printed, why);
}

static const char *key_name(const struct spki *key)
{
    struct public_key_parts parts = {0};
    struct failure unknown = {0};

    return spki_parts(key, &parts, &unknown) ? parts.algorithm->name : "";
}

static bool append_name(
    const struct general_name *name, json_t *array, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a name as text", NAME_SHOWN_MAX);
    const char *printed = NULL;

    if (!general_name_print(name, &text, why) ||
        !buffer_as_text(&text, &printed, why))
        return false;
    if (json_array_append_new(array, json_string(printed)) != 0)
        return fail_because(why, FAILURE_INTERNAL,
            "a name can't be told in JSON: it is no UTF-8");
    return true;
}

bool names_to_json(struct der_reader names, json_t *array, struct failure *why)
{
    while (!der_at_end(&names)) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, why) ||
            !append_name(&name, array, why))
            return false;
    }
    return true;
}

static bool read_names(
    struct der_reader extensions, json_t *array, struct failure *why)
{
    struct extension found = {0};
    struct der_reader names = {0};
    bool is_there = false;

    if (!extensions_find(
            extensions, OID_SUBJECT_ALT_NAME, &found, &is_there, why))
        return false;
    if (!is_there)
        return true;
    return extension_general_names(found.value, &names, why) &&
           names_to_json(names, array, why);
}

static bool read_body(struct bytes der, bool sealed,
    struct tbs_certificate *tbs, struct failure *why)
{
    struct certificate certificate = {0};

    if (!sealed)
        return tbs_certificate_read(der, tbs, why);
    if (!certificate_read(der, &certificate, why))
        return false;
    *tbs = certificate.tbs;
    return true;
}

bool facts_read(
    struct bytes der, bool sealed, struct facts *facts, struct failure *why)
{
    RELEASED(facts) read = {0};
    struct tbs_certificate tbs = {0};

    if (!read_body(der, sealed, &tbs, why) ||
        (sealed && !sha256_text(der, read.sha256, why)))
        return false;
    read.names = json_array();
    if (read.names == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    serial_print(tbs.serial, read.serial);
    clock_print(tbs.not_before, read.not_before);
    clock_print(tbs.not_after, read.not_after);
    read.not_before_time = tbs.not_before;
    read.not_after_time = tbs.not_after;
    read.key = key_name(&tbs.key);
    if (!print_name(tbs.subject, &read.subject_text, &read.subject, why) ||
        !print_name(tbs.issuer, &read.issuer_text, &read.issuer, why) ||
        !read_names(tbs.extensions, read.names, why))
        return false;
    *facts = read;
    read = (struct facts){0};
    return true;
}

void facts_free(struct facts *facts)
{
    buffer_free(&facts->subject_text);
    buffer_free(&facts->issuer_text);
    json_decref(facts->names);
    facts->names = NULL;
}

void fingerprint_print(const char *sha256, char text[static FINGERPRINT_TEXT])
{
    size_t length = 0;

    for (size_t i = 0; sha256[i] != 0 && length + 1 < FINGERPRINT_TEXT; i++) {
        char digit = sha256[i];

        if (i > 0 && i % 2 == 0)
            text[length++] = ':';
        text[length++] =
            digit >= 'a' && digit <= 'f' ? (char)(digit - 'a' + 'A') : digit;
    }
    text[length] = 0;
}

bool names_print(
    struct bytes general_names, struct buffer *text, struct failure *why)
{
    struct der_reader names = der_reader_of(general_names);
    const char *before = "";

    while (!der_at_end(&names)) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, why) ||
            !buffer_append_text(text, before, why) ||
            !general_name_print(&name, text, why))
            return false;
        before = ", ";
    }
    return true;
}

bool certificate_print(
    struct bytes der, struct buffer *pem, struct failure *why)
{
    return pem_append(pem, "CERTIFICATE", der, why);
}

json_t *certificate_to_json(struct bytes der)
{
    RELEASED(buffer) pem = BUFFER("certificate", PEM_MAX);
    struct failure unprinted = {0};

    if (!certificate_print(der, &pem, &unprinted))
        return NULL;
    return json_stringn((const char *)pem.start, pem.length);
}
