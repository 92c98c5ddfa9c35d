#include "authority/people_parts.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"

/* --- names and roles ----------------------------------------------------- */

/* Nothing that a person would not see, or take for something else. */
static bool is_visible(const char *name)
{
    RELEASED(buffer) shown = BUFFER("a name", 1024);
    struct bytes given = bytes_of_text(name);
    struct failure unshown = {0};

    return text_append_visible(&shown, given, &unshown) &&
           bytes_equal(buffer_view(&shown), given);
}

const char *person_name_fault(const char *name)
{
    size_t length = strlen(name);

    if (length == 0)
        return "a name is empty";
    if (length >= PERSON_NAME_ROOM)
        return "a name has at most 64 bytes";
    if (name[0] == ' ' || name[length - 1] == ' ')
        return "a name has no blank at its ends";
    if (strchr(name, ':') != NULL)
        return "a name has no colon: \"uid:0\" is how a local user is told of";
    if (strcmp(name, "keeper") == 0 || strcmp(name, "local") == 0)
        return "the journal means something else by \"keeper\" and \"local\"";
    if (!is_visible(name))
        return "a name is of characters that can be seen, in UTF-8, without "
               "backslashes";
    return NULL;
}

bool check_person_name(const char *what, const char *name, struct failure *why)
{
    const char *fault = person_name_fault(name);

    return fault == NULL || fail_because(why, FAILURE_UNSUITABLE,
                                "the name of %s: %s", what, fault);
}

bool role_named(
    const char *name, enum enrolment_role *role, struct failure *why)
{
    static const enum enrolment_role roles[] = {
        ROLE_ADMINISTRATOR, ROLE_OPERATOR, ROLE_APPROVER, ROLE_AUDITOR};

    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
        if (strcmp(role_name(roles[i]), name) == 0) {
            *role = roles[i];
            return true;
        }
    }
    return fail_because(why, FAILURE_MALFORMED,
        "\"%.40s\" is no role; there are administrator, operator, approver and "
        "auditor",
        name);
}

enum person_role role_in_store(enum enrolment_role role)
{
    switch (role) {
    case ROLE_ADMINISTRATOR:
        return PERSON_ADMINISTRATOR;
    case ROLE_OPERATOR:
        return PERSON_OPERATOR;
    case ROLE_APPROVER:
        return PERSON_APPROVER;
    case ROLE_AUDITOR:
    case ROLE_NOBODY:
        break;
    }
    return PERSON_AUDITOR;
}

enum enrolment_role role_from_store(enum person_role role)
{
    switch (role) {
    case PERSON_ADMINISTRATOR:
        return ROLE_ADMINISTRATOR;
    case PERSON_OPERATOR:
        return ROLE_OPERATOR;
    case PERSON_APPROVER:
        return ROLE_APPROVER;
    case PERSON_AUDITOR:
        return ROLE_AUDITOR;
    }
    return ROLE_NOBODY;
}

/* --- what is given ------------------------------------------------------- */

bool check_sha256(const char *text, struct failure *why)
{
    return (strlen(text) == SHA256_TEXT - 1 &&
               strspn(text, "0123456789abcdef") == SHA256_TEXT - 1) ||
           fail_because(why, FAILURE_MALFORMED,
               "a SHA-256 is %d hexadecimal digits", SHA256_TEXT - 1);
}

bool check_certificate(
    struct bytes der, int64_t *not_after, struct failure *why)
{
    struct certificate certificate = {0};
    char when[CLOCK_TEXT];

    if (!certificate_read(der, &certificate, why))
        return false;
    *not_after = certificate.tbs.not_after;
    clock_print(*not_after, when);
    return *not_after > clock_now() ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the certificate ended at %s: nobody can sign in with it", when);
}

/* --- trying -------------------------------------------------------------- */

struct trying {
    authority_change *change;
    void *context;
    bool is_done;
};

static bool try_change(
    struct authority *authority, void *context, struct failure *why)
{
    struct trying *trying = context;

    trying->is_done = trying->change(authority, trying->context, why);
    return trying->is_done &&
           fail_because(why, FAILURE_NONE, "only tried: to be undone");
}

bool write_or_try(struct authority *authority, bool dry,
    authority_change *change, void *context, struct failure *why)
{
    struct trying trying = {change, context, false};

    if (!dry)
        return authority_write(authority, change, context, why);
    return authority_write(authority, try_change, &trying, why) ||
           trying.is_done;
}

/* --- adding -------------------------------------------------------------- */

struct adding {
    const struct person_change *change;
    struct person_changed changed;
};

/* A person has one role; another one is given under another name. */
static bool meet(
    void *context, const struct person_row *row, struct failure *why)
{
    struct adding *adding = context;
    const struct person_change *change = adding->change;
    enum enrolment_role role = role_from_store(row->role);

    if (row->ended_at != 0 || strcmp(row->name, change->name) != 0)
        return true;
    adding->changed.was_there = true;
    return role == change->role ||
           fail_because(why, FAILURE_CONFLICT,
               "%s has the role %s already, and a person has one role: end it "
               "with chancery admin revoke, and give the other under another "
               "name",
               row->name, role_name(role));
}

static bool check_ways(struct adding *adding, struct failure *why)
{
    const struct person_change *change = adding->change;
    struct person_changed *changed = &adding->changed;

    if (change->certificate.length == 0 && change->local_user < 0 &&
        change->link_sha256[0] == '\0' && !change->dry)
        return fail_because(why, FAILURE_MALFORMED,
            "a person is known by a certificate, a link or a local user");
    if (change->local_user == 0 ||
        (change->local_user > 0 && change->local_user == change->owner))
        return fail_because(why, FAILURE_UNSUITABLE,
            "root and the owner of the authority's folder administer it "
            "anyway: they have no other role");
    if (change->link_sha256[0] != '\0') {
        changed->link_until = clock_now() + LINK_LIFETIME_S;
        if (!check_sha256(change->link_sha256, why))
            return false;
    }
    return change->certificate.length == 0 ||
           (check_certificate(change->certificate, &changed->not_after, why) &&
               sha256_text(
                   change->certificate, changed->certificate_sha256, why));
}

static bool journal_person(
    struct store *store, const struct adding *adding, struct failure *why)
{
    const struct person_change *change = adding->change;
    const struct person_changed *changed = &adding->changed;
    const struct event event = {
        .kind = changed->was_there ? EVENT_PERSON_RENEWED : EVENT_PERSON_ADDED,
        .caller = change->caller,
        .object = change->name,
        .more = json_pack("{s:s,s:s,s:I}", "role", role_name(change->role),
            "certificate_sha256", changed->certificate_sha256, "local_user",
            (json_int_t)change->local_user)};
    const struct event link = {.kind = EVENT_LINK_MADE,
        .caller = change->caller,
        .object = change->name};

    return journal_event(store, &event, why) &&
           (change->link_sha256[0] == '\0' || journal_event(store, &link, why));
}

static bool add_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct adding *adding = context;
    const struct person_change *change = adding->change;
    struct person_changed *changed = &adding->changed;
    struct store *store = authority->store;
    struct person_row row = {.name = change->name,
        .role = role_in_store(change->role),
        .certificate_sha256 = changed->certificate_sha256,
        .local_user = change->local_user,
        .link_sha256 = change->link_sha256,
        .added_at = clock_now(),
        .added_by = change->caller->actor};
    int64_t id = 0;

    if (!store_list_people(store, meet, adding, why) ||
        !check_ways(adding, why))
        return false;
    row.certificate_not_after = changed->not_after;
    row.link_until = changed->link_until;
    if (changed->was_there ? !store_renew_person(store, &row, why)
                           : !store_add_person(store, &row, &id, why))
        return false;
    return journal_person(store, adding, why);
}

bool person_add(struct authority *authority, const struct person_change *change,
    struct person_changed *changed, struct failure *why)
{
    struct adding adding = {.change = change};

    if (!check_person_name("a person", change->name, why))
        return false;
    if (change->role == ROLE_NOBODY)
        return fail_because(
            why, FAILURE_MALFORMED, "a person has a role (--role)");
    if (!write_or_try(authority, change->dry, add_in_store, &adding, why))
        return false;
    *changed = adding.changed;
    return true;
}

/* --- ending -------------------------------------------------------------- */

struct ending {
    const struct caller *caller;
    const char *name;
    int64_t now;
    bool administers;    /* the one that is to end, and has a way in */
    bool another_enters; /* another administrator has a way in */
};

bool person_has_way_in(const struct person_row *row, int64_t now)
{
    return row->local_user >= 0 ||
           (row->certificate_sha256[0] != '\0' &&
               row->certificate_not_after > now) ||
           (row->link_sha256[0] != '\0' && row->link_until > now);
}

static bool look_at(
    void *context, const struct person_row *row, struct failure *why)
{
    struct ending *ending = context;
    bool enters = row->role == PERSON_ADMINISTRATOR && row->ended_at == 0 &&
                  person_has_way_in(row, ending->now);

    (void)why;
    if (strcmp(row->name, ending->name) == 0)
        ending->administers = enters;
    else
        ending->another_enters = ending->another_enters || enters;
    return true;
}

static bool end_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct ending *ending = context;
    struct store *store = authority->store;

    ending->now = clock_now();
    if (!store_list_people(store, look_at, ending, why))
        return false;
    if (ending->administers && !ending->another_enters)
        return fail_because(why, FAILURE_CONFLICT,
            "%s is the last administrator with a way in: add another first",
            ending->name);
    return store_end_person(store, ending->name, ending->now, why) &&
           journal_event(store,
               &(struct event){.kind = EVENT_PERSON_ENDED,
                   .caller = ending->caller,
                   .object = ending->name},
               why);
}

bool person_end(struct authority *authority, const struct caller *caller,
    const char *name, bool dry, struct failure *why)
{
    struct ending ending = {.caller = caller, .name = name};

    return write_or_try(authority, dry, end_in_store, &ending, why);
}
