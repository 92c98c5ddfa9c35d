#include "support/lint_mutation.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "x509/der_writer.h"

#define WORDS_MAX 2048

static unsigned int digit(char character)
{
    const char *digits = "0123456789abcdef";
    const char *found = strchr(digits, character);

    assert_non_null(found);
    return (unsigned int)(found - digits);
}

struct bytes of_hex(const char *hex)
{
    uint8_t bytes[WORDS_MAX / 2];
    size_t length = strlen(hex) / 2;

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
    return kept((struct bytes){.start = bytes, .length = length});
}

/* The part up to the mark; *rest behind it, or NULL behind the last. */
static char *cut(char **rest, const char *mark)
{
    char *part = *rest, *end = part == NULL ? NULL : strstr(part, mark);

    *rest = end == NULL ? NULL : end + strlen(mark);
    if (end != NULL)
        *end = '\0';
    return part;
}

static struct bytes oid_of_text(const char *text)
{
    uint8_t contents[64];
    size_t length = 0;
    struct failure why = {0};
    enum oid named = oid_named(text);

    if (named != OID_UNKNOWN)
        return oid_contents(named);
    if (!oid_read(text, contents, sizeof(contents), &length, &why))
        fail_msg("%s: %s", text, why.reason);
    return kept((struct bytes){.start = contents, .length = length});
}

/* The extension of this name, made if there is none. */
static struct part *extension_named(struct draft *draft, const char *name)
{
    struct bytes type = oid_of_text(name);

    for (size_t i = 0; i < draft->part_count; i++) {
        struct part *part = &draft->parts[i];

        if (bytes_equal(type, part->type_contents.length > 0
                                  ? part->type_contents
                                  : oid_contents(part->type)))
            return part;
    }
    add(draft, oid_of(type), false, (struct bytes){0});
    draft->parts[draft->part_count - 1].type_contents = type;
    return &draft->parts[draft->part_count - 1];
}

static struct bytes general_names(char *list)
{
    static const char *const kinds[] = {
        "other", "email", "dns", "x400", "dir", "edi", "uri", "ip", "rid"};
    struct bytes all = {0};
    char *one = NULL;

    while ((one = cut(&list, "|")) != NULL && *one != '\0') {
        char *value = one;
        const char *kind = cut(&value, ":");
        unsigned int tag = 0;

        while (tag < 9 && strcmp(kinds[tag], kind) != 0)
            tag++;
        assert_true(tag < 9);
        tag = tag == 0 || tag == 3 || tag == 4 || tag == 5
                  ? DER_CONTEXT_HOLDING(tag)
                  : DER_CONTEXT(tag);
        all = joined(
            all, element(tag, strncmp(value, "hex:", 4) == 0 ? of_hex(value + 4)
                                                             : text(value)));
    }
    return all;
}

static struct bytes oids(char *list)
{
    struct bytes all = {0};
    char *one = NULL;

    while ((one = cut(&list, "|")) != NULL && *one != '\0')
        all = joined(all, element(DER_OBJECT_IDENTIFIER, oid_of_text(one)));
    return all;
}

static struct bytes policies(char *list)
{
    struct bytes all = {0};
    char *one = NULL;

    while ((one = cut(&list, "|")) != NULL && *one != '\0')
        all = joined(all, element(DER_SEQUENCE, element(DER_OBJECT_IDENTIFIER,
                                                    oid_of_text(one))));
    return all;
}

static struct bytes points(char *list)
{
    struct bytes all = {0};
    char *one = NULL;

    while ((one = cut(&list, "|")) != NULL && *one != '\0') {
        struct bytes uri = element(DER_CONTEXT(6), text(one));

        all = joined(all,
            element(DER_SEQUENCE, element(DER_CONTEXT_HOLDING(0),
                                      element(DER_CONTEXT_HOLDING(0), uri))));
    }
    return all;
}

static struct bytes accesses(char *list)
{
    struct bytes all = {0};
    char *one = NULL;

    while ((one = cut(&list, "|")) != NULL && *one != '\0') {
        char *address = one;
        const char *method = cut(&address, " ");
        struct bytes oid = element(DER_OBJECT_IDENTIFIER, oid_of_text(method));

        all = joined(all,
            element(DER_SEQUENCE,
                joined(oid, strchr(address, '@') == NULL
                                ? element(DER_CONTEXT(6), text(address))
                                : element(DER_CONTEXT(1), text(address)))));
    }
    return all;
}

static void set_list(
    struct draft *draft, const char *extension, struct bytes contents)
{
    extension_named(draft, extension)->value = element(DER_SEQUENCE, contents);
}

/* One more relative name behind those that are there. */
static struct bytes with_attribute(struct bytes subject, char *rest)
{
    const char *type = cut(&rest, " ");
    unsigned int tag = (unsigned int)strtoul(cut(&rest, " "), NULL, 16);
    struct bytes value =
        strncmp(rest, "hex:", 4) == 0 ? of_hex(rest + 4) : text(rest);
    struct bytes pair = joined(
        element(DER_OBJECT_IDENTIFIER, oid_of_text(type)), element(tag, value));
    struct der_reader reader = der_reader_of(subject), inside = {0};
    struct failure why = {0};

    assert_true(der_read(&reader, DER_SEQUENCE, &inside, &why));
    return element(
        DER_SEQUENCE, joined(der_remaining(&inside),
                          element(DER_SET, element(DER_SEQUENCE, pair))));
}

static void add_attribute(struct draft *draft, char *rest)
{
    draft->subject = with_attribute(draft->subject, rest);
}

static void add_issuer_attribute(struct draft *draft, char *rest)
{
    draft->issuer = with_attribute(draft->issuer, rest);
}

static int64_t start_of(const char *day)
{
    long number = strtol(day, NULL, 10); /* YYYYMMDD */
    const struct date date = {.year = (int)(number / 10000),
        .month = (int)(number / 100 % 100),
        .day = (int)(number % 100)};
    struct failure why = {0};
    int64_t time = 0;

    assert_true(date_to_time(&date, &time, &why));
    return time;
}

/* --- the good ones of the Forum --------------------------------------------
 */

static void apply(struct draft *draft, char *words);

static void apply_words(struct draft *draft, const char *words)
{
    char copy[WORDS_MAX];
    char *rest = copy, *step = NULL;

    (void)snprintf(copy, sizeof(copy), "%s", words);
    while ((step = cut(&rest, "; ")) != NULL)
        apply(draft, step);
}

static struct draft base(const char *name)
{
    static const char *const access =
        "; aia ocsp http://ocsp.example.org|caIssuers http://example.org/a.cer"
        "; cdp http://example.org/a.crl";
    static const struct {
        const char *name;
        bool is_authority;
        const char *words;
    } bases[] = {
        {"server", false,
            "from 20260401; days 40; subject CN=www.example.org,O=Example,"
            "L=Bonn,C=DE; policies 2.23.140.1.2.2"},
        {"mail", false,
            "from 20260401; days 300; subject CN=a@example.org; "
            "eku emailProtection; san email:a@example.org; "
            "policies 2.23.140.1.5.1.3"},
        {"code", false,
            "from 20260401; days 300; subject CN=Example,O=Example,L=Bonn,C=DE;"
            " eku codeSigning; drop subjectAltName; policies 2.23.140.1.4.1"},
        {"responder", false,
            "from 20260401; days 30; subject CN=Responder,O=Example,C=DE; "
            "eku ocspSigning; drop subjectAltName; ext ocspNoCheck 0500; "
            "policies 2.23.140.1.2.2"},
        {"authority", true,
            "subject CN=Subordinate,O=Example,C=DE; eku serverAuth; "
            "policies 2.23.140.1.2.2"},
    };

    for (size_t i = 0; i < sizeof(bases) / sizeof(*bases); i++) {
        struct draft draft;

        if (strcmp(bases[i].name, name) != 0)
            continue;
        draft = bases[i].is_authority ? good_subordinate() : good_leaf();
        apply_words(&draft, bases[i].words);
        apply_words(&draft, access + 2);
        if (strcmp(name, "responder") == 0)
            apply_words(&draft, "drop crlDistributionPoints; drop "
                                "certificatePolicies");
        return draft;
    }
    if (strcmp(name, "root") == 0)
        return good_root();
    return strcmp(name, "subordinate") == 0 ? good_subordinate() : good_leaf();
}

/* --- steps ------------------------------------------------------------------
 */

static int64_t start_time = YEAR_2026;

static void drop(struct draft *draft, char *name)
{
    struct part *gone = extension_named(draft, name);

    *gone = draft->parts[--draft->part_count];
}

static void set_extension(struct draft *draft, char *rest)
{
    const char *name = cut(&rest, " ");

    extension_named(draft, name)->value = of_hex(rest == NULL ? "" : rest);
}

static void set_critical(struct draft *draft, char *name)
{
    extension_named(draft, name)->critical = true;
}

static void set_plain(struct draft *draft, char *name)
{
    extension_named(draft, name)->critical = false;
}

static void set_false(struct draft *draft, char *name)
{
    set_plain(draft, name);
    extension_named(draft, name)->says_false = true;
}

static void set_san(struct draft *draft, char *list)
{
    set_list(draft, "subjectAltName", general_names(list));
}

static void set_ian(struct draft *draft, char *list)
{
    set_list(draft, "issuerAltName", general_names(list));
}

static void set_purposes(struct draft *draft, char *list)
{
    set_list(draft, "extendedKeyUsage", oids(list));
}

static void set_usage(struct draft *draft, char *bits)
{
    extension_named(draft, "keyUsage")->value =
        usage((uint32_t)strtoul(bits, NULL, 16));
}

static void set_accesses(struct draft *draft, char *list)
{
    set_list(draft, "authorityInfoAccess", accesses(list));
}

static void set_points(struct draft *draft, char *list)
{
    set_list(draft, "crlDistributionPoints", points(list));
}

static void set_policies(struct draft *draft, char *list)
{
    set_list(draft, "certificatePolicies", policies(list));
}

static void set_subject(struct draft *draft, char *text)
{
    draft->subject = name(text == NULL ? "" : text);
}

static void set_issuer(struct draft *draft, char *text)
{
    draft->issuer = name(text == NULL ? "" : text);
}

static void add_attributes(struct draft *draft, char *count)
{
    static uint8_t many[300 * 32];
    char one[] = "DC 16 a";
    struct der_reader reader, inside = {0};
    struct failure why = {0};
    size_t length = 0;

    draft->subject = name("");
    add_attribute(draft, one);
    reader = der_reader_of(draft->subject);
    assert_true(der_read(&reader, DER_SEQUENCE, &inside, &why));
    for (long i = strtol(count, NULL, 10); i > 0; i--) {
        struct bytes attribute = der_remaining(&inside);

        memcpy(many + length, attribute.start, attribute.length);
        length += attribute.length;
    }
    draft->subject =
        element(DER_SEQUENCE, (struct bytes){.start = many, .length = length});
}

static void set_start(struct draft *draft, char *day)
{
    start_time = start_of(day);
    draft->validity = times(start_time, start_time + 90 * DAY_S);
}

static void set_days(struct draft *draft, char *days)
{
    draft->validity =
        times(start_time, start_time + strtol(days, NULL, 10) * DAY_S - 1);
}

static void set_validity(struct draft *draft, char *hex)
{
    draft->validity = of_hex(hex);
}

static void set_serial(struct draft *draft, char *hex)
{
    draft->serial = of_hex(hex);
}

static void set_version(struct draft *draft, char *number)
{
    draft->version = (int)strtol(number, NULL, 10) - 1;
}

static void set_algorithm(struct draft *draft, char *hex)
{
    draft->algorithm = of_hex(hex);
}

static void set_beside(struct draft *draft, char *hex)
{
    draft->beside = of_hex(hex);
}

static void set_key(struct draft *draft, char *hex)
{
    draft->key = of_hex(hex);
}

/* "MODULUS EXPONENT": whole INTEGER contents. */
static void set_rsa(struct draft *draft, char *rest)
{
    const char *modulus = cut(&rest, " ");
    struct bytes numbers = joined(element(DER_INTEGER, of_hex(modulus)),
        element(DER_INTEGER, of_hex(rest)));
    struct bytes bits = joined(BYTES(0), element(DER_SEQUENCE, numbers));

    draft->key =
        element(DER_SEQUENCE, joined(of_hex("300d06092a864886f70d0101010500"),
                                  element(DER_BIT_STRING, bits)));
}

static void set_unique(struct draft *draft, char *hex)
{
    draft->unique = of_hex(hex);
}

static void apply(struct draft *draft, char *words)
{
    static const struct {
        const char *name;
        void (*step)(struct draft *draft, char *rest);
    } steps[] = {{"drop", drop}, {"ext", set_extension},
        {"critical", set_critical}, {"plain", set_plain}, {"false", set_false},
        {"san", set_san}, {"ian", set_ian}, {"eku", set_purposes},
        {"ku", set_usage}, {"aia", set_accesses}, {"cdp", set_points},
        {"policies", set_policies}, {"subject", set_subject},
        {"issuer", set_issuer}, {"attr", add_attribute},
        {"issuer-attr", add_issuer_attribute}, {"attrs", add_attributes},
        {"from", set_start}, {"days", set_days}, {"validity", set_validity},
        {"serial", set_serial}, {"version", set_version},
        {"algorithm", set_algorithm}, {"beside", set_beside}, {"key", set_key},
        {"rsa", set_rsa}, {"unique", set_unique}};
    char *rest = words;
    const char *name = cut(&rest, " ");

    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++) {
        if (strcmp(steps[i].name, name) != 0)
            continue;
        steps[i].step(draft, rest);
        return;
    }
    fail_msg("there is no step %s", name);
}

struct draft mutated(const char *words)
{
    char copy[WORDS_MAX];
    char *rest = copy;
    struct draft draft;

    (void)snprintf(copy, sizeof(copy), "%s", words);
    start_time = YEAR_2026;
    draft = base(cut(&rest, "; "));
    if (rest != NULL)
        apply_words(&draft, rest);
    return draft;
}
