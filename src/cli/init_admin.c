#include <string.h>

#include "authority/configuration.h"
#include "cli/admin_add.h"
#include "cli/authorities.h"
#include "cli/init_plan.h"
#include "cli/output.h"
#include "cli/terminal.h"

static bool take(struct call *call, const char *option, char *text, size_t room,
    struct failure *why)
{
    const char *given = call_text(call, option);

    if (given == NULL)
        return true;
    if (*given == '\0' || strlen(given) >= room)
        return fail_usage(
            call, why, "--%s takes 1 to %zu bytes", option, room - 1);
    memcpy(text, given, strlen(given) + 1);
    return true;
}

bool init_admin_read(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    bool is_named = call_given(call, "admin");
    int ways = call_given(call, "admin-p12") + call_given(call, "admin-link");

    if (is_named ? ways != 1 : ways != 0)
        return fail_usage(call, why,
            "--admin NAME goes with one of --admin-p12 FILE and --admin-link");
    return take(call, "admin", plan->admin, sizeof(plan->admin), why) &&
           take(call, "admin-p12", plan->admin_p12, sizeof(plan->admin_p12),
               why);
}

/* What could fail once the authority is there is looked at before. */
static bool check_profile(const struct init_plan *plan, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    const struct profile *profile = NULL;

    if (plan->admin_p12[0] == '\0' || plan->settings.length == 0)
        return true;
    return configuration_read(buffer_view(&plan->settings),
               "the file of --config", &settings, why) &&
           configuration_profile(settings, "client", &profile, why);
}

bool init_admin_check(
    struct call *call, const struct init_plan *plan, struct failure *why)
{
    const char *fault;

    if (plan->admin[0] == '\0')
        return true;
    fault = person_name_fault(plan->admin);
    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE, "--admin: %s", fault);
    return check_profile(plan, why) &&
           (plan->admin_p12[0] == '\0' ||
               output_file_check(call, plan->admin_p12, why));
}

/* An empty answer is nobody. */
static bool ask_name(struct init_plan *plan, struct failure *why)
{
    const char *fault;

    for (;;) {
        if (!terminal_ask_text("Name of a first administrator (empty: root and "
                               "the folder's owner alone)",
                "", plan->admin, sizeof(plan->admin), why))
            return false;
        if (plan->admin[0] == '\0')
            return true;
        fault = person_name_fault(plan->admin);
        if (fault == NULL)
            return true;
        (void)fprintf(stderr, "Not possible: %s.\n", fault);
    }
}

bool init_admin_ask(struct init_plan *plan, struct failure *why)
{
    if (!ask_name(plan, why))
        return false;
    return plan->admin[0] == '\0' ||
           terminal_ask_text("File for their key and certificate, as alice.p12 "
                             "(empty: a link for one use)",
               "", plan->admin_p12, sizeof(plan->admin_p12), why);
}

static bool add(struct call *call, struct init_plan *plan, struct failure *why)
{
    SCOPED_STRUCT(client) *client = NULL;
    const struct client_options options = {.directory = plan->directory,
        .passphrase = plan->passphrase,
        .root_passphrase = -1};
    const struct admin_wish wish = {.name = plan->admin,
        .role = "administrator",
        .p12_out = plan->admin_p12[0] == '\0' ? NULL : plan->admin_p12,
        .p12_passphrase = -1,
        .link = plan->admin_p12[0] == '\0'};

    return client_open(&options, &client, why) &&
           admin_add(call, client, &wish, &plan->admin_facts, why);
}

bool init_admin_add(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    struct failure cause = {0};

    if (plan->admin[0] == '\0' || add(call, plan, &cause))
        return true;
    advise(call, "chancery admin add %.60s --role administrator --link",
        plan->admin);
    return fail_because(why, cause.kind,
        "the authority is set up, but its administrator was not added: %.260s",
        cause.reason);
}
