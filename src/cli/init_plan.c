#include "cli/init_plan.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "authority/configuration_setting.h"
#include "authority/profile_lint.h"
#include "cli/output.h"
#include "cli/passphrase.h"

/* Nothing that tells whose machine it is. */
#define NAME_PRESET "Chancery"
#define KEY_PRESET "p256"

void init_plan_free(struct init_plan *plan)
{
    buffer_free(&plan->settings);
    descriptor_close(&plan->passphrase);
    descriptor_close(&plan->root_passphrase);
    descriptor_close(&plan->use_key_passphrase);
    json_decref(plan->admin_facts);
}

bool sha256_read(const char *text, char sha256[static SHA256_TEXT])
{
    size_t length = 0;

    for (; *text != 0; text++) {
        if (*text == ':')
            continue;
        if (!isxdigit((unsigned char)*text) || length == SHA256_TEXT - 1)
            return false;
        sha256[length++] = (char)tolower((unsigned char)*text);
    }
    sha256[length] = 0;
    return length == SHA256_TEXT - 1;
}

/* --- options ------------------------------------------------------------- */

static bool read_key(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    const char *word = call_text(call, "key");

    if (word == NULL)
        return true;
    plan->key = key_algorithm_named(word);
    return plan->key != NULL || fail_key_kind(call, why);
}

static bool read_shards(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    const char *text = call_text(call, "crl-shards");
    size_t digits;

    if (text == NULL)
        return true;
    digits = strspn(text, "0123456789");
    if (digits > 0 && digits < 5 && text[digits] == 0)
        plan->crl_shards = (int)strtol(text, NULL, 10);
    else
        plan->crl_shards = 0;
    return (plan->crl_shards >= 1 &&
               plan->crl_shards <= CONFIGURATION_CRL_SHARDS_MAX) ||
           fail_usage(call, why, "--crl-shards takes a number from 1 to %d",
               CONFIGURATION_CRL_SHARDS_MAX);
}

static bool take_text(struct call *call, const char *option, char *text,
    size_t room, struct failure *why)
{
    const char *given = call_text(call, option);
    int length;

    if (given == NULL)
        return true;
    length = snprintf(text, room, "%s", given);
    return (length >= 0 && (size_t)length < room) ||
           fail_because(why, FAILURE_UNSUITABLE,
               "--%s is longer than %zu bytes", option, room - 1);
}

static bool read_use_key(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    const char *sha256 = call_text(call, "use-key");

    return sha256 == NULL || sha256_read(sha256, plan->use_key) ||
           fail_usage(call, why,
               "--use-key takes the SHA-256 of a public key, 64 hexadecimal "
               "digits: chancery init --list-keys shows them");
}

static bool read_passphrases(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    return passphrase_given(call, "passphrase-file", &plan->passphrase, why) &&
           passphrase_given(
               call, "root-passphrase-file", &plan->root_passphrase, why) &&
           (plan->use_key[0] == 0 || passphrase_given(call, "passphrase-file",
                                         &plan->use_key_passphrase, why));
}

/* --- --config ------------------------------------------------------------ */

/* The file stays as it is: an option that says something else would make an
 * authority that is not the one its settings tell of. */
static bool check_agreement(struct call *call, const char *option,
    const char *in_file, struct failure *why)
{
    const char *given = call_text(call, option);

    return given == NULL || strcmp(given, in_file) == 0 ||
           fail_usage(call, why,
               "--%s does not agree with the file of --config: write it there",
               option);
}

static bool take_settings(struct call *call, struct init_plan *plan,
    const struct configuration *settings, struct failure *why)
{
    if (!check_agreement(call, "url", settings->url, why) ||
        (settings->name[0] != 0 &&
            !check_agreement(call, "name", settings->name, why)) ||
        (settings->key != NULL &&
            !check_agreement(call, "key", settings->key->name, why)))
        return false;
    (void)snprintf(plan->url, sizeof(plan->url), "%s", settings->url);
    if (settings->name[0] != 0)
        (void)snprintf(plan->name, sizeof(plan->name), "%s", settings->name);
    if (settings->key != NULL)
        plan->key = settings->key;
    plan->one_tier = plan->one_tier || settings->one_tier;
    if (!call_given(call, "crl-shards"))
        plan->crl_shards = settings->crl_shards;
    return true;
}

static bool read_settings(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    SCOPED_STRUCT(configuration) *settings = NULL;
    const char *path = call_text(call, "config");

    if (path == NULL)
        return true;
    return file_read(path, &plan->settings, why) &&
           configuration_read(
               buffer_view(&plan->settings), path, &settings, why) &&
           profiles_lint_check(settings, NULL, why) &&
           take_settings(call, plan, settings, why);
}

bool init_plan_read(
    struct call *call, struct init_plan *plan, struct failure *why)
{
    plan->settings = BUFFER("the settings", CONFIGURATION_MAX);
    plan->crl_shards = 1;
    plan->passphrase = plan->root_passphrase = plan->use_key_passphrase = -1;
    plan->key = key_algorithm_named(KEY_PRESET);
    plan->one_tier = call_given(call, "one-tier");
    plan->root_out = call_text(call, "root-out");
    plan->subordinate = call_given(call, "subordinate");
    plan->request = call_text(call, "out");
    (void)snprintf(plan->name, sizeof(plan->name), "%s", NAME_PRESET);
    if (plan->subordinate && (plan->one_tier || plan->root_out != NULL))
        return fail_usage(call, why,
            "--subordinate makes no root: it goes neither with --one-tier nor "
            "with --root-out");
    if (plan->request != NULL && !plan->subordinate)
        return fail_usage(
            call, why, "--out takes the request of --subordinate");
    if (plan->one_tier && plan->root_out != NULL)
        return fail_usage(call, why,
            "--root-out needs two tiers: the only authority can't be taken "
            "away");
    return call_directory(call, plan->directory, &plan->is_default, why) &&
           take_text(call, "name", plan->name, sizeof(plan->name), why) &&
           take_text(call, "url", plan->url, sizeof(plan->url), why) &&
           read_key(call, plan, why) && read_shards(call, plan, why) &&
           read_use_key(call, plan, why) && read_settings(call, plan, why) &&
           init_admin_read(call, plan, why) &&
           read_passphrases(call, plan, why);
}

/* --- rules
 * ---------------------------------------------------------------------------
 */

/* RFC 5280, 4.2.1.13: a certificate tells its list by the list's address. */
static bool check_shards(
    struct call *call, const struct init_plan *plan, struct failure *why)
{
    return plan->crl_shards == 1 || plan->url[0] != 0 ||
           fail_usage(call, why,
               "%d revocation lists need an address that certificates can "
               "name: give a url%s, or one list",
               plan->crl_shards,
               plan->settings.length == 0 ? " (--url URL)"
                                          : " in the file of --config");
}

bool init_plan_check(
    struct call *call, const struct init_plan *plan, struct failure *why)
{
    struct failure not_offered = {0};
    const char *fault = configuration_name_fault(plan->name);

    if (fault == NULL && plan->url[0] != 0)
        fault = configuration_url_fault(plan->url);
    if (fault != NULL)
        return fail_because(why, FAILURE_UNSUITABLE, "%s", fault);
    if (!check_shards(call, plan, why) || !init_admin_check(call, plan, why) ||
        (plan->request != NULL && !output_file_check(call, plan->request, why)))
        return false;
    if (key_algorithm_probe(plan->key, &not_offered))
        return true;
    if (!fail_key_kind(call, why) && !call->is_usage)
        return false;
    advise(call, "%.200s", not_offered.reason);
    return false;
}

bool init_plan_is_done(
    const struct init_plan *plan, bool *is_done, struct failure *why)
{
    RELEASED(buffer) present = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    struct place place = {0};
    struct failure cause = {0};
    char path[PATH_ROOM];

    *is_done = false;
    if (!place_open(plan->directory, &place, &cause))
        return cause.kind == FAILURE_NOT_FOUND ||
               fail_because(why, cause.kind, "%s", cause.reason);
    if (plan->settings.length == 0)
        return place_check_unused(plan->directory, why);
    if (!place_path(&place, "chancery.yaml", path, why) ||
        !file_read(path, &present, why))
        return false;
    *is_done = bytes_equal(buffer_view(&present), buffer_view(&plan->settings));
    return *is_done ||
           fail_because(why, FAILURE_CONFLICT,
               "%.120s was set up with other settings: edit its chancery.yaml "
               "in place of init",
               plan->directory);
}
