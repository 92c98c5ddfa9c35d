#ifndef X509_PE_H
#define X509_PE_H

#include "base/bytes.h"

/*
 * Programs for Windows and UEFI (PE and PE32+: "PE Format", and "Windows
 * Authenticode Portable Executable Signature Format"), as far as signatures
 * need them: where the certificate table is, and which bytes are signed.  Those
 * are all but the checksum, the table's entry among the data directories, and
 * the table itself.
 */
struct pe {
    struct bytes file;
    size_t checksum;     /* offset of 4 bytes */
    size_t directory;    /* offset of 8 bytes: where the table is */
    size_t table;        /* offset */
    size_t table_length; /* 0: no table */
};

/* Does it begin as one? */
bool pe_is(struct bytes file);

/* FAILURE_MALFORMED: it ends early, has no room for a certificate table, or
 * the table lies where something else is. */
MUST_CHECK bool pe_read(struct bytes file, struct pe *pe, struct failure *why);

/* The signed bytes, in parts. */
#define PE_PARTS 4
void pe_signed_parts(const struct pe *pe, struct bytes parts[static PE_PARTS]);

/* WIN_CERTIFICATE: a table has any number of them. */
struct pe_certificate {
    uint16_t revision;
    uint16_t type;
    struct bytes contents; /* what pads it is part of it */
};
#define PE_PKCS_SIGNED_DATA 2 /* WIN_CERT_TYPE_PKCS_SIGNED_DATA */
#define PE_CERTIFICATES_MAX 16

/* *position: 0 before the first; *found false behind the last. */
MUST_CHECK bool pe_next_certificate(const struct pe *pe, size_t *position,
    struct pe_certificate *certificate, bool *found, struct failure *why);

#endif
