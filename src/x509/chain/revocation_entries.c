#include <stdio.h>
#include <string.h>

#include "x509/chain/revocation_parts.h"
#include "x509/name_match.h"

/* --- which lists belong together ------------------------------------------ */

/* Both big-endian without needless bytes, none negative. */
static int compare_numbers(struct bytes a, struct bytes b)
{
    if (a.length != b.length)
        return a.length < b.length ? -1 : 1;
    return memcmp(a.start, b.start, a.length);
}

/* Of one issuer with one key, and of one scope: 6.3.3 (c), (h). */
static bool are_siblings(
    const struct status_list *a, const struct status_list *b)
{
    return a->has_point == b->has_point &&
           bytes_equal(a->point_value, b->point_value) &&
           name_matches(a->crl->issuer, b->crl->issuer) &&
           bytes_equal(a->signer->certificate.tbs.key.whole,
               b->signer->certificate.tbs.key.whole);
}

/* 5.2.4: (c) and (d) of what may be combined. */
static bool extends(
    const struct status_list *delta, const struct status_list *complete)
{
    return delta->is_delta && delta->signer != NULL && delta->has_number &&
           complete->has_number && are_siblings(delta, complete) &&
           compare_numbers(delta->base, complete->number) <= 0 &&
           compare_numbers(delta->number, complete->number) > 0;
}

static const struct status_list *newest_delta(
    const struct revocation_desk *desk, const struct status_list *complete)
{
    const struct status_list *newest = NULL;

    for (size_t i = 0; i < desk->list_count; i++) {
        const struct status_list *delta = &desk->lists[i];

        if (extends(delta, complete) &&
            (newest == NULL ||
                compare_numbers(newest->number, delta->number) < 0))
            newest = delta;
    }
    return newest;
}

static bool is_newer(const struct status_list *a, const struct status_list *b)
{
    if (a->has_number && b->has_number)
        return compare_numbers(a->number, b->number) > 0;
    return a->crl->this_update > b->crl->this_update;
}

/* An older list says of a hold what the newer one has taken back. */
static bool is_superseded(
    const struct revocation_desk *desk, const struct status_list *list)
{
    for (size_t i = 0; i < desk->list_count; i++) {
        const struct status_list *other = &desk->lists[i];

        if (!other->is_delta && other->signer != NULL &&
            are_siblings(other, list) && is_newer(other, list))
            return true;
    }
    return false;
}

/* --- one pass over the entries -------------------------------------------- */

/* 5.3.3: one of the names is the certificate's issuer. */
static bool names_issuer(struct bytes names, struct bytes issuer)
{
    struct der_reader reader = der_reader_of(names);
    struct general_name name = {0};
    struct failure why = {0};

    while (!der_at_end(&reader)) {
        if (!general_name_next(&reader, &name, &why))
            return false;
        if (name.kind == GENERAL_NAME_DIRECTORY &&
            name_matches(name.value, issuer))
            return true;
    }
    return false;
}

/* Until an entry says otherwise they are of the list's own issuer. */
static void start_entries(
    struct revocation_desk *desk, const struct status_list *list)
{
    for (size_t i = 0; i < desk->standing_count; i++) {
        struct standing *standing = &desk->standings[i];

        standing->is_entrys = name_matches(
            list->crl->issuer, standing->certificate->certificate.tbs.issuer);
    }
}

/* An entry without the extension is of the issuer of the one before. */
static void change_issuer(struct revocation_desk *desk, struct bytes names)
{
    for (size_t i = 0; i < desk->standing_count; i++) {
        struct standing *standing = &desk->standings[i];

        standing->is_entrys =
            names_issuer(names, standing->certificate->certificate.tbs.issuer);
    }
}

/* 6.3.3 (i), (j), (k) */
static void take_entry(struct standing *standing,
    const struct status_list *list, const struct crl_entry *entry)
{
    char text[STATUS_SOURCE_TEXT];

    if (entry->reason == CRL_REMOVE_FROM_CRL) {
        standing->is_withdrawn = standing->is_withdrawn || list->is_delta;
        return;
    }
    if (!list->is_delta && standing->is_withdrawn)
        return;
    status_list_print(list, text);
    standing_revoke(standing, entry->revoked_at, entry->invalidity_date,
        entry->reason, text);
}

static void walk_entries(
    struct revocation_desk *desk, const struct status_list *list)
{
    struct der_reader entries = list->crl->entries;
    struct crl_entry entry = {0};
    struct failure why = {0};

    start_entries(desk, list);
    /* crl_read has been over all of them. */
    while (!der_at_end(&entries) && crl_next_entry(&entries, &entry, &why)) {
        if (entry.certificate_issuer.length > 0)
            change_issuer(desk, entry.certificate_issuer);
        for (size_t i = 0; i < desk->standing_count; i++) {
            struct standing *standing = &desk->standings[i];

            if (standing->is_sought && standing->is_entrys &&
                bytes_equal(entry.serial,
                    standing->certificate->certificate.tbs.serial))
                take_entry(standing, list, &entry);
        }
    }
}

/* 6.3.3 (l).  False: the list is about nobody here. */
static bool cover_reasons(
    struct revocation_desk *desk, const struct status_list *list)
{
    bool is_sought = false;

    for (size_t i = 0; i < desk->standing_count; i++) {
        struct standing *standing = &desk->standings[i];
        const char *why_not = NULL;
        uint32_t reasons = list_covers(desk, list, standing, &why_not);

        standing->is_sought = reasons != 0;
        standing->is_withdrawn = false;
        standing->reasons |= reasons;
        is_sought = is_sought || standing->is_sought;
    }
    return is_sought;
}

static void tell_good(
    struct revocation_desk *desk, const struct status_list *list)
{
    char text[STATUS_SOURCE_TEXT];

    status_list_print(list, text);
    for (size_t i = 0; i < desk->standing_count; i++) {
        struct standing *standing = &desk->standings[i];

        if (standing->is_sought && !standing->is_revoked)
            (void)snprintf(standing->evidence, sizeof(standing->evidence),
                "%s does not name it", text);
    }
}

void status_list_apply(
    struct revocation_desk *desk, const struct status_list *complete)
{
    const struct status_list *delta = NULL;

    if (complete->signer == NULL || complete->is_delta ||
        is_superseded(desk, complete))
        return;
    if (!cover_reasons(desk, complete))
        return;
    delta = newest_delta(desk, complete);
    if (delta != NULL)
        walk_entries(desk, delta);
    walk_entries(desk, complete);
    tell_good(desk, delta != NULL ? delta : complete);
}

bool status_lists_revoke(
    struct revocation_desk *desk, const struct chain_certificate *certificate)
{
    struct standing standing = {.certificate = certificate};
    struct revocation_desk side = *desk;

    side.standings = &standing;
    side.standing_count = 1;
    for (size_t i = 0; i < side.list_count; i++)
        status_list_admit(&side, &side.lists[i]);
    for (size_t i = 0; i < side.list_count && !standing.is_revoked; i++)
        status_list_apply(&side, &side.lists[i]);
    desk->comparisons = side.comparisons;
    return standing.is_revoked;
}
