#ifndef X509_GENERAL_NAME_H
#define X509_GENERAL_NAME_H

#include "x509/der.h"

/* General names (RFC 5280, 4.2.1.6). */
enum general_name_kind {
    GENERAL_NAME_OTHER,
    GENERAL_NAME_EMAIL,
    GENERAL_NAME_DNS,
    GENERAL_NAME_X400,
    GENERAL_NAME_DIRECTORY,
    GENERAL_NAME_EDI,
    GENERAL_NAME_URI,
    GENERAL_NAME_IP,
    GENERAL_NAME_REGISTERED_ID
};

struct general_name {
    enum general_name_kind kind;
    struct bytes value; /* contents; DIRECTORY: the whole Name */
};

#define GENERAL_NAMES_MAX 10000

/*
 * The next of a SEQUENCE OF GeneralName.  Checks the outer form, and a
 * directory name as name_check_form does; what a DNS name or an address may be
 * is general_name_check's, so that a viewer can show a wrong one.
 */
MUST_CHECK bool general_name_next(
    struct der_reader *names, struct general_name *name, struct failure *why);

/* Walks them to the end; at most GENERAL_NAMES_MAX. */
MUST_CHECK bool general_names_check(
    struct der_reader names, size_t *count, struct failure *why);

/*
 * The rules for a name that is to be certified.  FAILURE_UNSUITABLE names the
 * name and the rule.  DNS (RFC 1034, 3.5): labels of 1 to 63 letters, digits
 * and inner hyphens, 253 bytes in all, "*" only as the whole left-most label,
 * no dot at the end, no last label of digits alone (RFC 3696, 2).  Mailboxes
 * (RFC 5321, 4.1.2): a dot-string of at most 64 bytes and a DNS name.  URIs
 * (RFC 3986): a scheme, and a host where there is an authority; at most 2,048
 * bytes.  Addresses: 4 or 16 bytes.  Directory names: name_check, whose
 * FAILURE_MALFORMED it is.  Other kinds have no rule here.
 */
MUST_CHECK bool general_name_check(
    const struct general_name *name, struct failure *why);

/* Appends one encoded GeneralName. */
MUST_CHECK bool general_name_append(const struct general_name *name,
    struct buffer *encoding, struct failure *why);

/* "dns:example.org", "ip:2001:db8::1" (RFC 5952), "email:a@b", "uri:...",
 * "dirname:CN=a", others "other:..." in hexadecimal; control characters made
 * visible.  A range of a name constraint is "ip:10.0.0.0/255.0.0.0". */
MUST_CHECK bool general_name_print(
    const struct general_name *name, struct buffer *text, struct failure *why);

/* From --san's words (INTERFACES.md): dns:N, ip:A, email:E, uri:U, openssl's
 * DNS:N, or a bare name, address or mailbox.  Appends one encoded GeneralName
 * that passed general_name_check.  A name with letters beyond ASCII is refused
 * with the advice to write its A-label ("xn--..."). */
MUST_CHECK bool general_name_read(
    const char *text, struct buffer *name, struct failure *why);

#endif
