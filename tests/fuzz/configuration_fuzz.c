#include <stdlib.h>
#include <string.h>

#include "authority/configuration.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was read is within its bounds, and its names can be written into a
 * file that is read as the same again (kb 39). */
static void check(const struct configuration *configuration)
{
    RELEASED(buffer) text = BUFFER("chancery.yaml", CONFIGURATION_MAX);
    SCOPED_STRUCT(configuration) *again = NULL;
    struct failure why = {0};

    for (size_t i = 0; i < configuration->profile_count; i++) {
        const struct profile *profile = &configuration->profiles[i];

        if (profile->is_authority || profile->purpose_count == 0 ||
            profile->key_usage == 0 ||
            profile->lifetime_s > profile->longest_lifetime_s)
            abort();
    }
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
