#include "support/lint_draft.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "x509/der_writer.h"
#include "x509/lint/rules.h"

/* What the helpers below encode stays here until the next test. */
static uint8_t desk[512 * 1024];
static size_t desk_used;

int clear_desk(void **state)
{
    (void)state;
    desk_used = 0;
    return 0;
}

struct bytes kept(struct bytes bytes)
{
    uint8_t *start = desk + desk_used;

    assert_true(bytes.length <= sizeof(desk) - desk_used);
    if (bytes.length > 0)
        memcpy(start, bytes.start, bytes.length);
    desk_used += bytes.length;
    return (struct bytes){.start = start, .length = bytes.length};
}

static struct bytes taken(struct der_writer *writer)
{
    struct bytes encoding = {0};
    struct failure why = {0};

    assert_true(der_writer_take(writer, &encoding, &why));
    return kept(encoding);
}

struct bytes element(unsigned int tag, struct bytes contents)
{
    static uint8_t room[128 * 1024];
    struct der_writer writer = der_writer_in(room, sizeof(room));

    der_write_element(&writer, tag, contents);
    return taken(&writer);
}

struct bytes joined(struct bytes a, struct bytes b)
{
    struct bytes first = kept(a);

    (void)kept(b);
    return (struct bytes){.start = first.start, .length = a.length + b.length};
}

struct bytes name(const char *text)
{
    RELEASED(buffer) encoding = BUFFER("name", 64 * 1024);
    struct failure why = {0};

    assert_true(name_read(text, &encoding, &why));
    return kept(buffer_view(&encoding));
}

/* A Name of one attribute in a string type of one's choice. */
struct bytes name_of(enum oid type, unsigned int tag, struct bytes text)
{
    struct bytes oid = element(DER_OBJECT_IDENTIFIER, oid_contents(type));
    struct bytes pair = joined(oid, element(tag, text));

    return element(DER_SEQUENCE, element(DER_SET, element(DER_SEQUENCE, pair)));
}

struct bytes text(const char *zero_ended)
{
    return bytes_of_text(zero_ended);
}

struct bytes times(int64_t from, int64_t until)
{
    static uint8_t room[64];
    struct der_writer writer = der_writer_in(room, sizeof(room));

    der_write_time(&writer, until);
    der_write_time(&writer, from);
    return taken(&writer);
}

struct bytes usage(uint32_t bits)
{
    static uint8_t room[16];
    struct der_writer writer = der_writer_in(room, sizeof(room));

    der_write_named_bits(&writer, bits, 9);
    return taken(&writer);
}

/* DER: { algorithm of P-256, a point that is none }: lint does no arithmetic.
 */
static struct bytes key_number(uint8_t number)
{
    uint8_t bits[66] = {0, 0x04};

    memset(bits + 2, number, 64);
    return element(DER_SEQUENCE,
        joined(key_algorithm_named("p256")->identifier,
            element(DER_BIT_STRING,
                (struct bytes){.start = bits, .length = sizeof(bits)})));
}

static struct bytes identifier_of(struct bytes key)
{
    struct der_reader reader = der_reader_of(key);
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
    struct spki spki = {0};
    struct failure why = {0};

    assert_true(spki_read(&reader, &spki, &why));
    assert_true(key_identifier(spki.bits, identifier, &why));
    return kept(
        (struct bytes){.start = identifier, .length = sizeof(identifier)});
}

void add(struct draft *draft, enum oid type, bool critical, struct bytes value)
{
    assert_true(draft->part_count < PARTS_MAX);
    draft->parts[draft->part_count++] =
        (struct part){.type = type, .critical = critical, .value = value};
}

struct part *part(struct draft *draft, enum oid type)
{
    for (size_t i = 0; i < draft->part_count; i++) {
        if (draft->parts[i].type == type)
            return &draft->parts[i];
    }
    fail_msg("the draft has no such extension");
    return NULL;
}

void take_away(struct draft *draft, enum oid type)
{
    struct part *gone = part(draft, type);

    *gone = draft->parts[--draft->part_count];
}

struct bytes dns_names(const char *first)
{
    return element(DER_SEQUENCE, element(DER_CONTEXT(2), text(first)));
}

static struct draft common_draft(void)
{
    static const uint8_t serial[] = {
        1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17};

    return (struct draft){
        .version = 2,
        .serial = {.start = serial, .length = sizeof(serial)},
        .algorithm = key_algorithm_named("p256")->signs_with->identifier,
        .issuer = name("CN=Issuing Authority,O=Example"),
    };
}

struct bytes own_identifier(uint8_t key)
{
    return element(DER_OCTET_STRING, identifier_of(key_number(key)));
}

struct bytes issuer_identifier(uint8_t key)
{
    return element(
        DER_SEQUENCE, element(DER_CONTEXT(0), identifier_of(key_number(key))));
}

struct draft good_leaf(void)
{
    struct draft draft = common_draft();

    draft.validity = times(YEAR_2026, YEAR_2026 + 90 * DAY_S);
    draft.subject = name("CN=www.example.org,O=Example,C=DE");
    draft.key = key_number(LEAF_KEY);
    add(&draft, OID_KEY_USAGE, true, usage(KEY_USAGE_DIGITAL_SIGNATURE));
    add(&draft, OID_EXTENDED_KEY_USAGE, false,
        element(DER_SEQUENCE,
            element(DER_OBJECT_IDENTIFIER, oid_contents(OID_SERVER_AUTH))));
    add(&draft, OID_SUBJECT_ALT_NAME, false, dns_names("www.example.org"));
    add(&draft, OID_SUBJECT_KEY_IDENTIFIER, false, own_identifier(LEAF_KEY));
    add(&draft, OID_AUTHORITY_KEY_IDENTIFIER, false,
        issuer_identifier(ISSUER_KEY));
    return draft;
}

/* A root: its own issuer. */
struct draft good_root(void)
{
    struct draft draft = common_draft();

    draft.validity = times(YEAR_2026 - DAY_S, YEAR_2026 + 3650 * DAY_S);
    draft.subject = draft.issuer;
    draft.key = key_number(ISSUER_KEY);
    add(&draft, OID_BASIC_CONSTRAINTS, true,
        element(DER_SEQUENCE, BYTES(DER_BOOLEAN, 1, 0xff)));
    add(&draft, OID_KEY_USAGE, true,
        usage(KEY_USAGE_CERT_SIGN | KEY_USAGE_CRL_SIGN));
    add(&draft, OID_SUBJECT_KEY_IDENTIFIER, false, own_identifier(ISSUER_KEY));
    return draft;
}

/* An authority below the root. */
struct draft good_subordinate(void)
{
    struct draft draft = good_root();

    draft.validity = times(YEAR_2026, YEAR_2026 + 365 * DAY_S);
    draft.subject = name("CN=Subordinate");
    draft.key = key_number(LEAF_KEY);
    part(&draft, OID_SUBJECT_KEY_IDENTIFIER)->value = own_identifier(LEAF_KEY);
    add(&draft, OID_AUTHORITY_KEY_IDENTIFIER, false,
        issuer_identifier(ISSUER_KEY));
    return draft;
}

static struct bytes encoded_part(const struct part *part)
{
    struct bytes value = element(DER_OCTET_STRING, part->value);

    struct bytes type = part->type_contents.length > 0
                            ? part->type_contents
                            : oid_contents(part->type);

    if (part->critical)
        value = joined(BYTES(DER_BOOLEAN, 1, 0xff), value);
    else if (part->says_false)
        value = joined(BYTES(DER_BOOLEAN, 1, 0), value);
    return element(
        DER_SEQUENCE, joined(element(DER_OBJECT_IDENTIFIER, type), value));
}

struct bytes encoded_parts(const struct draft *draft)
{
    struct bytes all = {0};

    for (size_t i = 0; i < draft->part_count; i++)
        all = joined(all, encoded_part(&draft->parts[i]));
    return all;
}

struct bytes encoded_draft(const struct draft *draft)
{
    const uint8_t version[] = {DER_INTEGER, 1, (uint8_t)draft->version};
    const struct bytes fields[] = {
        element(DER_CONTEXT_HOLDING(0),
            (struct bytes){.start = version, .length = sizeof(version)}),
        element(DER_INTEGER, draft->serial),
        draft->algorithm,
        draft->issuer,
        element(DER_SEQUENCE, draft->validity),
        draft->subject,
        draft->key,
        draft->unique,
        element(DER_CONTEXT_HOLDING(3),
            element(DER_SEQUENCE, encoded_parts(draft))),
    };
    struct bytes all = {0};

    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++)
        all = joined(all, fields[i]);
    return element(DER_SEQUENCE, all);
}

struct bytes encoded_certificate(const struct draft *draft)
{
    struct bytes algorithm =
        draft->beside.length > 0 ? draft->beside : draft->algorithm;
    struct bytes body = encoded_draft(draft);

    return element(
        DER_SEQUENCE, joined(joined(body, algorithm),
                          element(DER_BIT_STRING, BYTES(0, 1, 2, 3))));
}

struct tbs_certificate read_draft(const struct draft *draft)
{
    struct tbs_certificate tbs = {0};
    struct failure why = {0};

    if (!tbs_certificate_read(encoded_draft(draft), &tbs, &why))
        fail_msg("%s", why.reason);
    return tbs;
}

/* Which rules have been seen to fire, by their place in the tables. */
static bool fired[512];

bool names_rule(const struct lint_report *report, const char *rule)
{
    for (size_t i = 0; i < report->count; i++) {
        if (strcmp(report->findings[i].rule, rule) == 0)
            return true;
    }
    return false;
}

void remember(const struct lint_report *report)
{
    for (size_t i = 0; i < report->count; i++) {
        for (size_t place = 0; lint_rule_at(place) != NULL; place++)
            fired[place] |= strcmp(lint_rule_at(place)->name,
                                report->findings[i].rule) == 0;
    }
}

void assert_findings(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer, const char *rule,
    const char *sentence)
{
    struct lint_report report;

    assert_int_equal(lint_draft(draft, issuer, NULL, &report), rule == NULL);
    remember(&report);
    if (rule == NULL) {
        assert_int_equal(report.count, 0);
        return;
    }
    assert_string_equal(report.findings[0].rule, rule);
    assert_string_equal(report.findings[0].sentence, sentence);
    assert_int_equal(report.count, 1);
}

/* Below the good root: exactly this rule fires, and says this. */
void assert_breaks(
    const struct draft *draft, const char *rule, const char *sentence)
{
    struct draft root = good_root();
    struct tbs_certificate issuer = read_draft(&root);
    struct tbs_certificate tbs = read_draft(draft);

    assert_findings(&tbs, &issuer, rule, sentence);
}

bool rule_has_fired(size_t place_in_table)
{
    return fired[place_in_table];
}
