#ifndef X509_NAME_H
#define X509_NAME_H

#include "x509/der.h"
#include "x509/oid.h"

/* Distinguished names (RFC 5280, 4.1.2.4): the encoded bytes, and a walk. */

struct name_attribute {
    enum oid type;
    struct bytes type_contents;
    uint8_t tag; /* DER_UTF8_STRING, DER_PRINTABLE_STRING, ... */
    struct bytes value;
    struct bytes value_element; /* the value with its head */
    struct bytes whole;         /* the AttributeTypeAndValue element */
    size_t relative; /* index of the RDN, from 0: equal ones are multi-valued */
};

struct name_walk {
    struct der_reader names;
    struct der_reader set;
    size_t opened; /* sets so far */
    size_t empty;  /* those among them without an attribute */
};

/*
 * name: the whole Name element.  Checks its outer form only.  A relative name
 * without an attribute, which X.501 forbids and some certificates have, is
 * passed over: it is counted in relative, and name_walk.empty tells of it.
 */
MUST_CHECK bool name_walk_start(
    struct bytes name, struct name_walk *walk, struct failure *why);
bool name_walk_at_end(const struct name_walk *walk);
MUST_CHECK bool name_walk_next(struct name_walk *walk,
    struct name_attribute *attribute, struct failure *why);

/* Walks it to the end, for a certificate of anybody: well-formed, sets in DER
 * order, at most NAME_ATTRIBUTES_MAX attributes. */
#define NAME_ATTRIBUTES_MAX 4096
MUST_CHECK bool name_check_form(struct bytes name, struct failure *why);

/* As name_check_form, for a name that is to be certified: at most
 * NAME_DRAFT_ATTRIBUTES_MAX attributes, and no relative name without one. */
#define NAME_DRAFT_ATTRIBUTES_MAX 256
MUST_CHECK bool name_check(struct bytes name, struct failure *why);

bool name_is_empty(struct bytes name);

/* The value as UTF-8, whatever string type it is (BMP, Universal, Teletex as
 * Latin-1), appended. */
MUST_CHECK bool name_attribute_append_text(
    const struct name_attribute *, struct buffer *text, struct failure *why);

/* RFC 4514, most specific first: "CN=Example,O=Acme\, Inc.", multi-valued with
 * "+"; an unknown type, and a value that is no text, as 1.2.3=#0c05....  A
 * relative name without an attribute has no form in it and leaves no trace.
 * name_read gives the same bytes back when name_check takes the name and every
 * value is of the string type that name_read writes (kb 39). */
MUST_CHECK bool name_print(
    struct bytes name, struct buffer *text, struct failure *why);

/*
 * From "CN=a,O=b" (RFC 4514; spaces around separators as in OpenLDAP) or
 * "/O=b/CN=a" (openssl's form, begins with "/"; "\/" is a slash, "+" joins),
 * appended as DER; "" and "/" are the empty name.  Values: PrintableString
 * where the alphabet allows for C, jurisdictionC, serialNumber and dnQualifier;
 * IA5String for DC and emailAddress, which take nothing else; UTF8String
 * otherwise, never BMPString (kb 38), also where a string is given as #1e...
 * FAILURE_MALFORMED names the character position.
 */
#define NAME_TEXT_MAX (64 * 1024)
MUST_CHECK bool name_read(
    const char *text, struct buffer *name, struct failure *why);

/* A Name of just CN=text. */
MUST_CHECK bool name_of_common_name(
    const char *text, struct buffer *name, struct failure *why);

/* Lines for a preview: "O   UTF8String       \"AT&T, Inc.\"" one attribute a
 * line. */
MUST_CHECK bool name_describe(
    struct bytes name, struct buffer *text, struct failure *why);

#endif
