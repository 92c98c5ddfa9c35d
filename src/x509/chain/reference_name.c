#include "x509/chain/reference_name.h"

#include <arpa/inet.h>
#include <string.h>

#include "base/text.h"
#include "x509/chain/host.h"
#include "x509/chain/judgement.h"

#define NAME_SHOWN 80
/* Of the names that are told of where none matches. */
#define NAMES_SHOWN 200

static bool is_ascii(struct bytes text)
{
    for (size_t i = 0; i < text.length; i++) {
        if (text.start[i] >= 0x80)
            return false;
    }
    return true;
}

static bool refuse(
    const char *kind, struct bytes text, const char *rule, struct failure *why)
{
    RELEASED(buffer) shown = BUFFER("a name", 8 * 1024);
    const char *words = "";
    struct failure unshown = {0};
    struct bytes head = {
        text.start, text.length < NAME_SHOWN ? text.length : NAME_SHOWN};

    if (!text_append_visible(&shown, head, &unshown) ||
        !buffer_as_text(&shown, &words, &unshown))
        words = "";
    return fail_because(
        why, FAILURE_UNSUITABLE, "\"%s\" is no %s: %s", words, kind, rule);
}

static bool read_host(struct bytes text, struct failure *why)
{
    struct bytes host = text;

    if (!is_ascii(text))
        return refuse("DNS name", text,
            "it has letters beyond ASCII; write its A-label (xn--...), as "
            "`idn2 NAME` prints it",
            why);
    if (host.length > 1 && host.start[host.length - 1] == '.')
        host.length--;
    if (!host_is_wellformed(host))
        return refuse("DNS name", text,
            "it is labels of 1 to 63 letters, digits and inner hyphens, 253 "
            "bytes in all (RFC 1034, 3.5)",
            why);
    if (!host_is_domain(host))
        return refuse("DNS name", text,
            "its last label is digits alone, as of an address (RFC 3696, 2)",
            why);
    return true;
}

static bool read_address(struct bytes text, struct reference_name *name)
{
    char copy[INET6_ADDRSTRLEN] = "";

    if (text.length >= 2 && text.start[0] == '[' &&
        text.start[text.length - 1] == ']')
        text = (struct bytes){text.start + 1, text.length - 2};
    if (text.length == 0 || text.length >= sizeof(copy) ||
        memchr(text.start, 0, text.length) != NULL)
        return false;
    memcpy(copy, text.start, text.length);
    if (inet_pton(AF_INET, copy, name->address) == 1)
        name->address_length = 4;
    else if (inet_pton(AF_INET6, copy, name->address) == 1)
        name->address_length = 16;
    return name->address_length > 0;
}

static bool read_mailbox(struct bytes text, struct failure *why)
{
    struct bytes local = {0}, domain = {0};

    if (!text_is_utf8(text) || !mailbox_split(text, &local, &domain))
        return refuse("mailbox", text,
            "it is up to 64 bytes, one @ and a DNS name (RFC 5321, 4.1.2)",
            why);
    return read_host(domain, why);
}

bool reference_name_read(enum reference_kind kind, struct bytes text,
    struct reference_name *name, struct failure *why)
{
    struct reference_name found = {.kind = kind, .text = text};
    struct uri_parts parts = {0};
    bool reads = false;

    switch (kind) {
    case REFERENCE_DNS:
        reads = read_host(text, why);
        break;
    case REFERENCE_IP:
        reads = read_address(text, &found) ||
                refuse("IP address", text,
                    "it is 192.0.2.1 or 2001:db8::1 (RFC 4291, 2.2)", why);
        break;
    case REFERENCE_EMAIL:
        reads = read_mailbox(text, why);
        break;
    case REFERENCE_URI:
        reads = uri_split(text, &parts) ||
                refuse("URI", text,
                    "it has no scheme as https: in front (RFC 3986, 3)", why);
        break;
    }
    if (reads)
        *name = found;
    return reads;
}

static bool begins(struct bytes text, const char *word)
{
    struct bytes wanted = bytes_of_text(word);

    return text.length > wanted.length &&
           host_equals((struct bytes){text.start, wanted.length}, wanted);
}

static bool holds(struct bytes text, const char *word)
{
    struct bytes wanted = bytes_of_text(word);

    return text.length > 0 &&
           memmem(text.start, text.length, wanted.start, wanted.length) != NULL;
}

bool reference_name_guess(
    struct bytes text, struct reference_name *name, struct failure *why)
{
    static const struct {
        const char *word;
        enum reference_kind kind;
    } said[] = {{"dns:", REFERENCE_DNS}, {"ip:", REFERENCE_IP},
        {"email:", REFERENCE_EMAIL}, {"uri:", REFERENCE_URI}};
    struct reference_name address = {.kind = REFERENCE_IP, .text = text};

    for (size_t i = 0; i < sizeof(said) / sizeof(*said); i++) {
        size_t length = strlen(said[i].word);

        if (begins(text, said[i].word))
            return reference_name_read(said[i].kind,
                (struct bytes){text.start + length, text.length - length}, name,
                why);
    }
    if (holds(text, "://"))
        return reference_name_read(REFERENCE_URI, text, name, why);
    if (holds(text, "@"))
        return reference_name_read(REFERENCE_EMAIL, text, name, why);
    if (read_address(text, &address)) {
        *name = address;
        return true;
    }
    return reference_name_read(REFERENCE_DNS, text, name, why);
}

/*
 * RFC 9525, 6.3 and 6.5: scheme and host.  A URI that names one thing on a
 * host (spiffe://domain/workload) is not the host: it must be the whole.
 */
static bool uri_matches(struct bytes presented, struct bytes reference)
{
    struct uri_parts shown = {0}, wanted = {0};
    bool is_host;

    if (!uri_split(presented, &shown) || !uri_split(reference, &wanted))
        return false;
    if (bytes_equal(presented, reference))
        return true;
    is_host = shown.path.length == 0 ||
              (shown.path.length == 1 && shown.path.start[0] == '/');
    return is_host && host_equals(shown.scheme, wanted.scheme) &&
           host_is_wellformed(shown.host) &&
           host_equals(shown.host, wanted.host);
}

static bool mailbox_matches(
    const struct general_name *presented, struct bytes reference)
{
    struct bytes utf8 = {0};

    if (presented->kind == GENERAL_NAME_OTHER)
        return smtp_utf8_mailbox(presented->value, &utf8) &&
               mailbox_equals(utf8, reference);
    return is_ascii(reference) && mailbox_equals(presented->value, reference);
}

static bool name_matches_reference(const struct general_name *presented,
    const struct reference_name *reference)
{
    const struct bytes address = {
        reference->address, reference->address_length};

    switch (reference->kind) {
    case REFERENCE_DNS:
        return host_matches(presented->value, reference->text);
    case REFERENCE_IP:
        return bytes_equal(presented->value, address);
    case REFERENCE_EMAIL:
        return mailbox_matches(presented, reference->text);
    case REFERENCE_URI:
        return uri_matches(presented->value, reference->text);
    }
    return false;
}

static bool is_of_kind(
    const struct general_name *presented, enum reference_kind kind)
{
    struct bytes utf8 = {0};

    switch (kind) {
    case REFERENCE_DNS:
        return presented->kind == GENERAL_NAME_DNS;
    case REFERENCE_IP:
        return presented->kind == GENERAL_NAME_IP;
    case REFERENCE_EMAIL:
        return presented->kind == GENERAL_NAME_EMAIL ||
               (presented->kind == GENERAL_NAME_OTHER &&
                   smtp_utf8_mailbox(presented->value, &utf8));
    case REFERENCE_URI:
        return presented->kind == GENERAL_NAME_URI;
    }
    return false;
}

static const struct {
    enum chain_rule rule;
    const char *noun;
} kinds[] = {
    [REFERENCE_DNS] = {RULE_NAME_DNS, "DNS name"},
    [REFERENCE_IP] = {RULE_NAME_IP, "IP address"},
    [REFERENCE_EMAIL] = {RULE_NAME_EMAIL, "mailbox"},
    [REFERENCE_URI] = {RULE_NAME_URI, "URI"},
};

static void list_name(
    const struct general_name *presented, struct buffer *listed)
{
    struct failure cut = {0};

    if (listed->length >= NAMES_SHOWN)
        return;
    if (listed->length > 0 && !buffer_append_text(listed, ", ", &cut))
        return;
    (void)!general_name_print(presented, listed, &cut);
}

static bool fail_name(struct judgement *judgement,
    const struct reference_name *reference, size_t count, struct buffer *listed)
{
    RELEASED(buffer) wanted = BUFFER("a name", 64 * 1024);
    struct failure unshown = {0};
    const char *wanted_text = "", *listed_text = "";

    if (!text_append_visible(&wanted, reference->text, &unshown) ||
        !buffer_as_text(&wanted, &wanted_text, &unshown))
        wanted_text = "";
    if (count == 0)
        return judge_fail(judgement, kinds[reference->kind].rule,
            VERDICT_NAME_MISSING, 0,
            "%.120s is asked for, and subjectAltName has no %s", wanted_text,
            kinds[reference->kind].noun);
    if (!buffer_as_text(listed, &listed_text, &unshown))
        listed_text = "";
    return judge_fail(judgement, kinds[reference->kind].rule,
        VERDICT_NAME_MISMATCH, 0, "%.120s is asked for; named are: %.*s%s",
        wanted_text, NAMES_SHOWN, listed_text,
        listed->length > NAMES_SHOWN ? "..." : "");
}

static bool judge_name_of_kind(
    struct judgement *judgement, const struct reference_name *reference)
{
    RELEASED(buffer) listed = BUFFER("names", 512 * 1024);
    struct der_reader names = judgement->path[0]->other_names;
    struct general_name presented = {0};
    struct failure unread = {0};
    size_t count = 0;

    while (
        !der_at_end(&names) && general_name_next(&names, &presented, &unread)) {
        if (!is_of_kind(&presented, reference->kind))
            continue;
        count++;
        if (name_matches_reference(&presented, reference)) {
            judge_pass(judgement, kinds[reference->kind].rule, 0,
                "%.*s is among the names", (int)reference->text.length,
                (const char *)reference->text.start);
            return true;
        }
        list_name(&presented, &listed);
    }
    return fail_name(judgement, reference, count, &listed);
}

bool judge_names(struct judgement *judgement)
{
    const struct chain_question *question = judgement->question;
    bool holds_all = true;

    for (size_t i = 0; i < question->name_count; i++) {
        if (!judge_name_of_kind(judgement, &question->names[i]))
            holds_all = false;
        if (!judge_goes_on(judgement))
            break;
    }
    return holds_all;
}
