#include "authority/audit_ledger.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hex.h"
#include "x509/certificate.h"

#define SERIAL_MOST 20
#define SHA256_KEPT 16

enum {
    IS_TOLD = 1,   /* an event made it */
    IS_STORED = 2, /* there is a row */
    IS_LOGGED = 4, /* its draft is in the sign log */
    IS_TAKEN_IN = 8,
    HAS_SHA256 = 16
};

struct entry {
    uint8_t serial[SERIAL_MOST]; /* right-aligned; all zero: free */
    uint8_t flags;
    uint8_t told, stored;        /* an enum certificate_status each */
    uint8_t sha256[SHA256_KEPT]; /* of the certificate, as the event says */
    int64_t seq;                 /* of the event that made it */
};

/* Open addressing; never more than half full. */
struct ledger {
    struct entry *entries;
    size_t room, count;
};

bool ledger_new(struct ledger **ledger, struct failure *why)
{
    SCOPED_STRUCT(ledger) *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->room = 1024;
    made->entries = calloc(made->room, sizeof(*made->entries));
    if (made->entries == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    *ledger = KEEP(ledger, &made);
    return true;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    free(ledger->entries);
    free(ledger);
}

/* --- by serial ----------------------------------------------------------- */

static bool is_free(const struct entry *entry)
{
    static const uint8_t zeros[SERIAL_MOST];

    return memcmp(entry->serial, zeros, SERIAL_MOST) == 0;
}

/* Serials are random at their end. */
static size_t place_of(const uint8_t serial[static SERIAL_MOST])
{
    size_t place = 0;

    for (size_t i = SERIAL_MOST - 12; i < SERIAL_MOST; i++)
        place = place * 31 + serial[i];
    return place;
}

static struct entry *find(
    const struct ledger *ledger, const uint8_t serial[static SERIAL_MOST])
{
    size_t place = place_of(serial) & (ledger->room - 1);

    while (!is_free(&ledger->entries[place]) &&
           memcmp(ledger->entries[place].serial, serial, SERIAL_MOST) != 0)
        place = (place + 1) & (ledger->room - 1);
    return &ledger->entries[place];
}

static bool grow(struct ledger *ledger, struct failure *why)
{
    struct ledger wider = {.room = 2 * ledger->room, .count = ledger->count};

    wider.entries = calloc(wider.room, sizeof(*wider.entries));
    if (wider.entries == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < ledger->room; i++) {
        if (!is_free(&ledger->entries[i]))
            *find(&wider, ledger->entries[i].serial) = ledger->entries[i];
    }
    free(ledger->entries);
    *ledger = wider;
    return true;
}

static bool entry_of(struct ledger *ledger, struct bytes serial,
    struct entry **entry, struct failure *why)
{
    uint8_t aligned[SERIAL_MOST] = {0};

    while (serial.length > 0 && serial.start[0] == 0) {
        serial.start++;
        serial.length--;
    }
    if (serial.length == 0 || serial.length > SERIAL_MOST)
        return fail_because(why, FAILURE_CONFLICT,
            "a serial of %zu bytes is none of ours", serial.length);
    memcpy(aligned + SERIAL_MOST - serial.length, serial.start, serial.length);
    if (2 * ledger->count >= ledger->room && !grow(ledger, why))
        return false;
    *entry = find(ledger, aligned);
    if (is_free(*entry)) {
        memcpy((*entry)->serial, aligned, SERIAL_MOST);
        ledger->count++;
    }
    return true;
}

static bool fail_for(
    const struct entry *entry, const char *what, struct failure *why)
{
    char serial[SERIAL_TEXT];
    struct bytes all = {entry->serial, SERIAL_MOST};

    serial_print(all, serial);
    if (entry->seq == 0)
        return fail_because(
            why, FAILURE_CONFLICT, "certificate %s %s", serial, what);
    return fail_because(why, FAILURE_CONFLICT,
        "event %" PRId64 " tells of certificate %s, which %s", entry->seq,
        serial, what);
}

/* --- the journal --------------------------------------------------------- */

/* "sha256" of the details; other keys end in it, so its quotation mark tells
 * it apart.  Inside a text it would be escaped. */
static bool take_sha256(
    struct entry *entry, const char *detail, struct failure *why)
{
    static const char key[] = "\"sha256\":\"";
    const char *found = strstr(detail, key);
    char text[2 * SHA256_KEPT + 1];
    size_t length = 0;

    if (found == NULL)
        return true;
    (void)snprintf(text, sizeof(text), "%s", found + sizeof(key) - 1);
    if (!hex_read(text, entry->sha256, SHA256_KEPT, &length, why) ||
        length != SHA256_KEPT)
        return fail_for(entry, "has no SHA-256 there", why);
    entry->flags |= HAS_SHA256;
    return true;
}

static bool begin(struct entry *entry, const struct journal_event *event,
    enum certificate_status status, struct failure *why)
{
    if ((entry->flags & IS_TOLD) != 0)
        return fail_for(entry, "another event tells of, too", why);
    entry->flags |= IS_TOLD;
    entry->told = (uint8_t)status;
    entry->seq = event->seq;
    return take_sha256(entry, event->detail, why);
}

static bool change(
    struct entry *entry, enum certificate_status status, struct failure *why)
{
    if ((entry->flags & IS_TOLD) == 0)
        return fail_for(entry, "changed before it was issued", why);
    entry->told = (uint8_t)status;
    return true;
}

static bool is_of_a_certificate(enum event_kind kind)
{
    return kind == EVENT_ISSUED || kind == EVENT_ESTABLISHED ||
           kind == EVENT_TWIN || kind == EVENT_RECOVERED ||
           kind == EVENT_REVOKED || kind == EVENT_HELD ||
           kind == EVENT_RELEASED;
}

bool ledger_take_event(struct ledger *ledger, enum event_kind kind,
    const struct journal_event *event, struct failure *why)
{
    uint8_t serial[SERIAL_MOST];
    struct entry *entry = NULL;
    size_t length = 0;

    if (!is_of_a_certificate(kind))
        return true;
    if (!serial_read(event->object, serial, &length, why) ||
        !entry_of(ledger, (struct bytes){serial, length}, &entry, why))
        return fail_because(why, FAILURE_CONFLICT,
            "event %" PRId64 " (%s) names no serial", event->seq, event->kind);
    if (kind == EVENT_ISSUED || kind == EVENT_ESTABLISHED)
        return begin(entry, event, CERTIFICATE_VALID, why);
    if (kind == EVENT_TWIN || kind == EVENT_RECOVERED)
        return begin(entry, event, CERTIFICATE_REVOKED, why);
    return change(entry,
        kind == EVENT_REVOKED ? CERTIFICATE_REVOKED
        : kind == EVENT_HELD  ? CERTIFICATE_HELD
                              : CERTIFICATE_VALID,
        why);
}

/* --- store and sign log -------------------------------------------------- */

/* What ends is let go of by the lists to come. */
static bool check_end(const struct entry *entry,
    const struct certificate_row *row, struct failure *why)
{
    struct certificate certificate = {0};
    struct failure unread = {0};

    return !row->sealed || !certificate_read(row->der, &certificate, &unread) ||
           certificate.tbs.not_after == row->not_after ||
           fail_for(entry, "has another end in the store", why);
}

bool ledger_take_row(struct ledger *ledger, const struct certificate_row *row,
    struct failure *why)
{
    uint8_t digest[SHA256_BYTES];
    struct entry *entry = NULL;

    if (!entry_of(ledger, row->serial, &entry, why))
        return false;
    entry->flags |= IS_STORED;
    entry->stored = (uint8_t)row->status;
    if (!check_end(entry, row, why))
        return false;
    if ((entry->flags & HAS_SHA256) == 0)
        return true;
    if (!sha256(&row->der, 1, digest, why))
        return false;
    return memcmp(digest, entry->sha256, SHA256_KEPT) == 0 ||
           fail_for(entry, "is another in the store", why);
}

bool ledger_take_intent(struct ledger *ledger, struct bytes serial,
    bool taken_in, struct failure *why)
{
    struct entry *entry = NULL;

    if (!entry_of(ledger, serial, &entry, why))
        return false;
    entry->flags |= taken_in ? IS_LOGGED | IS_TAKEN_IN : IS_LOGGED;
    return true;
}

/* --- all three ----------------------------------------------------------- */

/* What is wrong with it; NULL: nothing. */
static const char *fault_of(const struct entry *entry)
{
    if ((entry->flags & (IS_STORED | IS_TOLD)) == IS_TOLD)
        return "the store does not have";
    if ((entry->flags & IS_STORED) == 0)
        return (entry->flags & IS_TAKEN_IN) == 0
                   ? NULL
                   : "was signed, and neither store nor journal know it";
    if ((entry->flags & IS_TOLD) == 0)
        return "is in the store, and no event tells of it";
    if ((entry->flags & IS_LOGGED) == 0)
        return "the sign log does not have";
    if (entry->told == entry->stored)
        return NULL;
    if (entry->stored == CERTIFICATE_VALID)
        return "is valid in the store, and the journal revoked or held it";
    return "is revoked or held in the store, and no event tells of that";
}

bool ledger_compare(
    const struct ledger *ledger, int64_t *seq, struct failure *why)
{
    const struct entry *first = NULL;

    for (size_t i = 0; i < ledger->room; i++) {
        const struct entry *entry = &ledger->entries[i];

        if (!is_free(entry) && fault_of(entry) != NULL &&
            (first == NULL || entry->seq < first->seq))
            first = entry;
    }
    if (first == NULL)
        return true;
    *seq = first->seq;
    return fail_for(first, fault_of(first), why);
}
