#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/init_plan.h"
#include "cli/keys_output.h"
#include "cli/output.h"
#include "cli/terminal.h"

static void show_progress(const char *step)
{
    (void)fprintf(stderr, "  %s\n", step);
}

/* --- the folders above a default DIR ------------------------------------- */

#define FOLDERS_MAX 4

struct made_folders {
    char paths[FOLDERS_MAX][PATH_ROOM];
    size_t count;
};

/* A failed init leaves the disk as it was. */
static void remove_folders(struct made_folders *made)
{
    while (made->count > 0)
        (void)rmdir(made->paths[--made->count]);
}

/* ~/.local/share of a fresh user, from the top. */
static bool make_folders(
    const char *directory, struct made_folders *made, struct failure *why)
{
    char missing[FOLDERS_MAX][PATH_ROOM];
    char path[PATH_ROOM];
    size_t count = 0;
    char *slash;

    (void)snprintf(path, sizeof(path), "%s", directory);
    while ((slash = strrchr(path, '/')) != NULL && slash != path &&
           count < FOLDERS_MAX) {
        *slash = 0;
        if (access(path, F_OK) == 0 || errno != ENOENT)
            break;
        (void)snprintf(missing[count++], PATH_ROOM, "%s", path);
    }
    while (count > 0) {
        if (!folder_make(missing[--count], 0700, why))
            return false;
        (void)snprintf(
            made->paths[made->count++], PATH_ROOM, "%s", missing[count]);
    }
    return true;
}

/* --- making it
 * ----------------------------------------------------------------------------
 */

static struct founding founding_of(
    const struct call *call, const struct init_plan *plan)
{
    return (struct founding){.directory = plan->directory,
        .name = plan->name,
        .url = plan->url,
        .algorithm = plan->key,
        .one_tier = plan->one_tier,
        .subordinate = plan->subordinate,
        .crl_shards = plan->crl_shards,
        .settings = buffer_view(&plan->settings),
        .use_key = plan->use_key[0] == 0 ? NULL : plan->use_key,
        .use_key_passphrase = plan->use_key_passphrase,
        .passphrase = plan->passphrase,
        .root_passphrase = plan->root_passphrase,
        .root_out = plan->root_out,
        .progress =
            !call->json && isatty(STDERR_FILENO) == 1 ? show_progress : NULL};
}

static bool make_absolute(struct init_plan *plan, struct failure *why)
{
    char *resolved = realpath(plan->directory, NULL);
    int length;

    if (resolved == NULL)
        return fail_in_file(why, "opening", plan->directory);
    length = snprintf(plan->directory, sizeof(plan->directory), "%s", resolved);
    free(resolved);
    return (length > 0 && (size_t)length < sizeof(plan->directory)) ||
           fail_because(why, FAILURE_UNSUITABLE, "the path of DIR is too long");
}

static bool found(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    RELEASED(founded) founded = {0};
    const struct founding founding = founding_of(call, plan);
    struct made_folders made = {0};

    if ((plan->is_default && !make_folders(plan->directory, &made, why)) ||
        !found_authority(&founding, &founded, why)) {
        remove_folders(&made);
        return false;
    }
    return make_absolute(plan, why) && init_admin_add(call, plan, why) &&
           init_report(call, plan, &founded, why);
}

/* --- asking before ------------------------------------------------------- */

static bool decline(struct call *call)
{
    (void)fputs("Nothing was done.\n", stderr);
    call->status = 1;
    return true;
}

/* Whoever leaves a question has said no. */
static bool talk(struct call *call, struct init_plan *plan, bool *goes_on,
    struct failure *why)
{
    bool yes = false;

    *goes_on = false;
    if (!init_dialog(call, plan, why) || !init_plan_check(call, plan, why) ||
        !init_preview(plan, stderr, why) ||
        !terminal_ask_yes("Make this? yes or no", &yes, why))
        return why->kind == FAILURE_UNAVAILABLE && !call->is_usage
                   ? decline(call)
                   : false;
    *goes_on = yes;
    return yes || decline(call);
}

static bool agree(struct call *call, struct init_plan *plan, bool *goes_on,
    struct failure *why)
{
    if (call_given(call, "dry-run")) {
        *goes_on = false;
        return init_plan_check(call, plan, why) &&
               (call->json ? init_report_plan(plan, why)
                           : init_preview(plan, stdout, why));
    }
    if (terminal_is_there() && !call_given(call, "yes") && !call->json)
        return talk(call, plan, goes_on, why);
    *goes_on = true;
    return init_plan_check(call, plan, why);
}

static bool list_only(struct call *call, struct failure *why)
{
    SCOPED_STRUCT(key_inventory) *inventory = NULL;
    char directory[PATH_ROOM];
    bool is_default = false;

    return call_directory(call, directory, &is_default, why) &&
           keys_read(call, directory, &inventory, why) &&
           keys_print(inventory, NULL, call->json, why);
}

bool run_init(struct call *call, struct failure *why)
{
    RELEASED(init_plan) plan = {0};
    bool is_done = false, goes_on = false;

    if (call_given(call, "list-keys"))
        return list_only(call, why);
    plan.passphrase = plan.root_passphrase = plan.use_key_passphrase = -1;
    if (!init_plan_read(call, &plan, why) ||
        !init_plan_is_done(&plan, &is_done, why))
        return false;
    if (is_done)
        return make_absolute(&plan, why) && init_report_done(call, &plan, why);
    if (!place_check_unused(plan.directory, why) ||
        !agree(call, &plan, &goes_on, why))
        return false;
    return !goes_on || found(call, &plan, why);
}
