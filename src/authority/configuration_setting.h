#ifndef AUTHORITY_CONFIGURATION_SETTING_H
#define AUTHORITY_CONFIGURATION_SETTING_H

#include "authority/configuration.h"
#include "base/yaml.h"

/*
 * The parts that configuration.c and configuration_profile.c read chancery.yaml
 * with.  Every complaint carries the line and column of the node it is about.
 */

/* One key of a mapping and what reads its value. */
struct setting {
    const char *key;
    bool (*read)(const struct yaml_document *document,
        const struct yaml_node *node, void *into, struct failure *why);
};

/* Reads a mapping strictly: a key that settings (ended by one without a key)
 * does not have is refused with those it has.  what: "a profile". */
MUST_CHECK bool settings_read(const struct yaml_document *document,
    const struct yaml_node *mapping, const char *what,
    const struct setting *settings, void *into, struct failure *why);

/* A word of a fixed vocabulary; a table ends with one without a text. */
struct word {
    const char *text;
    uint32_t value;
};

/* The words that stand in a sequence, each at most once, are handed to take;
 * a word that is not in the table is refused with those that are. */
MUST_CHECK bool setting_words(const struct yaml_document *document,
    const struct yaml_node *node, const struct word *words,
    void (*take)(void *into, uint32_t value), void *into, struct failure *why);

MUST_CHECK bool setting_text(const struct yaml_document *document,
    const struct yaml_node *node, const char **text, struct failure *why);
/* yes, no, true or false, without quotes. */
MUST_CHECK bool setting_boolean(const struct yaml_document *document,
    const struct yaml_node *node, bool *value, struct failure *why);
MUST_CHECK bool setting_key_algorithm(const struct yaml_document *document,
    const struct yaml_node *node, const struct key_algorithm **algorithm,
    struct failure *why);

/* A text from the file as complaints may show it: visible and cut. */
#define SETTING_SHOWN 64
void setting_show(const char *text, char shown[static SETTING_SHOWN]);

/* One profile below `profiles`; node carries its name as its key. */
MUST_CHECK bool profile_read(const struct yaml_document *document,
    const struct yaml_node *node, struct profile *profile, struct failure *why);

/* The rules of two values, which init holds its arguments to as well: NULL
 * when the text keeps them, otherwise what is wrong with it. */
const char *configuration_name_fault(const char *name);
const char *configuration_url_fault(const char *url);

#define CONFIGURATION_CRL_SHARDS_MAX 1024

#endif
