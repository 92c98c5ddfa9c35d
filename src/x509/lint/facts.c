#include "x509/algorithm_identifier.h"
#include "x509/lint/rules.h"

const struct extension *lint_extension(
    const struct lint_facts *facts, enum oid type)
{
    for (size_t i = 0; i < facts->extension_count; i++) {
        if (facts->extensions[i].type == type)
            return &facts->extensions[i];
    }
    return NULL;
}

struct der_reader lint_list(const struct lint_facts *facts, enum oid type)
{
    const struct extension *extension = lint_extension(facts, type);

    return extension == NULL ? (struct der_reader){0}
                             : facts->lists[extension - facts->extensions];
}

bool lint_is_leaf(const struct lint_facts *facts)
{
    return !facts->basic.is_authority && facts->issuer_is != LINT_ISSUER_ITSELF;
}

bool lint_is_root(const struct lint_facts *facts)
{
    return facts->basic.is_authority && facts->issuer_is == LINT_ISSUER_ITSELF;
}

bool lint_is_subordinate(const struct lint_facts *facts)
{
    return facts->basic.is_authority && facts->issuer_is != LINT_ISSUER_ITSELF;
}

bool lint_is_server(const struct lint_facts *facts)
{
    const struct lint_purposes *purposes = &facts->purposes;

    if (!lint_is_leaf(facts))
        return false;
    if (purposes->count == 0)
        return (facts->policies & (LINT_POLICIES_MAIL | LINT_POLICY_CODE)) == 0;
    return purposes->any || purposes->server;
}

bool lint_is_code_signing(const struct lint_facts *facts)
{
    return lint_is_leaf(facts) &&
           (facts->purposes.code || (facts->policies & LINT_POLICY_CODE) != 0);
}

static bool holds_mailbox(const struct lint_facts *facts)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_EMAIL)
            return true;
    }
    return false;
}

bool lint_is_email(const struct lint_facts *facts)
{
    if (!lint_is_leaf(facts))
        return false;
    return (facts->policies & LINT_POLICIES_MAIL) != 0 ||
           (facts->purposes.email && holds_mailbox(facts));
}

const struct name_attribute *lint_attribute(
    const struct lint_facts *facts, enum oid type)
{
    for (size_t i = 0; i < facts->subject_count; i++) {
        if (facts->subject[i].type == type)
            return &facts->subject[i];
    }
    return NULL;
}

static struct der_reader list_in(const struct extension *extension)
{
    struct der_reader reader = der_reader_of(extension->value), list = {0};
    struct failure unread = {0};

    if (!der_read(&reader, DER_SEQUENCE, &list, &unread))
        return (struct der_reader){0};
    return list;
}

static bool gather_extensions(struct lint_facts *facts, struct failure *why)
{
    struct der_reader extensions = facts->body->extensions;

    while (!der_at_end(&extensions)) {
        if (facts->extension_count == EXTENSIONS_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "there are more than %d extensions", EXTENSIONS_MAX);
        if (!extension_next(
                &extensions, &facts->extensions[facts->extension_count], why))
            return false;
        facts->lists[facts->extension_count] =
            list_in(&facts->extensions[facts->extension_count]);
        facts->extension_count++;
    }
    return true;
}

static bool gather_constraints(struct lint_facts *facts, struct failure *why)
{
    const struct extension *basic =
        lint_extension(facts, OID_BASIC_CONSTRAINTS);

    return basic == NULL ||
           extension_basic_constraints(basic->value, &facts->basic, why);
}

static bool gather_key_usage(struct lint_facts *facts, struct failure *why)
{
    facts->key_usage_extension = lint_extension(facts, OID_KEY_USAGE);
    return facts->key_usage_extension == NULL ||
           extension_key_usage(
               facts->key_usage_extension->value, &facts->key_usage, why);
}

static void count_purpose(struct lint_purposes *purposes, enum oid purpose)
{
    const struct {
        enum oid oid;
        bool *flag;
    } known[] = {
        {OID_ANY_EXTENDED_KEY_USAGE, &purposes->any},
        {OID_SERVER_AUTH, &purposes->server},
        {OID_CLIENT_AUTH, &purposes->client},
        {OID_CODE_SIGNING, &purposes->code},
        {OID_EMAIL_PROTECTION, &purposes->email},
        {OID_TIME_STAMPING, &purposes->time},
        {OID_OCSP_SIGNING, &purposes->ocsp},
    };

    purposes->count++;
    for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
        if (known[i].oid != purpose)
            continue;
        *known[i].flag = true;
        return;
    }
    purposes->others = true;
}

static void gather_purposes(struct lint_facts *facts)
{
    struct der_reader list = lint_list(facts, OID_EXTENDED_KEY_USAGE);
    struct bytes purpose = {0};
    struct failure unread = {0};

    while (!der_at_end(&list) && der_read_oid(&list, &purpose, &unread))
        count_purpose(&facts->purposes, oid_of(purpose));
}

/* 2.23.140.1 and two or three arcs of one byte. */
static unsigned int policy_bits(struct bytes policy)
{
    static const struct {
        uint8_t arcs[3];
        unsigned int bits;
    } reserved[] = {
        {{1}, LINT_POLICY_EXTENDED},
        {{3}, LINT_POLICY_CODE},
        {{2, 1}, LINT_POLICY_DOMAIN},
        {{2, 2}, LINT_POLICY_ORGANIZATION},
        {{2, 3}, LINT_POLICY_INDIVIDUAL},
        {{4, 1}, LINT_POLICY_CODE},
    };
    static const uint8_t forum[] = {0x67, 0x81, 0x0c, 0x01};
    size_t length = sizeof(forum);

    if (oid_of(policy) == OID_ANY_POLICY)
        return LINT_POLICY_ANY;
    if (policy.length <= length || policy.length > length + 3 ||
        !bytes_equal((struct bytes){policy.start, length},
            (struct bytes){forum, length}))
        return 0;
    const uint8_t *arcs = policy.start + length;
    length = policy.length - length;
    if (length == 3 && arcs[0] == 5 && arcs[1] >= 1 && arcs[1] <= 4 &&
        arcs[2] >= 1 && arcs[2] <= 3)
        return (unsigned int)LINT_POLICY_MAILBOX << (arcs[1] - 1) |
               (unsigned int)LINT_POLICY_MAIL_LEGACY << (arcs[2] - 1);
    for (size_t i = 0; i < sizeof(reserved) / sizeof(*reserved); i++) {
        size_t arc_count = reserved[i].arcs[1] == 0 ? 1 : 2;

        if (bytes_equal((struct bytes){arcs, length},
                (struct bytes){reserved[i].arcs, arc_count}))
            return reserved[i].bits;
    }
    return 0;
}

static void gather_policies(struct lint_facts *facts)
{
    struct der_reader list = lint_list(facts, OID_CERTIFICATE_POLICIES);
    struct lint_policy_information policy = {0};

    while (lint_next_policy(&list, &policy)) {
        facts->policies |= policy_bits(policy.identifier);
        facts->policy_count++;
    }
}

static bool gather_own_identifiers(
    struct lint_facts *facts, struct failure *why)
{
    const struct extension *own =
        lint_extension(facts, OID_SUBJECT_KEY_IDENTIFIER);
    const struct extension *authority =
        lint_extension(facts, OID_AUTHORITY_KEY_IDENTIFIER);

    if (own != NULL && !extension_key_identifier(
                           own->value, &facts->subject_key_identifier, why))
        return false;
    return authority == NULL ||
           extension_authority_key_identifier(
               authority->value, &facts->authority_key_identifier, why);
}

/* Self-signed, by the names and what the key identifiers say of it. */
static void decide_issuer(struct lint_facts *facts)
{
    struct bytes named = facts->authority_key_identifier.identifier;

    if (facts->issuer_is != LINT_ISSUER_UNKNOWN ||
        name_is_empty(facts->body->subject) ||
        !bytes_equal(facts->body->issuer, facts->body->subject))
        return;
    if (named.length == 0 || facts->subject_key_identifier.length == 0 ||
        bytes_equal(named, facts->subject_key_identifier))
        facts->issuer_is = LINT_ISSUER_ITSELF;
}

static bool gather_issuer(struct lint_facts *facts, struct failure *why)
{
    struct extension extension = {0};
    bool found = false;

    decide_issuer(facts);
    if (facts->issuer_is == LINT_ISSUER_ITSELF)
        facts->issuer_key_identifier = facts->subject_key_identifier;
    if (facts->issuer == NULL)
        return true;
    if (!extensions_find(facts->issuer->extensions, OID_SUBJECT_KEY_IDENTIFIER,
            &extension, &found, why))
        return false;
    return !found || extension_key_identifier(
                         extension.value, &facts->issuer_key_identifier, why);
}

static bool read_subject(struct lint_facts *facts, struct failure *why)
{
    struct name_walk walk = {0};

    if (!name_walk_start(facts->body->subject, &walk, why))
        return false;
    while (!name_walk_at_end(&walk)) {
        if (facts->subject_count == NAME_DRAFT_ATTRIBUTES_MAX)
            return fail_because(why, FAILURE_UNSUITABLE,
                "it has more than %d attributes", NAME_DRAFT_ATTRIBUTES_MAX);
        if (!name_walk_next(&walk, &facts->subject[facts->subject_count], why))
            return false;
        facts->subject_count++;
    }
    return true;
}

static void gather_algorithm(
    struct bytes identifier, struct bytes *oid, struct bytes *parameters)
{
    struct der_reader reader = der_reader_of(identifier);
    struct algorithm_identifier found = {0};
    struct failure unread = {0};

    if (!algorithm_identifier_read(&reader, &found, &unread))
        return;
    *oid = found.oid;
    *parameters = found.parameters;
}

static void gather_key(struct lint_facts *facts)
{
    struct public_key_parts parts = {0};

    if (spki_parts(&facts->body->key, &parts, &facts->key_refused))
        facts->key_algorithm = parts.algorithm;
    gather_algorithm(
        facts->body->key.algorithm, &facts->key_oid, &facts->key_parameters);
    gather_algorithm(facts->body->signature_algorithm, &facts->signature_oid,
        &facts->signature_parameters);
}

/* One that can't be read does not hide what the others say. */
void lint_gather(struct lint_facts *facts)
{
    bool readable = gather_extensions(facts, &facts->unreadable);

    readable &= gather_constraints(facts, &facts->unreadable);
    readable &= gather_key_usage(facts, &facts->unreadable);
    readable &= gather_own_identifiers(facts, &facts->unreadable);
    readable &= gather_issuer(facts, &facts->unreadable);
    facts->is_readable = readable;
    facts->alternative_names = lint_extension(facts, OID_SUBJECT_ALT_NAME);
    gather_purposes(facts);
    gather_policies(facts);
    gather_key(facts);
    (void)!read_subject(facts, &facts->subject_unread);
}
