#include "x509/lint/rules.h"

/* What kinds of names a server's certificate may hold (BR 7.1.2.7.12). */

/* Authorities with names of servers are held to it, too. */
static bool is_of_servers(const struct lint_facts *facts)
{
    const struct lint_purposes *purposes = &facts->purposes;

    return lint_is_server(facts) ||
           (facts->basic.is_authority && (purposes->any || purposes->server));
}

static void kind_absent(const struct lint_facts *facts, struct lint_pen *pen)
{
    static const char *const kinds[] = {[GENERAL_NAME_OTHER] = "other name",
        [GENERAL_NAME_EMAIL] = "mailbox",
        [GENERAL_NAME_X400] = "X.400 address",
        [GENERAL_NAME_DIRECTORY] = "directory name",
        [GENERAL_NAME_EDI] = "EDI party name",
        [GENERAL_NAME_URI] = "URI",
        [GENERAL_NAME_REGISTERED_ID] = "registered identifier"};
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    if (!is_of_servers(facts))
        return;
    while (lint_next_name(&names, &name)) {
        if ((unsigned int)name.kind == pen->rule->about)
            lint_find(pen,
                "subjectAltName of a server holds a name of the "
                "kind \"%s\"",
                kinds[name.kind]);
    }
}

static void alternative_present(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    if (lint_is_server(facts) && facts->alternative_names == NULL)
        lint_find(pen, "a server has no subjectAltName");
}

static void address_reserved(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};

    if (!lint_is_server(facts))
        return;
    while (lint_next_name(&names, &name)) {
        if (name.kind == GENERAL_NAME_IP &&
            lint_is_reserved_address(name.value))
            lint_find(pen, "subjectAltName holds an address of a private or "
                           "reserved network");
    }
}

/* "4.3.2.1.in-addr.arpa": the address, or false where it is none. */
static bool read_reverse(struct bytes name, uint8_t address[static 4])
{
    struct bytes rest = name, label = {0};

    for (size_t i = 4; i > 0; i--) {
        unsigned int number = 0;

        if (!lint_next_label(&rest, &label) || label.length == 0 ||
            label.length > 3)
            return false;
        for (size_t j = 0; j < label.length; j++) {
            if (label.start[j] < '0' || label.start[j] > '9')
                return false;
            number = number * 10 + label.start[j] - '0';
        }
        if (number > 255)
            return false;
        address[i - 1] = (uint8_t)number;
    }
    return lint_equals(rest, "in-addr.arpa");
}

static bool is_reverse(struct bytes name)
{
    const size_t length = sizeof(".in-addr.arpa") - 1;

    return name.length > length &&
           lint_equals(
               (struct bytes){name.start + name.length - length, length},
               ".in-addr.arpa");
}

static void check_reverse(
    const struct lint_facts *facts, bool is_for_form, struct lint_pen *pen)
{
    struct der_reader names = lint_list(facts, OID_SUBJECT_ALT_NAME);
    struct general_name name = {0};
    uint8_t address[4] = {0};

    while (lint_is_server(facts) && lint_next_name(&names, &name)) {
        if (name.kind != GENERAL_NAME_DNS || !is_reverse(name.value))
            continue;
        bool is_read = read_reverse(name.value, address);
        if (is_for_form && !is_read)
            lint_find(pen, "a name below in-addr.arpa stands for no address");
        if (!is_for_form && is_read &&
            lint_is_reserved_address((struct bytes){address, 4}))
            lint_find(pen, "a name below in-addr.arpa stands for an address of "
                           "a private or reserved network");
    }
}

static void reverse_form(const struct lint_facts *facts, struct lint_pen *pen)
{
    check_reverse(facts, true, pen);
}

static void reverse_reserved(
    const struct lint_facts *facts, struct lint_pen *pen)
{
    check_reverse(facts, false, pen);
}

#define KIND(title, kind)                                                     \
    {                                                                         \
        .name = "server-names-" title,                                        \
        .reference = "CA/Browser Forum BR, 7.1.2.7.12", .check = kind_absent, \
        .scope = LINT_BR, .about = (kind)                                     \
    }

const struct lint_rule lint_rules_of_kinds[] = {
    {.name = "server-names-present",
        .reference = "CA/Browser Forum BR, 7.1.2.7.12",
        .check = alternative_present,
        .scope = LINT_BR},
    KIND("other", GENERAL_NAME_OTHER),
    KIND("email", GENERAL_NAME_EMAIL),
    KIND("x400", GENERAL_NAME_X400),
    KIND("directory", GENERAL_NAME_DIRECTORY),
    KIND("edi", GENERAL_NAME_EDI),
    KIND("uri", GENERAL_NAME_URI),
    KIND("registered", GENERAL_NAME_REGISTERED_ID),
    {.name = "reverse-name-form",
        .reference = "RFC 1035, 3.5",
        .check = reverse_form,
        .scope = LINT_RFC5280},
    {.name = "reverse-name-reserved",
        .reference = "CA/Browser Forum BR, 4.2.2",
        .check = reverse_reserved,
        .scope = LINT_BR},
    {.name = "address-reserved",
        .reference = "CA/Browser Forum BR, 4.2.2",
        .check = address_reserved,
        .scope = LINT_BR},
    {0},
};
