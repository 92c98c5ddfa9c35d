#ifndef AUTHORITY_CONFIGURATION_SERVE_H
#define AUTHORITY_CONFIGURATION_SERVE_H

#include <stdint.h>

#include "base/yaml.h"

/*
 * The section `serve` of chancery.yaml: where `chancery serve` listens.
 *
 *     serve:
 *       listen: "[::]:8443"             # TLS: pages, /certsrv, REST
 *       http-listen: "[::]:8080"        # plain: lists, OCSP, certificates
 *       admin-listen: "127.0.0.1:8444"  # TLS, client certificates
 *       mtls-listen: none               # TLS, client certificates
 *       names: [pki.example.org, 192.0.2.7]
 *       connections-per-address: 64
 *
 * An address is ADDR:PORT, [V6]:PORT or :PORT (all addresses); `none` leaves a
 * listener away.  What client certificates are asked for hangs on the listener
 * alone, so no setting can ask for them where they can't come (kb 113).
 */
enum serve_listener { /* in the order of protocols/listener.h */
    SERVE_PUBLIC,
    SERVE_PLAIN,
    SERVE_ADMIN,
    SERVE_MTLS
};
#define SERVE_LISTENERS 4

struct serve_address {
    char host[48];      /* "192.0.2.7", "2001:db8::7"; "": all addresses */
    uint16_t port;      /* 0: there is no such listener */
    bool is_any_family; /* [::], by default: 0.0.0.0 where IPv6 isn't there */
};

#define SERVE_NAMES_MAX 32
#define SERVE_NAME_ROOM 254
#define SERVE_PER_ADDRESS 64
#define SERVE_PER_ADDRESS_MAX 4096

struct serve_settings {
    struct serve_address addresses[SERVE_LISTENERS];
    char names[SERVE_NAMES_MAX][SERVE_NAME_ROOM]; /* hosts and addresses of
                                                     ours, in lower case */
    size_t name_count;
    unsigned int per_address; /* connections at most from one address */
};

/* What holds where the file says nothing. */
void serve_settings_default(struct serve_settings *settings);

MUST_CHECK bool serve_settings_read(const struct yaml_document *document,
    const struct yaml_node *node, struct serve_settings *settings,
    struct failure *why);

/* "listen", "http-listen": the key of the file, and the command's option. */
const char *serve_listener_key(enum serve_listener listener);

/* Reads an address.  NULL, or what is wrong with the text. */
const char *serve_address_fault(
    const char *text, struct serve_address *address);

/* "[::]:8443", "none". */
#define SERVE_ADDRESS_TEXT 64
void serve_address_print(
    const struct serve_address *address, char text[static SERVE_ADDRESS_TEXT]);

/* Two that can't both be, as two at one port; *first < *second.  False: there
 * are none. */
bool serve_settings_clash(const struct serve_settings *settings,
    enum serve_listener *first, enum serve_listener *second);

/* The same as a failure (FAILURE_UNSUITABLE), for the command's options; and
 * that anything is served at all. */
MUST_CHECK bool serve_settings_check(
    const struct serve_settings *settings, struct failure *why);

#endif
