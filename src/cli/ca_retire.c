#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "base/message.h"
#include "cli/ceremony_call.h"
#include "cli/output.h"

static bool tell(const struct call *call, const char *name, const json_t *facts,
    struct failure *why)
{
    const char *state = json_string_value(json_object_get(facts, "state"));
    const char *until =
        json_string_value(json_object_get(facts, "valid_until"));
    json_int_t valid = json_integer_value(json_object_get(facts, "valid"));

    if (call->json)
        return output_json(facts, why);
    if (state != NULL && strcmp(state, "retired") == 0)
        (void)printf("%s is retired: it signs nothing any more.\n", name);
    else
        (void)printf("%s issues nothing any more. %lld of its certificates are "
                     "valid, the last until %s;\nuntil then it signs its "
                     "lists, and `chancery ca retire %s` ends it.\n",
            name, (long long)valid, until == NULL ? "" : until, name);
    return output_finish(why);
}

static bool rehearse(
    const struct call *call, const char *name, struct failure *why)
{
    SCOPED(json_t) *value = json_pack("{s:b, s:s}", "dry_run", 1, "name", name);

    if (call->json)
        return output_json(value, why);
    (void)printf("%s would issue nothing any more.\n", name);
    return output_finish(why);
}

/* An end is never taken to be meant for the one that happens to issue. */
static bool read_name(struct call *call, const char **name, struct failure *why)
{
    const char *operand =
        call->options.operand_count == 0 ? NULL : call->options.operands[0];
    const char *option = call_text(call, "ca");

    if ((operand == NULL) == (option == NULL))
        return fail_usage(call, why,
            "the authority to end is named once: chancery ca retire NAME");
    *name = operand == NULL ? option : operand;
    return true;
}

bool run_ca_retire(struct call *call, struct failure *why)
{
    RELEASED(ceremony_call) ceremony = {0};
    RELEASED(buffer) message = BUFFER("question", CONTROL_FRAME_MAX);
    const char *name = NULL;
    const struct authority_known *found = NULL;
    SCOPED(json_t) *facts = NULL;

    if (!read_name(call, &name, why) ||
        !ceremony_call_begin(call, &ceremony, why) ||
        !authorities_find(ceremony.authorities, name, &found, why))
        return false;
    if (call_given(call, "dry-run"))
        return rehearse(call, name, why);
    return message_add_text(&message, CONTROL_AUTHORITY, name, why) &&
           message_add_number(&message, CONTROL_FORCE,
               call_given(call, "force") ? 1 : 0, why) &&
           ceremony_call_ask(call, &ceremony, CONTROL_AUTHORITY_RETIRE,
               buffer_view(&message), &facts, why) &&
           tell(call, name, facts, why);
}
