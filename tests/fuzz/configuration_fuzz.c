#include <stdlib.h>
#include <string.h>

#include "authority/configuration.h"
#include "authority/profile_lint.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A profile comes back from its text as the same version (incident 43). */
static void check_profile(const struct profile *profile)
{
    RELEASED(buffer) text = BUFFER("a profile", PROFILE_TEXT_MAX);
    struct profile read = {0};
    char hash[SHA256_TEXT], again[SHA256_TEXT];
    struct failure why = {0};

    if ((profile->purpose_count == 0 && !profile->is_authority) ||
        profile->key_usage == 0 ||
        profile->lifetime_s > profile->longest_lifetime_s)
        abort();
    if (!profile_text(profile, &text, &why) ||
        !profile_read_text(buffer_view(&text), &read, &why) ||
        !profile_hash(profile, hash, &why) ||
        !profile_hash(&read, again, &why) || strcmp(hash, again) != 0)
        abort();
}

/* What was read is within its bounds, and its names can be written into a
 * file that is read as the same again (kb 39). */
static void check(const struct configuration *configuration)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *again = NULL;
    struct failure why = {0};

    for (size_t i = 0; i < configuration->profile_count; i++)
        check_profile(&configuration->profiles[i]);
    (void)!profiles_lint_check(configuration, NULL, &why);
    if (!configuration_write_first(configuration->name, configuration->url,
            configuration->key, configuration->one_tier,
            configuration->crl_shards, &text, &why) ||
        !configuration_read(buffer_view(&text), "again", &again, &why) ||
        strcmp(again->name, configuration->name) != 0 ||
        strcmp(again->url, configuration->url) != 0 ||
        again->key != configuration->key)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED_STRUCT(configuration) *configuration = NULL;
    struct failure why = {0};

    if (configuration_read((struct bytes){.start = data, .length = size},
            "chancery.yaml", &configuration, &why))
        check(configuration);
    return 0;
}
