#ifndef X509_CHAIN_HOST_H
#define X509_CHAIN_HOST_H

#include "base/bytes.h"

/*
 * Names of hosts, mailboxes and URIs as verifiers take them apart and compare
 * them (RFC 9525, 6.3; RFC 5280, 4.2.1.10 and 7).  ASCII letters without regard
 * to case; nothing else is folded.
 */

/*
 * Labels of 1 to 63 letters, digits, underscores and inner hyphens, 253 bytes
 * in all, no dot at the end.  No host has an underscore (RFC 1123, 2.1), but
 * certificates in use name some, and it can't be mistaken for anything else.
 */
bool host_is_wellformed(struct bytes host);

/* As above, and no address: its last label is not all digits (RFC 3696, 2). */
bool host_is_domain(struct bytes host);

/* What a certificate may present: a host, or "*." before one. */
bool host_is_presentable(struct bytes presented);

bool host_equals(struct bytes a, struct bytes b);

/* Has at least one label more than the domain it ends in. */
bool host_is_below(struct bytes host, struct bytes domain);

/* Behind the first dot; length 0: there is none. */
struct bytes host_parent(struct bytes host);

/* RFC 9525, 6.3: a wildcard is the whole left-most label, stands for exactly
 * one, and has at least two labels behind it.  One dot at the end of the
 * reference is left out. */
bool host_matches(struct bytes presented, struct bytes reference);

/* RFC 5321, 4.1.2: what is before and behind the "@"; a local part in quotes
 * may hold one.  False: no mailbox. */
bool mailbox_split(
    struct bytes mailbox, struct bytes *local, struct bytes *domain);

/* Local parts byte by byte, domains as hosts. */
bool mailbox_equals(struct bytes a, struct bytes b);

struct uri_parts {
    struct bytes scheme;
    struct bytes host; /* length 0: none */
    struct bytes path; /* with what follows it */
};
bool uri_split(struct bytes uri, struct uri_parts *parts);

/* otherName's contents: SmtpUTF8Mailbox (RFC 9598, 3)? */
bool smtp_utf8_mailbox(struct bytes other_name, struct bytes *mailbox);

#endif
