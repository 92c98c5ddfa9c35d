#ifndef AUTHORITY_SERIAL_NUMBER_H
#define AUTHORITY_SERIAL_NUMBER_H

#include "store/store.h"
#include "x509/certificate.h"

/*
 * A serial as people and programs write it (INTERFACES.md: hexadecimal, never
 * decimal), and as the store knows it: the contents of an INTEGER, with a zero
 * in front where the number would look negative (X.690, 8.3).
 */
struct serial_number {
    uint8_t contents[21];
    size_t length;
};
/* A view of the number. */
struct bytes serial_number_view(const struct serial_number *number);

MUST_CHECK bool serial_number_read(
    const char *text, struct serial_number *number, struct failure *why);

/*
 * Of a certificate that is in the store: the serial itself, or its first
 * digits, at least SERIAL_PREFIX_DIGITS of them.  FAILURE_CONFLICT: they begin
 * several, two of which are named; FAILURE_NOT_FOUND; FAILURE_MALFORMED.
 */
#define SERIAL_PREFIX_DIGITS 8
MUST_CHECK bool serial_number_find(struct store *store, const char *text,
    struct serial_number *number, struct failure *why);

#endif
