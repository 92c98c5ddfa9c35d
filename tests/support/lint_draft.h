#ifndef TESTS_SUPPORT_LINT_DRAFT_H
#define TESTS_SUPPORT_LINT_DRAFT_H

#include "x509/lint/lint.h"

/* A draft in parts: each test takes a good one and spoils one part of it. */
struct part {
    enum oid type;
    struct bytes type_contents; /* length 0: those of type */
    bool critical;
    bool says_false; /* "critical FALSE", which DER leaves out */
    struct bytes value;
};

#define PARTS_MAX 16

struct draft {
    int version; /* 2 is v3 */
    struct bytes serial;
    struct bytes algorithm;
    struct bytes issuer;
    struct bytes validity; /* contents */
    struct bytes subject;
    struct bytes key;    /* whole SubjectPublicKeyInfo */
    struct bytes unique; /* what stands behind it, as a unique identifier */
    struct bytes
        beside; /* algorithm beside the signature; length 0: the same */
    struct part parts[PARTS_MAX];
    size_t part_count;
};

#define BYTES(...)                                           \
    ((struct bytes){.start = (const uint8_t[]){__VA_ARGS__}, \
        .length = sizeof((const uint8_t[]){__VA_ARGS__})})

/* What the helpers encode stays until the next test: a setup of each. */
int clear_desk(void **state);

struct bytes kept(struct bytes bytes);
struct bytes element(unsigned int tag, struct bytes contents);
struct bytes joined(struct bytes a, struct bytes b);
struct bytes text(const char *zero_ended);
struct bytes name(const char *text);
/* A Name of one attribute in a string type of one's choice. */
struct bytes name_of(enum oid type, unsigned int tag, struct bytes text);
struct bytes times(int64_t from, int64_t until);
struct bytes usage(uint32_t bits);
struct bytes dns_names(const char *first);

#define ISSUER_KEY 1
#define LEAF_KEY 2
#define YEAR_2026 INT64_C(1767225600)
#define DAY_S INT64_C(86400)

/* Values of extensions that name the key with this number. */
struct bytes own_identifier(uint8_t key);
struct bytes issuer_identifier(uint8_t key);

void add(struct draft *draft, enum oid type, bool critical, struct bytes value);
struct part *part(struct draft *draft, enum oid type);
void take_away(struct draft *draft, enum oid type);

struct draft good_leaf(void);
struct draft good_root(void); /* its own issuer */
struct draft good_subordinate(void);

struct bytes encoded_parts(const struct draft *draft);
struct bytes encoded_draft(const struct draft *draft);
/* With a signature that is none. */
struct bytes encoded_certificate(const struct draft *draft);
struct tbs_certificate read_draft(const struct draft *draft);

/* Exactly this rule fires, and says this; NULL: none does.  What fires is
 * remembered for rule_has_fired. */
void assert_findings(const struct tbs_certificate *draft,
    const struct tbs_certificate *issuer, const char *rule,
    const char *sentence);
/* ... below the good root. */
void assert_breaks(
    const struct draft *draft, const char *rule, const char *sentence);

/* Does the report hold a finding of this rule? */
bool names_rule(const struct lint_report *report, const char *rule);
void remember(const struct lint_report *report);
bool rule_has_fired(size_t place_in_table);

#endif
