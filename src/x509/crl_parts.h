#ifndef X509_CRL_PARTS_H
#define X509_CRL_PARTS_H

#include "x509/crl_writer.h"
#include "x509/der_writer.h"

/* What crl_writer and crl_scan share: how our own lists are encoded. */

/* The [0] with all extensions, in the one order we write them. */
void crl_write_extensions(
    struct der_writer *writer, const struct crl_plan *plan);

/* Visible ASCII, 1 to CRL_URL_MAX bytes. */
bool crl_is_url(struct bytes url);

/* Contents of a positive INTEGER in its fewest bytes, at most CRL_SERIAL_MAX.
 */
static inline bool crl_is_serial(struct bytes serial)
{
    if (serial.length == 0 || serial.length > CRL_SERIAL_MAX)
        return false;
    /* The first nine bits are not all zero, and the first is. */
    return serial.start[0] < 0x80 &&
           (serial.start[0] > 0 ||
               (serial.length > 1 && serial.start[1] >= 0x80));
}

#endif
