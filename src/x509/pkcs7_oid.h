#ifndef X509_PKCS7_OID_H
#define X509_PKCS7_OID_H

#include <string.h>

#include "base/bytes.h"

/* Object identifiers that only SignedData has use for, as contents of their
 * element: RFC 2315, 14; RFC 5652, 11; RFC 5272, 3.2.1; RFC 5754, 2. */
#define CONTENTS(octets) ((struct bytes)CONTENTS_OF(octets))
/* The same in a table: to gcc a compound literal is no constant. */
#define CONTENTS_OF(octets)                           \
    {                                                 \
        (const uint8_t *)(octets), sizeof(octets) - 1 \
    }

/* 1.2.840.113549.1.7 and the types below it */
#define PKCS7_ARC "\x2a\x86\x48\x86\xf7\x0d\x01\x07"
#define PKCS7_TYPES CONTENTS(PKCS7_ARC)
#define PKCS7_DATA CONTENTS(PKCS7_ARC "\x01")
#define PKCS7_SIGNED CONTENTS(PKCS7_ARC "\x02")
#define PKCS7_ENVELOPED CONTENTS(PKCS7_ARC "\x03")
#define PKCS7_SIGNED_AND_ENVELOPED CONTENTS(PKCS7_ARC "\x04")
#define PKCS7_DIGESTED CONTENTS(PKCS7_ARC "\x05")
#define PKCS7_ENCRYPTED CONTENTS(PKCS7_ARC "\x06")

/* 1.2.840.113549.1.9 */
#define PKCS9_ARC "\x2a\x86\x48\x86\xf7\x0d\x01\x09"
#define PKCS9_CONTENT_TYPE CONTENTS(PKCS9_ARC "\x03")
#define PKCS9_MESSAGE_DIGEST CONTENTS(PKCS9_ARC "\x04")
#define PKCS9_SIGNING_TIME CONTENTS(PKCS9_ARC "\x05")
#define PKCS9_COUNTERSIGNATURE CONTENTS(PKCS9_ARC "\x06")
/* RFC 3161, 2.4.2 and appendix A; RFC 5035, 3 and 5 */
#define TIME_STAMP_CONTENT CONTENTS(PKCS9_ARC "\x10\x01\x04")
#define TIME_STAMP_TOKEN CONTENTS(PKCS9_ARC "\x10\x02\x0e")
#define SIGNING_CERTIFICATE CONTENTS(PKCS9_ARC "\x10\x02\x0c")
#define SIGNING_CERTIFICATE_V2 CONTENTS(PKCS9_ARC "\x10\x02\x2f")
#define SMIME_TYPES CONTENTS(PKCS9_ARC "\x10\x01")

/* 1.3.6.1.4.1.311, from "Windows Authenticode Portable Executable Signature
 * Format", and Microsoft's own place for a time-stamp of RFC 3161 */
#define MICROSOFT_ARC "\x2b\x06\x01\x04\x01\x82\x37"
#define SPC_INDIRECT_DATA CONTENTS(MICROSOFT_ARC "\x02\x01\x04")
#define SPC_PE_IMAGE_DATA CONTENTS(MICROSOFT_ARC "\x02\x01\x0f")
#define SPC_NESTED_SIGNATURE CONTENTS(MICROSOFT_ARC "\x02\x04\x01")
#define MICROSOFT_TIME_STAMP CONTENTS(MICROSOFT_ARC "\x03\x03\x01")

/* id-cct-PKIData: what a CMC full request carries */
#define CMC_REQUEST CONTENTS("\x2b\x06\x01\x05\x05\x07\x0c\x02")

#define DER_OCTET_STRING_IN_PARTS 0x24

static inline bool pkcs7_oid_begins(struct bytes oid, struct bytes arc)
{
    return oid.length > arc.length &&
           memcmp(oid.start, arc.start, arc.length) == 0;
}

#endif
