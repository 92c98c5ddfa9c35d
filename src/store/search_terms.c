#include "store/search_terms.h"

#include <string.h>

#include "x509/certificate.h"

#define KIND_NAME 'n'
#define KIND_SERIAL 's'
#define KIND_FINGERPRINT 'f'

/* Fewer would stand at the beginning of too many numbers. */
#define DIGITS_LEAST 4
#define DIGITS_MOST (SHA256_TEXT - 1)

struct visit {
    term_visitor *visit;
    void *context;
};

static uint8_t lower(uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* The kind and the text, lower-case, cut where a term ends. */
static size_t make_term(
    char kind, struct bytes text, uint8_t term[static TERM_BYTES_MAX])
{
    size_t length =
        text.length < SEARCH_TEXT_MAX ? text.length : (size_t)SEARCH_TEXT_MAX;

    term[0] = (uint8_t)kind;
    for (size_t i = 0; i < length; i++)
        term[1 + i] = lower(text.start[i]);
    return 1 + length;
}

static bool visit_term(const struct visit *visit, char kind, struct bytes text,
    struct failure *why)
{
    uint8_t term[TERM_BYTES_MAX];
    size_t length = make_term(kind, text, term);

    return visit->visit(visit->context, (struct bytes){term, length}, why);
}

/* --- names --------------------------------------------------------------- */

static bool is_in_word(uint8_t byte)
{
    byte = lower(byte);
    return (byte >= 'a' && byte <= 'z') || (byte >= '0' && byte <= '9') ||
           byte == '-' || byte == '_' || byte >= 0x80;
}

/* The whole, and from the beginning of each further word on. */
static bool visit_words(
    const struct visit *visit, struct bytes name, struct failure *why)
{
    size_t words = 0;

    for (size_t i = 0; i < name.length && words < NAME_WORDS_MAX; i++) {
        bool begins = i == 0 || (is_in_word(name.start[i]) &&
                                    !is_in_word(name.start[i - 1]));

        if (!begins)
            continue;
        words++;
        if (!visit_term(visit, KIND_NAME,
                (struct bytes){name.start + i, name.length - i}, why))
            return false;
    }
    return true;
}

static struct bytes until(struct bytes text, const char *ends)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] != 0 && strchr(ends, text.start[i]) != NULL)
            return (struct bytes){text.start, i};
    }
    return text;
}

static struct bytes after(struct bytes text, size_t length)
{
    return (struct bytes){text.start + length, text.length - length};
}

/* RFC 3986, 3.2: behind "//" and the user, in front of the port.  What has no
 * authority ("urn:...") is found by itself. */
static struct bytes host_of(struct bytes uri)
{
    size_t scheme = until(uri, ":/?#").length;
    struct bytes host;
    size_t user;

    if (uri.length < scheme + 3 || memcmp(uri.start + scheme, "://", 3) != 0)
        return uri;
    host = until(after(uri, scheme + 3), "/?#");
    user = until(host, "@").length;
    if (user < host.length)
        host = after(host, user + 1);
    if (host.length > 0 && host.start[0] == '[')
        return until(after(host, 1), "]");
    return until(host, ":");
}

static bool visit_address(const struct visit *visit,
    const struct general_name *name, struct failure *why)
{
    static const char kind[] = "ip:";
    RELEASED(buffer) text = BUFFER("an address as text", 256);

    return general_name_print(name, &text, why) &&
           visit_term(visit, KIND_NAME,
               after(buffer_view(&text), sizeof(kind) - 1), why);
}

static bool visit_general_name(const struct visit *visit,
    const struct general_name *name, struct failure *why)
{
    switch (name->kind) {
    case GENERAL_NAME_DNS:
    case GENERAL_NAME_EMAIL:
        return visit_words(visit, name->value, why);
    case GENERAL_NAME_URI:
        return visit_words(visit, host_of(name->value), why);
    case GENERAL_NAME_IP:
        return (name->value.length != 4 && name->value.length != 16) ||
               visit_address(visit, name, why);
    case GENERAL_NAME_OTHER:
    case GENERAL_NAME_X400:
    case GENERAL_NAME_DIRECTORY:
    case GENERAL_NAME_EDI:
    case GENERAL_NAME_REGISTERED_ID:
        break;
    }
    return true;
}

static bool visit_alternative_names(const struct visit *visit,
    struct der_reader extensions, struct failure *why)
{
    struct extension found = {0};
    struct der_reader names = {0};
    struct failure unread = {0};
    bool is_there = false;

    if (!extensions_find(
            extensions, OID_SUBJECT_ALT_NAME, &found, &is_there, &unread) ||
        !is_there || !extension_general_names(found.value, &names, &unread))
        return true;
    while (!der_at_end(&names)) {
        struct general_name name = {0};

        if (!general_name_next(&names, &name, &unread))
            return true;
        if (!visit_general_name(visit, &name, why))
            return false;
    }
    return true;
}

static bool visit_common_name(const struct visit *visit,
    const struct name_attribute *attribute, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a common name", CERTIFICATE_MAX);
    struct failure unread = {0};

    return !name_attribute_append_text(attribute, &text, &unread) ||
           visit_words(visit, buffer_view(&text), why);
}

static bool visit_common_names(
    const struct visit *visit, struct bytes subject, struct failure *why)
{
    struct name_walk walk = {0};
    struct failure unread = {0};

    if (!name_walk_start(subject, &walk, &unread))
        return true;
    while (!name_walk_at_end(&walk)) {
        struct name_attribute attribute = {0};

        if (!name_walk_next(&walk, &attribute, &unread))
            return true;
        if (attribute.type == OID_COMMON_NAME &&
            !visit_common_name(visit, &attribute, why))
            return false;
    }
    return true;
}

/* --- a certificate ------------------------------------------------------- */

static bool visit_serial(
    const struct visit *visit, struct bytes serial, struct failure *why)
{
    char text[SERIAL_TEXT];

    serial_print(serial, text);
    return visit_term(visit, KIND_SERIAL, bytes_of_text(text), why);
}

static bool visit_fingerprint(
    const struct visit *visit, struct bytes der, struct failure *why)
{
    char text[SHA256_TEXT];

    return sha256_text(der, text, why) &&
           visit_term(visit, KIND_FINGERPRINT, bytes_of_text(text), why);
}

static bool read_body(
    const struct certificate_row *row, struct tbs_certificate *tbs)
{
    struct certificate certificate = {0};
    struct failure unread = {0};

    if (!row->sealed)
        return tbs_certificate_read(row->der, tbs, &unread);
    if (!certificate_read(row->der, &certificate, &unread))
        return false;
    *tbs = certificate.tbs;
    return true;
}

bool search_terms(const struct certificate_row *row, term_visitor *visit,
    void *context, struct failure *why)
{
    const struct visit all = {visit, context};
    struct tbs_certificate tbs = {0};

    if (!visit_serial(&all, row->serial, why) ||
        (row->sealed && !visit_fingerprint(&all, row->der, why)))
        return false;
    return !read_body(row, &tbs) ||
           (visit_common_names(&all, tbs.subject, why) &&
               visit_alternative_names(&all, tbs.extensions, why));
}

/* --- a query ------------------------------------------------------------- */

static void add_prefix(struct search_query *query, char kind, struct bytes text)
{
    struct search_prefix *prefix = &query->prefixes[query->count++];

    prefix->length = make_term(kind, text, prefix->bytes);
}

/* The digits without "0x" and colons; *count is 0 where it is no number. */
static void read_digits(
    const char *text, char digits[static DIGITS_MOST], size_t *count)
{
    size_t read = 0;

    *count = 0;
    if (text[0] == '0' && lower((uint8_t)text[1]) == 'x')
        text += 2;
    for (; *text != '\0'; text++) {
        if (*text == ':')
            continue;
        if (strchr("0123456789abcdefABCDEF", *text) == NULL ||
            read == DIGITS_MOST)
            return;
        digits[read++] = *text;
    }
    *count = read;
}

void search_query_read(const char *text, struct search_query *query)
{
    char digits[DIGITS_MOST];
    struct bytes number = {.start = (const uint8_t *)digits};

    query->count = 0;
    if (*text == '\0' || strlen(text) > SEARCH_TEXT_MAX)
        return;
    add_prefix(query, KIND_NAME, bytes_of_text(text));
    read_digits(text, digits, &number.length);
    if (number.length < DIGITS_LEAST)
        return;
    add_prefix(query, KIND_FINGERPRINT, number);
    /* A serial is shown without zero bytes in front. */
    while (number.length > DIGITS_LEAST && memcmp(number.start, "00", 2) == 0)
        number = after(number, 2);
    add_prefix(query, KIND_SERIAL, number);
}
