#ifndef SERVER_ROLES_H
#define SERVER_ROLES_H

/*
 * The processes that a command starts of itself: `chancery --role NAME`, with
 * the parent's channel as descriptor 3.
 *
 *     signer   authority keys and its own log; no file, no socket
 *     status   keys for OCSP answers, which it makes; no file, no socket
 *     keeper   the store and the road of an issuance; no key
 *     keys     makes, proves and re-encrypts one key; no file, no socket
 *     reader   opens one container of a stranger, or shakes hands with him; no
 *              file, no socket but the one it is handed
 *     validator  fetches what certificates name; no file but those for names
 *     front    one listening socket, its TLS and HTTP; what is published
 *     parent   holds keeper and signer for `unlock`
 */

/* What a role needs before OpenSSL is made ready (crypto/start.h). */
void role_prepare(const char *name);

/* Runs a role to its end.  Returns its exit status; 2 for an unknown name. */
int role_main(const char *name);

#endif
