#include "x509/crl_scan.h"

#include <string.h>

#include "x509/algorithm_identifier.h"
#include "x509/crl.h"
#include "x509/crl_parts.h"
#include "x509/crl_window.h"
#include "x509/name.h"
#include "x509/time.h"

#define ENTRY_MAX_BYTES 256
#define TIME_MAX_BYTES 32
#define ROOM_BYTES (CRL_PIECE_BYTES + CRL_ELEMENT_MAX)

struct scan {
    struct crl_window window;
    bool has_removals;
    struct crl_facts *facts;
};

/* --- what stands before the entries --------------------------------------- */

static bool scan_version(struct scan *scan, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct bytes element = {0};

    if (!crl_window_take(&scan->window, DER_INTEGER, 3, &element, why))
        return false;
    return (element.length == 3 && element.start[2] == 1) ||
           crl_refuse_at(start, "the version is not 2", why);
}

static bool scan_algorithm(struct scan *scan, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct algorithm_identifier identifier = {0};
    struct bytes element = {0};
    struct failure inside = {0};

    if (!crl_window_take(
            &scan->window, DER_SEQUENCE, CRL_ALGORITHM_MAX, &element, why))
        return false;
    struct der_reader reader = der_reader_of(element);
    if (!algorithm_identifier_read(&reader, &identifier, &inside))
        return crl_refuse_element(start, "the algorithm", &inside, why);
    memcpy(scan->facts->algorithm, element.start, element.length);
    scan->facts->algorithm_length = element.length;
    return true;
}

static bool scan_issuer(struct scan *scan, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct bytes element = {0};
    struct failure inside = {0};

    if (!crl_window_take(
            &scan->window, DER_SEQUENCE, CRL_ISSUER_MAX, &element, why))
        return false;
    if (!name_check_form(element, &inside))
        return crl_refuse_element(start, "the issuer", &inside, why);
    if (element.length == 2)
        return crl_refuse_at(
            start, "the issuer is empty (RFC 5280, 5.1.2.3)", why);
    memcpy(scan->facts->issuer, element.start, element.length);
    scan->facts->issuer_length = element.length;
    return true;
}

/* In the form that its year asks for (RFC 5280, 5.1.2.4 to 5.1.2.6). */
static bool is_time_of_ours(int tag, int64_t time)
{
    return time >= UTC_TIME_FROM &&
           tag == (time_is_utc(time) ? DER_UTC_TIME : DER_GENERALIZED_TIME);
}

static bool scan_time(struct scan *scan, int64_t *time, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct bytes element = {0};
    struct failure inside = {0};
    int64_t found = 0;

    if (!crl_window_need(&scan->window, 1, why))
        return false;
    int tag = crl_window_peek(&scan->window);
    if (tag != DER_GENERALIZED_TIME)
        tag = DER_UTC_TIME;
    if (!crl_window_take(
            &scan->window, (unsigned int)tag, TIME_MAX_BYTES, &element, why))
        return false;
    struct der_reader reader = der_reader_of(element);
    if (!der_read_time(&reader, &found, &inside))
        return crl_refuse_element(start, "the time", &inside, why);
    if (!is_time_of_ours(tag, found))
        return crl_refuse_at(start,
            "a time is not UTCTime from 1950 to 2049, or GeneralizedTime after",
            why);
    *time = found;
    return true;
}

static bool scan_front(struct scan *scan, struct failure *why)
{
    uint64_t length = 0;

    if (!crl_window_enter(&scan->window, DER_SEQUENCE, &length, why))
        return false;
    if (length != scan->window.length - scan->window.taken)
        return crl_refuse_at(scan->window.taken + length,
            "bytes are left over after the list's body", why);
    if (!scan_version(scan, why) || !scan_algorithm(scan, why) ||
        !scan_issuer(scan, why) ||
        !scan_time(scan, &scan->facts->this_update, why) ||
        !scan_time(scan, &scan->facts->next_update, why))
        return false;
    return scan->facts->this_update < scan->facts->next_update ||
           crl_refuse_at(scan->window.taken,
               "nextUpdate is not after thisUpdate (RFC 5280, 5.1.2.5)", why);
}

/* --- entries -------------------------------------------------------------- */

/* "critical FALSE" written out is read elsewhere, and never signed: it would
 * stand between the type and the value. */
static bool says_critical(const struct extension *extension)
{
    return extension->type_contents.start[extension->type_contents.length] ==
           DER_BOOLEAN;
}

/* What is wrong with the entry, or NULL.  It was read: behind the serial stands
 * the tag of the time. */
static const char *fault_of_entry(const struct crl_entry *entry)
{
    if (!crl_is_serial(entry->serial))
        return "a serial is no positive number of at most 20 octets";
    if (!is_time_of_ours(
            entry->serial.start[entry->serial.length], entry->revoked_at))
        return "a revocation's time is not UTCTime from 1950 to 2049, or "
               "GeneralizedTime after";
    if (entry->has_extensions && der_at_end(&entry->extensions))
        return "an entry's extensions are empty";
    /* RFC 5280, 5.3.1: unspecified is said by leaving it out. */
    if (entry->reason == CRL_UNSPECIFIED ||
        (entry->reason > CRL_UNSPECIFIED &&
            crl_reason_name(entry->reason) == NULL))
        return "a reason for revocation has no meaning (RFC 5280, 5.3.1)";
    return NULL;
}

/* Of the extensions, which were read. */
static const char *fault_of_entry_extensions(struct der_reader extensions)
{
    struct extension extension = {0};
    struct failure inside = {0};

    while (!der_at_end(&extensions)) {
        if (!extension_next(&extensions, &extension, &inside))
            return "an entry's extension cannot be read";
        if (extension.type != OID_REASON_CODE &&
            extension.type != OID_INVALIDITY_DATE)
            return "an entry's extension is neither reasonCode nor "
                   "invalidityDate";
        if (says_critical(&extension))
            return "an entry's extension says whether it is critical "
                   "(RFC 5280, 5.3)";
    }
    return NULL;
}

static bool scan_entry(struct scan *scan, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct bytes element = {0};
    struct crl_entry entry;
    struct failure inside;

    if (!crl_window_take(
            &scan->window, DER_SEQUENCE, ENTRY_MAX_BYTES, &element, why))
        return false;
    struct der_reader reader = der_reader_of(element);
    if (!crl_next_entry(&reader, &entry, &inside))
        return crl_refuse_element(start, "the entry", &inside, why);
    const char *fault = fault_of_entry(&entry);
    if (fault == NULL)
        fault = fault_of_entry_extensions(entry.extensions);
    if (fault != NULL)
        return crl_refuse_at(start, fault, why);
    if (entry.reason == CRL_REMOVE_FROM_CRL)
        scan->has_removals = true;
    scan->facts->entries++;
    return true;
}

static bool scan_entries(struct scan *scan, struct failure *why)
{
    uint64_t length = 0;

    if (!crl_window_need(&scan->window, 1, why))
        return false;
    if (crl_window_peek(&scan->window) != DER_SEQUENCE)
        return true;
    if (!crl_window_enter(&scan->window, DER_SEQUENCE, &length, why))
        return false;
    uint64_t end = scan->window.taken + length;
    if (length == 0)
        return crl_refuse_at(scan->window.taken,
            "the list of entries is empty (RFC 5280, 5.1.2.6)", why);
    while (scan->window.taken < end) {
        if (!scan_entry(scan, why))
            return false;
    }
    return scan->window.taken == end ||
           crl_refuse_at(
               end, "an entry reaches beyond the list of entries", why);
}

/* --- the list ------------------------------------------------------------- */

static bool scan_extensions(struct scan *scan, struct failure *why)
{
    uint64_t start = scan->window.taken;
    struct bytes element = {0};

    if (!crl_window_take(&scan->window, DER_CONTEXT_HOLDING(0), CRL_ELEMENT_MAX,
            &element, why) ||
        !crl_scan_extensions(
            element, start, scan->has_removals, scan->facts, why))
        return false;
    return scan->window.taken == scan->window.length ||
           crl_refuse_at(scan->window.taken, "bytes are left over", why);
}

static bool run(
    struct crl_window window, struct crl_facts *facts, struct failure *why)
{
    struct crl_facts found = {0};
    struct scan scan = {.window = window, .facts = &found};

    if (!scan_front(&scan, why) || !scan_entries(&scan, why) ||
        !scan_extensions(&scan, why))
        return false;
    *facts = found;
    return true;
}

bool crl_scan(int descriptor, const struct crl_span *tbs, crl_sink *sink,
    void *context, struct crl_facts *facts, struct failure *why)
{
    RELEASED(buffer)
    room = BUFFER("the window on a revocation list", ROOM_BYTES);
    struct crl_window window = {.descriptor = descriptor,
        .file_offset = tbs->offset,
        .unread = tbs->length,
        .length = tbs->length,
        .sink = sink,
        .context = context};

    if (!buffer_reserve(&room, ROOM_BYTES, why))
        return false;
    window.room = room.start;
    window.start = room.start;
    return run(window, facts, why);
}

bool crl_scan_bytes(
    struct bytes tbs, struct crl_facts *facts, struct failure *why)
{
    struct crl_window window = {
        .start = tbs.start, .end = tbs.length, .length = tbs.length};

    return run(window, facts, why);
}
