#ifndef X509_CHAIN_PROFILE_RULE_H
#define X509_CHAIN_PROFILE_RULE_H

#include "x509/chain/judgement.h"

/* One certificate before one rule of a profile. */
struct profile_trial {
    const struct chain_certificate *certificate;
    const struct chain_certificate *issuer; /* above it; NULL: nothing */
    bool is_leaf;   /* the first; everything above it is an authority */
    bool is_anchor; /* trusted as it stands */
    bool is_top;    /* nothing above it on the path */
    char fault[200];
};

/* True: kept.  Otherwise the fault says what is wrong with it. */
typedef bool profile_check(struct profile_trial *trial);

enum profile_set {
    PROFILE_RFC5280 = 1 << 0,
    PROFILE_WEBPKI = 1 << 1,
    PROFILE_BOTH = PROFILE_RFC5280 | PROFILE_WEBPKI
};

/* Which certificates of a path a rule looks at.  Of an anchor only what its
 * maker's profile says of anchors is asked: its dates, serial and names came
 * with the decision to trust it. */
enum profile_places {
    PROFILE_LEAF = 1 << 0,
    PROFILE_MIDDLE = 1 << 1,
    PROFILE_ANCHOR = 1 << 2,
    PROFILE_AUTHORITY = PROFILE_MIDDLE | PROFILE_ANCHOR,
    PROFILE_ISSUED = PROFILE_LEAF | PROFILE_MIDDLE,
    PROFILE_EVERY = PROFILE_LEAF | PROFILE_MIDDLE | PROFILE_ANCHOR
};

struct profile_rule {
    const char *name, *reference;
    profile_check *check;
    unsigned int profiles, places; /* enum profile_set, enum profile_places */
};

/* Always false. */
bool profile_breaks(struct profile_trial *trial, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Is the extension there and marked critical? */
bool profile_is_critical(
    const struct profile_trial *trial, enum chain_extension extension);
bool profile_has_subject(const struct profile_trial *trial);

/* Each ends with a row without a name. */
extern const struct profile_rule profile_rules_of_rfc5280[];
extern const struct profile_rule profile_rules_of_extensions[];
extern const struct profile_rule profile_rules_of_names[];
extern const struct profile_rule profile_rules_of_webpki[];

#endif
