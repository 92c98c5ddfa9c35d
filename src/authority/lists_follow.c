#include "authority/lists_parts.h"

#include <string.h>

#include "base/clock.h"

/* --- which issuer -------------------------------------------------------- */

const struct authority_issuer *authority_by_id(
    const struct authority *authority, int64_t id)
{
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (authority->issuers[i].id == id)
            return &authority->issuers[i];
    }
    return NULL;
}

bool lists_issuer(const struct authority *authority, const char *name,
    const struct authority_issuer **issuer, struct failure *why)
{
    if (name == NULL)
        return authority_issuer(authority, NULL, false, issuer, why);
    for (size_t i = 0; i < authority->issuer_count; i++) {
        if (strcmp(authority->issuers[i].name, name) == 0) {
            *issuer = &authority->issuers[i];
            return true;
        }
    }
    return fail_because(
        why, FAILURE_NOT_FOUND, "there is no authority \"%s\"", name);
}

/* --- which lists are behind ---------------------------------------------- */

/* Half of its time has passed (properties 11), or it begins in the future: the
 * clock was set back. */
static bool is_old(const struct crl_row *row)
{
    int64_t now = clock_now();
    int64_t half = row->this_update + (row->next_update - row->this_update) / 2;

    return now >= half || now < row->this_update;
}

/* How much was revoked, held or released since the list of this row. */
static bool count_changes(const struct list_wish *wish,
    const struct crl_row *row, int64_t *count, struct failure *why)
{
    const struct revocation_filter filter = {.authority = wish->issuer->id,
        .shard = wish->kind < 0 ? -1 : wish->kind,
        .not_before = clock_now() - LIST_KEEPS_S,
        .after_change = row->change};

    return store_count_revocations(wish->reading, &filter, count, why);
}

/* The list as it was made last.  *is_good: it is there, out, and young; what
 * changed since is another question. */
static bool look_at(const struct list_wish *wish, struct crl_row *row,
    bool *is_good, struct failure *why)
{
    bool found = false;
    bool is_out = false;

    if (!store_crl(
            wish->reading, wish->issuer->id, wish->kind, row, &found, why) ||
        (found && !list_is_out(wish, row, &is_out, why)))
        return false;
    *is_good = found && is_out && !is_old(row);
    return true;
}

static bool is_shard_behind(
    const struct list_wish *wish, bool *is_behind, struct failure *why)
{
    struct crl_row row = {0};
    bool is_good = false;
    int64_t changes = 0;

    if (!look_at(wish, &row, &is_good, why) ||
        (is_good && !count_changes(wish, &row, &changes, why)))
        return false;
    *is_behind = !is_good || changes > 0;
    return true;
}

/* Complete list and delta together: what is to be made. */
enum due { DUE_NOTHING, DUE_COMPLETE, DUE_DELTA };

static bool is_delta_behind(const struct list_wish *complete,
    const struct crl_row *base, bool *is_behind, struct failure *why)
{
    struct list_wish wish = *complete;
    struct crl_row row = {0};
    bool is_good = false;
    int64_t changes = 0;

    wish.kind = CRL_DELTA;
    if (!look_at(&wish, &row, &is_good, why))
        return false;
    is_good = is_good && row.number > base->number;
    if (is_good && !count_changes(&wish, &row, &changes, why))
        return false;
    *is_behind = !is_good || changes > 0;
    return true;
}

static bool find_due(const struct list_wish *complete, struct crl_row *base,
    enum due *due, struct failure *why)
{
    bool is_good = false;
    bool is_behind = false;
    int64_t changes = 0;

    *due = DUE_COMPLETE;
    if (!look_at(complete, base, &is_good, why))
        return false;
    if (!is_good)
        return true;
    if (!count_changes(complete, base, &changes, why))
        return false;
    if (changes == 0)
        *due = DUE_NOTHING;
    if (changes == 0 || changes > LIST_COMPLETE_ENTRIES ||
        base->entries <= LIST_COMPLETE_ENTRIES)
        return true;
    if (!is_delta_behind(complete, base, &is_behind, why))
        return false;
    *due = is_behind ? DUE_DELTA : DUE_NOTHING;
    return true;
}

/* --- all of an authority's ----------------------------------------------- */

/* Without an address no certificate names its shard. */
static int shards_of(const struct list_wish *wish)
{
    bool has_address = wish->authority->configuration->url[0] != '\0';

    return wish->issuer->crl_shards > 1 && has_address
               ? wish->issuer->crl_shards
               : 0;
}

static bool publish_shards(const struct list_wish *complete, bool all,
    size_t *made, struct failure *why)
{
    struct list_wish wish = *complete;
    struct crl_row row = {0};

    *made = 0;
    for (wish.kind = 0; wish.kind < shards_of(complete); wish.kind++) {
        bool is_behind = true;

        if (!all && !is_shard_behind(&wish, &is_behind, why))
            return false;
        if (is_behind && !list_publish(&wish, &row, why))
            return false;
        *made += is_behind ? 1 : 0;
    }
    return true;
}

/* Until when others may go by what was published before. */
static bool read_older(
    const struct list_wish *complete, int64_t *until, struct failure *why)
{
    struct crl_row older = {0};
    bool found = false;

    if (!store_crl(complete->reading, complete->issuer->id, CRL_COMPLETE,
            &older, &found, why))
        return false;
    *until = clock_now();
    if (found && older.next_update > *until)
        *until = older.next_update;
    return true;
}

static void tell_complete(struct lists_made *made, const struct crl_row *row)
{
    made->number = row->number;
    made->entries = row->entries;
    made->next_update = row->next_update;
}

bool lists_publish(struct authority *authority, struct store *reading,
    const struct authority_issuer *issuer, struct lists_made *made,
    struct failure *why)
{
    const struct list_wish wish = {authority, reading, issuer, CRL_COMPLETE};
    struct crl_row row = {0};

    *made = (struct lists_made){.has_complete = true};
    if (!read_older(&wish, &made->older_until, why) ||
        !publish_shards(&wish, true, &made->shards, why) ||
        !list_publish(&wish, &row, why))
        return false;
    tell_complete(made, &row);
    return true;
}

static bool publish_due(const struct list_wish *complete, enum due due,
    const struct crl_row *base, struct lists_made *made, struct failure *why)
{
    struct list_wish wish = *complete;
    struct crl_row row = {0};

    tell_complete(made, base);
    if (due == DUE_NOTHING)
        return true;
    wish.kind = due == DUE_DELTA ? CRL_DELTA : CRL_COMPLETE;
    if (!list_publish(&wish, &row, why))
        return false;
    made->has_complete = due == DUE_COMPLETE;
    made->has_delta = due == DUE_DELTA;
    if (made->has_complete)
        tell_complete(made, &row);
    made->number = row.number;
    made->delta_entries = made->has_delta ? row.entries : 0;
    return true;
}

bool lists_follow(struct authority *authority, struct store *reading,
    const struct authority_issuer *issuer, struct lists_made *made,
    struct failure *why)
{
    const struct list_wish wish = {authority, reading, issuer, CRL_COMPLETE};
    struct crl_row base = {0};
    enum due due = DUE_NOTHING;

    *made = (struct lists_made){0};
    return read_older(&wish, &made->older_until, why) &&
           publish_shards(&wish, false, &made->shards, why) &&
           find_due(&wish, &base, &due, why) &&
           publish_due(&wish, due, &base, made, why);
}

bool lists_are_behind(struct authority *authority, struct store *reading,
    const struct authority_issuer *issuer, bool *are_behind,
    struct failure *why)
{
    const struct list_wish complete = {
        authority, reading, issuer, CRL_COMPLETE};
    struct list_wish wish = complete;
    struct crl_row base = {0};
    enum due due = DUE_NOTHING;
    bool is_behind = false;

    for (wish.kind = 0; !is_behind && wish.kind < shards_of(&complete);
         wish.kind++) {
        if (!is_shard_behind(&wish, &is_behind, why))
            return false;
    }
    if (!find_due(&complete, &base, &due, why))
        return false;
    *are_behind = is_behind || due != DUE_NOTHING;
    return true;
}

/* --- at the start -------------------------------------------------------- */

/* Signs it lists still, with a key that is open? */
static bool signs_lists(
    const struct authority_issuer *issuer, const struct signer_state *keys)
{
    return issuer->state != AUTHORITY_RETIRED &&
           issuer->issuer.not_after > clock_now() &&
           issuer->key < keys->key_count && keys->keys[issuer->key].is_usable;
}

bool lists_catch_up(
    struct authority *authority, struct store *reading, struct failure *why)
{
    struct signer_state keys = {0};
    bool ok = lists_sweep(authority, why);

    if (!signer_client_state(authority->signer, &keys, why))
        return false;
    for (size_t i = 0; i < authority->issuer_count; i++) {
        struct lists_made made;

        if (signs_lists(&authority->issuers[i], &keys))
            ok = lists_follow(
                     authority, reading, &authority->issuers[i], &made, why) &&
                 ok;
    }
    return ok;
}
