#include "authority/event.h"

#include <string.h>

#include "base/clock.h"
#include "base/json.h"

/* Every kind has its row, in the order of the enum. */
static const struct {
    const char *name;
    const char *meaning;
} kinds[EVENT_KINDS] = {
    [EVENT_ESTABLISHED] = {"established",
        "an authority's certificate was issued here"},
    [EVENT_KEY_MADE] = {"key-made", "a key was made"},
    [EVENT_KEY_PROVED] = {"key-proved",
        "a key signed and its signature was verified"},
    [EVENT_PASSPHRASE_CHANGED] = {"passphrase-changed",
        "a key was encrypted anew"},
    [EVENT_UNLOCKED] = {"unlocked", "the keys were opened"},
    [EVENT_UNLOCK_REFUSED] = {"unlock-refused",
        "a passphrase did not open the keys"},
    [EVENT_LOCKED] = {"locked", "the keys were forgotten"},
    [EVENT_KEY_UNUSABLE] = {"key-unusable",
        "a key could not be opened or proved"},
    [EVENT_KEEPER_STARTED] = {"keeper-started", "the keeper began its work"},
    [EVENT_KEEPER_STOPPED] = {"keeper-stopped",
        "the keeper ended in good order"},
    [EVENT_RECOVERED] = {"recovered",
        "signed but never delivered: stored as revoked"},
    [EVENT_SETTINGS_CHANGED] = {"settings-changed",
        "chancery.yaml is another than at the last start"},
    [EVENT_SETTINGS_REFUSED] = {"settings-refused",
        "chancery.yaml was refused"},
    [EVENT_STORE_MIGRATED] = {"store-migrated",
        "the store was brought to a newer schema"},
    [EVENT_CEREMONY_STARTED] = {"ceremony-started",
        "roots kept apart were opened"},
    [EVENT_CEREMONY_ENDED] = {"ceremony-ended", "roots kept apart were closed"},
    [EVENT_REQUEST_RECEIVED] = {"request-received",
        "a request waits for people"},
    [EVENT_REQUEST_APPROVED] = {"request-approved",
        "a person approved a request"},
    [EVENT_APPROVAL_REFUSED] = {"approval-refused", "an approval was refused"},
    [EVENT_REQUEST_DENIED] = {"request-denied", "a person denied a request"},
    [EVENT_DENIAL_REFUSED] = {"denial-refused", "a denial was refused"},
    [EVENT_REQUEST_WITHDRAWN] = {"request-withdrawn",
        "who asked took the request back"},
    [EVENT_REQUEST_FAILED] = {"request-failed",
        "an approved request was refused by a rule"},
    [EVENT_REQUEST_FETCHED] = {"request-fetched",
        "a request was looked up with proof of its key"},
    [EVENT_FETCH_REFUSED] = {"fetch-refused",
        "a request was not shown: no proof, or unknown"},
    [EVENT_ISSUED] = {"issued", "a certificate was issued"},
    [EVENT_RENEWED] = {"renewed",
        "a certificate was issued in place of another"},
    [EVENT_REFUSED] = {"refused", "an issuance was refused"},
    [EVENT_TWIN] = {"twin",
        "two retries met: the second certificate was revoked unseen"},
    [EVENT_REVOKED] = {"revoked", "a certificate was revoked"},
    [EVENT_HELD] = {"held", "a certificate was put on hold"},
    [EVENT_RELEASED] = {"released", "a hold ended"},
    [EVENT_REVOCATION_REFUSED] = {"revocation-refused",
        "a revocation, hold or release was refused"},
    [EVENT_MASS_REVOCATION_STARTED] = {"mass-revocation-started",
        "a revocation by query began"},
    [EVENT_MASS_REVOCATION_DONE] = {"mass-revocation-done",
        "a revocation by query ended"},
    [EVENT_CRL_SIGNED] = {"crl-signed",
        "a complete revocation list was signed"},
    [EVENT_DELTA_SIGNED] = {"delta-signed",
        "a delta revocation list was signed"},
    [EVENT_SHARD_SIGNED] = {"shard-signed",
        "a shard of a revocation list was signed"},
    [EVENT_CRL_PUBLISHED] = {"crl-published",
        "a revocation list is where it is fetched"},
    [EVENT_CRL_FAILED] = {"crl-failed",
        "a revocation list could not be made or published"},
    [EVENT_AUTHORITY_ADDED] = {"authority-added", "an authority was added"},
    [EVENT_AUTHORITY_REQUESTED] = {"authority-requested",
        "a certificate for an authority is asked of another"},
    [EVENT_AUTHORITY_INSTALLED] = {"authority-installed",
        "the certificate of an authority was installed"},
    [EVENT_INSTALL_REFUSED] = {"install-refused",
        "an authority's certificate was refused"},
    [EVENT_CROSS_SIGNED] = {"cross-signed",
        "another authority's key was certified"},
    [EVENT_CROSS_SIGN_REFUSED] = {"cross-sign-refused",
        "a cross-certificate was refused"},
    [EVENT_ROLLOVER_PLANNED] = {"rollover-planned",
        "a rollover began: there is a new key"},
    [EVENT_ROLLOVER_CERTIFIED] = {"rollover-certified",
        "the new key has its certificate"},
    [EVENT_ROLLOVER_CROSSED] = {"rollover-crossed",
        "old and new key certify each other"},
    [EVENT_ROLLOVER_PUBLISHED] = {"rollover-published",
        "the new certificates are published"},
    [EVENT_ROLLOVER_SWITCHED] = {"rollover-switched",
        "the new key issues from now on"},
    [EVENT_ROLLOVER_UNDONE] = {"rollover-undone",
        "a step of a rollover was taken back"},
    [EVENT_ROLLOVER_REFUSED] = {"rollover-refused",
        "a step of a rollover was refused"},
    [EVENT_AUTHORITY_RETIRED] = {"authority-retired",
        "an authority issues nothing any more"},
    [EVENT_RETIRE_REFUSED] = {"retire-refused",
        "an authority could not be retired"},
    [EVENT_ISSUER_ENDS_SOON] = {"issuer-ends-soon",
        "an issuer ends before the longest lifetime asked of it"},
    [EVENT_PERSON_ADDED] = {"person-added", "a person was given a role"},
    [EVENT_PERSON_RENEWED] = {"person-renewed",
        "a person was given another certificate or link"},
    [EVENT_PERSON_ENDED] = {"person-ended", "a person lost its role"},
    [EVENT_PERSON_REFUSED] = {"person-refused",
        "a change of people was refused"},
    [EVENT_LINK_MADE] = {"link-made", "a single-use link was made"},
    [EVENT_LINK_USED] = {"link-used", "a single-use link was used"},
    [EVENT_LINK_REFUSED] = {"link-refused", "a link was refused"},
    [EVENT_TOKEN_MADE] = {"token-made", "a token was made"},
    [EVENT_TOKEN_ENDED] = {"token-ended", "a token was ended"},
    [EVENT_TOKEN_REFUSED] = {"token-refused",
        "a token, or a change of tokens, was refused"},
    [EVENT_ACCOUNT_ADDED] = {"account-added", "an account was added"},
    [EVENT_ACCOUNT_ENDED] = {"account-ended", "an account was ended"},
    [EVENT_ACCOUNT_REFUSED] = {"account-refused",
        "a change of accounts was refused"},
    [EVENT_SIGN_IN_REFUSED] = {"sign-in-refused", "a sign-in failed"},
    [EVENT_NOT_ALLOWED] = {"not-allowed",
        "a caller asked for what its role may not do"},
    [EVENT_PROFILE_USED] = {"profile-used",
        "a version of a profile was used for the first time"},
    [EVENT_PAUSED] = {"paused", "issuance of a profile was stopped"},
    [EVENT_PAUSE_REFUSED] = {"pause-refused", "a pause was refused"},
    [EVENT_RESUMED] = {"resumed", "issuance of a profile goes on"},
    [EVENT_RESUME_REFUSED] = {"resume-refused", "a resumption was refused"},
    [EVENT_CLOCK_BEHIND] = {"clock-behind",
        "the clock is behind the journal's last time"},
    [EVENT_CLOCK_JUMPED] = {"clock-jumped", "the clock jumped"},
    [EVENT_CLOCK_ACCEPTED] = {"clock-accepted",
        "a person accepted the clock as it is"},
    [EVENT_CLOCK_REFUSED] = {"clock-refused", "the clock was not accepted"},
    [EVENT_CHECKPOINT] = {"checkpoint",
        "the signer signed over the heads of journal and sign log"},
    [EVENT_CHECKPOINT_FAILED] = {"checkpoint-failed",
        "a checkpoint could not be signed"},
    [EVENT_TELL_REFUSED] = {"tell-refused",
        "a command told of what is not its to tell"},
    [EVENT_DISK_FULL] = {"disk-full", "the disk is full: nothing is issued"},
    [EVENT_RESERVE_FREED] = {"reserve-freed",
        "the reserve was given up so that revocation goes on"},
    [EVENT_RESERVE_FILLED] = {"reserve-filled", "the reserve is there again"},
    [EVENT_NOTICES_SENT] = {"notices-sent",
        "what ends soon was told to whom the settings name"},
};

const char *event_name(enum event_kind kind)
{
    return kinds[kind].name;
}

const char *event_meaning(enum event_kind kind)
{
    return kinds[kind].meaning;
}

bool event_named(const char *name, enum event_kind *kind)
{
    for (size_t i = 0; i < EVENT_KINDS; i++) {
        if (strcmp(kinds[i].name, name) == 0) {
            *kind = (enum event_kind)i;
            return true;
        }
    }
    return false;
}

/* What is no UTF-8 can't be told as it is. */
static json_t *text_or_null(const char *text)
{
    json_t *value = text == NULL ? NULL : json_string(text);

    return value != NULL ? value : json_null();
}

const char *event_door(const struct caller *caller)
{
    switch (caller->door) {
    case DOOR_CONTROL:
        return "control";
    case DOOR_FOUNDING:
        return "founding";
    case DOOR_OWN:
        return "own";
    case DOOR_WEB:
        return "web";
    case DOOR_ADMIN:
        return "admin";
    case DOOR_CERTSRV:
        return "certsrv";
    case DOOR_API:
        return "api";
    }
    return "";
}

static json_t *details_of(const struct event *event)
{
    json_t *details = json_object();
    bool ok =
        json_object_set_new(details, "outcome",
            json_string(event->refusal == NULL ? "done" : "refused")) == 0;

    if (event->refusal != NULL)
        ok = ok && json_object_set_new(details, "reason",
                       text_or_null(event->refusal->reason)) == 0;
    if (event->request != NULL)
        ok = ok && json_object_set_new(
                       details, "request", text_or_null(event->request)) == 0;
    if (event->caller != NULL)
        ok = ok && json_object_set_new(details, "door",
                       json_string(event_door(event->caller))) == 0;
    if (event->more != NULL)
        ok = ok && json_object_update_missing(details, event->more) == 0;
    if (ok)
        return details;
    json_decref(details);
    return NULL;
}

bool journal_event(
    struct store *store, const struct event *event, struct failure *why)
{
    SCOPED(json_t) *more = event->more;
    SCOPED(json_t) *details = details_of(event);
    RELEASED(buffer) detail = BUFFER("journal detail", 64 * 1024);
    const char *actor = event->caller == NULL ? "keeper" : event->caller->actor;
    struct journal_event row = {.at_ms = clock_now_ms(),
        .kind = event_name(event->kind),
        .actor = event->actor != NULL ? event->actor : actor,
        .object = event->object == NULL ? "" : event->object};

    (void)more; /* taken over: freed when this returns */
    if (details == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    return json_append(&detail, details, why) &&
           buffer_as_text(&detail, &row.detail, why) &&
           store_journal(store, &row, why);
}
