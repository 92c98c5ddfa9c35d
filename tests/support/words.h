#ifndef TESTS_SUPPORT_WORDS_H
#define TESTS_SUPPORT_WORDS_H

#include <string.h>

/* The next word of rest up to one of the ends, which are then overwritten; rest
 * moves on. NULL where nothing but ends is left. */
static inline char *next_word(char **rest, const char *ends)
{
    char *word = *rest + strspn(*rest, ends);
    char *end = word + strcspn(word, ends);

    *rest = *end == '\0' ? end : end + 1;
    *end = '\0';
    return end == word ? NULL : word;
}

#endif
