#include "authority/people_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/password.h"

/* --- people -------------------------------------------------------------- */

struct entering {
    struct caller *caller;
    int64_t not_after; /* of the certificate */
};

static bool take_person(
    void *context, const struct person_row *row, struct failure *why)
{
    struct entering *entering = context;
    struct caller *caller = entering->caller;

    (void)why;
    entering->not_after = row->certificate_not_after;
    caller->role = role_from_store(row->role);
    caller->person = row->id;
    (void)snprintf(caller->actor, sizeof(caller->actor), "%s", row->name);
    (void)snprintf(
        caller->who, sizeof(caller->who), "person:%" PRId64, row->id);
    return true;
}

bool people_by_user(struct store *store, int64_t local_user, bool *found,
    struct caller *caller, struct failure *why)
{
    struct entering entering = {.caller = caller};

    return store_person_by_user(
        store, local_user, found, take_person, &entering, why);
}

/* Another certificate of this serial, of another authority, says nothing. */
static bool check_status(
    void *context, const struct certificate_row *row, struct failure *why)
{
    const struct bytes *certificate = context;

    if (row->status == CERTIFICATE_VALID || !row->sealed ||
        !bytes_equal(row->der, *certificate))
        return true;
    return fail_because(why, FAILURE_UNAUTHENTICATED,
        row->status == CERTIFICATE_HELD ? "this certificate is on hold"
                                        : "this certificate was revoked");
}

static bool check_revoked(
    struct store *store, struct bytes der, struct failure *why)
{
    struct certificate certificate = {0};

    if (!certificate_read(der, &certificate, why))
        return false;
    if (store_certificate_by_serial(
            store, certificate.tbs.serial, check_status, &der, why))
        return true;
    return why->kind == FAILURE_NOT_FOUND;
}

bool people_by_certificate(struct store *store, struct bytes certificate,
    struct caller *caller, struct failure *why)
{
    struct caller entered = {.door = caller->door};
    struct entering entering = {.caller = &entered};
    char sha256[SHA256_TEXT];
    bool found = false;

    if (!sha256_text(certificate, sha256, why) ||
        !store_person_by_certificate(
            store, sha256, &found, take_person, &entering, why))
        return false;
    if (!found || entering.not_after <= clock_now())
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "this certificate is nobody's here, or has ended");
    if (!check_revoked(store, certificate, why))
        return false;
    *caller = entered;
    return true;
}

/* --- tokens -------------------------------------------------------------- */

struct token_seen {
    struct caller *caller;
    int64_t expires_at;
};

static void take_rights(
    struct caller *caller, const char *profiles, const char *names)
{
    (void)snprintf(caller->profiles, sizeof(caller->profiles), "%s", profiles);
    (void)snprintf(caller->names, sizeof(caller->names), "%s", names);
}

static bool take_token(
    void *context, const struct token_row *row, struct failure *why)
{
    struct token_seen *seen = context;
    struct caller *caller = seen->caller;

    (void)why;
    seen->expires_at = row->expires_at;
    caller->way = CALLER_TOKEN;
    caller->role = role_from_store(row->role);
    (void)snprintf(caller->actor, sizeof(caller->actor), "token:%s", row->name);
    (void)snprintf(caller->who, sizeof(caller->who), "token:%" PRId64, row->id);
    take_rights(caller, row->profiles, row->names);
    return true;
}

/* Found by the hash of the whole: how much of a guess was right takes no
 * different time. */
bool people_check_token(struct store *store, struct bytes token,
    struct caller *caller, struct failure *why)
{
    struct caller entered = {.door = caller->door};
    struct token_seen seen = {.caller = &entered};
    char when[CLOCK_TEXT];
    char sha256[SHA256_TEXT];
    bool found = false;

    if (!sha256_text(token, sha256, why) ||
        !store_token_by_hash(store, sha256, &found, take_token, &seen, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "this token is unknown, or was ended");
    clock_print(seen.expires_at, when);
    if (seen.expires_at <= clock_now())
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "%s expired at %s; an administrator makes another (chancery token "
            "create)",
            entered.actor, when);
    *caller = entered;
    return true;
}

/* --- accounts ------------------------------------------------------------ */

static bool take_account(
    void *context, const struct account_row *row, struct failure *why)
{
    struct account_seen *seen = context;
    struct caller *caller = &seen->caller;

    (void)why;
    caller->way = CALLER_ACCOUNT;
    (void)snprintf(seen->password, sizeof(seen->password), "%s", row->password);
    (void)snprintf(
        caller->actor, sizeof(caller->actor), "account:%s", row->name);
    (void)snprintf(
        caller->who, sizeof(caller->who), "account:%" PRId64, row->id);
    take_rights(caller, row->profiles, row->names);
    return true;
}

bool people_find_account(struct store *store, const char *name,
    struct account_seen *seen, struct failure *why)
{
    *seen = (struct account_seen){.caller = {.way = CALLER_ANYONE}};
    return store_account_by_name(
        store, name, &seen->is_known, take_account, seen, why);
}

bool people_check_password(
    const struct account_seen *seen, struct bytes password, struct failure *why)
{
    bool matches = false;

    return password_verify(seen->is_known ? seen->password : NULL, password,
               &matches, why) &&
           (matches ||
               fail_because(why, FAILURE_UNAUTHENTICATED,
                   "there is no such account, or the password is another"));
}

/* --- links --------------------------------------------------------------- */

struct taking {
    const struct caller *caller;
    char link_sha256[SHA256_TEXT];
    char certificate_sha256[SHA256_TEXT];
    int64_t not_after;
    int64_t person;
    const struct failure *refusal;
};

static bool journal_link(
    struct store *store, const struct taking *taking, struct failure *why)
{
    char who[32] = "";

    if (taking->refusal == NULL)
        (void)snprintf(who, sizeof(who), "person:%" PRId64, taking->person);
    return journal_event(store,
        &(struct event){.kind = taking->refusal == NULL ? EVENT_LINK_USED
                                                        : EVENT_LINK_REFUSED,
            .caller = taking->caller,
            .object = who,
            .refusal = taking->refusal,
            .more = json_pack(
                "{s:s}", "certificate_sha256", taking->certificate_sha256)},
        why);
}

static bool take_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct taking *taking = context;

    return store_take_link(authority->store, taking->link_sha256, clock_now(),
               taking->certificate_sha256, taking->not_after, &taking->person,
               why) &&
           journal_link(authority->store, taking, why);
}

static bool refuse_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    return journal_link(authority->store, context, why);
}

bool people_take_link(struct authority *authority, const struct caller *caller,
    struct bytes link, struct bytes certificate, int64_t *person,
    struct failure *why)
{
    struct taking taking = {.caller = caller};
    struct failure unjournalled = {0};

    if (check_certificate(certificate, &taking.not_after, why) &&
        sha256_text(link, taking.link_sha256, why) &&
        sha256_text(certificate, taking.certificate_sha256, why) &&
        authority_write(authority, take_in_store, &taking, why)) {
        *person = taking.person;
        return true;
    }
    taking.refusal = why;
    if (!authority_write(authority, refuse_in_store, &taking, &unjournalled))
        *why = unjournalled;
    return false;
}
