#include "server/web/visit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "authority/issuer_chain.h"
#include "base/clock.h"
#include "base/refusal.h"
#include "server/clerk.h"
#include "server/front_protocol.h"
#include "server/keeper_state.h"
#include "server/web/web.h"

/* --- its life ------------------------------------------------------------ */

static void begin_exchange(
    struct exchange *exchange, struct keeper *keeper, enum listener listener)
{
    exchange->listener = listener;
    exchange->is_tls = listener != LISTENER_PLAIN;
    exchange->peer = exchange->path = exchange->host = "";
    exchange->content_type = exchange->certificate_code =
        exchange->certificate_sentence = "";
    exchange->method = EXCHANGE_GET;
    exchange->authority = &keeper->authority;
    exchange->sessions = keeper->sessions;
    exchange->ocsp_answers = &keeper->status;
    exchange->verbs = visit_verbs();
}

bool visit_new(struct keeper *keeper, struct front_link *front, uint64_t id,
    struct bytes frame, struct visit **visit, struct failure *why)
{
    struct visit *made = calloc(1, sizeof(*made));

    if (made == NULL)
        return fail_because(why, FAILURE_INTERNAL, "out of memory");
    made->keeper = keeper;
    made->id = id;
    made->answers_with = FRONT_ANSWER;
    made->frame = BUFFER("request", FRONT_REQUEST_MAX);
    made->reply = BUFFER("answer", CONTROL_FRAME_MAX);
    made->fields = BUFFER("question", CONTROL_FRAME_MAX);
    begin_exchange(&made->exchange, keeper, front_link_listener(front));
    if (!buffer_append(&made->frame, frame, why)) {
        free(made);
        return false;
    }
    front_link_hold(front);
    made->front = front;
    *visit = made;
    return true;
}

static void wipe_and_free(struct buffer *buffer)
{
    if (buffer->start != NULL)
        wipe(buffer->start, buffer->capacity);
    buffer_free(buffer);
}

void visit_free(struct visit *visit)
{
    struct exchange *exchange = &visit->exchange;

    if (exchange->free_own != NULL && exchange->own != NULL)
        exchange->free_own(exchange->own);
    errand_free(visit->errand);
    visit_give_back(visit);
    wipe_and_free(&visit->frame);
    wipe_and_free(&visit->words);
    wipe_and_free(&visit->fields);
    wipe_and_free(&exchange->answer); /* a token is shown once */
    wipe(exchange->headers, sizeof(exchange->headers)); /* cookies, too */
    buffer_free(&visit->reply);
    front_link_discount(visit->front, visit->counted);
    front_link_release(visit->front);
    free(visit);
}

struct visit *visit_of(struct exchange *exchange)
{
    return (struct visit *)exchange;
}

void visits_begin(struct visits *visits)
{
    *visits = (struct visits){.last = &visits->first};
}

void visits_add(struct visits *visits, struct visit *visit)
{
    visit->next = NULL;
    *visits->last = visit;
    visits->last = &visit->next;
    visits->count++;
}

struct visit *visits_take(struct visits *visits)
{
    struct visit *visit = visits->first;

    if (visit == NULL)
        return NULL;
    visits->first = visit->next;
    visits->count--;
    if (visits->first == NULL)
        visits->last = &visits->first;
    return visit;
}

void visits_move(struct visits *to, struct visits *from)
{
    if (from->first == NULL)
        return;
    *to->last = from->first;
    to->last = from->last;
    to->count += from->count;
    visits_begin(from);
}

/* --- a worker's ---------------------------------------------------------- */

/* Nothing of this front is believed any more. */
static void breach(struct visit *visit, const struct failure *refusal)
{
    struct failure why = {0};

    front_link_break(visit->front, refusal);
    visit->answers_with = FRONT_REFUSED;
    visit->ends_front = true;
    if (!refusal_write(&visit->reply, refusal, &why))
        buffer_clear(&visit->reply);
    front_link_send(visit->front, visit);
}

/* RFC 9110, 15.5.6. */
static bool allow_method(struct visit *visit, struct failure *why)
{
    if ((visit->route->methods & visit->exchange.method) != 0)
        return true;
    visit->refused_with = 405;
    visit->refused_as = "method-not-allowed";
    return fail_because(why, FAILURE_MALFORMED,
        "%.*s is no method of this address", (int)visit->request.method.length,
        (const char *)visit->request.method.start);
}

static bool call_handler(struct visit *visit, struct store *reading,
    struct search *search, struct failure *why)
{
    bool ok;

    if (visit->route->handler == NULL)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "this is answered from what is published, and that is not there");
    visit->exchange.store = reading;
    visit->exchange.search = search;
    ok = visit->route->handler(&visit->exchange, why);
    visit->exchange.store = NULL;
    visit->exchange.search = NULL;
    return ok;
}

/* What nobody waits for any more is not begun. */
static bool is_in_time(const struct visit *visit, struct failure *why)
{
    return visit->deadline_ms == 0 ||
           clock_monotonic_ms() < visit->deadline_ms ||
           fail_because(why, FAILURE_UNAVAILABLE,
               "the server has more to do than it can; try again later");
}

static bool handle(struct visit *visit, struct store *reading,
    struct search *search, struct failure *why)
{
    return is_in_time(visit, why) && visit_decode(visit, why) &&
           allow_method(visit, why) && visit_find_caller(visit, reading, why) &&
           call_handler(visit, reading, search, why);
}

void visit_receive(
    struct visit *visit, struct store *reading, struct search *search)
{
    enum listener listener = visit->exchange.listener;
    struct failure why = {0};
    bool ok;

    if (front_link_is_broken(visit->front)) {
        visit_free(visit);
        return;
    }
    if (visit->certifies) {
        ok = visit_certify(visit, &why);
        visit_settle(visit, ok, &why);
        return;
    }
    if (!front_request_read(
            buffer_view(&visit->frame), listener, &visit->request, &why)) {
        breach(visit, &why);
        return;
    }
    ok = handle(visit, reading, search, &why);
    visit_settle(visit, ok, &why);
}

/* --- how it ends --------------------------------------------------------- */

/* What a verb prepared goes its way; on success somebody else has the visit.
 */
static bool hand_on(
    struct visit *visit, bool *is_handed_on, struct failure *why)
{
    struct errand *errand = visit->errand;
    uint16_t question = visit->question;
    bool asks_status = visit->status != NULL;

    *is_handed_on = errand != NULL || question != 0 || asks_status;
    visit->errand = NULL;
    visit->question = 0;
    if (asks_status) {
        web_ask_status(visit->keeper->web, visit);
        return true;
    }
    if (errand != NULL)
        return errand_queue_put(&visit->keeper->queue, errand, why);
    return question == 0 ||
           clerk_ask_visit(visit->keeper, visit, question, why);
}

static void drop_prepared(struct visit *visit)
{
    errand_free(visit->errand);
    visit->errand = NULL;
    visit->question = 0;
    visit->status = NULL;
}

static bool check_answered(const struct visit *visit, struct failure *why)
{
    return visit->exchange.status != 0 || visit->answers_with != FRONT_ANSWER ||
           fail_because(why, FAILURE_INTERNAL,
               "the handler of %s did not answer", visit->exchange.path);
}

bool visit_is_to_be_sent(
    struct visit *visit, bool ok, const struct failure *why)
{
    struct failure refusal = *why;
    bool is_handed_on = false;

    if (ok) {
        ok = hand_on(visit, &is_handed_on, &refusal);
        if (ok && is_handed_on)
            return false;
    }
    if (!ok || !check_answered(visit, &refusal)) {
        drop_prepared(visit);
        visit_refuse(visit, &refusal);
    }
    if (visit->answers_with == FRONT_ANSWER)
        counts_answer(&visit->keeper->counts, visit->exchange.listener,
            visit->exchange.status);
    return true;
}

void visit_settle(struct visit *visit, bool ok, const struct failure *why)
{
    if (visit_is_to_be_sent(visit, ok, why))
        front_link_send(visit->front, visit);
}

/* --- from carriers and the clerk ----------------------------------------- */

static bool end_errand(
    struct visit *visit, const struct issuance *issuance, struct failure *why)
{
    struct bytes chain[ISSUER_CHAIN_MAX];
    struct exchange_issued issued = {.awaits = issuance->awaits,
        .notices = buffer_view(&issuance->names.notices),
        .chain = chain};

    if (issuance->why.kind != FAILURE_NONE) {
        *why = issuance->why;
        return false;
    }
    if (issuance->awaits) {
        issued.request_id = issuance->request_id;
        issued.approvals = issuance->rule->profile->approvals;
    } else {
        issued.certificate = buffer_view(&issuance->certificate);
        if (!issuer_chain(&visit->keeper->authority, issuance->issuer, chain,
                &issued.chain_count, why))
            return false;
    }
    return visit->certifies
               ? visit_certified(visit, &issued, why)
               : visit->finish_issue(&visit->exchange, &issued, why);
}

void visit_issued(
    struct visit *visit, const struct issuance *issuance, struct store *reading)
{
    struct failure why = {0};
    bool ok;

    visit->exchange.store = reading;
    ok = end_errand(visit, issuance, &why);
    visit->exchange.store = NULL;
    visit_settle(visit, ok, &why);
}

void visit_told(struct visit *visit, json_t *facts, struct store *reading)
{
    struct failure why = {0};
    bool ok;

    visit->exchange.store = reading;
    ok = visit->finish_ask(&visit->exchange, facts, &why);
    visit->exchange.store = NULL;
    visit_settle(visit, ok, &why);
}

bool visit_has_status(
    struct visit *visit, struct bytes answer, const struct failure *refusal)
{
    struct failure why = *refusal;
    bool ok = why.kind == FAILURE_NONE;

    visit->status = NULL;
    ok = ok && visit->finish_status(&visit->exchange, answer, &why);
    return visit_is_to_be_sent(visit, ok, &why);
}
