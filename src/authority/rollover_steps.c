#include "authority/rollover_parts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/event.h"
#include "authority/lists.h"
#include "base/clock.h"
#include "base/json.h"

bool rollover_mark(struct store *store, const char *what, int64_t authority,
    int64_t number, struct failure *why)
{
    char name[64];

    (void)snprintf(name, sizeof(name), "rollover-%s:%" PRId64, what, authority);
    return store_set_number(store, name, number, why);
}

bool rollover_tell(const struct taking *taking, enum event_kind kind,
    json_t *more, struct failure *why)
{
    return journal_event(taking->authority->store,
        &(struct event){.kind = kind,
            .caller = taking->wish->caller,
            .object = taking->rollover->old_name,
            .more = more},
        why);
}

static const struct authority_issuer *issuer_of(
    const struct taking *taking, int64_t id)
{
    return authority_by_id(taking->authority, id);
}

/* --- plan, key ----------------------------------------------------------- */

static bool record_plan(
    struct authority *authority, void *context, struct failure *why)
{
    const struct taking *taking = context;

    return rollover_mark(authority->store, "plan", taking->rollover->old_id,
               clock_now(), why) &&
           rollover_tell(taking, EVENT_ROLLOVER_PLANNED,
               json_pack("{s:s}", "successor", taking->rollover->new_name),
               why);
}

/* The name stays: what is signed by either key is signed by one authority. */
static bool take_key(const struct taking *taking, struct failure *why)
{
    const struct rollover *rollover = taking->rollover;
    struct certificate certificate = {0};
    struct request request = {0};

    if (!certificate_read(
            buffer_view(&rollover->certificate), &certificate, why) ||
        !request_read(taking->wish->request, &request, why))
        return false;
    if (!bytes_equal(request.subject, certificate.tbs.subject))
        return fail_because(why, FAILURE_UNSUITABLE,
            "the new key's request has another name than \"%s\"",
            rollover->old_name);
    if (bytes_equal(request.key.whole, certificate.tbs.key.whole))
        return fail_because(why, FAILURE_CONFLICT,
            "the new key is the old one of \"%s\"", rollover->old_name);
    return hierarchy_await(taking->authority, taking->wish->caller,
        rollover->new_name, taking->wish->request, rollover->old_id, why);
}

/* --- certify ------------------------------------------------------------- */

/* A root's profile, with its own path length. */
static bool wish_for_root(const struct taking *taking, struct cross_wish *wish,
    struct bytes identifier, struct failure *why)
{
    const struct authority_issuer *old =
        issuer_of(taking, taking->rollover->old_id);
    struct request request = {0};

    if (old == NULL ||
        !request_read(buffer_view(&taking->rollover->request), &request, why))
        return false;
    *wish = (struct cross_wish){.caller = taking->wish->caller,
        .issuer = old,
        .key = request.key,
        .subject = request.subject,
        .key_identifier = identifier,
        .profile = *profile_root(),
        .not_after = TIME_WITHOUT_END,
        .kind = BRIDGE_NEW_WITH_OLD,
        .authority = old->id};
    wish->profile.path_length = old->path_length;
    return true;
}

/* The new root is its own issuer before it has a certificate. */
static bool issuer_of_itself(const struct taking *taking,
    const struct cross_wish *wish, struct authority_issuer *itself,
    struct failure *why)
{
    struct public_key_parts parts = {0};
    char key_sha256[SHA256_TEXT];

    if (!spki_parts(&wish->key, &parts, why) ||
        !sha256_text(wish->key.whole, key_sha256, why))
        return false;
    *itself = (struct authority_issuer){.key = SIGNER_KEYS_MAX};
    (void)snprintf(
        itself->name, sizeof(itself->name), "%s", taking->rollover->new_name);
    itself->issuer = (struct issuer){.name = itself->name,
        .subject = wish->subject,
        .key_identifier = wish->key_identifier,
        .not_before = INT64_MIN,
        .not_after = TIME_WITHOUT_END,
        .algorithm = parts.algorithm->signs_with,
        .url = ""};
    for (size_t i = 0; i < taking->authority->key_count; i++) {
        if (strcmp(taking->authority->keys[i], key_sha256) == 0)
            itself->key = (unsigned int)i;
    }
    return true;
}

static bool certify_itself(const struct taking *taking, struct cross_wish *wish,
    struct buffer *made, struct failure *why)
{
    struct authority_issuer *itself = calloc(1, sizeof(*itself));
    bool ok;

    if (itself == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = issuer_of_itself(taking, wish, itself, why);
    wish->kind = NULL;
    wish->founds = taking->rollover->new_name;
    wish->founds_issuing = taking->rollover->issues;
    wish->founds_shards = wish->issuer->crl_shards;
    wish->follows = taking->rollover->old_id;
    wish->lifetime_s = wish->profile.lifetime_s;
    wish->issuer = itself;
    ok = ok && cross_certify(taking->authority, taking->desk, wish, made, why);
    free(itself);
    return ok;
}

/* Two halves: the old root's signature lets the signer know the new key, which
 * then signs itself. */
static bool certify_root(const struct taking *taking, struct failure *why)
{
    struct cross_wish *wish = calloc(1, sizeof(*wish));
    RELEASED(buffer) made = BUFFER("certificate", CERTIFICATE_MAX);
    uint8_t identifier[KEY_IDENTIFIER_BYTES];
    struct request request = {0};
    bool ok;

    if (wish == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = request_read(buffer_view(&taking->rollover->request), &request, why) &&
         key_identifier(request.key.bits, identifier, why) &&
         wish_for_root(taking, wish,
             (struct bytes){identifier, KEY_IDENTIFIER_BYTES}, why);
    if (ok && taking->rollover->has_bridge)
        ok = certify_itself(taking, wish, &made, why);
    else if (ok) {
        ok = cross_certify(taking->authority, taking->desk, wish, &made, why);
        taking->done->is_half = true;
    }
    free(wish);
    return ok;
}

static bool certify(const struct taking *taking, struct failure *why)
{
    const struct rollover *rollover = taking->rollover;
    const struct authority_issuer *old = issuer_of(taking, rollover->old_id);
    RELEASED(hierarchy_made)
    made = {.certificate = BUFFER("certificate", CERTIFICATE_MAX),
        .notices = BUFFER("notices", 4096)};
    const struct hierarchy_wish wish = {.caller = taking->wish->caller,
        .name = rollover->new_name,
        .parent = rollover->parent,
        .request = buffer_view(&rollover->request),
        .path_length = old == NULL ? 0 : old->path_length,
        .follows = rollover->old_id};

    if (rollover->is_root)
        return certify_root(taking, why);
    taking->done->needs_answer = rollover->is_foreign;
    return rollover->is_foreign ||
           hierarchy_add(taking->authority, taking->desk, &wish, &made, why);
}

/* --- cross --------------------------------------------------------------- */

static bool record_crossed(
    struct authority *authority, void *context, struct failure *why)
{
    const struct taking *taking = context;

    return rollover_mark(authority->store, "cross", taking->rollover->new_id,
               clock_now(), why) &&
           rollover_tell(taking, EVENT_ROLLOVER_CROSSED,
               json_pack("{s:b}", "needed", (int)taking->rollover->is_root),
               why);
}

static bool certify_old(const struct taking *taking, struct failure *why)
{
    struct cross_wish *wish = calloc(1, sizeof(*wish));
    RELEASED(buffer) made = BUFFER("certificate", CERTIFICATE_MAX);
    struct certificate certificate = {0};
    bool ok;

    if (wish == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    wish->caller = taking->wish->caller;
    wish->issuer = issuer_of(taking, taking->rollover->new_id);
    wish->kind = BRIDGE_OLD_WITH_NEW;
    wish->authority = taking->rollover->old_id;
    ok = certificate_read(
             buffer_view(&taking->rollover->certificate), &certificate, why) &&
         cross_wish_take(wish, &certificate, -1, why) &&
         cross_certify(taking->authority, taking->desk, wish, &made, why);
    free(wish);
    return ok;
}

static bool cross(struct taking *taking, struct failure *why)
{
    return (!taking->rollover->is_root || certify_old(taking, why)) &&
           authority_write(taking->authority, record_crossed, taking, why);
}

/* --- publish, switch ----------------------------------------------------- */

static bool record_published(
    struct authority *authority, void *context, struct failure *why)
{
    const struct taking *taking = context;

    return rollover_mark(authority->store, "publish", taking->rollover->new_id,
               clock_now(), why) &&
           rollover_tell(taking, EVENT_ROLLOVER_PUBLISHED,
               json_pack("{s:s}", "successor", taking->rollover->new_name),
               why);
}

static bool publish_list(const struct taking *taking,
    const struct authority_issuer *issuer, struct failure *why)
{
    struct lists_made made = {0};

    if (!lists_publish(taking->authority, taking->reading, issuer, &made, why))
        return false;
    taking->done->made_list = true;
    taking->done->list_until = made.next_update;
    return true;
}

static bool publish(struct taking *taking, struct failure *why)
{
    return publish_list(
               taking, issuer_of(taking, taking->rollover->new_id), why) &&
           authority_write(taking->authority, record_published, taking, why);
}

/* A switch to a key that can't sign would stop everything. */
static bool check_new_key(const struct taking *taking, struct failure *why)
{
    const struct authority_issuer *new =
        issuer_of(taking, taking->rollover->new_id);
    struct signer_state *state = calloc(1, sizeof(*state));
    bool ok = state != NULL;

    if (!ok)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    ok = signer_client_state(taking->authority->signer, state, why);
    if (ok && (new == NULL || new->key >= state->key_count ||
                  !state->keys[new->key].is_usable))
        ok = fail_because(why, FAILURE_UNAVAILABLE,
            "the key of \"%s\" can't sign: %s", taking->rollover->new_name,
            new == NULL || new->key >= state->key_count
                ? "its file is not here"
                : state->keys[new->key].why);
    free(state);
    return ok;
}

static bool record_switched(
    struct authority *authority, void *context, struct failure *why)
{
    const struct taking *taking = context;
    const struct rollover *rollover = taking->rollover;

    return store_set_authority_state(
               authority->store, rollover->new_id, AUTHORITY_ACTIVE, why) &&
           store_set_authority_state(
               authority->store, rollover->old_id, AUTHORITY_RETIRING, why) &&
           rollover_mark(authority->store, "plan", rollover->old_id, 0, why) &&
           rollover_tell(taking, EVENT_ROLLOVER_SWITCHED,
               json_pack("{s:s}", "successor", rollover->new_name), why);
}

static bool switch_over(struct taking *taking, struct failure *why)
{
    return check_new_key(taking, why) &&
           authority_write(taking->authority, record_switched, taking, why);
}

/* --- retire ----------------------------------------------------------- */

static bool retire(const struct taking *taking, struct failure *why)
{
    struct retirement retirement = {0};
    char until[CLOCK_TEXT];

    if (!authority_retire(taking->authority, taking->reading,
            taking->wish->caller, taking->rollover->old_name,
            taking->wish->forced, &retirement, why))
        return false;
    *taking->done = retirement.lists;
    if (retirement.state == AUTHORITY_RETIRED)
        return true;
    clock_print(retirement.until, until);
    return fail_because(why, FAILURE_CONFLICT,
        "%" PRId64 " certificates of \"%s\" are valid, the last one until %s: "
        "until then it signs its lists; --force retires it now",
        retirement.valid, taking->rollover->old_name, until);
}

/* --- one step ------------------------------------------------------------ */

static bool check_order(const struct rollover *rollover,
    enum rollover_step step, bool *is_done, struct failure *why)
{
    *is_done = step <= rollover->done;
    if (*is_done || step == rollover->done + 1)
        return true;
    /* The plan is for people. */
    if (step == ROLLOVER_KEY && rollover->done == ROLLOVER_NONE)
        return true;
    return fail_because(why, FAILURE_CONFLICT,
        "the next step of the rollover of \"%s\" is %s; %s comes later",
        rollover->old_name, rollover_step_name(rollover->done + 1),
        rollover_step_name(step));
}

static bool take_step(struct taking *taking, struct failure *why)
{
    struct authority *authority = taking->authority;

    switch (taking->wish->step) {
    case ROLLOVER_PLAN:
        return authority_write(authority, record_plan, taking, why);
    case ROLLOVER_KEY:
        return take_key(taking, why);
    case ROLLOVER_CERTIFY:
        return certify(taking, why);
    case ROLLOVER_CROSS:
        return cross(taking, why);
    case ROLLOVER_PUBLISH:
        return publish(taking, why);
    case ROLLOVER_SWITCH:
        return switch_over(taking, why);
    case ROLLOVER_RETIRE:
        return retire(taking, why);
    case ROLLOVER_NONE:
    case ROLLOVER_STEPS:
        break;
    }
    return fail_because(why, FAILURE_MALFORMED, "no such step of a rollover");
}

static bool may_roll(const struct rollover *rollover, struct failure *why)
{
    char end[CLOCK_TEXT];

    clock_print(rollover->old_not_after, end);
    return rollover->done >= ROLLOVER_SWITCH ||
           clock_now() < rollover->old_not_after ||
           fail_because(why, FAILURE_UNSUITABLE,
               "\"%s\" was valid until %s: what it issued has ended with it, "
               "and a new authority does as well (`ca add`)",
               rollover->old_name, end);
}

bool rollover_take(struct authority *authority, struct desk *desk,
    struct store *reading, const struct rollover_wish *wish,
    struct rollover_done *done, struct failure *why)
{
    RELEASED(rollover) rollover = {0};
    struct taking taking = {authority, desk, reading, wish, &rollover, done};
    bool is_done = false;

    *done = (struct rollover_done){0};
    if (!rollover_read(reading, wish->name, &rollover, why) ||
        !may_roll(&rollover, why) ||
        !check_order(&rollover, wish->step, &is_done, why))
        return false;
    return is_done || take_step(&taking, why);
}
