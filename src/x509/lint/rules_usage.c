#include "x509/lint/rules.h"

/* keyUsage, and what kind of key can do what it says. */

static void key_usage_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_usage_extension == NULL)
        lint_find(pen, "keyUsage is missing: the key would be good for all");
}

static void key_usage_bits(const struct lint_facts *facts, struct lint_pen *pen)
{
    if (facts->key_usage_extension != NULL && facts->key_usage == 0)
        lint_find(pen, "keyUsage has no bit set");
}

/* X.690, 11.2.2: a list of named bits ends with its last one. */
static void key_usage_encoding(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader reader = {0};
    struct bytes list = {0};
    struct failure unread = {0};
    uint8_t spare_bits = 0;

    if (facts->key_usage_extension == NULL)
        return;
    reader = der_reader_of(facts->key_usage_extension->value);
    if (!der_read_bit_string(&reader, &list, &spare_bits, &unread) ||
        (list.length > 0 &&
            (list.start[list.length - 1] & 1u << spare_bits) == 0))
        lint_find(pen, "keyUsage does not end with its last bit");
}

static void key_usage_length(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader reader = {0};
    struct bytes list = {0};
    struct failure unread = {0};
    uint8_t spare_bits = 0;

    if (facts->key_usage_extension == NULL)
        return;
    reader = der_reader_of(facts->key_usage_extension->value);
    if (der_read_bit_string(&reader, &list, &spare_bits, &unread) &&
        list.length * 8 - spare_bits > 9)
        lint_find(pen, "keyUsage has %zu bits; nine have a meaning",
            list.length * 8 - spare_bits);
}

/* RFC 3279, 2.3.1: RSA encrypts and does not agree; RFC 5480, 3: EC agrees and
 * does not encrypt; RFC 8410, 5 and RFC 9881, 5: the others sign alone. */
static uint32_t usages_of_no_use(enum key_kind kind)
{
    const uint32_t encrypts =
        KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;
    const uint32_t agrees = KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY |
                            KEY_USAGE_DECIPHER_ONLY;

    switch (kind) {
    case KEY_KIND_RSA:
        return agrees;
    case KEY_KIND_EC:
        return encrypts;
    case KEY_KIND_RAW:
        return encrypts | agrees;
    }
    return 0;
}

/* The algorithm alone decides: a size without a row is another rule's. */
static bool find_kind(
    const struct lint_facts *facts, enum key_kind *kind, const char **title)
{
    static const uint8_t rsa[] = {
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
    static const uint8_t ec[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};

    if (facts->key_algorithm != NULL) {
        *kind = facts->key_algorithm->kind;
        *title = facts->key_algorithm->title;
        return true;
    }
    *kind = KEY_KIND_RSA;
    *title = "RSA";
    if (bytes_equal(facts->key_oid, (struct bytes){rsa, sizeof(rsa)}))
        return true;
    *kind = KEY_KIND_EC;
    *title = "an elliptic curve";
    return bytes_equal(facts->key_oid, (struct bytes){ec, sizeof(ec)});
}

static void key_usage_fits(const struct lint_facts *facts, struct lint_pen *pen)
{
    enum key_kind kind;
    const char *title = NULL;

    if (find_kind(facts, &kind, &title) &&
        (facts->key_usage & usages_of_no_use(kind)) != 0)
        lint_find(
            pen, "keyUsage has a bit that a key of %s can't fulfil", title);
}

/* RFC 5480, 3: the two halves of keyAgreement need it. */
static void key_usage_halves(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const uint32_t halves = KEY_USAGE_ENCIPHER_ONLY | KEY_USAGE_DECIPHER_ONLY;

    if ((facts->key_usage & halves) != 0 &&
        (facts->key_usage & KEY_USAGE_KEY_AGREEMENT) == 0)
        lint_find(pen, "keyUsage has encipherOnly or decipherOnly without "
                       "keyAgreement");
}

static void authority_does_not_encrypt(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const uint32_t encrypts =
        KEY_USAGE_KEY_ENCIPHERMENT | KEY_USAGE_DATA_ENCIPHERMENT;

    if (facts->basic.is_authority && (facts->key_usage & encrypts) != 0)
        lint_find(pen, "an authority's key encrypts as well as it signs");
}

/* RFC 8813, 3: of a curve's key, a leaf that is no authority. */
static void leaf_curve_usage(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    const uint32_t allowed = KEY_USAGE_DIGITAL_SIGNATURE |
                             KEY_USAGE_NON_REPUDIATION |
                             KEY_USAGE_KEY_AGREEMENT | KEY_USAGE_ENCIPHER_ONLY |
                             KEY_USAGE_DECIPHER_ONLY;
    enum key_kind kind;
    const char *title = NULL;

    if (lint_is_leaf(facts) && find_kind(facts, &kind, &title) &&
        kind == KEY_KIND_EC && (facts->key_usage & ~allowed) != 0)
        lint_find(
            pen, "keyUsage has a bit that no leaf with a key of %s has", title);
}

static void server_curve_agreement(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    enum key_kind kind;
    const char *title = NULL;

    if (lint_is_server(facts) && find_kind(facts, &kind, &title) &&
        kind == KEY_KIND_EC &&
        (facts->key_usage & KEY_USAGE_KEY_AGREEMENT) != 0)
        lint_find(pen,
            "a server's key of %s agrees: TLS 1.2 with static "
            "ECDH alone needs it",
            title);
}

#define USAGE(title, where, function)                                 \
    {                                                                 \
        .name = (title), .reference = (where), .check = (function),   \
        .scope = LINT_RFC5280, .on_drafts = true, .on_requests = true \
    }

const struct lint_rule lint_rules_of_usage[] = {
    {.name = "key-usage-present",
        .reference = "RFC 5280, 4.2.1.3",
        .check = key_usage_present,
        .scope = LINT_OWN,
        .on_drafts = true},
    USAGE("key-usage-bits", "RFC 5280, 4.2.1.3", key_usage_bits),
    USAGE("key-usage-encoding", "X.690, 11.2.2", key_usage_encoding),
    USAGE("key-usage-length", "RFC 5280, 4.2.1.3", key_usage_length),
    USAGE("key-usage-fits", "RFC 3279, 2.3; RFC 8410, 5; RFC 9881, 5",
        key_usage_fits),
    USAGE("key-usage-halves", "RFC 5480, 3", key_usage_halves),
    {.name = "authority-does-not-encrypt",
        .reference = "RFC 3279, 2.3.1",
        .check = authority_does_not_encrypt,
        .scope = LINT_RFC5280,
        .on_drafts = true},
    {.name = "leaf-curve-usage",
        .reference = "RFC 8813, 3",
        .check = leaf_curve_usage,
        .scope = LINT_RFC5280},
    {.name = "server-curve-agreement",
        .reference = "CA/Browser Forum BR, 7.1.2.7.11",
        .check = server_curve_agreement,
        .scope = LINT_BR},
    {0},
};
