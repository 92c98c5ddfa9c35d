#include "authority/hierarchy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/json.h"
#include "crypto/openssl_scoped.h"
#include "x509/name.h"

/* A certificate of the answer, and what it says of itself. */
struct link {
    struct certificate certificate;
    struct basic_constraints basic;
    bool is_trusted; /* of --root */
    char shown[120]; /* its subject */
};

struct chain {
    const struct hierarchy_answer *answer;
    struct link links[2 * HIERARCHY_CHAIN_MAX];
    size_t count;
    const struct link *path[HIERARCHY_CHAIN_MAX]; /* ours first, root last */
    size_t length;
    /* whom it is for */
    char name[PROFILE_NAME_MAX];
    char key_sha256[SHA256_TEXT];
    int crl_shards;
    int64_t follows;
    bool is_awaited;
    char awaited[160]; /* names, for a reason */
};

/* --- reading ------------------------------------------------------------- */

static void show_name(struct bytes name, char shown[static 120])
{
    RELEASED(buffer) text = BUFFER("name", 64 * 1024);
    struct failure ignored = {0};
    const char *words = NULL;

    if (name_print(name, &text, &ignored) &&
        buffer_as_text(&text, &words, &ignored))
        (void)snprintf(shown, 120, "%.110s", *words == 0 ? "(no name)" : words);
    else
        (void)snprintf(shown, 120, "(a name that can't be shown)");
}

static bool add_link(
    struct chain *chain, struct bytes der, bool is_trusted, struct failure *why)
{
    struct link *link = &chain->links[chain->count];
    struct extension extension = {0};
    bool found = false;

    *link = (struct link){.is_trusted = is_trusted};
    if (!certificate_read(der, &link->certificate, why) ||
        !extensions_find(link->certificate.tbs.extensions,
            OID_BASIC_CONSTRAINTS, &extension, &found, why) ||
        (found &&
            !extension_basic_constraints(extension.value, &link->basic, why)))
        return false;
    show_name(link->certificate.tbs.subject, link->shown);
    chain->count++;
    return true;
}

static bool read_links(struct chain *chain, struct failure *why)
{
    const struct hierarchy_answer *answer = chain->answer;

    for (size_t i = 0; i < answer->root_count; i++) {
        if (!add_link(chain, answer->roots[i], true, why))
            return false;
    }
    for (size_t i = 0; i < answer->count; i++) {
        if (!add_link(chain, answer->certificates[i], false, why))
            return false;
    }
    return true;
}

/* --- whose key ----------------------------------------------------------- */

static bool has_key(const struct link *link, const char *sha256)
{
    char own[SHA256_TEXT];
    struct failure ignored = {0};

    return sha256_text(link->certificate.tbs.key.whole, own, &ignored) &&
           strcmp(own, sha256) == 0;
}

static bool match_awaited(
    void *context, const struct awaited_row *row, struct failure *why)
{
    struct chain *chain = context;
    size_t used = strlen(chain->awaited);

    (void)why;
    (void)snprintf(chain->awaited + used, sizeof(chain->awaited) - used,
        "%s\"%s\"", used == 0 ? "" : ", ", row->name);
    for (size_t i = 0; i < chain->count && !chain->is_awaited; i++) {
        if (chain->links[i].is_trusted ||
            !has_key(&chain->links[i], row->key_sha256))
            continue;
        chain->is_awaited = true;
        chain->path[0] = &chain->links[i];
        chain->length = 1;
        (void)snprintf(chain->name, sizeof(chain->name), "%s", row->name);
        (void)snprintf(chain->key_sha256, SHA256_TEXT, "%s", row->key_sha256);
        chain->crl_shards = row->crl_shards;
        chain->follows = row->follows;
    }
    return true;
}

static bool fail_not_awaited(const struct chain *chain, struct failure *why)
{
    if (chain->awaited[0] == '\0')
        return fail_because(why, FAILURE_NOT_FOUND,
            "no key here waits for a certificate; `ca request` makes one");
    return fail_because(why, FAILURE_NOT_FOUND,
        "%.80s: none of the %zu certificates in it is for a key that waits "
        "here (%s)",
        chain->answer->file, chain->answer->count, chain->awaited);
}

/* --- each certificate ---------------------------------------------------- */

static bool fail_link(const struct link *link, struct failure *why,
    enum failure_kind kind, const char *what)
{
    return fail_because(
        why, kind, "the certificate of %s %s", link->shown, what);
}

/* kb 45 */
static bool check_authority(const struct link *link, struct failure *why)
{
    const struct der_reader extensions = link->certificate.tbs.extensions;
    struct extension basic = {0}, usage = {0};
    bool has_basic = false, has_usage = false;
    uint32_t bits = 0;

    if (!extensions_find(
            extensions, OID_BASIC_CONSTRAINTS, &basic, &has_basic, why) ||
        !extensions_find(extensions, OID_KEY_USAGE, &usage, &has_usage, why) ||
        (has_usage && !extension_key_usage(usage.value, &bits, why)))
        return false;
    if (!link->basic.is_authority)
        return fail_link(link, why, FAILURE_UNSUITABLE,
            "is no authority's: basicConstraints does not say CA:TRUE");
    if (!basic.critical)
        return fail_link(link, why, FAILURE_UNSUITABLE,
            "has a basicConstraints that is not critical (RFC 5280, 4.2.1.9)");
    if (!has_usage || (bits & KEY_USAGE_CERT_SIGN) == 0)
        return fail_link(
            link, why, FAILURE_UNSUITABLE, "lacks keyCertSign in keyUsage");
    if ((bits & KEY_USAGE_CRL_SIGN) == 0)
        return fail_link(
            link, why, FAILURE_UNSUITABLE, "lacks cRLSign in keyUsage");
    return true;
}

static bool find_identifier(const struct link *link, enum oid type,
    struct bytes *identifier, struct failure *why)
{
    struct authority_key_identifier named = {0};
    struct extension extension = {0};
    bool found = false;

    *identifier = (struct bytes){0};
    if (!extensions_find(
            link->certificate.tbs.extensions, type, &extension, &found, why))
        return false;
    if (!found)
        return true;
    if (type == OID_SUBJECT_KEY_IDENTIFIER)
        return extension_key_identifier(extension.value, identifier, why);
    if (!extension_authority_key_identifier(extension.value, &named, why))
        return false;
    *identifier = named.identifier;
    return true;
}

static bool check_dates(const struct link *link, struct failure *why)
{
    const struct tbs_certificate *tbs = &link->certificate.tbs;
    char what[80], when[CLOCK_TEXT];
    int64_t now = clock_now();

    if (tbs->not_before <= now && now <= tbs->not_after)
        return true;
    clock_print(now < tbs->not_before ? tbs->not_before : tbs->not_after, when);
    (void)snprintf(what, sizeof(what),
        now < tbs->not_before ? "is not valid before %s" : "was valid until %s",
        when);
    return fail_link(link, why, FAILURE_UNSUITABLE, what);
}

static bool verifies(
    const struct link *link, const struct link *issuer, struct failure *why)
{
    struct public_key_parts parts = {0};
    SCOPED(EVP_PKEY) *key = NULL;

    return spki_parts(&issuer->certificate.tbs.key, &parts, why) &&
           public_key_make(&parts, &key, why) &&
           certificate_verify(&link->certificate, key, why);
}

/* --- from one to the next ------------------------------------------------ */

static bool is_self_issued(const struct link *link)
{
    return bytes_equal(
        link->certificate.tbs.issuer, link->certificate.tbs.subject);
}

static bool fail_no_issuer(const struct chain *chain, const struct link *link,
    struct bytes wanted, struct failure *why)
{
    const struct hierarchy_answer *answer = chain->answer;
    char issuer[120], identifier[2 * 32 + 1] = "none";

    show_name(link->certificate.tbs.issuer, issuer);
    if (wanted.length > 0 && wanted.length <= 32)
        hex_print(wanted, identifier);
    return fail_because(why, FAILURE_NOT_FOUND,
        "the issuer of %s is missing: %s, with the key identifier %s, is not "
        "among the %zu certificates in %.160s%s",
        link->shown, issuer, identifier, answer->count, answer->file,
        answer->root_count > 0 ? ", nor in --root" : "");
}

/* By name and, where both have one, key identifier (RFC 5280, 4.2.1.1). */
static bool find_issuer(const struct chain *chain, const struct link *link,
    const struct link **issuer, struct failure *why)
{
    struct bytes wanted = {0};

    if (!find_identifier(link, OID_AUTHORITY_KEY_IDENTIFIER, &wanted, why))
        return false;
    for (size_t i = 0; i < chain->count; i++) {
        const struct link *candidate = &chain->links[i];
        struct bytes own = {0};

        if (candidate == link ||
            !bytes_equal(candidate->certificate.tbs.subject,
                link->certificate.tbs.issuer))
            continue;
        if (!find_identifier(candidate, OID_SUBJECT_KEY_IDENTIFIER, &own, why))
            return false;
        if (wanted.length > 0 && own.length > 0 && !bytes_equal(wanted, own))
            continue;
        *issuer = candidate;
        return true;
    }
    return fail_no_issuer(chain, link, wanted, why);
}

static bool check_nested(
    const struct link *link, const struct link *issuer, struct failure *why)
{
    const struct tbs_certificate *own = &link->certificate.tbs;
    const struct tbs_certificate *above = &issuer->certificate.tbs;
    char what[200];

    if (above->not_before <= own->not_before &&
        own->not_after <= above->not_after)
        return true;
    (void)snprintf(what, sizeof(what),
        "is not valid within the dates of its issuer, %.100s", issuer->shown);
    return fail_link(link, why, FAILURE_UNSUITABLE, what);
}

/* RFC 5280, 6.1.4: of those between, which did not issue themselves. */
static bool check_path_length(
    const struct chain *chain, const struct link *issuer, struct failure *why)
{
    uint32_t between = 0;

    for (size_t i = 0; i < chain->length; i++)
        between += is_self_issued(chain->path[i]) ? 0 : 1;
    if (!issuer->basic.has_path_length || between <= issuer->basic.path_length)
        return true;
    return fail_because(why, FAILURE_UNSUITABLE,
        "the certificate of %s allows %u authorities below it; here it is %u",
        issuer->shown, issuer->basic.path_length, between);
}

static bool climb(struct chain *chain, struct failure *why)
{
    const struct link *link = chain->path[chain->length - 1];
    const struct link *issuer = NULL;
    struct failure wrong = {0};

    if (!find_issuer(chain, link, &issuer, why) ||
        !check_authority(issuer, why) || !check_dates(issuer, why))
        return false;
    if (!verifies(link, issuer, &wrong))
        return fail_because(why, wrong.kind,
            "the certificate of %s is not signed by %s: %.60s", link->shown,
            issuer->shown, wrong.reason);
    if (!check_nested(link, issuer, why) ||
        !check_path_length(chain, issuer, why))
        return false;
    if (chain->length == HIERARCHY_CHAIN_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the chain has more than %d certificates", HIERARCHY_CHAIN_MAX);
    chain->path[chain->length++] = issuer;
    return true;
}

static bool is_end(const struct link *link, bool *ends, struct failure *why)
{
    *ends = link->is_trusted;
    if (*ends || !is_self_issued(link))
        return true;
    *ends = true;
    return verifies(link, link, why) ||
           fail_link(link, why, FAILURE_UNSUITABLE,
               "bears its own name as the issuer's, and is not signed by its "
               "own key");
}

static bool check_own(const struct link *own, struct failure *why)
{
    struct bytes identifier = {0};

    if (!check_authority(own, why) || !check_dates(own, why) ||
        !find_identifier(own, OID_SUBJECT_KEY_IDENTIFIER, &identifier, why))
        return false;
    return identifier.length > 0 ||
           fail_link(own, why, FAILURE_UNSUITABLE,
               "has no subjectKeyIdentifier, which certificates below it "
               "name (RFC 5280, 4.2.1.2)");
}

/* The root among the answer's own certificates is taken at its word: who brings
 * it is the administrator; the journal and the answer name it. */
static bool check_chain(struct chain *chain, struct failure *why)
{
    bool ends = false;

    if (!check_own(chain->path[0], why))
        return false;
    while (!ends) {
        if (!climb(chain, why) ||
            !is_end(chain->path[chain->length - 1], &ends, why))
            return false;
    }
    return true;
}

/* The same answer again (kb 73). */
struct matching {
    const struct chain *chain;
    struct hierarchy_installed *installed;
};

static bool match_installed(
    void *context, const struct authority_row *row, struct failure *why)
{
    const struct matching *matching = context;
    struct hierarchy_installed *installed = matching->installed;

    (void)why;
    for (size_t i = 0; i < matching->chain->count; i++) {
        const struct link *link = &matching->chain->links[i];

        if (is_self_issued(link) ||
            !bytes_equal(link->certificate.whole, row->certificate))
            continue;
        (void)snprintf(
            installed->name, sizeof(installed->name), "%s", row->name);
        installed->was_there = true;
        installed->is_coming = row->state == AUTHORITY_COMING;
    }
    return true;
}

static bool examine(struct store *store, struct chain *chain,
    struct hierarchy_installed *installed, struct failure *why)
{
    struct matching matching = {chain, installed};

    if (!read_links(chain, why) ||
        !store_list_authorities(store, match_installed, &matching, why))
        return false;
    if (installed->was_there)
        return true;
    if (!store_list_awaited(store, match_awaited, chain, why))
        return false;
    if (!chain->is_awaited)
        return fail_not_awaited(chain, why);
    if (!check_chain(chain, why))
        return false;
    (void)snprintf(installed->name, sizeof(installed->name), "%s", chain->name);
    installed->is_coming = chain->follows != 0;
    installed->above = chain->length - 1;
    return sha256_text(chain->path[chain->length - 1]->certificate.whole,
        installed->root_sha256, why);
}

bool hierarchy_check(struct store *store, const struct hierarchy_answer *answer,
    struct hierarchy_installed *installed, struct failure *why)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    bool ok;

    if (chain == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    chain->answer = answer;
    ok = examine(store, chain, installed, why);
    free(chain);
    return ok;
}

/* --- recording ----------------------------------------------------------- */

static bool record_above(
    struct authority *authority, const struct chain *chain, struct failure *why)
{
    for (size_t i = 1; i < chain->length; i++) {
        const struct cross_certificate row = {
            .kind = i + 1 == chain->length ? ABOVE_ROOT : ABOVE_CHAIN,
            .certificate = chain->path[i]->certificate.whole,
            .made_at = clock_now()};

        if (!store_add_cross_certificate(authority->store, &row, why))
            return false;
    }
    return true;
}

static bool record_installed(
    struct authority *authority, void *context, struct failure *why)
{
    const struct chain *chain = context;
    const struct link *own = chain->path[0];
    const struct link *root = chain->path[chain->length - 1];
    const struct authority_row row = {.name = chain->name,
        .certificate = own->certificate.whole,
        .key_sha256 = chain->key_sha256,
        .issues = true,
        .made_at = clock_now(),
        .state = chain->follows != 0 ? AUTHORITY_COMING : AUTHORITY_ACTIVE,
        .crl_shards = chain->crl_shards,
        .follows = chain->follows};
    int64_t id = 0;

    return store_add_authority(authority->store, &row, &id, why) &&
           record_above(authority, chain, why) &&
           store_forget_awaited(authority->store, chain->name, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_AUTHORITY_INSTALLED,
                   .caller = chain->answer->caller,
                   .object = chain->name,
                   .more = json_pack("{s:s,s:s}", "subject", own->shown, "root",
                       root->shown)},
               why);
}

bool hierarchy_install(struct authority *authority,
    const struct hierarchy_answer *answer,
    struct hierarchy_installed *installed, struct failure *why)
{
    struct chain *chain = calloc(1, sizeof(*chain));
    bool ok;

    if (chain == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    chain->answer = answer;
    ok = examine(authority->store, chain, installed, why) &&
         (installed->was_there ||
             authority_write(authority, record_installed, chain, why));
    free(chain);
    return ok;
}
