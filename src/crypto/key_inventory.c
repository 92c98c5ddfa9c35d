#include "crypto/key_inventory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USER_ROOM sizeof(((struct key_record *)0)->used_by[0])

struct key_inventory {
    struct key_record *records;
    size_t count;
    size_t capacity;
};

struct key_inventory *key_inventory_new(void)
{
    return calloc(1, sizeof(struct key_inventory));
}

static void record_free(struct key_record *record)
{
    free(record->certificates);
    free(record->used_by);
    free(record->copies);
    *record = (struct key_record){0};
}

void key_inventory_free(struct key_inventory *inventory)
{
    if (inventory == NULL)
        return;
    for (size_t i = 0; i < inventory->count; i++)
        record_free(&inventory->records[i]);
    free(inventory->records);
    free(inventory);
}

static bool make_room(struct key_inventory *inventory, struct failure *why)
{
    size_t capacity = inventory->capacity == 0 ? 8 : inventory->capacity * 2;
    struct key_record *records;

    if (inventory->count < inventory->capacity)
        return true;
    records = reallocarray(inventory->records, capacity, sizeof(*records));
    if (records == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    inventory->records = records;
    inventory->capacity = capacity;
    return true;
}

/* Entries of room bytes each; one that is there already is not added again.
 * NULL: out of memory, and the entries are as before. */
static void *append_entry(
    void *entries, size_t *count, size_t room, const char *text)
{
    char *grown = entries;

    for (size_t i = 0; i < *count; i++) {
        if (strcmp(grown + i * room, text) == 0)
            return entries;
    }
    grown = reallocarray(entries, *count + 1, room);
    if (grown == NULL)
        return NULL;
    (void)snprintf(grown + *count * room, room, "%s", text);
    (*count)++;
    return grown;
}

static bool join_certificate(
    struct key_record *record, const char *sha256, struct failure *why)
{
    void *grown = append_entry(
        record->certificates, &record->certificate_count, SHA256_TEXT, sha256);

    if (grown == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    record->certificates = grown;
    return true;
}

static bool join_user(
    struct key_record *record, const char *name, struct failure *why)
{
    void *grown;

    if (strlen(name) >= USER_ROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the name of a key's user is longer than %zu bytes", USER_ROOM - 1);
    grown =
        append_entry(record->used_by, &record->used_by_count, USER_ROOM, name);
    if (grown == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    record->used_by = grown;
    return true;
}

static bool join_copy(
    struct key_record *record, const char *label, struct failure *why)
{
    void *grown = append_entry(
        record->copies, &record->copy_count, KEY_LABEL_ROOM, label);

    if (grown == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    record->copies = grown;
    return true;
}

static bool join_all(struct key_record *copy, const struct key_record *record,
    struct failure *why)
{
    for (size_t i = 0; i < record->certificate_count; i++) {
        if (!join_certificate(copy, record->certificates[i], why))
            return false;
    }
    for (size_t i = 0; i < record->used_by_count; i++) {
        if (!join_user(copy, record->used_by[i], why))
            return false;
    }
    for (size_t i = 0; i < record->copy_count; i++) {
        if (!join_copy(copy, record->copies[i], why))
            return false;
    }
    return true;
}

static bool check_record(const struct key_record *record, struct failure *why)
{
    bool is_known = record->sha256[0] != '\0' && record->algorithm != NULL;
    bool has_reason = record->why[0] != '\0';

    if (record->usable == has_reason || (record->usable && !is_known))
        return fail_because(why, FAILURE_INTERNAL,
            "the record of the key %s contradicts itself", record->label);
    return true;
}

static struct key_record *find(
    const struct key_inventory *inventory, const char *sha256, bool usable)
{
    for (size_t i = 0; i < inventory->count; i++) {
        struct key_record *record = &inventory->records[i];

        if (record->usable == usable && strcmp(record->sha256, sha256) == 0)
            return record;
    }
    return NULL;
}

/* Whatever state they are in: files of one key are each other's copies. */
static bool join_each_other(struct key_inventory *inventory,
    struct key_record *record, struct failure *why)
{
    for (size_t i = 0; i < inventory->count; i++) {
        struct key_record *other = &inventory->records[i];

        if (record->sha256[0] != '\0' &&
            strcmp(record->sha256, other->sha256) == 0 &&
            (!join_copy(other, record->label, why) ||
                !join_copy(record, other->label, why)))
            return false;
    }
    return true;
}

bool key_inventory_add(struct key_inventory *inventory,
    const struct key_record *record, struct failure *why)
{
    const struct key_record *known = find(inventory, record->sha256, true);
    struct key_record copy = *record;
    bool is_recorded = record->usable && known != NULL;

    copy.certificates = NULL;
    copy.certificate_count = 0;
    copy.used_by = NULL;
    copy.used_by_count = 0;
    copy.copies = NULL;
    copy.copy_count = 0;
    if (!check_record(record, why))
        return false;
    if (!make_room(inventory, why) || !join_all(&copy, record, why) ||
        !join_each_other(inventory, &copy, why)) {
        record_free(&copy);
        return false;
    }
    if (!is_recorded) {
        inventory->records[inventory->count++] = copy;
        return true;
    }
    record_free(&copy);
    return fail_because(why, FAILURE_CONFLICT,
        "the key %s is recorded already, as \"%s\"", record->label,
        known->label);
}

/* The hash of an unreadable key is "", which is nobody's. */
static bool find_to_join(const struct key_inventory *inventory,
    const char *sha256, struct key_record **record, struct failure *why)
{
    struct key_record *found = find(inventory, sha256, true);

    if (found == NULL)
        found = find(inventory, sha256, false);
    if (found == NULL || sha256[0] == '\0')
        return fail_because(why, FAILURE_NOT_FOUND,
            "no key here has the SHA-256 \"%.64s\"", sha256);
    *record = found;
    return true;
}

bool key_inventory_add_certificate(struct key_inventory *inventory,
    const char *spki_sha256, const char *certificate_sha256,
    struct failure *why)
{
    struct key_record *record = NULL;

    return find_to_join(inventory, spki_sha256, &record, why) &&
           join_certificate(record, certificate_sha256, why);
}

bool key_inventory_add_user(struct key_inventory *inventory,
    const char *spki_sha256, const char *name, struct failure *why)
{
    struct key_record *record = NULL;

    return find_to_join(inventory, spki_sha256, &record, why) &&
           join_user(record, name, why);
}

bool key_is_exportable(const struct key_record *record)
{
    return record->home == KEY_HOME_FILE && record->algorithm != NULL;
}

size_t key_inventory_count(const struct key_inventory *inventory)
{
    return inventory->count;
}

const struct key_record *key_inventory_at(
    const struct key_inventory *inventory, size_t index)
{
    return index < inventory->count ? &inventory->records[index] : NULL;
}

const struct key_record *key_inventory_find_usable(
    const struct key_inventory *inventory, const char *spki_sha256)
{
    return find(inventory, spki_sha256, true);
}
