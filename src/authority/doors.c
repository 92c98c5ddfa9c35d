#include "authority/doors.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/lockout.h"
#include "authority/password_queue.h"
#include "authority/people.h"
#include "authority/refusals_told.h"
#include "base/clock.h"
#include "base/json.h"
#include "base/random.h"

#define KNOWN_PASSWORDS 256

/* A password that was right, under a secret of this process. */
struct known_password {
    uint8_t digest[SHA256_BYTES];
    int64_t until_ms;
};

struct doors {
    struct authority *authority;
    int64_t (*milliseconds)(void);
    struct password_queue queue;
    struct secret key;

    pthread_mutex_t lock; /* of what follows */
    struct lockout lockout;
    struct known_password known[KNOWN_PASSWORDS];
    struct refusals_told told;
};

bool doors_new(struct authority *authority, int64_t (*milliseconds)(void),
    struct doors **doors, struct failure *why)
{
    struct doors *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!secret_new(&made->key, DIGEST_KEY_BYTES, why)) {
        free(made);
        return false;
    }
    random_fill(made->key.start, DIGEST_KEY_BYTES);
    made->authority = authority;
    made->milliseconds = milliseconds;
    made->told = refusals_told_from(milliseconds());
    password_queue_start(&made->queue);
    (void)pthread_mutex_init(&made->lock, NULL);
    *doors = made;
    return true;
}

void doors_free(struct doors *doors)
{
    if (doors == NULL)
        return;
    password_queue_end(&doors->queue);
    (void)pthread_mutex_destroy(&doors->lock);
    secret_free(&doors->key);
    free(doors);
}

struct caller door_anyone(enum enrolment_door door)
{
    return (struct caller){
        .door = door, .way = CALLER_ANYONE, .actor = "anyone"};
}

/* --- the journal --------------------------------------------------------- */

static bool may_tell(struct doors *doors, int64_t *untold)
{
    bool may;

    (void)pthread_mutex_lock(&doors->lock);
    may = refusals_told_may(&doors->told, doors->milliseconds(), untold);
    (void)pthread_mutex_unlock(&doors->lock);
    return may;
}

static bool journal_given(
    struct authority *authority, void *context, struct failure *why)
{
    return journal_event(authority->store, context, why);
}

/*
 * Always false, with the refusal in why, or why it can't be journalled.
 * known: the account that is there, or ""; what else was typed as a name may
 * be a password.
 */
static bool refuse(struct doors *doors, const struct door_visit *visit,
    const char *way, const char *known, struct failure *why)
{
    const struct caller anyone = door_anyone(visit->door);
    struct failure untellable = {0};
    struct event event = {.kind = EVENT_SIGN_IN_REFUSED,
        .caller = &anyone,
        .object = known,
        .refusal = why};
    int64_t untold = 0;

    if (why->kind != FAILURE_UNAUTHENTICATED && why->kind != FAILURE_FORBIDDEN)
        return false;
    if (!may_tell(doors, &untold))
        return false;
    event.more = json_pack("{s:s,s:s,s:I}", "way", way, "address", visit->peer,
        "untold_before", (json_int_t)untold);
    if (!authority_write(doors->authority, journal_given, &event, &untellable))
        *why = untellable;
    return false;
}

/* --- tokens and certificates --------------------------------------------- */

bool door_token(struct doors *doors, const struct door_visit *visit,
    struct bytes token, struct caller *caller, struct failure *why)
{
    struct caller entered = {.door = visit->door};

    if (!people_check_token(visit->reading, token, &entered, why))
        return refuse(doors, visit, "token", "", why);
    *caller = entered;
    return true;
}

bool door_certificate(struct doors *doors, const struct door_visit *visit,
    struct bytes certificate, struct caller *caller, struct failure *why)
{
    struct caller entered = {.door = visit->door};

    if (!people_by_certificate(visit->reading, certificate, &entered, why))
        return refuse(doors, visit, "certificate", "", why);
    *caller = entered;
    return true;
}

/* --- addresses ----------------------------------------------------------- */

/* What one who asks can't change at will: an IPv4 address, the first half of
 * one of IPv6; as a part of what is hashed. */
static struct bytes address_of(const char *peer, uint8_t room[static 16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

    if (inet_pton(AF_INET, peer, room) == 1)
        return (struct bytes){room, 4};
    if (inet_pton(AF_INET6, peer, room) != 1)
        return bytes_of_text(peer);
    if (memcmp(room, mapped, sizeof(mapped)) == 0)
        return (struct bytes){room + sizeof(mapped), 4};
    return (struct bytes){room, 8};
}

/* --- passwords ----------------------------------------------------------- */

struct sign_in {
    struct doors *doors;
    const struct account_seen *seen;
    struct bytes password;
    uint64_t address;
    uint8_t tries[SHA256_BYTES]; /* of this account from this address */
    uint8_t known[SHA256_BYTES]; /* of this password */
};

static bool identify(struct sign_in *sign_in, const char *name,
    const char *peer, struct failure *why)
{
    const uint8_t *key = sign_in->doors->key.start;
    uint8_t room[16], digest[SHA256_BYTES];
    const struct bytes address = address_of(peer, room);
    const struct bytes pair[] = {
        bytes_of_text("tries"), address, bytes_of_text(name)};
    const struct bytes alone[] = {bytes_of_text("address"), address};
    const struct bytes right[] = {bytes_of_text("password"),
        bytes_of_text(sign_in->seen->password), sign_in->password};

    if (!keyed_digest(key, pair, 3, sign_in->tries, why) ||
        !keyed_digest(key, alone, 2, digest, why) ||
        !keyed_digest(key, right, 3, sign_in->known, why))
        return false;
    memcpy(&sign_in->address, digest, sizeof(sign_in->address));
    sign_in->address |= 1;
    return true;
}

static struct known_password *place_of(const struct sign_in *sign_in)
{
    return &sign_in->doors->known[sign_in->known[0] % KNOWN_PASSWORDS];
}

/* Another password of the same account is another digest, and an account that
 * was ended is not looked for. */
static bool is_known(const struct sign_in *sign_in)
{
    const struct known_password *place = place_of(sign_in);
    bool known;

    (void)pthread_mutex_lock(&sign_in->doors->lock);
    known = place->until_ms > sign_in->doors->milliseconds() &&
            bytes_equal_secretly((struct bytes){place->digest, SHA256_BYTES},
                (struct bytes){sign_in->known, SHA256_BYTES});
    (void)pthread_mutex_unlock(&sign_in->doors->lock);
    return known && sign_in->seen->is_known;
}

static void keep_known(const struct sign_in *sign_in)
{
    struct doors *doors = sign_in->doors;
    struct known_password *place = place_of(sign_in);

    (void)pthread_mutex_lock(&doors->lock);
    memcpy(place->digest, sign_in->known, SHA256_BYTES);
    place->until_ms = doors->milliseconds() + DOOR_PASSWORD_KEPT_MS;
    lockout_forgive(&doors->lockout, sign_in->tries);
    (void)pthread_mutex_unlock(&doors->lock);
}

/* counts: this is a try.  One that is right is forgiven afterwards. */
static bool may_try(
    const struct sign_in *sign_in, bool counts, struct failure *why)
{
    struct doors *doors = sign_in->doors;
    int64_t now_ms = doors->milliseconds();
    int64_t wait_ms;

    (void)pthread_mutex_lock(&doors->lock);
    wait_ms = lockout_wait_ms(&doors->lockout, sign_in->tries, now_ms);
    if (wait_ms == 0 && counts)
        lockout_count(&doors->lockout, sign_in->tries, now_ms);
    (void)pthread_mutex_unlock(&doors->lock);
    return wait_ms == 0 ||
           fail_because(why, FAILURE_FORBIDDEN,
               "%d wrong passwords came for this account from your address; it "
               "may try again in %d minutes",
               DOOR_TRIES_MAX, (int)((wait_ms + 59999) / 60000));
}

static bool check(const struct sign_in *sign_in, struct failure *why)
{
    struct doors *doors = sign_in->doors;
    size_t place = 0;
    bool ok;

    if (!may_try(sign_in, false, why))
        return false;
    if (is_known(sign_in))
        return true;
    if (!password_queue_enter(&doors->queue, sign_in->address,
            DOOR_PASSWORD_WAIT_MS, &place, why))
        return false;
    ok = may_try(sign_in, true, why) &&
         people_check_password(sign_in->seen, sign_in->password, why);
    password_queue_leave(&doors->queue, place);
    if (ok)
        keep_known(sign_in);
    return ok;
}

bool door_account(struct doors *doors, const struct door_visit *visit,
    const char *name, struct bytes password, struct caller *caller,
    struct failure *why)
{
    struct account_seen seen = {0};
    struct sign_in sign_in = {
        .doors = doors, .seen = &seen, .password = password};

    if (!people_find_account(visit->reading, name, &seen, why) ||
        !identify(&sign_in, name, visit->peer, why))
        return false;
    if (!check(&sign_in, why))
        return refuse(doors, visit, "account", seen.is_known ? name : "", why);
    seen.caller.door = visit->door;
    *caller = seen.caller;
    return true;
}
