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
    *caller = entered;
    return true;
}

/* --- tokens -------------------------------------------------------------- */

struct token_seen {
    struct holder *holder;
    int64_t expires_at;
};

static bool take_token(
    void *context, const struct token_row *row, struct failure *why)
{
    struct token_seen *seen = context;
    struct holder *holder = seen->holder;
    struct caller *caller = &holder->caller;

    (void)why;
    seen->expires_at = row->expires_at;
    caller->role = role_from_store(row->role);
    (void)snprintf(caller->actor, sizeof(caller->actor), "token:%s", row->name);
    (void)snprintf(caller->who, sizeof(caller->who), "token:%" PRId64, row->id);
    (void)snprintf(holder->rights.profiles, RIGHTS_ROOM, "%s", row->profiles);
    (void)snprintf(holder->rights.names, RIGHTS_ROOM, "%s", row->names);
    return true;
}

/* Found by the hash of the whole: how much of a guess was right takes no
 * different time. */
bool people_check_token(struct store *store, struct bytes token,
    struct holder *holder, struct failure *why)
{
    struct holder found_holder = {.caller = {.door = holder->caller.door}};
    struct token_seen seen = {.holder = &found_holder};
    char sha256[SHA256_TEXT];
    bool found = false;

    if (!sha256_text(token, sha256, why) ||
        !store_token_by_hash(store, sha256, &found, take_token, &seen, why))
        return false;
    if (!found || seen.expires_at <= clock_now())
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "this token is unknown, or has ended");
    *holder = found_holder;
    return true;
}

/* --- accounts ------------------------------------------------------------ */

struct account_seen {
    struct holder *holder;
    char password[PASSWORD_ENCODED_ROOM];
};

static bool take_account(
    void *context, const struct account_row *row, struct failure *why)
{
    struct account_seen *seen = context;
    struct holder *holder = seen->holder;
    struct caller *caller = &holder->caller;

    (void)why;
    (void)snprintf(seen->password, sizeof(seen->password), "%s", row->password);
    (void)snprintf(
        caller->actor, sizeof(caller->actor), "account:%s", row->name);
    (void)snprintf(
        caller->who, sizeof(caller->who), "account:%" PRId64, row->id);
    (void)snprintf(holder->rights.profiles, RIGHTS_ROOM, "%s", row->profiles);
    (void)snprintf(holder->rights.names, RIGHTS_ROOM, "%s", row->names);
    return true;
}

bool people_check_password(struct store *store, const char *name,
    struct bytes password, struct holder *holder, struct failure *why)
{
    struct holder found_holder = {.caller = {.door = holder->caller.door}};
    struct account_seen seen = {.holder = &found_holder};
    bool found = false, matches = false;

    if (!store_account_by_name(store, name, &found, take_account, &seen, why) ||
        !password_verify(found ? seen.password : NULL, password, &matches, why))
        return false;
    if (!matches)
        return fail_because(why, FAILURE_UNAUTHENTICATED,
            "there is no such account, or the password is another");
    *holder = found_holder;
    return true;
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
