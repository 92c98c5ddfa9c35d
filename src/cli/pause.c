#include <stdio.h>

#include "authority/control_protocol.h"
#include "base/message.h"
#include "cli/authorities.h"
#include "cli/output.h"
#include "cli/unlocking.h"

/* Both: one profile, or all. */
static bool write_question(
    struct call *call, struct buffer *question, struct failure *why)
{
    const char *profile = call_text(call, "profile");
    const char *reason = call_text(call, "reason");

    if ((profile == NULL) == !call_given(call, "all"))
        return fail_usage(call, why,
            "either --profile P, or --all for every profile, is needed");
    return (profile == NULL ||
               message_add_text(question, CONTROL_NAME, profile, why)) &&
           (reason == NULL ||
               message_add_text(question, CONTROL_WORDS, reason, why));
}

static bool rehearse(
    struct call *call, const char *would_be, struct failure *why)
{
    const char *profile = call_text(call, "profile");
    SCOPED(json_t) *value = json_pack(
        "{s:b,s:s}", "dry_run", 1, "profile", profile == NULL ? "*" : profile);

    if (call->json)
        return output_json(value, why);
    (void)printf("%s %s. Nothing was changed.\n",
        profile == NULL ? "Every profile" : profile, would_be);
    return true;
}

static bool tell(struct call *call, const json_t *facts, const char *done,
    const char *so_already, struct failure *why)
{
    const char *profile = call_text(call, "profile");

    if (call->json)
        return output_json(facts, why);
    if (!json_is_true(json_object_get(facts, "changed")))
        (void)printf("%s\n", so_already);
    else
        (void)printf(
            "%s %s\n", profile == NULL ? "Every profile" : profile, done);
    return true;
}

static bool ask(
    struct call *call, uint16_t verb, json_t **facts, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_need need = {0};
    struct place place = {0};

    return write_question(call, &question, why) &&
           call_place(call, &place, why) &&
           call_client(call, &place, &need, &client, why) &&
           client_call(client, verb, buffer_view(&question), -1, facts, why);
}

bool run_pause(struct call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED(json_t) *facts = NULL;

    if (call_given(call, "dry-run"))
        return write_question(call, &question, why) &&
               rehearse(call, "would issue nothing", why);
    return ask(call, CONTROL_PAUSE, &facts, why) &&
           tell(call, facts, "issues nothing until `chancery resume`.",
               "It was paused already.", why);
}

bool run_resume(struct call *call, struct failure *why)
{
    RELEASED(buffer) question = BUFFER("question", 4096);
    SCOPED(json_t) *facts = NULL;

    if (call_given(call, "dry-run"))
        return write_question(call, &question, why) &&
               rehearse(call, "would issue again", why);
    return ask(call, CONTROL_RESUME, &facts, why) &&
           tell(call, facts, "issues again.",
               call_text(call, "profile") != NULL
                   ? "It was not paused by its name; `chancery status` shows "
                     "what is paused."
                   : "There was no pause of every profile; `chancery status` "
                     "shows what is paused.",
               why);
}
