#include "store/store_revocations.h"

#include <inttypes.h>
#include <string.h>

#include "store/store_sqlite.h"

static bool bind_crl(sqlite3_stmt *statement, const struct crl_row *row)
{
    return bind_number(statement, 1, row->authority) &&
           bind_number(statement, 2, row->kind) &&
           bind_number(statement, 3, row->number) &&
           bind_number(statement, 4, row->this_update) &&
           bind_number(statement, 5, row->next_update) &&
           bind_number(statement, 6, row->change) &&
           bind_number(statement, 7, row->entries) &&
           bind_bytes(statement, 8, (struct bytes){row->sha256, SHA256_BYTES});
}

static bool fail_to_set(
    const struct store *store, const struct crl_row *row, struct failure *why)
{
    if (sqlite3_extended_errcode(store->database) ==
        SQLITE_CONSTRAINT_FOREIGNKEY)
        return fail_because(why, FAILURE_NOT_FOUND,
            "no authority in %s has the id %" PRId64, store_shown(store),
            row->authority);
    return fail_in_store(store, "note a CRL in", why);
}

bool store_set_crl(
    struct store *store, const struct crl_row *row, struct failure *why)
{
    static const char text[] =
        "INSERT INTO crl (authority, kind, number, this_update, next_update,"
        " change, entries, sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"
        " ON CONFLICT (authority, kind) DO UPDATE SET number = excluded.number,"
        " this_update = excluded.this_update,"
        " next_update = excluded.next_update, change = excluded.change,"
        " entries = excluded.entries, sha256 = excluded.sha256"
        " WHERE excluded.number > number";
    SCOPED(sqlite3_stmt) *statement = NULL;

    if (!store_is_writing(store, why) ||
        !store_statement(store, STATEMENT_SET_CRL, text, &statement, why))
        return false;
    if (!bind_crl(statement, row) || sqlite3_step(statement) != SQLITE_DONE)
        return fail_to_set(store, row, why);
    if (store_changes(store) == 0)
        return fail_because(why, FAILURE_CONFLICT,
            "CRL number %" PRId64 " is not greater than the last one: the "
            "numbers of a CRL only grow",
            row->number);
    return true;
}

static bool read_crl(const struct store *store, sqlite3_stmt *statement,
    struct crl_row *row, struct failure *why)
{
    struct bytes sha256 = column_bytes(statement, 6);

    if (sha256.length != SHA256_BYTES)
        return fail_because(why, FAILURE_INTERNAL,
            "%s has a CRL with a hash of %zu bytes", store_shown(store),
            sha256.length);
    row->number = sqlite3_column_int64(statement, 0);
    row->this_update = sqlite3_column_int64(statement, 1);
    row->next_update = sqlite3_column_int64(statement, 2);
    row->change = sqlite3_column_int64(statement, 3);
    row->entries = sqlite3_column_int64(statement, 4);
    row->authority = sqlite3_column_int64(statement, 5);
    row->kind = sqlite3_column_int(statement, 7);
    memcpy(row->sha256, sha256.start, SHA256_BYTES);
    return true;
}

bool store_crl(struct store *store, int64_t authority, int kind,
    struct crl_row *row, bool *found, struct failure *why)
{
    static const char text[] =
        "SELECT number, this_update, next_update, change, entries, authority,"
        " sha256, kind FROM crl WHERE authority = ?1 AND kind = ?2";
    SCOPED(sqlite3_stmt) *statement = NULL;
    bool there = false;

    if (!store_statement(store, STATEMENT_CRL, text, &statement, why))
        return false;
    if (!bind_number(statement, 1, authority) ||
        !bind_number(statement, 2, kind))
        return fail_in_store(store, "search", why);
    if (!store_next(store, statement, "search", &there, why) ||
        (there && !read_crl(store, statement, row, why)))
        return false;
    *found = there;
    return true;
}
