#include <stdio.h>
#include <string.h>

#include "authority/control_protocol.h"
#include "authority/pause.h"
#include "base/clock.h"
#include "base/message.h"
#include "server/admin/call.h"

#define PROFILES "/admin/profiles"
#define PATH_ROOM_OF_PROFILE 160
#define WORDS_ROOM 200

static const struct admin_done done_rows[] = {
    {"paused",
        "Paused: nothing is issued by this profile until it is resumed."},
    {"resumed", "Resumed."},
    {NULL, NULL},
};

/* --- pauses -----------------------------------------------------------------
 */

struct pause_wanted {
    const char *profile;
    struct pause pause; /* since 0: none */
};

static bool take_pause(void *context, const char *profile, const char *actor,
    const char *reason, int64_t at, struct failure *why)
{
    struct pause_wanted *wanted = context;

    (void)why;
    if (strcmp(profile, wanted->profile) != 0)
        return true;
    wanted->pause.since = at;
    (void)snprintf(
        wanted->pause.actor, sizeof(wanted->pause.actor), "%s", actor);
    (void)snprintf(
        wanted->pause.reason, sizeof(wanted->pause.reason), "%s", reason);
    return true;
}

static bool find_pause(struct admin_call *call, const char *profile,
    struct pause_wanted *wanted, struct failure *why)
{
    *wanted = (struct pause_wanted){.profile = profile};
    return store_list_pauses(call->exchange->store, take_pause, wanted, why);
}

static bool add_pause(
    struct buffer *out, const struct pause_wanted *wanted, struct failure *why)
{
    char since[CLOCK_TEXT];

    if (wanted->pause.since == 0)
        return true;
    clock_print(wanted->pause.since, since);
    return html_print(out, why,
        "<p class=\"note warn\">%s since %s by %s%s%s</p>\n",
        strcmp(wanted->profile, PAUSE_ALL) == 0 ? "All profiles are paused"
                                                : "Paused",
        since, wanted->pause.actor, wanted->pause.reason[0] == '\0' ? "" : ": ",
        wanted->pause.reason);
}

static bool add_all_paused(struct admin_call *call, struct failure *why)
{
    struct pause_wanted all;

    return find_pause(call, PAUSE_ALL, &all, why) &&
           add_pause(&call->out, &all, why);
}

/* --- all of them --------------------------------------------------------- */

static bool add_row(
    struct admin_call *call, const struct profile *profile, struct failure *why)
{
    struct pause_wanted wanted;
    char lifetime[DURATION_TEXT];

    if (!find_pause(call, profile->name, &wanted, why))
        return false;
    duration_print(profile->lifetime_s, lifetime);
    return html_print(&call->out, why,
        "<tr><th scope=\"row\"><a href=\"" PROFILES "/%s\">%s</a></th>"
        "<td>%s</td><td>%d</td><td><span class=\"%s\">%s</span></td></tr>\n",
        profile->name, profile->name, lifetime, profile->approvals,
        wanted.pause.since == 0 ? "good" : "warn",
        wanted.pause.since == 0 ? "issues" : "paused");
}

bool profiles_list(struct admin_call *call, struct failure *why)
{
    const struct configuration *settings =
        call->exchange->authority->configuration;

    if (!admin_begin(call, NULL, why) || !add_all_paused(call, why) ||
        !html_raw(&call->out,
            "<p>Profiles are written in chancery.yaml, and read "
            "here.</p>\n<div class=\"scroll\" tabindex=\"0\" role=\"region\" "
            "aria-label=\"Profiles\"><table>\n<thead><tr><th scope=\"col\">"
            "Name</th><th scope=\"col\">Lifetime</th><th scope=\"col\">"
            "Approvals</th><th scope=\"col\">State</th></tr></thead>\n"
            "<tbody>\n",
            why))
        return false;
    for (size_t i = 0; i < settings->profile_count; i++) {
        if (!add_row(call, &settings->profiles[i], why))
            return false;
    }
    return html_raw(&call->out, "</tbody>\n</table></div>\n", why) &&
           admin_end(call, why);
}

/* --- one ----------------------------------------------------------------- */

static bool add_text(
    struct buffer *out, const struct profile *profile, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);
    char sha256[SHA256_TEXT];

    return profile_text(profile, &text, why) &&
           profile_hash(profile, sha256, why) && html_raw(out, "<dl>\n", why) &&
           admin_hash(out, "Version", sha256, why) &&
           html_raw(out, "</dl>\n<h2>Its text</h2>\n<pre tabindex=\"0\"><code>",
               why) &&
           html_value(out, buffer_view(&text), why) &&
           html_raw(out, "</code></pre>\n", why);
}

static bool add_form(struct admin_call *call, const char *name, bool is_paused,
    struct failure *why)
{
    static const struct form_field reason = {.id = "reason",
        .name = "reason",
        .label = "Reason for pausing it",
        .hint = "Who is refused reads it.",
        .is_required = true,
        .length_max = WORDS_ROOM - 1};
    char path[PATH_ROOM_OF_PROFILE];

    if (!admin_may(call, BY_OPERATORS))
        return true;
    (void)snprintf(path, sizeof(path), PROFILES "/%s/%s", name,
        is_paused ? "resume" : "pause");
    return html_raw(&call->out, "<h2>Pause</h2>\n", why) &&
           form_begin(call, path, why) &&
           (is_paused || form_line(call, &reason, why)) &&
           form_end(call, is_paused ? "Resume it" : "Pause it", false, why);
}

bool profiles_show(struct admin_call *call, struct failure *why)
{
    const struct profile *profile = NULL;
    struct pause_wanted wanted;

    return configuration_profile(call->exchange->authority->configuration,
               call->argument, &profile, why) &&
           admin_begin(call, profile->name, why) &&
           admin_tell_done(call, done_rows, why) &&
           find_pause(call, profile->name, &wanted, why) &&
           add_all_paused(call, why) && add_pause(&call->out, &wanted, why) &&
           add_text(&call->out, profile, why) &&
           add_form(call, profile->name, wanted.pause.since != 0, why) &&
           admin_end(call, why);
}

/* --- pause and resume ---------------------------------------------------- */

static bool go_back(
    struct exchange *exchange, const char *word, struct failure *why)
{
    char path[PATH_ROOM_OF_PROFILE];
    size_t length = strlen(exchange->path);

    while (exchange->path[length] != '/')
        length--;
    (void)snprintf(
        path, sizeof(path), "%.*s?done=%s", (int)length, exchange->path, word);
    return exchange_redirect(exchange, path, why);
}

static bool finish_pause(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    (void)facts;
    return go_back(exchange, "paused", why);
}

static bool finish_resume(
    struct exchange *exchange, json_t *facts, struct failure *why)
{
    (void)facts;
    return go_back(exchange, "resumed", why);
}

bool profiles_pause(struct admin_call *call, struct failure *why)
{
    char words[WORDS_ROOM];

    if (!form_take(call, "reason", true, words, sizeof(words)))
        return profiles_show(call, why);
    return message_add_text(
               &call->question, CONTROL_NAME, call->argument, why) &&
           message_add_text(&call->question, CONTROL_WORDS, words, why) &&
           call->exchange->verbs->ask(call->exchange, CONTROL_PAUSE,
               buffer_view(&call->question), finish_pause, why);
}

bool profiles_resume(struct admin_call *call, struct failure *why)
{
    return message_add_text(
               &call->question, CONTROL_NAME, call->argument, why) &&
           call->exchange->verbs->ask(call->exchange, CONTROL_RESUME,
               buffer_view(&call->question), finish_resume, why);
}
