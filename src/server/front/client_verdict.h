#ifndef SERVER_FRONT_CLIENT_VERDICT_H
#define SERVER_FRONT_CLIENT_VERDICT_H

#include <openssl/ssl.h>

#include "x509/chain/verdict.h"

/*
 * Is a client's certificate good?  Judged by the one engine after the
 * handshake, which proved the key: purpose client, roots of DIR/publish alone,
 * revocation hard (kb 100): what is not known of a client's certificate is
 * refused, with a code of its own (kb 103).  What is not known of an authority
 * above it is told in the log and passed over: a list of a root that ended must
 * not lock everybody out (incident 15).
 *
 * Nothing is fetched (kb 92).  A verdict is kept for CLIENT_VERDICT_MS, and not
 * beyond a change of what it was judged by (kb 102).
 */
#define CLIENT_VERDICT_MS 30000
#define CLIENT_VERDICTS_KEPT 256
#define CLIENT_CHAIN_CERTIFICATES_MAX 10

#define CLIENT_OK "ok"
#define CLIENT_ABSENT "absent"

struct client_verdict {
    struct bytes certificate; /* the leaf, DER; owned */
    const char *code;         /* a constant */
    char sentence[VERDICT_SENTENCE];
    int64_t judged_ms;
};

void client_verdict_free(struct client_verdict *verdict);
DEFINE_SCOPED_STRUCT(client_verdict, client_verdict_free)

struct client_judge;

/* Reads DIR/publish. */
MUST_CHECK bool client_judge_new(
    const char *directory, struct client_judge **judge, struct failure *why);
void client_judge_free(struct client_judge *judge);
DEFINE_SCOPED_STRUCT(client_judge, client_judge_free)

/* Reads again what changed in DIR/publish; failing, it goes by what it had. */
MUST_CHECK bool client_judge_look(
    struct client_judge *judge, struct failure *why);

/* The names of authorities to tell clients, and which reading they are of. */
const struct bytes *client_judge_names(
    const struct client_judge *judge, size_t *count, uint64_t *reading);

/* *verdict is NULL when the client showed no certificate. */
MUST_CHECK bool client_judge_session(struct client_judge *judge, SSL *session,
    struct client_verdict **verdict, struct failure *why);

/* The same for DER, the leaf first. */
MUST_CHECK bool client_judge_shown(struct client_judge *judge,
    const struct bytes *shown, size_t count, struct client_verdict **verdict,
    struct failure *why);

/* Judges again, when it is older than CLIENT_VERDICT_MS: a connection may live
 * longer than a certificate. */
void client_judge_again(
    struct client_judge *judge, SSL *session, struct client_verdict **verdict);

#endif
