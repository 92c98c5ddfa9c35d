#ifndef AUTHORITY_AUTHORITY_H
#define AUTHORITY_AUTHORITY_H

#include <pthread.h>

#include "authority/clock_guard.h"
#include "authority/compose.h"
#include "authority/configuration.h"
#include "authority/pause.h"
#include "authority/room.h"
#include "authority/signer_client.h"
#include "store/store.h"
#include "x509/certificate.h"

/*
 * What the road of an issuance needs: settings, issuers with their profiles
 * compiled, the signer, the store.  Shared by the keeper's threads; what they
 * change is behind the locks named here.
 */

/* A profile as one issuer issues it. */
struct authority_rule {
    const struct profile *profile;
    char sha256[SHA256_TEXT]; /* of the profile's canonical text: its version */
    struct composer *composer;
};

struct authority_issuer {
    int64_t id; /* in the store */
    char name[PROFILE_NAME_MAX];
    unsigned int key;  /* its number at the signer */
    bool issues;       /* false: a root kept apart */
    struct buffer der; /* its certificate; empty while a root is founded */
    struct certificate certificate;
    struct issuer issuer;
    struct authority_rule rules[CONFIGURATION_PROFILES_MAX];
    size_t rule_count;
    int64_t parent;
    enum authority_state state;
    int path_length; /* of its certificate; -1: no limit */
    int crl_shards;
    int64_t follows; /* id of the one it takes over from; 0: none */
    /* Of one that others certified: the certificates between it and their root,
     * DER, one after another (hierarchy.h). */
    struct buffer above;
};

struct authority {
    const struct configuration *configuration; /* the keeper's */
    struct signer_client *signer;              /* the keeper's */
    /* DIR/publish, the keeper's; what may be fetched is written there. */
    const char *publish;
    /* Who signs OCSP answers, the keeper's (ocsp_signer.h); NULL: nobody. */
    struct ocsp_signer *ocsp;
    struct authority_issuer *issuers;
    size_t issuer_count;
    struct clock_guard clock;
    struct room room; /* started by the owner, before authority_open */
    struct pauses pauses;
    bool is_ceremony; /* roots kept apart are open */
    bool founds;      /* no authority yet: the door DOOR_FOUNDING is open */
    /* The signer's keys in its order, SHA-256 of their SPKI; the keeper's. */
    char (*keys)[SHA256_TEXT];
    size_t key_count;
    /* Whose certificate is asked of another authority; "": none. */
    char awaited[PROFILE_NAME_MAX];

    /* The writer: one thread at a time, groups in the order they were signed.
     */
    pthread_mutex_t writing;
    pthread_cond_t turn;
    uint64_t next_ticket;
    struct store *store;
    /* A group could not be recorded: nothing more is issued until a restart
     * takes it in from the sign log (properties 18). */
    bool is_broken;
    int64_t checkpoint_seq; /* the journal's, that was last signed for */
    int64_t checkpoint_ms;  /* when */
    /* Once for each time that it goes wrong; the writer's. */
    bool has_told_clock, has_told_room, has_told_checkpoint;
    /* Events journalled since then, or more; no head is read for fewer. */
    int64_t events_at_most;
};

/* What a thread on the road has for itself. */
struct desk {
    struct signing signing;
    bool has_ticket; /* the group was signed: its turn to be recorded comes */
    bool has_lost;   /* one of its certificates could not be put together */
    struct store *reading; /* NULL: origins are not looked up ahead */
};

#define AUTHORITY_ISSUERS_MAX 16

/*
 * Reads the authorities from the store, finds the signer's number of each key
 * (keys: SHA-256 texts in the signer's order), and compiles the profiles.
 */
MUST_CHECK bool authority_open(struct authority *authority,
    const struct configuration *configuration, struct signer_client *signer,
    struct store *store, char (*keys)[SHA256_TEXT], size_t key_count,
    struct failure *why);
void authority_close(struct authority *authority);

/*
 * One transaction of the writer: change is called between begin and commit,
 * while no group is being recorded.  When it fails, everything it wrote is
 * undone.  FAILURE_UNAVAILABLE: the authority is broken until a restart.
 */
typedef bool authority_change(
    struct authority *authority, void *context, struct failure *why);
MUST_CHECK bool authority_write(struct authority *authority,
    authority_change *change, void *context, struct failure *why);

/* Commits what the writer holds.  A commit that failed is never tried again on
 * the same files: the authority is broken until a restart (properties 18). */
MUST_CHECK bool authority_commit(
    struct authority *authority, struct failure *why);

/* The issuer of this name; NULL name: the only one that issues (several are
 * FAILURE_CONFLICT, naming them).  One that is kept apart is given for making
 * authorities alone, by its name, or without one when no other could. */
MUST_CHECK bool authority_issuer(const struct authority *authority,
    const char *name, bool for_authorities,
    const struct authority_issuer **issuer, struct failure *why);

/* For doors whose visitors can't name an authority (pages, /certsrv): the first
 * in use of several that issue, so that a further one changes nothing for them.
 * NULL where one alone issues: it needs no name. */
const char *authority_of_doors(const struct authority *authority);

/* FAILURE_NOT_FOUND lists the profiles there are. */
MUST_CHECK bool authority_rule(const struct authority_issuer *issuer,
    const char *profile, const struct authority_rule **rule,
    struct failure *why);

/* Adds an issuer with no rules yet; id 0 until it is stored.  certificate: DER,
 * or of length 0 for a root that is being founded. */
MUST_CHECK bool authority_add_issuer(struct authority *authority,
    const char *name, struct bytes certificate,
    struct authority_issuer **issuer, struct failure *why);
void authority_forget_issuers(struct authority *authority);
MUST_CHECK bool authority_add_rule(struct authority_issuer *issuer,
    const struct profile *profile, struct failure *why);

#endif
