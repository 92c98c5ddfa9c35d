#ifndef PROTOCOLS_CERTSRV_ATTRIBUTES_H
#define PROTOCOLS_CERTSRV_ATTRIBUTES_H

#include "authority/profile.h"
#include "base/bytes.h"

/*
 * CertAttrib: "NAME:VALUE" on lines of their own, ended by CR, LF or both;
 * names in any case.  CertificateTemplate names the profile.  What a client
 * tells of itself is passed over; everything else is refused by its name, SAN
 * above all: names in an attribute are signed by nobody (ESC6).
 */
#define CERTSRV_ATTRIBUTES_MAX ((size_t)16 * 1024) /* bytes of them all */

/* template_name stays as it is where there is none.  FAILURE_UNSUITABLE: an
 * attribute that is not taken, or two templates; FAILURE_MALFORMED. */
MUST_CHECK bool certsrv_attributes_read(struct bytes text,
    char template_name[static PROFILE_NAME_MAX], struct failure *why);

/* The same name twice is no matter, another one is FAILURE_UNSUITABLE. */
MUST_CHECK bool certsrv_take_template(struct bytes value,
    char template_name[static PROFILE_NAME_MAX], struct failure *why);

#endif
