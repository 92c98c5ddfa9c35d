#include "authority/control_protocol.h"
#include "authority/request_json.h"
#include "base/message.h"
#include "protocols/rest/enrol.h"
#include "x509/request.h"

/* --- list ---------------------------------------------------------------- */

static bool visit(
    void *context, const struct request_row *row, struct failure *why)
{
    struct rest_page *page = context;
    json_t *value = NULL;

    return rest_page_looks(page, row->number) &&
           request_to_json(row, &value, why) &&
           rest_page_add(page, value, row->der.length + 512, why);
}

bool rest_list_requests(struct rest_call *call, struct failure *why)
{
    const char *state = rest_query(call, "state");
    struct request_filter filter = {.by_state = state != NULL};
    struct rest_page page;
    bool ok;

    if ((state != NULL && !request_state_named(state, &filter.state, why)) ||
        !rest_page_begin(call, &page, why))
        return false;
    filter.after_number = page.after;
    filter.limit = page.limit + 1;
    ok = (store_list_requests(
              call->exchange->store, &filter, visit, &page, why) ||
             page.is_full) &&
         rest_page_answer(call, &page, "requests", why);
    rest_page_free(&page);
    return ok;
}

/* --- one ----------------------------------------------------------------- */

static bool find_request(
    struct rest_call *call, request_visitor *visit_one, struct failure *why)
{
    return store_request_by_id(
               call->exchange->store, call->argument, visit_one, call, why) ||
           (why->kind == FAILURE_NOT_FOUND &&
               fail_because(why, FAILURE_NOT_FOUND,
                   "no request has the id \"%.40s\"; it is in the answer that "
                   "who asked got",
                   call->argument));
}

static bool show(
    void *context, const struct request_row *row, struct failure *why)
{
    struct rest_call *call = context;
    SCOPED(json_t) *value = NULL;

    return request_details_to_json(call->exchange->store, row, &value, why) &&
           rest_answer_facts(call, value, why);
}

bool rest_show_request(struct rest_call *call, struct failure *why)
{
    return find_request(call, show, why);
}

/* --- decisions ----------------------------------------------------------- */

static bool decide(
    void *context, const struct request_row *row, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    struct rest_call *call = context;
    const char *reason = rest_member(call, "reason");

    return rest_reaches(call, row->profile, why) &&
           message_add_text(&question, CONTROL_ID, row->id, why) &&
           (reason == NULL ||
               message_add_text(&question, CONTROL_WORDS, reason, why)) &&
           rest_ask(call, &question, why);
}

/* Approve, deny, withdraw. */
bool rest_decide_request(struct rest_call *call, struct failure *why)
{
    return find_request(call, decide, why);
}

/* Whether there is such a request is the clerk's to tell, after the proof. */
bool rest_fetch_request(struct rest_call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 16384);
    RELEASED(buffer) proof = BUFFER("proof", SIGNATURE_MAX);

    return rest_read_base64(call, "proof", &proof, why) &&
           message_add_text(&question, CONTROL_ID, call->argument, why) &&
           message_add(&question, CONTROL_PROOF, buffer_view(&proof), why) &&
           rest_ask(call, &question, why);
}
