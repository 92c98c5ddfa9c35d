#include "authority/life.h"

#include <string.h>
#include <sys/stat.h>

#include "authority/event.h"
#include "authority/journal.h"
#include "base/clock.h"
#include "base/json.h"
#include "store/store_requests.h"

struct beginning {
    const struct life *life;
    const struct signer_state *keys;
};

static bool tell(struct authority *authority, enum event_kind kind,
    const char *object, json_t *more, struct failure *why)
{
    return journal_event(authority->store,
        &(struct event){.kind = kind, .object = object, .more = more}, why);
}

/* --- what is new --------------------------------------------------------- */

static bool tell_schema(struct authority *authority, struct failure *why)
{
    struct store *store = authority->store;
    int64_t seen = 0;
    int64_t number = 0;

    if (!store_number(store, LIFE_SCHEMA, &seen, why) ||
        !store_schema(store, &number, why))
        return false;
    if (seen == number)
        return true;
    return store_set_number(store, LIFE_SCHEMA, number, why) &&
           (seen == 0 || tell(authority, EVENT_STORE_MIGRATED, "chancery.db",
                             json_pack("{s:I,s:I}", "from", (json_int_t)seen,
                                 "to", (json_int_t)number),
                             why));
}

static bool tell_settings(
    struct authority *authority, struct bytes settings, struct failure *why)
{
    struct store *store = authority->store;
    uint8_t digest[SHA256_BYTES];
    char text[SHA256_TEXT];
    int64_t seen = 0;
    int64_t begins = 0;

    if (!sha256(&settings, 1, digest, why) ||
        !sha256_text(settings, text, why) ||
        !store_number(store, LIFE_SETTINGS, &seen, why))
        return false;
    for (size_t i = 0; i < 7; i++)
        begins = begins << 8 | digest[i];
    if (seen == begins)
        return true;
    return store_set_number(store, LIFE_SETTINGS, begins, why) &&
           (seen == 0 ||
               tell(authority, EVENT_SETTINGS_CHANGED, "chancery.yaml",
                   json_pack("{s:s}", "sha256", text), why));
}

static bool is_kept(struct authority *authority,
    const struct authority_rule *rule, bool *kept, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("profile", PROFILE_TEXT_MAX);
    struct failure cause = {0};

    *kept = store_profile_text(authority->store, rule->sha256, &text, &cause);
    if (*kept || cause.kind == FAILURE_NOT_FOUND)
        return true;
    *why = cause;
    return false;
}

static bool keep(struct authority *authority,
    const struct authority_issuer *issuer, const struct authority_rule *rule,
    struct failure *why)
{
    RELEASED(buffer) canonical = BUFFER("profile", PROFILE_TEXT_MAX);
    const char *text = NULL;
    bool kept = false;

    if (!is_kept(authority, rule, &kept, why))
        return false;
    if (kept)
        return true;
    return profile_text(rule->profile, &canonical, why) &&
           buffer_as_text(&canonical, &text, why) &&
           store_keep_profile(authority->store, rule->sha256,
               rule->profile->name, text, clock_now(), why) &&
           tell(authority, EVENT_PROFILE_USED, rule->profile->name,
               json_pack("{s:s,s:s}", "profile_sha256", rule->sha256,
                   "authority", issuer->name),
               why);
}

static bool tell_profiles(struct authority *authority, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        for (size_t j = 0; j < issuer->rule_count; j++) {
            if (!keep(authority, issuer, &issuer->rules[j], why))
                return false;
        }
    }
    return true;
}

/* --- keys ---------------------------------------------------------------- */

static bool is_locked(const struct signer_key_state *key)
{
    return strncmp(key->why, "locked", strlen("locked")) == 0;
}

static bool tell_key(struct authority *authority,
    const struct authority_issuer *issuer, const struct signer_key_state *key,
    struct failure *why)
{
    struct failure refusal = {0};

    (void)fail_because(&refusal, FAILURE_UNAVAILABLE, "%s", key->why);
    return journal_event(authority->store,
        &(struct event){.kind = EVENT_KEY_UNUSABLE,
            .object = issuer->name,
            .refusal = &refusal},
        why);
}

/* Of a root kept apart, a key is here in a ceremony alone. */
static bool is_ceremony(
    const struct authority *authority, const struct signer_state *keys)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];

        if (!issuer->issues && issuer->state == AUTHORITY_ACTIVE &&
            issuer->key < keys->key_count && keys->keys[issuer->key].is_usable)
            return true;
    }
    return false;
}

static bool is_any_usable(const struct signer_state *keys)
{
    for (size_t i = 0; i < keys->key_count; i++) {
        if (keys->keys[i].is_usable)
            return true;
    }
    return false;
}

/* `unlock` leaves a keeper behind that has the passphrase from its start. */
static bool tell_unlocked(struct authority *authority,
    const struct beginning *beginning, struct failure *why)
{
    return !beginning->life->stays || !is_any_usable(beginning->keys) ||
           tell(authority, EVENT_UNLOCKED, "keys", NULL, why);
}

static bool tell_keys(struct authority *authority,
    const struct signer_state *keys, struct failure *why)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &authority->issuers[i];
        const struct signer_key_state *key;

        if (issuer->key >= keys->key_count)
            continue;
        key = &keys->keys[issuer->key];
        if (!key->is_usable && !is_locked(key) &&
            !tell_key(authority, issuer, key, why))
            return false;
    }
    authority->is_ceremony = is_ceremony(authority, keys);
    return !authority->is_ceremony ||
           tell(authority, EVENT_CEREMONY_STARTED, "", NULL, why);
}

/* --- room ---------------------------------------------------------------- */

static bool tell_reserve(struct authority *authority, struct failure *why)
{
    struct store *store = authority->store;
    int64_t is_freed = 0;

    if (!store_number(store, LIFE_RESERVE, &is_freed, why))
        return false;
    if (is_freed == 0 || !room_is_filled(&authority->room))
        return true;
    return store_set_number(store, LIFE_RESERVE, 0, why) &&
           tell(authority, EVENT_RESERVE_FILLED, "reserve", NULL, why);
}

/* --- start and end ------------------------------------------------------- */

static bool begin(
    struct authority *authority, void *context, struct failure *why)
{
    const struct beginning *beginning = context;
    const struct life *life = beginning->life;

    return tell(authority, EVENT_KEEPER_STARTED, "keeper",
               json_pack("{s:s}", "version", life->version), why) &&
           tell_schema(authority, why) &&
           tell_settings(authority, life->settings, why) &&
           tell_profiles(authority, why) &&
           tell_keys(authority, beginning->keys, why) &&
           tell_unlocked(authority, beginning, why) &&
           tell_reserve(authority, why);
}

/* What is left of a full disk is for what must go on. */
static bool has_room(struct authority *authority)
{
    struct failure full = {0};

    return room_check(&authority->room, &full);
}

bool life_begin(
    struct authority *authority, const struct life *life, struct failure *why)
{
    struct signer_state keys = {0};
    struct beginning beginning = {life, &keys};

    return !has_room(authority) ||
           (signer_client_state(authority->signer, &keys, why) &&
               authority_write(authority, begin, &beginning, why));
}

static bool end(struct authority *authority, void *context, struct failure *why)
{
    (void)context;
    return (!authority->is_ceremony ||
               tell(authority, EVENT_CEREMONY_ENDED, "", NULL, why)) &&
           tell(authority, EVENT_KEEPER_STOPPED, "keeper", NULL, why);
}

bool life_end(struct authority *authority, struct failure *why)
{
    return !has_room(authority) ||
           (authority_write(authority, end, NULL, why) &&
               journal_checkpoint_last(authority, why));
}
