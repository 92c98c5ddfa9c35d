#include <string.h>

#include "authority/configuration_setting.h"
#include "cli/init_plan.h"
#include "cli/output.h"
#include "cli/terminal.h"
#include "x509/name.h"

#define PREVIEW_MAX (256 * 1024)

/* --- questions ----------------------------------------------------------- */

static bool ask_ruled(const char *question, char *text, size_t room,
    const char *(*fault_of)(const char *text), bool may_be_empty,
    struct failure *why)
{
    char preset[sizeof(((struct init_plan *)NULL)->url)];
    const char *fault;

    (void)snprintf(preset, sizeof(preset), "%s", text);
    for (;;) {
        if (!terminal_ask_text(question, preset, text, room, why))
            return false;
        if (may_be_empty && *text == 0)
            return true;
        fault = fault_of(text);
        if (fault == NULL)
            return true;
        (void)fprintf(stderr, "Not possible: %s.\n", fault);
    }
}

/* Only what signed and verified in this call is offered (kb 1). */
static bool ask_key(struct init_plan *plan, struct failure *why)
{
    RELEASED(buffer) names = BUFFER("the kinds of keys", 1024);
    const struct key_algorithm *found;
    struct failure not_offered = {0};
    const char *offered = NULL;
    char word[32];

    if (!key_algorithms_offered(&names, why) ||
        !buffer_as_text(&names, &offered, why))
        return false;
    (void)fprintf(stderr, "Kinds of keys that work here: %s\n", offered);
    for (;;) {
        if (!terminal_ask_text("Kind of the authorities' keys", plan->key->name,
                word, sizeof(word), why))
            return false;
        found = key_algorithm_named(word);
        if (found != NULL && key_algorithm_probe(found, &not_offered))
            break;
        (void)fprintf(stderr, "It is one of: %s\n", offered);
    }
    plan->key = found;
    return true;
}

static bool ask_url(struct init_plan *plan, struct failure *why)
{
    bool may_be_empty = plan->crl_shards == 1;

    return ask_ruled(may_be_empty
                         ? "Where what is published can be fetched, as "
                           "http://pki.example.org (empty: nowhere yet)"
                         : "Where what is published can be fetched, as "
                           "http://pki.example.org (several revocation lists "
                           "need it)",
        plan->url, sizeof(plan->url), configuration_url_fault, may_be_empty,
        why);
}

static bool ask_tiers(struct init_plan *plan, struct failure *why)
{
    char word[8] = "";

    while (strcmp(word, "1") != 0 && strcmp(word, "2") != 0) {
        if (!terminal_ask_text("Tiers: 2 is a root and an issuing authority "
                               "below it, 1 is one authority alone",
                "2", word, sizeof(word), why))
            return false;
    }
    plan->one_tier = word[0] == '1';
    return true;
}

bool init_dialog(struct call *call, struct init_plan *plan, struct failure *why)
{
    bool by_file = call_given(call, "config");

    if (!by_file && !call_given(call, "name") &&
        !ask_ruled("Name of the authority", plan->name, sizeof(plan->name),
            configuration_name_fault, false, why))
        return false;
    if (!by_file && !call_given(call, "url") && !ask_url(plan, why))
        return false;
    if (!by_file && !call_given(call, "key") && !ask_key(plan, why))
        return false;
    if (!by_file && !call_given(call, "one-tier") && plan->root_out == NULL &&
        !plan->subordinate && !ask_tiers(plan, why))
        return false;
    return by_file || plan->admin[0] != '\0' || init_admin_ask(plan, why);
}

/* --- preview
 * ----------------------------------------------------------------------------
 */

static bool append_indented(
    struct buffer *text, struct bytes lines, struct failure *why)
{
    bool begins = true;

    for (size_t i = 0; i < lines.length; i++) {
        if (begins && !buffer_append_text(text, "    ", why))
            return false;
        begins = lines.start[i] == '\n';
        if (!buffer_append_byte(text, lines.start[i], why))
            return false;
    }
    return begins || buffer_append_byte(text, '\n', why);
}

static bool append_authority(struct buffer *text, const struct init_plan *plan,
    bool root, struct failure *why)
{
    RELEASED(buffer) name = BUFFER("a name", 4096);
    RELEASED(buffer) described = BUFFER("a name in words", 64 * 1024);
    const char *title = plan->subordinate ? "Request for an issuing authority"
                        : !root           ? "Issuing authority"
                        : plan->one_tier  ? "Authority"
                                          : "Root";

    return founding_name(plan->name, root, &name, why) &&
           name_describe(buffer_view(&name), &described, why) &&
           buffer_print(
               text, why, "%s, for %d years, with ", title, root ? 20 : 10) &&
           (plan->use_key[0] != 0 && root == plan->one_tier
                   ? buffer_print(text, why, "the key %s:\n", plan->use_key)
                   : buffer_print(
                         text, why, "a new %s key:\n", plan->key->title)) &&
           append_indented(text, buffer_view(&described), why);
}

static bool append_protection(
    struct buffer *text, const struct init_plan *plan, struct failure *why)
{
    if (!buffer_print(text, why, "Protection of the key that issues: %s\n",
            plan->passphrase >= 0
                ? "the passphrase that was given"
                : "a random passphrase in DIR/keys/unlock; it opens by itself"))
        return false;
    if (plan->one_tier || plan->subordinate)
        return true;
    return buffer_print(text, why, "Protection of the root's key: %s\n",
               plan->root_passphrase >= 0
                   ? "the passphrase that was given"
                   : "a random passphrase in unlock-root, beside it") &&
           (plan->root_out == NULL ||
               buffer_print(
                   text, why, "The root's key goes to: %s\n", plan->root_out));
}

bool init_preview(
    const struct init_plan *plan, FILE *stream, struct failure *why)
{
    RELEASED(buffer) text = BUFFER("the preview", PREVIEW_MAX);

    if ((!plan->subordinate && !append_authority(&text, plan, true, why)) ||
        (!plan->one_tier && !append_authority(&text, plan, false, why)) ||
        !buffer_print(&text, why, "Published at: %s\nRevocation lists: %d\n",
            plan->url[0] == 0 ? "nowhere yet" : plan->url, plan->crl_shards) ||
        !append_protection(&text, plan, why) ||
        (plan->admin[0] != '\0' &&
            !buffer_print(&text, why, "First administrator: %s, by %s\n",
                plan->admin,
                plan->admin_p12[0] != '\0' ? plan->admin_p12
                                           : "a link for one use")) ||
        !buffer_print(&text, why, "Directory: %s\n", plan->directory))
        return false;
    return fwrite(text.start, 1, text.length, stream) == text.length ||
           output_finish(why);
}
