#ifndef X509_CHAIN_PROFILE_H
#define X509_CHAIN_PROFILE_H

#include <stdbool.h>

struct judgement;

/*
 * What the profiles rfc5280 and webpki ask beyond section 6: each rule is a
 * function in a table with its name and reference, and is told as
 * RULE_PROFILE with "name (reference): ..." in front of its evidence.
 * VERDICT_PROFILE_VIOLATED.
 */
bool judge_profile(struct judgement *judgement);

#endif
