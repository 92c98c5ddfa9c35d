#ifndef PROTOCOLS_OCSP_OCSP_H
#define PROTOCOLS_OCSP_OCSP_H

#include "protocols/exchange.h"

/*
 * OCSP over HTTP (RFC 6960, appendix A; RFC 9654): the questions that a front
 * can't answer from the table.  GET has the request in its path, POST in its
 * body; the answer is always 200, whatever it says, and is never kept by those
 * between: what can be kept stands in the table.
 */
#define OCSP_ANSWER_TYPE "application/ocsp-response"

bool ocsp_ask(struct exchange *exchange, struct failure *why);

#endif
