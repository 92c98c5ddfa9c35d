#ifndef AUTHORITY_PROFILE_WORDS_H
#define AUTHORITY_PROFILE_WORDS_H

#include "authority/configuration_setting.h"

/* The words of a profile: reading and writing take them from here. */
extern const struct word profile_purposes[];      /* enum oid */
extern const struct word profile_key_usages[];    /* KEY_USAGE_ bits */
extern const struct word profile_name_kinds[];    /* enum general_name_kind */
extern const struct word profile_attributes[];    /* enum oid */
extern const struct word profile_askers[];        /* enum profile_asker */
extern const struct word profile_beyond_issuer[]; /* enum beyond_issuer */

/* The word for a value; NULL when there is none. */
const char *profile_word(const struct word *words, uint32_t value);

#endif
