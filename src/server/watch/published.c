#include "server/watch/published.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "authority/lists.h"
#include "authority/ocsp_signer.h"
#include "base/clock.h"
#include "base/file.h"
#include "server/watch/self_test.h"
#include "x509/chain/chain.h"
#include "x509/chain/revocation.h"
#include "x509/ocsp_request.h"

#define WAIT_MS 200

void published_free(struct published *published)
{
    validator_free(published->validator);
    free(published->things);
    *published = (struct published){0};
}

bool published_has_address(const struct configuration *configuration)
{
    return strncmp(configuration->url, "http://", 7) == 0;
}

/* --- what there is ----------------------------------------------------------
 */

static bool note(struct published *published, int64_t authority, int kind,
    struct published_thing **thing, struct failure *why)
{
    for (size_t i = 0; i < published->count; i++) {
        *thing = &published->things[i];
        if ((*thing)->authority == authority && (*thing)->kind == kind)
            return true;
    }
    if (published->count == published->room) {
        const size_t room = published->room * 2 + 8;
        struct published_thing *grown =
            realloc(published->things, room * sizeof(*grown));

        if (grown == NULL)
            return fail_because(why, FAILURE_INTERNAL, "out of memory");
        published->things = grown;
        published->room = room;
    }
    *thing = &published->things[published->count++];
    **thing = (struct published_thing){.authority = authority, .kind = kind};
    return true;
}

static bool is_due_now(const struct published_thing *thing, int64_t number)
{
    return clock_monotonic_ms() >= thing->next_ms ||
           (thing->failures == 0 && thing->number != number);
}

static bool look_at_list(struct published *published,
    const struct published_desk *desk, const struct authority_issuer *issuer,
    int kind, bool *is_due, struct failure *why)
{
    struct published_thing *thing = NULL;
    struct crl_row row = {0};
    bool found = false;

    if (!store_crl(desk->reading, issuer->id, kind, &row, &found, why))
        return false;
    if (!found)
        return true;
    if (!note(published, issuer->id, kind, &thing, why))
        return false;
    if (is_due_now(thing, row.number))
        thing->next_ms = 0;
    *is_due |= thing->next_ms == 0;
    return true;
}

static bool look_at_issuer(struct published *published,
    const struct published_desk *desk, const struct authority_issuer *issuer,
    bool *is_due, struct failure *why)
{
    const int shards = issuer->crl_shards > 1 ? issuer->crl_shards : 0;
    struct published_thing *answer = NULL;

    if (!look_at_list(published, desk, issuer, CRL_COMPLETE, is_due, why))
        return false;
    for (int shard = 0; shard < shards; shard++) {
        if (!look_at_list(published, desk, issuer, shard, is_due, why))
            return false;
    }
    if (desk->authority->ocsp == NULL || !issuer->issues)
        return true;
    if (!note(published, issuer->id, PUBLISHED_ANSWER, &answer, why))
        return false;
    if (is_due_now(answer, answer->number))
        answer->next_ms = 0;
    *is_due |= answer->next_ms == 0;
    return true;
}

bool published_look(struct published *published,
    const struct published_desk *desk, bool *is_due, struct failure *why)
{
    *is_due = false;
    for (size_t i = 0; i < desk->authority->issuer_count; i++) {
        const struct authority_issuer *issuer = &desk->authority->issuers[i];

        if (issuer->state != AUTHORITY_RETIRED &&
            !look_at_issuer(published, desk, issuer, is_due, why))
            return false;
    }
    return true;
}

/* --- fetching ---------------------------------------------------------------
 */

/* What the settings name may be reached, wherever it is (docs/fetching.md). */
static bool add_rule(
    struct published *published, const char *address, struct failure *why)
{
    char *text = published->rule_texts[published->rule_count];
    struct fetch_url url = {0};
    int length;

    if (address[0] == '\0')
        return true;
    if (!fetch_url_read(bytes_of_text(address), &url, why))
        return false;
    length = snprintf(text, FETCH_RULE_TEXT,
        url.is_bracketed ? "[%s]:%u" : "%s:%u", url.host, (unsigned)url.port);
    if (length < 0 || length >= FETCH_RULE_TEXT)
        return fail_because(why, FAILURE_UNSUITABLE, "the host is too long");
    published->rules[published->rule_count++] = text;
    return true;
}

bool published_take(struct published *published,
    const struct configuration *configuration, int socket, struct failure *why)
{
    validator_free(published->validator);
    published->validator = NULL;
    published->rule_count = 0;
    if (!validator_take(socket, &published->validator, why) ||
        (published_has_address(configuration) &&
            !add_rule(published, configuration->url, why)) ||
        !add_rule(published, configuration->notices_webhook, why))
        return false;
    validator_allow(
        published->validator, published->rules, published->rule_count);
    return true;
}

static bool await(struct published *published,
    const struct published_desk *desk, struct failure *why)
{
    const int64_t until_ms = clock_monotonic_ms() + PUBLISHED_FETCH_MS + 1000;
    struct validator_answer answer = {0};
    bool came = false;

    while (!came && clock_monotonic_ms() < until_ms) {
        if (desk->ends != NULL && desk->ends(desk->context))
            break;
        if (!validator_next(published->validator, WAIT_MS, &answer, &came, why))
            return false;
    }
    if (!came || answer.id != published->asked)
        return fail_because(
            why, FAILURE_UNAVAILABLE, "it did not come in time");
    if (!answer.is_fetched)
        *why = answer.failure;
    return answer.is_fetched;
}

/* file: where what comes lies, without a name. */
static bool fetch_into(struct published *published,
    const struct published_desk *desk, struct validator_question *question,
    int *file, struct failure *why)
{
    SCOPED_DESCRIPTOR int made = -1;
    char path[PATH_ROOM];

    /* A kill between the two leaves a name that lists_sweep takes away. */
    if (!path_join(path, desk->authority->publish, ".list-XXXXXX", why))
        return false;
    made = mkostemp(path, O_CLOEXEC);
    if (made < 0 || unlink(path) != 0)
        return fail_in_file(why, "writing", path);
    question->id = ++published->asked;
    question->time_ms = PUBLISHED_FETCH_MS;
    question->file = made;
    if (!validator_ask(published->validator, question, why) ||
        !await(published, desk, why))
        return false;
    *file = descriptor_keep(&made);
    return true;
}

bool published_post(struct published *published,
    const struct published_desk *desk, const char *address, struct bytes json,
    struct failure *why)
{
    struct validator_question question = {.kind = FETCH_NOTICE,
        .address = bytes_of_text(address),
        .request = json};
    SCOPED_DESCRIPTOR int file = -1;

    if (published->validator == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE, "no validator is there");
    return fetch_into(published, desk, &question, &file, why);
}

/* --- a list ------------------------------------------------------------------
 */

#define ADDRESS_ROOM (FETCH_URL_MAX + 1)

static void address_of(const struct authority *authority,
    const struct authority_issuer *issuer, int kind,
    char address[static ADDRESS_ROOM])
{
    const char *url = authority->configuration->url;

    if (kind == PUBLISHED_ANSWER)
        (void)snprintf(address, ADDRESS_ROOM, "%s/ocsp", url);
    else if (kind < 0)
        (void)snprintf(
            address, ADDRESS_ROOM, "%s/crl/%s.crl", url, issuer->name);
    else
        (void)snprintf(
            address, ADDRESS_ROOM, "%s/crl/%s/%d.crl", url, issuer->name, kind);
}

static bool read_row(const struct published_desk *desk,
    const struct published_thing *thing, struct crl_row *row,
    struct failure *why)
{
    bool found = false;

    return store_crl(desk->reading, thing->authority, thing->kind, row, &found,
               why) &&
           (found || fail_because(why, FAILURE_INTERNAL, "it has no record"));
}

/* A newer one may have been published since it was asked for. */
static bool compare_list(const struct published_desk *desk,
    struct published_thing *thing, int file, const struct crl_row *before,
    struct failure *why)
{
    uint8_t seen[SHA256_BYTES];
    struct crl_row after = {0};
    struct stat status;

    if (fstat(file, &status) != 0)
        return fail_because(why, FAILURE_INTERNAL, "it can't be looked at");
    if (!sha256_part(file, 0, (uint64_t)status.st_size, seen, why) ||
        !read_row(desk, thing, &after, why))
        return false;
    if (memcmp(seen, after.sha256, sizeof(seen)) == 0)
        thing->number = after.number;
    else if (memcmp(seen, before->sha256, sizeof(seen)) == 0)
        thing->number = before->number;
    else
        return fail_because(why, FAILURE_CONFLICT,
            "what is there (%jd bytes) is not the list number %" PRId64
            " that was published",
            (intmax_t)status.st_size, after.number);
    return true;
}

static bool check_list(struct published *published,
    const struct published_desk *desk, struct published_thing *thing,
    const char *address, struct failure *why)
{
    struct validator_question question = {
        .kind = FETCH_LIST, .address = bytes_of_text(address)};
    SCOPED_DESCRIPTOR int file = -1;
    struct crl_row before = {0};

    return read_row(desk, thing, &before, why) &&
           fetch_into(published, desk, &question, &file, why) &&
           compare_list(desk, thing, file, &before, why);
}

/* --- an answer
 * ---------------------------------------------------------------- */

static bool read_answer(int file, struct buffer *answer, struct failure *why)
{
    uint8_t piece[4096];
    off_t at = 0;

    for (;;) {
        ssize_t got = pread(file, piece, sizeof(piece), at);

        if (got < 0)
            return fail_because(why, FAILURE_INTERNAL, "it can't be read");
        if (got == 0)
            return true;
        if (!buffer_append(answer, (struct bytes){piece, (size_t)got}, why))
            return false;
        at += got;
    }
}

static bool judge_answer(const struct authority_issuer *issuer,
    struct bytes leaf, struct bytes answer, struct failure *why)
{
    SCOPED_STRUCT(chain_pool) *roots = NULL;
    struct status_source source = {0};
    const struct status_source *const sources[] = {&source};
    struct chain_question question = {.leaf = leaf,
        .leaf_origin = "the store",
        .time = clock_now(),
        .revocation = CHAIN_REVOCATION_HARD,
        .sources = sources,
        .source_count = 1};
    struct verdict verdict = {0};
    bool is_good;

    status_source_read(answer, "the responder", true, &source);
    if (!chain_pool_new(&roots, why) ||
        !chain_pool_add(roots, buffer_view(&issuer->der), issuer->name, why))
        return false;
    question.roots = roots;
    if (!chain_verify(&question, &verdict, why))
        return false;
    is_good = verdict.valid;
    if (!is_good)
        (void)fail_because(why, FAILURE_CONFLICT,
            "by its answer a good certificate is said to be %s",
            verdict_code_name(verdict.code));
    verdict_free(&verdict);
    return is_good;
}

static bool ask_responder(struct published *published,
    const struct published_desk *desk, const struct authority_issuer *issuer,
    struct bytes leaf, const char *address, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("request", OCSP_REQUEST_MAX);
    RELEASED(buffer) answer = BUFFER("answer", FETCH_OTHER_MAX);
    struct validator_question question = {
        .kind = FETCH_ANSWER, .address = bytes_of_text(address)};
    SCOPED_DESCRIPTOR int file = -1;
    struct certificate certificate;

    if (!certificate_read(leaf, &certificate, why) ||
        !ocsp_request_write(&certificate, &issuer->certificate, "SHA1",
            (struct bytes){0}, &request, why))
        return false;
    question.request = buffer_view(&request);
    return fetch_into(published, desk, &question, &file, why) &&
           read_answer(file, &answer, why) &&
           judge_answer(issuer, leaf, buffer_view(&answer), why);
}

static bool check_answer(struct published *published,
    const struct published_desk *desk, const struct authority_issuer *issuer,
    const char *address, struct failure *why)
{
    RELEASED(buffer) leaf = BUFFER("certificate", CERTIFICATE_MAX);
    bool found = false;

    return self_test_good(desk->reading, issuer, &leaf, &found, why) &&
           (!found || ask_responder(published, desk, issuer, buffer_view(&leaf),
                          address, why));
}

/* --- all that is due
 * ----------------------------------------------------------- */

static int64_t rest_of(const struct published_thing *thing)
{
    int64_t rest_ms = PUBLISHED_RETRY_MS;

    if (thing->failures == 0)
        return PUBLISHED_AGAIN_MS;
    for (unsigned i = 1; i < thing->failures && rest_ms < PUBLISHED_AGAIN_MS;
         i++)
        rest_ms *= 2;
    return rest_ms < PUBLISHED_AGAIN_MS ? rest_ms : PUBLISHED_AGAIN_MS;
}

static bool check_thing(struct published *published,
    const struct published_desk *desk, struct published_thing *thing)
{
    const struct authority_issuer *issuer =
        authority_by_id(desk->authority, thing->authority);
    char address[ADDRESS_ROOM];
    bool ok;

    if (issuer == NULL)
        return true;
    address_of(desk->authority, issuer, thing->kind, address);
    thing->why = (struct failure){0};
    ok = thing->kind == PUBLISHED_ANSWER
             ? check_answer(published, desk, issuer, address, &thing->why)
             : check_list(published, desk, thing, address, &thing->why);
    thing->failures = ok ? 0 : thing->failures + 1;
    thing->next_ms = clock_monotonic_ms() + rest_of(thing);
    return ok;
}

void published_check(
    struct published *published, const struct published_desk *desk)
{
    bool goes_on = published->validator != NULL;

    for (size_t i = 0; goes_on && i < published->count; i++) {
        if (published->things[i].next_ms == 0)
            goes_on = check_thing(published, desk, &published->things[i]) &&
                      !(desk->ends != NULL && desk->ends(desk->context));
    }
    validator_free(published->validator);
    published->validator = NULL;
}

void published_warn(const struct published *published,
    const struct authority *authority, struct warnings *found)
{
    for (size_t i = 0; i < published->count; i++) {
        const struct published_thing *thing = &published->things[i];
        const struct authority_issuer *issuer =
            authority_by_id(authority, thing->authority);
        char address[ADDRESS_ROOM], about[WARNING_ABOUT];

        if (thing->failures < 2 || issuer == NULL)
            continue;
        address_of(authority, issuer, thing->kind, address);
        (void)snprintf(about, sizeof(about), "published %.180s",
            address + strlen(authority->configuration->url));
        warnings_add(found, false, about, "%.150s, which certificates name: %s",
            address, thing->why.reason);
    }
}
