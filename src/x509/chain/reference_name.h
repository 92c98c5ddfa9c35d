#ifndef X509_CHAIN_REFERENCE_NAME_H
#define X509_CHAIN_REFERENCE_NAME_H

#include "base/bytes.h"

struct judgement;

/* Whom the leaf must name (RFC 9525): by its subjectAltName, never by its
 * common name. */
enum reference_kind {
    REFERENCE_DNS,
    REFERENCE_IP,
    REFERENCE_EMAIL,
    REFERENCE_URI
};

struct reference_name {
    enum reference_kind kind;
    struct bytes text;   /* as it was given */
    uint8_t address[16]; /* REFERENCE_IP: 4 or 16 bytes */
    size_t address_length;
};

/*
 * From what a caller gives: text stays his.  FAILURE_UNSUITABLE: no such name
 * ("-a.example" is no DNS name), with the rule.  A host with letters beyond
 * ASCII is refused with the advice to write its A-label.
 */
MUST_CHECK bool reference_name_read(enum reference_kind kind, struct bytes text,
    struct reference_name *name, struct failure *why);

/* --name's word: an address, a mailbox (it has "@"), a URI (it has "://"), or a
 * host; "dns:", "ip:", "email:", "uri:" in front say it outright. */
MUST_CHECK bool reference_name_guess(
    struct bytes text, struct reference_name *name, struct failure *why);

/* RULE_NAME_DNS and its three siblings, for every name of the question.
 * VERDICT_NAME_MISSING: the leaf names nobody of that kind; NAME_MISMATCH: it
 * names others, and the evidence lists them (cut). */
bool judge_names(struct judgement *judgement);

#endif
