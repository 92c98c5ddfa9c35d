#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/keys_output.h"
#include "cli/output.h"
#include "server/client.h"

struct told_key {
    const char *kind, *object, *words, *sha256;
};

static bool tell(
    struct client *client, const struct told_key *told, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED(json_t) *facts = NULL;

    return message_add_text(&question, CONTROL_KIND, told->kind, why) &&
           message_add_text(&question, CONTROL_NAME, told->object, why) &&
           (*told->words == '\0' ||
               message_add_text(&question, CONTROL_WORDS, told->words, why)) &&
           (*told->sha256 == '\0' ||
               message_add_text(&question, CONTROL_HASH, told->sha256, why)) &&
           client_call(
               client, CONTROL_TELL, buffer_view(&question), -1, &facts, why);
}

/* Without the passphrase of the call, which is for the keys. */
static bool open_journal(
    struct call *call, struct client **client, struct failure *why)
{
    struct client_options options = {.passphrase = -1};
    struct place place = {0};

    if (!call_place(call, &place, why))
        return false;
    options.directory = place.directory;
    return client_open(&options, client, why);
}

/* The deed is done; that it is not told is told. */
static void notice_untold(struct call *call, const struct failure *why)
{
    notice(call, "This is not in the journal: %s.", why->reason);
}

/* The last part of a path: who it is used by is better still. */
static const char *name_of(const struct key_record *key)
{
    const char *slash = strrchr(key->label, '/');

    if (key->used_by_count > 0)
        return key->used_by[0];
    return slash == NULL ? key->label : slash + 1;
}

void keys_tell_proved(struct call *call, const struct key_inventory *inventory,
    const char *sha256)
{
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};
    bool ok = open_journal(call, &client, &why);

    for (size_t i = 0; ok && i < key_inventory_count(inventory); i++) {
        const struct key_record *key = key_inventory_at(inventory, i);
        char words[300];
        const struct told_key told = {
            key->usable ? "key-proved" : "key-unusable", name_of(key), words,
            key->sha256};

        (void)snprintf(
            words, sizeof(words), "%.299s", key->usable ? "" : key->why);
        if (sha256 == NULL || strcmp(key->sha256, sha256) == 0)
            ok = tell(client, &told, &why);
    }
    if (!ok && why.kind != FAILURE_NOT_FOUND)
        notice_untold(call, &why);
}

void keys_tell_passphrase(struct call *call, const char *authority)
{
    const struct told_key told = {"passphrase-changed", authority, "", ""};
    SCOPED_STRUCT(client) *client = NULL;
    struct failure why = {0};

    if (!open_journal(call, &client, &why) || !tell(client, &told, &why))
        notice_untold(call, &why);
}
