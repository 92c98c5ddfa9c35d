#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/requests.h"
#include "base/base64.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/holder_key.h"
#include "cli/output.h"
#include "cli/unlocking.h"
#include "x509/pem.h"

/*
 * `requests fetch`: whoever has the key of a request gets what became of it,
 * and needs no role (kb 59).
 */

static bool ask(struct call *call, json_t **facts, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 16 * 1024);
    RELEASED(buffer) proof = BUFFER("proof", SIGNATURE_MAX);
    SCOPED_STRUCT(private_key) *key = NULL;
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_need need = {0};
    const char *id = call->options.operands[0];
    struct place place = {0};

    return holder_key_read(call, call_text(call, "key"), &key, why) &&
           holder_key_sign(
               key, REQUEST_PROOF, bytes_of_text(id), &proof, why) &&
           message_add_text(&question, CONTROL_ID, id, why) &&
           message_add(&question, CONTROL_PROOF, buffer_view(&proof), why) &&
           call_place(call, &place, why) &&
           call_client(call, &place, &need, &client, why) &&
           client_call(
               client, CONTROL_FETCH, buffer_view(&question), -1, facts, why);
}

/* --- the certificate ----------------------------------------------------- */

static bool append_pem(
    const json_t *encoded, struct buffer *pem, struct failure *why)
{
    RELEASED(buffer) der = BUFFER("certificate", CERTIFICATE_MAX);
    const char *text = json_string_value(encoded);

    return base64_read(bytes_of_text(text == NULL ? "" : text), &der, why) &&
           certificate_print(buffer_view(&der), pem, why);
}

static bool append_all(struct call *call, const json_t *facts,
    struct buffer *pem, struct failure *why)
{
    const json_t *above = NULL;
    size_t index = 0;

    if (!append_pem(json_object_get(facts, "certificate"), pem, why))
        return false;
    if (!call_given(call, "chain"))
        return true;
    json_array_foreach(json_object_get(facts, "chain"), index, above)
    {
        if (!append_pem(above, pem, why))
            return false;
    }
    return true;
}

static bool put_certificate(
    struct call *call, json_t *facts, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("certificates", 16 * PEM_MAX);
    const char *file = call_text(call, "out");

    if (!append_all(call, facts, &pem, why))
        return false;
    if (file != NULL &&
        !output_file_write(call, file, buffer_view(&pem), 0644, why))
        return false;
    if (!call->json)
        return file != NULL || output_bytes(buffer_view(&pem), why);
    return json_object_set_new(facts, "certificate",
               json_stringn((const char *)pem.start, pem.length)) == 0 ||
           fail_because(why, FAILURE_INTERNAL, "out of memory");
}

/* --- what became of it --------------------------------------------------- */

/* The kinds are those that asking at once would have met. */
static bool fail_without(const json_t *facts, struct failure *why)
{
    const char *id = json_text(facts, "id");
    const char *state = json_text(facts, "state");
    const char *reason = json_text(facts, "reason");

    if (strcmp(state, "waiting") == 0)
        return fail_because(why, FAILURE_UNAVAILABLE,
            "request %s still waits for people; fetch it again later", id);
    return fail_because(why, FAILURE_UNSUITABLE,
        "request %s gives no certificate: it was %s at %s%s%.200s", id,
        strcmp(state, "failed") == 0 ? "refused by a rule" : state,
        json_text(facts, "decided_at"), reason[0] == '\0' ? "" : ": ", reason);
}

bool run_requests_fetch(struct call *call, struct failure *why)
{
    SCOPED(json_t) *facts = NULL;
    const char *file = call_text(call, "out");

    if (call_text(call, "key") == NULL)
        return fail_usage(call, why,
            "--key FILE is needed: the key of the request proves whose it is");
    if ((file != NULL && !output_file_check(call, file, why)) ||
        !ask(call, &facts, why))
        return false;
    if (json_object_get(facts, "certificate") == NULL)
        return fail_without(facts, why);
    if (!put_certificate(call, facts, why))
        return false;
    if (call->json)
        return output_json(facts, why);
    if (file != NULL)
        notice(call, "%s: the certificate of request %s", file,
            json_text(facts, "id"));
    return true;
}
