#include "authority/lists_parts.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "authority/event.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "x509/crl_writer.h"

/* One list on its way. */
struct list {
    const struct list_wish *wish;
    struct crl_row row;
    uint64_t base_number; /* of a delta */
    int64_t after_change;
    int file; /* without a name; the list is a part of it */
    struct crl_writer *writer;
    struct crl_span whole;
};

/* --- numbers and times --------------------------------------------------- */

static bool grow_number(struct list *list, int kind, struct failure *why)
{
    struct crl_row last = {0};
    bool found = false;

    if (!store_crl(list->wish->reading, list->wish->issuer->id, kind, &last,
            &found, why))
        return false;
    if (found && last.number >= list->row.number)
        list->row.number = last.number + 1;
    return true;
}

/* Complete lists and deltas share their numbers (RFC 5280, 5.2.3). */
static bool number_list(struct list *list, struct failure *why)
{
    list->row.number = clock_now_ms();
    return grow_number(list, CRL_COMPLETE, why) &&
           grow_number(list, CRL_DELTA, why) &&
           grow_number(list, list->row.kind, why);
}

static int64_t life_of_list(const struct authority_issuer *issuer)
{
    if (issuer->state == AUTHORITY_RETIRED)
        return LIST_LIFE_LAST_S;
    return issuer->issues || issuer->state != AUTHORITY_ACTIVE
               ? LIST_LIFE_S
               : LIST_LIFE_APART_S;
}

static bool date_list(struct list *list, struct failure *why)
{
    const struct authority_issuer *issuer = list->wish->issuer;
    int64_t life_s = life_of_list(issuer);

    list->row.this_update = clock_now();
    list->row.next_update = list->row.this_update + life_s;
    if (list->row.next_update > issuer->issuer.not_after)
        list->row.next_update = issuer->issuer.not_after;
    return list->row.next_update > list->row.this_update ||
           fail_because(why, FAILURE_UNSUITABLE,
               "the authority \"%s\" has ended; no list of it can be good",
               issuer->name);
}

/* A delta tells what changed since the last complete list. */
static bool find_base(struct list *list, struct failure *why)
{
    struct crl_row base = {0};
    bool found = false;

    if (list->row.kind != CRL_DELTA)
        return true;
    if (!store_crl(list->wish->reading, list->wish->issuer->id, CRL_COMPLETE,
            &base, &found, why))
        return false;
    if (!found)
        return fail_because(why, FAILURE_NOT_FOUND,
            "\"%s\" has no complete list that a delta could follow",
            list->wish->issuer->name);
    list->base_number = (uint64_t)base.number;
    list->after_change = base.change;
    return true;
}

/* --- the body ------------------------------------------------------------ */

static bool add_entry(
    void *context, const struct revocation_row *row, struct failure *why)
{
    struct list *list = context;

    list->row.entries++;
    return crl_writer_add(
        list->writer, row->serial, row->revoked_at, (int)row->reason, why);
}

static bool has_addresses(const struct list *list)
{
    return list->wish->authority->configuration->url[0] != '\0';
}

#define ADDRESS_ROOM 700

static bool finish_body(
    const struct list *list, struct crl_span *body, struct failure *why)
{
    const struct issuer *issuer = &list->wish->issuer->issuer;
    const char *url = list->wish->authority->configuration->url;
    char shard[ADDRESS_ROOM], delta[ADDRESS_ROOM];
    struct crl_plan plan = {.issuer = issuer->subject,
        .algorithm = issuer->algorithm->identifier,
        .this_update = list->row.this_update,
        .next_update = list->row.next_update,
        .number = (uint64_t)list->row.number,
        .base_number = list->base_number,
        .key_identifier = issuer->key_identifier};

    (void)snprintf(shard, sizeof(shard), "%s/crl/%s/%d.crl", url, issuer->name,
        list->row.kind);
    (void)snprintf(
        delta, sizeof(delta), "%s/crl/%s-delta.crl", url, issuer->name);
    if (list->row.kind >= 0)
        plan.distribution_point = shard;
    if (list->row.kind == CRL_COMPLETE && has_addresses(list) &&
        list->row.entries > LIST_COMPLETE_ENTRIES)
        plan.freshest = delta;
    return crl_writer_finish(list->writer, &plan, body, why);
}

static bool fill_body(
    struct list *list, struct crl_span *body, struct failure *why)
{
    const struct revocation_filter filter = {
        .authority = list->wish->issuer->id,
        .shard = list->row.kind < 0 ? -1 : list->row.kind,
        .not_before = list->row.this_update - LIST_KEEPS_S,
        .after_change = list->after_change};

    /* Before the rows: what comes in meanwhile is told twice, never lost. */
    return store_last_change(list->wish->reading, &list->row.change, why) &&
           store_list_revocations(
               list->wish->reading, &filter, add_entry, list, why) &&
           finish_body(list, body, why);
}

static bool write_body(
    struct list *list, struct crl_span *body, struct failure *why)
{
    SCOPED_STRUCT(crl_writer) *writer = NULL;

    if (!crl_writer_new(list->file, &writer, why))
        return false;
    list->writer = writer;
    return fill_body(list, body, why);
}

/* --- signing and publishing ---------------------------------------------- */

static bool sign_list(
    struct list *list, const struct crl_span *body, struct failure *why)
{
    uint8_t signature[SIGNATURE_MAX];
    size_t length = 0;

    if (list->wish->issuer->key >= SIGNER_KEYS_MAX)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "the key of \"%s\" is not open: `chancery ca crl --ca %s "
            "--root-dir FOLDER` opens it, where FOLDER is the one that it lies "
            "in",
            list->wish->issuer->name, list->wish->issuer->name);
    return signer_client_sign_list(list->wish->authority->signer,
               list->wish->issuer->key, list->file, body, signature, &length,
               why) &&
           crl_seal(list->file, body,
               list->wish->issuer->issuer.algorithm->identifier,
               (struct bytes){signature, length}, &list->whole, why) &&
           list_check(list->wish->issuer, list->file, body,
               (struct bytes){signature, length}, why);
}

/* publish/crl/NAME.crl, NAME-delta.crl, NAME/SHARD.crl (INTERFACES.md). */
static bool name_list(const struct list_wish *wish, char path[static PATH_ROOM],
    struct failure *why)
{
    const char *name = wish->issuer->name;
    char file[2 * PROFILE_NAME_MAX];

    if (wish->kind >= 0)
        (void)snprintf(file, sizeof(file), "crl/%s/%d.crl", name, wish->kind);
    else
        (void)snprintf(file, sizeof(file), "crl/%s%s.crl", name,
            wish->kind == CRL_DELTA ? "-delta" : "");
    return path_join(path, wish->authority->publish, file, why);
}

static bool make_folders(const struct list_wish *wish, struct failure *why)
{
    char folder[PATH_ROOM], own[PATH_ROOM];

    if (!path_join(folder, wish->authority->publish, "crl", why) ||
        !folder_make_missing(folder, 0755, why))
        return false;
    return wish->kind < 0 || (path_join(own, folder, wish->issuer->name, why) &&
                                 folder_make_missing(own, 0755, why));
}

/* A file without a name rather than memory: a list may be large.  Not every
 * file system knows O_TMPFILE. */
static bool open_scratch(struct list *list, struct failure *why)
{
    char path[PATH_ROOM];

    if (!path_join(path, list->wish->authority->publish, ".list-XXXXXX", why))
        return false;
    list->file = mkostemp(path, O_CLOEXEC);
    if (list->file < 0 || unlink(path) != 0)
        return fail_in_file(why, "writing", path);
    return true;
}

static bool hash_list(struct list *list, struct failure *why)
{
    return sha256_part(list->file, list->whole.offset, list->whole.length,
        list->row.sha256, why);
}

static enum event_kind kind_of(int kind)
{
    if (kind == CRL_COMPLETE)
        return EVENT_CRL_SIGNED;
    return kind == CRL_DELTA ? EVENT_DELTA_SIGNED : EVENT_SHARD_SIGNED;
}

static bool record_list(
    struct authority *authority, void *context, struct failure *why)
{
    struct list *list = context;

    return store_set_crl(authority->store, &list->row, why) &&
           journal_event(authority->store,
               &(struct event){.kind = kind_of(list->row.kind),
                   .object = list->wish->issuer->name,
                   .more = json_pack("{s:I,s:I,s:i}", "number",
                       (json_int_t)list->row.number, "entries",
                       (json_int_t)list->row.entries, "kind", list->row.kind)},
               why);
}

/* --- what reached its file ----------------------------------------------- */

/* The number that was published last: a kill between the record and the file
 * leaves it behind the record's. */
#define MARK_ROOM 64

static void name_mark(const struct crl_row *row, char mark[static MARK_ROOM])
{
    (void)snprintf(mark, MARK_ROOM, "crl-published:%" PRId64 ":%d",
        row->authority, row->kind);
}

static bool record_published(
    struct authority *authority, void *context, struct failure *why)
{
    const struct list *list = context;
    const struct crl_row *row = &list->row;
    char mark[MARK_ROOM];

    name_mark(row, mark);
    return store_set_number(authority->store, mark, row->number, why) &&
           journal_event(authority->store,
               &(struct event){.kind = EVENT_CRL_PUBLISHED,
                   .object = list->wish->issuer->name,
                   .more = json_pack("{s:I,s:i}", "number",
                       (json_int_t)row->number, "kind", row->kind)},
               why);
}

bool list_is_out(const struct list_wish *wish, const struct crl_row *row,
    bool *is_out, struct failure *why)
{
    char path[PATH_ROOM], mark[MARK_ROOM];
    int64_t published = 0;

    name_mark(row, mark);
    if (!name_list(wish, path, why) ||
        !store_number(wish->reading, mark, &published, why))
        return false;
    *is_out = published == row->number && access(path, F_OK) == 0;
    return true;
}

static bool write_file(const struct list *list, struct failure *why)
{
    char path[PATH_ROOM];

    return make_folders(list->wish, why) && name_list(list->wish, path, why) &&
           file_write_part(path, list->file, list->whole.offset,
               list->whole.length, 0644, why);
}

/* The number is recorded before anybody can see it, so that none is given out
 * twice. */
static bool make_list(struct list *list, struct failure *why)
{
    struct crl_span body = {0};

    return number_list(list, why) && date_list(list, why) &&
           find_base(list, why) && open_scratch(list, why) &&
           write_body(list, &body, why) && sign_list(list, &body, why) &&
           hash_list(list, why) &&
           authority_write(list->wish->authority, record_list, list, why) &&
           write_file(list, why) &&
           authority_write(list->wish->authority, record_published, list, why);
}

bool list_publish(
    const struct list_wish *wish, struct crl_row *row, struct failure *why)
{
    struct list list = {.wish = wish,
        .row = {.authority = wish->issuer->id, .kind = wish->kind},
        .file = -1};
    bool ok = make_list(&list, why);

    descriptor_close(&list.file);
    if (ok)
        *row = list.row;
    return ok;
}
