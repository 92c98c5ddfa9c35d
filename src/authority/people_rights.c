#include "authority/people_parts.h"

#include <stdio.h>
#include <string.h>

#include "authority/event.h"
#include "authority/names_pattern.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/password.h"

/* --- lists with spaces between ------------------------------------------- */

static bool add_word(char text[static RIGHTS_ROOM], const char *what,
    const char *word, struct failure *why)
{
    size_t used = strlen(text);
    int length = snprintf(
        text + used, RIGHTS_ROOM - used, "%s%s", used == 0 ? "" : " ", word);

    if (length >= 0 && (size_t)length < RIGHTS_ROOM - used)
        return true;
    text[used] = '\0';
    return fail_because(why, FAILURE_UNSUITABLE,
        "the list of %s is longer than %d bytes", what, RIGHTS_ROOM - 1);
}

/* The next word of a list, in room; false after the last. */
static bool next_word(const char **list, char *word, size_t room)
{
    size_t length;

    *list += strspn(*list, " ");
    length = strcspn(*list, " ");
    if (length == 0)
        return false;
    (void)snprintf(word, room, "%.*s", (int)length, *list);
    *list += length;
    return true;
}

bool rights_add_profile(struct rights *rights,
    const struct configuration *configuration, const char *profile,
    struct failure *why)
{
    const struct profile *found = NULL;

    return configuration_profile(configuration, profile, &found, why) &&
           add_word(rights->profiles, "profiles", found->name, why);
}

void rights_not_open(const struct rights *rights,
    const struct configuration *configuration, enum profile_asker asker,
    char closed[static RIGHTS_ROOM])
{
    const char *rest = rights->profiles;
    char name[PROFILE_NAME_MAX];

    closed[0] = '\0';
    while (next_word(&rest, name, sizeof(name))) {
        const struct profile *profile = NULL;
        struct failure full;

        if (configuration_profile(configuration, name, &profile, &full) &&
            !profile_allows_asker(profile, asker) &&
            !add_word(closed, "profiles", name, &full))
            return; /* never: it is no longer than the whole list */
    }
}

bool rights_add_name(
    struct rights *rights, const char *pattern, struct failure *why)
{
    const char *fault = strchr(pattern, ' ') != NULL
                            ? "a pattern has no blank in it"
                            : name_pattern_fault(pattern);

    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE,
            "\"%.100s\" is no pattern of names: %s", pattern, fault);
    return add_word(rights->names, "names", pattern, why);
}

bool rights_have_profile(const char *profiles, const char *profile)
{
    char word[PROFILE_NAME_MAX];

    while (next_word(&profiles, word, sizeof(word))) {
        if (strcmp(word, profile) == 0)
            return true;
    }
    return false;
}

bool rights_have_name(const char *names, const struct general_name *name)
{
    char word[NAME_PATTERN_MAX + 1];

    while (next_word(&names, word, sizeof(word))) {
        if (name_pattern_matches(word, name))
            return true;
    }
    return false;
}

/* --- tokens -------------------------------------------------------------- */

struct making {
    const struct token_change *change;
    int64_t expires_at;
};

static bool make_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    struct making *making = context;
    const struct token_change *change = making->change;
    struct token_row row = {.name = change->name,
        .sha256 = change->sha256,
        .role = role_in_store(change->role),
        .profiles = change->rights->profiles,
        .names = change->rights->names,
        .made_at = clock_now(),
        .made_by = change->caller->actor};
    char when[CLOCK_TEXT];

    row.expires_at = making->expires_at = row.made_at + change->lifetime_s;
    clock_print(row.expires_at, when);
    return store_add_token(authority->store, &row, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_TOKEN_MADE,
                   .caller = change->caller,
                   .object = change->name,
                   .more = json_pack("{s:s,s:s,s:s,s:s}", "role",
                       role_name(change->role), "profiles", row.profiles,
                       "names", row.names, "expires_at", when)},
               why);
}

/* DESIGN.md, 7: a token is lost more easily than a person. */
static bool check_token(const struct token_change *change, struct failure *why)
{
    if (!check_person_name("a token", change->name, why) ||
        !check_sha256(change->sha256, why))
        return false;
    if (change->role != ROLE_OPERATOR && change->role != ROLE_APPROVER &&
        change->role != ROLE_AUDITOR)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a token is an operator's, an approver's or an auditor's; never "
            "an administrator's");
    return (change->lifetime_s > 0 &&
               change->lifetime_s <= TOKEN_LIFETIME_MAX_S) ||
           fail_because(
               why, FAILURE_UNSUITABLE, "a token lives at most 90 days");
}

bool token_make(struct authority *authority, const struct token_change *change,
    int64_t *expires_at, struct failure *why)
{
    struct making making = {.change = change};

    if (!check_token(change, why) ||
        !write_or_try(authority, change->dry, make_in_store, &making, why))
        return false;
    *expires_at = making.expires_at;
    return true;
}

/* --- accounts ------------------------------------------------------------ */

static bool account_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    const struct account_change *change = context;
    const struct account_row row = {.name = change->name,
        .password = change->password,
        .profiles = change->rights->profiles,
        .names = change->rights->names,
        .made_at = clock_now(),
        .made_by = change->caller->actor};

    return store_add_account(authority->store, &row, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_ACCOUNT_ADDED,
                   .caller = change->caller,
                   .object = change->name,
                   .more = json_pack("{s:s,s:s}", "profiles", row.profiles,
                       "names", row.names)},
               why);
}

bool account_add(struct authority *authority,
    const struct account_change *change, struct failure *why)
{
    struct account_change copy = *change;

    if (!check_person_name("an account", change->name, why))
        return false;
    if (!change->dry && !password_hash_is_ours(change->password))
        return fail_because(why, FAILURE_MALFORMED,
            "a password comes hashed with argon2id: 64 MiB, 3 passes, 1 lane");
    return write_or_try(authority, change->dry, account_in_store, &copy, why);
}

/* --- ending either ------------------------------------------------------- */

struct ending {
    const struct caller *caller;
    const char *name;
    bool (*end)(
        struct store *store, const char *name, int64_t at, struct failure *why);
    enum event_kind kind;
};

static bool end_in_store(
    struct authority *authority, void *context, struct failure *why)
{
    const struct ending *ending = context;

    return ending->end(authority->store, ending->name, clock_now(), why) &&
           journal_event(authority->store,
               &(struct event){.kind = ending->kind,
                   .caller = ending->caller,
                   .object = ending->name},
               why);
}

bool token_end(struct authority *authority, const struct caller *caller,
    const char *name, bool dry, struct failure *why)
{
    struct ending ending = {caller, name, store_end_token, EVENT_TOKEN_ENDED};

    return write_or_try(authority, dry, end_in_store, &ending, why);
}

bool account_end(struct authority *authority, const struct caller *caller,
    const char *name, bool dry, struct failure *why)
{
    struct ending ending = {
        caller, name, store_end_account, EVENT_ACCOUNT_ENDED};

    return write_or_try(authority, dry, end_in_store, &ending, why);
}
