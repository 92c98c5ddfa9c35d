#ifndef CLI_NEAREST_H
#define CLI_NEAREST_H

#include "cli/commands.h"

/* For hands that know another tool, or slipped. */

/* How many letters are put in, left out, changed or swapped with their
 * neighbour between two words of at most 40 bytes; longer ones are far apart.
 */
size_t word_distance(const char *a, const char *b);

/* The command or group whose first word is nearest; false when none is near.
 * group: look among the second words of this group; or NULL. */
#define WORD_ROOM 41
bool nearest_word(
    const char *group, const char *word, char found[static WORD_ROOM]);

/* The option that is nearest, or NULL.  argument: with its hyphens, and perhaps
 * "=VALUE". */
const struct command_option *nearest_option(
    const struct command *command, const char *argument);

/* What a word of step, openssl, certutil, cfssl or easy-rsa is here: "chancery
 * issue --csr FILE"; NULL when there is no such word. */
const char *translated_word(const char *word);

/* What to do in place of an option of another tool, in words, or NULL. */
const char *translated_option(const char *argument);

/* Row by row, for the tests: NULL after the last. */
const char *translation_at(size_t index);

#endif
