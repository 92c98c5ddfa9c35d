#include "cli/fetching.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "x509/chain/chain.h"
#include "x509/ocsp_request.h"

/* Things of all verdicts of a run. */
#define THINGS_MAX 400

struct fetching {
    struct validator *validator;
    const char *rules[FETCH_RULES_MAX];
    size_t rule_count;
    unsigned int time_ms;
    const char *digest;
    struct fetched_thing *things[THINGS_MAX];
    size_t thing_count;
};

/* One verdict on its way: which things it asked for, and for whom. */
struct hunt {
    struct fetching *fetching;
    struct chain_question question;
    struct chain_pool *untrusted;
    struct chain_fetched told[LACKING_MAX];
    struct fetched_thing *things[LACKING_MAX];
    size_t count;
    const struct status_source **sources; /* the question's, and what came */
    size_t asked;                         /* of the validator */
    size_t rounds;
    int64_t deadline_ms;
};

/* --- options -------------------------------------------------------------- */

static bool read_rules(
    struct call *call, struct fetching *fetching, struct failure *why)
{
    struct fetch_rule rule = {0};
    struct failure unread = {0};
    const char *text = NULL;
    size_t position = 0;

    while ((text = option_next(&call->options, "fetch-allow", &position)) !=
           NULL) {
        if (fetching->rule_count == FETCH_RULES_MAX)
            return fail_usage(
                call, why, "--fetch-allow may stand %d times", FETCH_RULES_MAX);
        if (!fetch_rule_read(text, &rule, &unread))
            return fail_usage(call, why, "--fetch-allow: %s", unread.reason);
        fetching->rules[fetching->rule_count++] = text;
    }
    return true;
}

/* "2s", or milliseconds "500ms". */
static bool read_time(
    struct call *call, struct fetching *fetching, struct failure *why)
{
    const char *text = call_text(call, "fetch-time");
    struct failure unread = {0};
    int64_t time_ms = 0;
    char *end = NULL;

    fetching->time_ms = FETCHING_TIME_MS;
    if (text == NULL)
        return true;
    if (*text >= '0' && *text <= '9' && strlen(text) < 10)
        time_ms = strtol(text, &end, 10);
    if (end == NULL || strcmp(end, "ms") != 0)
        time_ms = duration_read(text, &time_ms, &unread) &&
                          time_ms <= FETCHING_TIME_MOST_MS
                      ? time_ms * 1000
                      : 0;
    if (time_ms < 1 || time_ms > FETCHING_TIME_MOST_MS)
        return fail_usage(call, why,
            "--fetch-time is a time like 2s or 500ms, at most %ds",
            FETCHING_TIME_MOST_MS / 1000);
    fetching->time_ms = (unsigned int)time_ms;
    return true;
}

static bool read_digest(
    struct call *call, struct fetching *fetching, struct failure *why)
{
    const char *text = call_text(call, "ocsp-digest");

    if (text == NULL || strcmp(text, "sha1") == 0)
        fetching->digest = "SHA1";
    else if (strcmp(text, "sha256") == 0)
        fetching->digest = "SHA256";
    else
        return fail_usage(call, why, "--ocsp-digest is sha1 or sha256");
    return true;
}

static bool refuse_without_fetch(struct call *call, struct failure *why)
{
    static const char *const others[] = {
        "fetch-allow", "fetch-time", "ocsp-digest"};

    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++) {
        if (call_given(call, others[i]))
            return fail_usage(
                call, why, "--%s means nothing without --fetch", others[i]);
    }
    return true;
}

bool fetching_new(
    struct call *call, struct fetching **fetching, struct failure *why)
{
    SCOPED_STRUCT(fetching) *made = NULL;

    if (!call_given(call, "fetch"))
        return refuse_without_fetch(call, why);
    made = calloc(1, sizeof(*made));
    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    if (!read_rules(call, made, why) || !read_time(call, made, why) ||
        !read_digest(call, made, why) ||
        !validator_new(NULL, &made->validator, why))
        return false;
    validator_allow(made->validator, made->rules, made->rule_count);
    *fetching = KEEP(fetching, &made);
    return true;
}

void fetching_free(struct fetching *fetching)
{
    if (fetching == NULL)
        return;
    validator_free(fetching->validator);
    for (size_t i = 0; i < fetching->thing_count; i++)
        fetched_thing_free(fetching->things[i]);
    free(fetching);
}

/* --- asking the validator ------------------------------------------------- */

/* Of an answer the request: what the certificate and its issuer say. */
static bool write_request(const struct hunt *hunt,
    const struct lacking *lacking, struct fetched_thing *thing,
    struct buffer *request, struct failure *why)
{
    struct certificate certificate = {0}, issuer = {0};

    if (lacking->kind != LACKING_ANSWER)
        return true;
    random_fill(thing->nonce, sizeof(thing->nonce));
    return certificate_read(lacking->certificate->der, &certificate, why) &&
           certificate_read(lacking->issuer->der, &issuer, why) &&
           ocsp_request_write(&certificate, &issuer, hunt->fetching->digest,
               (struct bytes){thing->nonce, sizeof(thing->nonce)}, request,
               why);
}

static enum fetch_kind fetch_kind_of(enum lacking_kind kind)
{
    if (kind == LACKING_ISSUER)
        return FETCH_ISSUER;
    return kind == LACKING_ANSWER ? FETCH_ANSWER : FETCH_LIST;
}

static bool send_question(struct hunt *hunt, const struct lacking *lacking,
    struct fetched_thing *thing, struct failure *why)
{
    RELEASED(buffer) request = BUFFER("an OCSP request", FETCH_REQUEST_MAX);
    struct validator_question question = {.id = hunt->fetching->thing_count,
        .kind = fetch_kind_of(thing->kind),
        .address = bytes_of_text(thing->address),
        .time_ms = hunt->fetching->time_ms};

    if (lacking->address.length > FETCH_URL_MAX)
        return fail_because(why, FAILURE_FORBIDDEN,
            "the address is longer than %d bytes", FETCH_URL_MAX);
    if (hunt->asked == FETCHING_MAX)
        return fail_because(why, FAILURE_FORBIDDEN,
            "this verdict has asked %d addresses already, which is the limit",
            FETCHING_MAX);
    if (!write_request(hunt, lacking, thing, &request, why))
        return false;
    thing->file = memfd_create("fetched", MFD_CLOEXEC);
    if (thing->file < 0)
        return fail_in_file(why, "making memory for", "what is fetched");
    question.request = buffer_view(&request);
    question.file = thing->file;
    return validator_ask(hunt->fetching->validator, &question, why);
}

/* A question that can't be asked is one that failed. */
static bool start(struct hunt *hunt, const struct lacking *lacking,
    struct fetched_thing **thing, struct failure *why)
{
    struct fetching *fetching = hunt->fetching;
    struct validator_answer refused = {0};

    if (fetching->thing_count == THINGS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "this run has asked %d addresses, which is the limit", THINGS_MAX);
    if (!fetched_thing_new(lacking, thing, why))
        return false;
    fetching->things[fetching->thing_count++] = *thing;
    if (send_question(hunt, lacking, *thing, &refused.failure)) {
        hunt->asked++;
        (*thing)->is_open = true;
        (*thing)->asked_ms = clock_monotonic_ms();
        hunt->deadline_ms = (*thing)->asked_ms + fetching->time_ms;
    } else
        fetched_thing_take(*thing, &refused);
    return true;
}

/* --- the hunt ------------------------------------------------------------- */

static struct fetched_thing *find_thing(
    const struct fetching *fetching, const struct lacking *lacking)
{
    for (size_t i = 0; i < fetching->thing_count; i++) {
        if (fetched_thing_is(fetching->things[i], lacking))
            return fetching->things[i];
    }
    return NULL;
}

static bool has_wish(const struct hunt *hunt, const struct fetched_thing *thing,
    const struct lacking *lacking)
{
    for (size_t i = 0; i < hunt->count; i++) {
        if (hunt->things[i] == thing &&
            memcmp(hunt->told[i].named_by, lacking->certificate->sha256,
                SHA256_BYTES) == 0)
            return true;
    }
    return false;
}

static void note_wish(struct hunt *hunt, struct fetched_thing *thing,
    const struct lacking *lacking)
{
    memcpy(hunt->told[hunt->count].named_by, lacking->certificate->sha256,
        SHA256_BYTES);
    hunt->things[hunt->count++] = thing;
}

/* *is_new: there is more to tell or to wait for than before. */
static bool pursue(struct hunt *hunt, const struct lacking *lacking,
    bool may_start, bool *is_new, struct failure *why)
{
    struct fetched_thing *thing = find_thing(hunt->fetching, lacking);

    if (hunt->count == LACKING_MAX ||
        (thing != NULL && has_wish(hunt, thing, lacking)) ||
        (thing == NULL && !may_start))
        return true;
    if (thing == NULL && !start(hunt, lacking, &thing, why))
        return false;
    note_wish(hunt, thing, lacking);
    *is_new = true;
    return true;
}

/* What the verdict lacks is asked for, where that has not been done. */
static bool pursue_all(struct hunt *hunt, const struct verdict *verdict,
    bool *is_new, bool *lacks, struct failure *why)
{
    struct lacking found[LACKING_MAX];
    const size_t count = chain_lacking(verdict, found);
    const size_t asked = hunt->asked;
    const bool may_start = hunt->rounds < FETCHING_ROUNDS;

    *is_new = false;
    *lacks = count > 0;
    for (size_t i = 0; i < count; i++) {
        if (!pursue(hunt, &found[i], may_start, is_new, why))
            return false;
    }
    if (hunt->asked > asked)
        hunt->rounds++;
    return true;
}

static size_t count_open(const struct hunt *hunt, bool deltas_alone)
{
    size_t count = 0;

    for (size_t i = 0; i < hunt->count; i++)
        count += hunt->things[i]->is_open &&
                 (!deltas_alone || hunt->things[i]->kind == LACKING_DELTA);
    return count;
}

/* An answer that nobody waits for any longer is dropped. */
static void take_answer(
    struct fetching *fetching, const struct validator_answer *answer)
{
    if (answer->id == 0 || answer->id > fetching->thing_count)
        return;
    if (fetching->things[answer->id - 1]->is_open)
        fetched_thing_take(fetching->things[answer->id - 1], answer);
}

static void leave_open(
    struct hunt *hunt, enum chain_fetched_outcome outcome, const char *reason)
{
    for (size_t i = 0; i < hunt->count; i++) {
        if (hunt->things[i]->is_open)
            fetched_thing_leave(hunt->things[i], outcome, reason);
    }
}

/* The validator tells of its deadline itself, a moment later. */
#define GRACE_MS 50

/* Waits for one answer, takes what has come with it, and at the deadline gives
 * the rest up. */
static void await_answers(struct hunt *hunt)
{
    int64_t left = hunt->deadline_ms + GRACE_MS - clock_monotonic_ms();
    struct validator_answer answer = {0};
    struct failure failure = {0};
    bool came = true;

    while (came && count_open(hunt, false) > 0) {
        if (!validator_next(hunt->fetching->validator, left > 0 ? (int)left : 0,
                &answer, &came, &failure)) {
            leave_open(hunt, CHAIN_FETCH_UNREACHABLE, failure.reason);
            return;
        }
        if (came)
            take_answer(hunt->fetching, &answer);
        left = 0;
    }
    if (clock_monotonic_ms() >= hunt->deadline_ms + GRACE_MS)
        leave_open(hunt, CHAIN_FETCH_UNREACHABLE, "no answer came in time");
}

/* Two certificates may name one list. */
static void add_source(
    struct hunt *hunt, size_t *count, const struct status_source *source)
{
    for (size_t i = 0; i < *count; i++) {
        if (hunt->sources[i] == source)
            return;
    }
    hunt->sources[(*count)++] = source;
}

/* What has come becomes a part of the question. */
static void apply(struct hunt *hunt, const struct chain_question *original)
{
    size_t count = original->source_count;

    for (size_t i = 0; i < hunt->count; i++) {
        struct fetched_thing *thing = hunt->things[i];
        uint8_t named_by[SHA256_BYTES];

        memcpy(named_by, hunt->told[i].named_by, SHA256_BYTES);
        hunt->told[i] = thing->told;
        memcpy(hunt->told[i].named_by, named_by, SHA256_BYTES);
        fetched_thing_offer(thing, hunt->untrusted);
        if (thing->source != NULL)
            add_source(hunt, &count, thing->source);
    }
    hunt->question.sources = hunt->sources;
    hunt->question.source_count = count;
    hunt->question.fetched = hunt->told;
    hunt->question.fetched_count = hunt->count;
}

static bool ask(struct hunt *hunt, const struct chain_question *original,
    struct verdict *verdict, struct failure *why)
{
    verdict_free(verdict);
    *verdict = (struct verdict){0};
    apply(hunt, original);
    return chain_verify(&hunt->question, verdict, why);
}

static bool run(struct hunt *hunt, const struct chain_question *original,
    struct verdict *verdict, struct failure *why)
{
    bool is_new = false, lacks = false;

    for (;;) {
        if (!ask(hunt, original, verdict, why) ||
            !pursue_all(hunt, verdict, &is_new, &lacks, why))
            return false;
        if (count_open(hunt, !lacks) > 0)
            await_answers(hunt);
        else if (!is_new)
            break;
    }
    if (count_open(hunt, false) == 0)
        return true;
    leave_open(hunt, CHAIN_FETCH_LEFT, "another answered first");
    return ask(hunt, original, verdict, why);
}

bool fetching_verify(struct fetching *fetching,
    const struct chain_question *question, struct chain_pool *untrusted,
    struct verdict *verdict, struct failure *why)
{
    struct hunt hunt = {
        .fetching = fetching, .question = *question, .untrusted = untrusted};
    bool done;

    if (fetching == NULL)
        return chain_verify(question, verdict, why);
    hunt.sources =
        calloc(question->source_count + LACKING_MAX, sizeof(*hunt.sources));
    if (hunt.sources == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    for (size_t i = 0; i < question->source_count; i++)
        hunt.sources[i] = question->sources[i];
    done = run(&hunt, question, verdict, why);
    if (!done)
        verdict_free(verdict);
    free(hunt.sources);
    return done;
}
