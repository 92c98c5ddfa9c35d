#include "x509/chain/revocation.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "x509/chain/revocation_parts.h"

#define NAME_PRINTED_MAX (64 * 1024)

void status_source_read(struct bytes der, const char *origin, bool is_ocsp,
    struct status_source *source)
{
    struct status_source found = {.origin = origin};
    struct failure why = {0};
    bool is_readable = is_ocsp ? ocsp_response_read(der, &found.of.ocsp, &why)
                               : crl_read(der, &found.of.crl, &why);

    found.kind = is_ocsp ? STATUS_OCSP : STATUS_CRL;
    if (!is_readable) {
        found.kind = STATUS_UNREADABLE;
        found.of.unreadable = why;
        found.unreadable_is_ocsp = is_ocsp;
    }
    *source = found;
}

/* --- what is known of a certificate --------------------------------------- */

void standing_note(struct standing *standing, enum gap_rank rank,
    enum chain_rule rule, enum verdict_code code, const char *format, ...)
{
    va_list arguments;

    if (rank <= standing->rank)
        return;
    standing->rank = rank;
    standing->rule = rule;
    standing->code = code;
    va_start(arguments, format);
    (void)vsnprintf(standing->gap, sizeof(standing->gap), format, arguments);
    va_end(arguments);
}

void standing_revoke(struct standing *standing, int64_t revoked_at,
    int64_t invalid_since, int reason, const char *source)
{
    const char *name = crl_reason_name(reason);
    char when[CLOCK_TEXT];

    if (standing->is_revoked && standing->revoked_at <= revoked_at)
        return;
    standing->is_revoked = true;
    standing->revoked_at = revoked_at;
    standing->invalid_since = invalid_since;
    clock_print(revoked_at, when);
    (void)snprintf(standing->evidence, sizeof(standing->evidence),
        "revoked at %s, reason %s, says %s", when,
        name != NULL ? name : "unspecified", source);
}

void issuer_name_print(struct bytes name, char text[static CHAIN_NAME_TEXT])
{
    RELEASED(buffer) printed = BUFFER("a name", NAME_PRINTED_MAX);
    struct failure unread = {0};

    if (!name_print(name, &printed, &unread) || printed.length == 0)
        (void)snprintf(text, CHAIN_NAME_TEXT, "an issuer without a name");
    else
        text_copy_beginning(buffer_view(&printed), text, CHAIN_NAME_TEXT);
}

/* --- where its list may be ------------------------------------------------ */

static bool print_address(struct der_reader names, struct buffer *text)
{
    struct general_name name = {0};
    struct failure why = {0};

    while (!der_at_end(&names) && general_name_next(&names, &name, &why)) {
        if (name.kind == GENERAL_NAME_URI)
            return general_name_print(&name, text, &why);
    }
    return false;
}

/* "; it may be at uri:http://crl.example/1.crl", or nothing. */
static void print_where(const struct chain_certificate *certificate,
    char text[static VERDICT_EVIDENCE])
{
    RELEASED(buffer) printed = BUFFER("an address", NAME_PRINTED_MAX);
    struct distribution_point point = {0};
    struct der_reader points = {0};
    struct failure why = {0};
    bool is_printed = false;

    text[0] = '\0';
    if (!chain_has(certificate, CHAIN_CRL_DISTRIBUTION_POINTS) ||
        !extension_distribution_points(
            certificate->values[CHAIN_CRL_DISTRIBUTION_POINTS], &points, &why))
        return;
    while (!is_printed && !der_at_end(&points) &&
           distribution_point_next(&points, &point, &why))
        is_printed = print_address(point.name.names, &printed);
    if (is_printed)
        (void)snprintf(text, VERDICT_EVIDENCE, "; its list may be at %.*s",
            (int)printed.length, (const char *)printed.start);
}

/* --- the desk ------------------------------------------------------------- */

static void revocation_desk_free(struct revocation_desk *desk)
{
    free(desk->standings);
    free(desk->lists);
}

/* All but the last, which is the anchor, or has no issuer at hand. */
static bool desk_open(struct revocation_desk *desk, struct judgement *judgement)
{
    const struct chain_question *question = judgement->question;
    size_t count = judgement->length - 1;

    desk->judgement = judgement;
    desk->time = chain_status_time(question);
    desk->standings = calloc(count, sizeof(*desk->standings));
    desk->lists = calloc(question->source_count + 1, sizeof(*desk->lists));
    if (desk->standings == NULL || desk->lists == NULL)
        return false;
    desk->standing_count = count;
    for (size_t i = 0; i < count; i++) {
        desk->standings[i].certificate = judgement->path[i];
        desk->standings[i].issuer = judgement->path[i + 1];
    }
    return true;
}

/* Whatever it was to be: it may have been about each of them. */
static void note_unreadable(struct revocation_desk *desk,
    const struct status_source *source, bool is_ocsp, const char *reason)
{
    const char *origin = source->origin != NULL ? source->origin : "at hand";

    for (size_t i = 0; i < desk->standing_count; i++)
        standing_note(&desk->standings[i], GAP_UNREADABLE,
            is_ocsp ? RULE_OCSP_READABLE : RULE_CRL_READABLE,
            is_ocsp ? VERDICT_REVOCATION_UNKNOWN : VERDICT_CRL_MALFORMED,
            "the %s (%.60s) can't be read: %s",
            is_ocsp ? "OCSP answer" : "list", origin, reason);
}

static void take_list(
    struct revocation_desk *desk, const struct status_source *source)
{
    struct failure why = {0};

    if (status_list_read(source, &desk->lists[desk->list_count], &why))
        desk->list_count++;
    else
        note_unreadable(desk, source, false, why.reason);
}

/* Lists first: they tell of responders too. */
static void ask_sources(struct revocation_desk *desk)
{
    const struct chain_question *question = desk->judgement->question;

    for (size_t i = 0; i < question->source_count; i++) {
        const struct status_source *source = question->sources[i];

        if (source->kind == STATUS_CRL)
            take_list(desk, source);
        else if (source->kind == STATUS_UNREADABLE)
            note_unreadable(desk, source, source->unreadable_is_ocsp,
                source->of.unreadable.reason);
    }
    for (size_t i = 0; i < desk->list_count; i++)
        status_list_admit(desk, &desk->lists[i]);
    for (size_t i = 0; i < desk->list_count; i++)
        status_list_audit(desk, &desk->lists[i]);
    for (size_t i = 0; i < desk->list_count; i++)
        status_list_apply(desk, &desk->lists[i]);
    for (size_t i = 0; i < question->source_count; i++) {
        if (question->sources[i]->kind == STATUS_OCSP)
            status_answer_apply(desk, question->sources[i]);
    }
}

/* --- the verdict ---------------------------------------------------------- */

/* What was signed before its signer was revoked stays signed, where the
 * question says so; not where the key was bad already then (5.3.2). */
static bool is_spared(
    const struct chain_question *question, const struct standing *standing)
{
    return question->spares_later_revocation &&
           standing->revoked_at > question->time &&
           (standing->invalid_since == 0 ||
               standing->invalid_since > question->time);
}

static bool counts_as_revoked(const struct revocation_desk *desk, size_t place)
{
    const struct standing *standing = &desk->standings[place];

    return standing->is_revoked &&
           !(place == 0 && is_spared(desk->judgement->question, standing));
}

static void judge_gap(
    struct judgement *judgement, size_t place, const struct standing *standing)
{
    if (judgement->question->revocation == CHAIN_REVOCATION_HARD)
        (void)judge_fail(judgement, standing->rule, standing->code, place, "%s",
            standing->gap);
    else
        judge_skip(
            judgement, standing->rule, place, "not known: %s", standing->gap);
}

/* Nothing that was looked at came nearer. */
static void note_absence(
    const struct chain_question *question, struct standing *standing)
{
    char name[CHAIN_NAME_TEXT], where[VERDICT_EVIDENCE], gap[FETCHED_GAP];

    issuer_name_print(standing->certificate->certificate.tbs.issuer, name);
    print_where(standing->certificate, where);
    fetched_gap(question, standing->certificate->sha256, false, gap);
    if (gap[0] != '\0')
        memcpy(where, gap, sizeof(gap));
    if (standing->reasons != 0)
        standing_note(standing, GAP_SOME_REASONS, RULE_CRL_SCOPE,
            VERDICT_REVOCATION_UNKNOWN,
            "the lists of %s at hand are of some reasons only", name);
    else
        standing_note(standing, GAP_ABSENT, RULE_STATUS_KNOWN,
            VERDICT_REVOCATION_UNKNOWN,
            "neither a list nor an OCSP answer of %s is at hand%s", name,
            where);
}

static void judge_standing(struct revocation_desk *desk, size_t place)
{
    struct standing *standing = &desk->standings[place];

    if (standing->is_revoked || standing->is_answered ||
        standing->reasons == ALL_REASONS) {
        judge_pass(
            desk->judgement, RULE_REVOKED, place, "%s", standing->evidence);
        return;
    }
    note_absence(desk->judgement->question, standing);
    judge_gap(desk->judgement, place, standing);
}

/* Revoked before everything else (kb 103): an authority's revocation is told
 * rather than that nothing is known of a leaf. */
static void judge_standings(struct revocation_desk *desk)
{
    struct judgement *judgement = desk->judgement;

    for (size_t place = 0; place < desk->standing_count; place++) {
        if (counts_as_revoked(desk, place))
            (void)judge_fail(judgement, RULE_REVOKED, VERDICT_REVOKED, place,
                "%s", desk->standings[place].evidence);
    }
    if (judgement->budget->exceeded != NULL)
        (void)judge_fail(judgement, RULE_BUDGET, VERDICT_BUDGET_EXCEEDED, 0,
            "%s", judgement->budget->exceeded);
    for (size_t place = 0;
         place < desk->standing_count && judge_goes_on(judgement); place++) {
        if (!counts_as_revoked(desk, place))
            judge_standing(desk, place);
    }
}

bool judge_revocation(struct judgement *judgement)
{
    RELEASED(revocation_desk) desk = {0};

    if (judgement->question->revocation == CHAIN_REVOCATION_OFF ||
        judgement->length < 2)
        return true;
    if (!desk_open(&desk, judgement)) {
        judgement->out_of_memory = true;
        return false;
    }
    ask_sources(&desk);
    judge_standings(&desk);
    return !judgement->has_failed && !judgement->out_of_memory;
}
