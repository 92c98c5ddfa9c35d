#ifndef PROTOCOLS_CERTSRV_CERTSRV_H
#define PROTOCOLS_CERTSRV_CERTSRV_H

#include "protocols/exchange.h"

/*
 * /certsrv, for the clients of the old web enrolment: certsrv.py, adcs-issuer,
 * scripts with curl, browsers (docs/certsrv.md).  Their expressions look for
 * words and types in what comes back; what stands here in such words is
 * theirs, byte for byte.
 *
 * A caller is an account (RFC 7617) or a person by certificate; what is public,
 * certificates of authorities and lists, anybody gets.  Requests and
 * certificates are found by whoever asked for them, and by nobody else.
 */

/* Bytes of a form: a request of 64 KiB in base64, each byte percent-encoded. */
#define CERTSRV_BODY_MAX ((size_t)320 * 1024)

exchange_handler certsrv_home;        /* GET /certsrv/ */
exchange_handler certsrv_form;        /* GET certrqxt.asp */
exchange_handler certsrv_submit;      /* POST certfnsh.asp */
exchange_handler certsrv_pending;     /* GET certckpn.asp */
exchange_handler certsrv_certificate; /* GET certnew.cer */
exchange_handler certsrv_chain;       /* GET certnew.p7b */
exchange_handler certsrv_authorities; /* GET certcarc.asp */
exchange_handler certsrv_list;        /* GET certcrl.crl */
exchange_handler certsrv_plain;       /* whatever else without TLS */

/*
 * A refusal by a rule of what was submitted is a page of status 200 in which
 * clients find it ("The disposition message is ..."); every other one has its
 * status.  *answered says whether this was such a refusal.
 */
MUST_CHECK bool certsrv_refuse(struct exchange *exchange,
    const struct failure *refusal, bool *answered, struct failure *why);

#endif
