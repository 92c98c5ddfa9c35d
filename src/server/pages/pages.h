#ifndef SERVER_PAGES_PAGES_H
#define SERVER_PAGES_PAGES_H

#include "protocols/exchange.h"

/*
 * The public pages: handlers of their routes (server/routes.c).  They work
 * without scripts and in curl (kb 56); a refusal is worded as a page by
 * server/web.
 */

/* GET /: what this authority is, its roots' fingerprints, its state. */
exchange_handler page_home;

/* GET /status: a form; with ?serial=, or with a certificate pasted or uploaded
 * (POST), what OCSP says of it too, and no more: anybody may ask. */
exchange_handler page_status;

/* --- for the pages ------------------------------------------------------- */
/* The frame around a page, and the answer. */
struct html_page;
MUST_CHECK bool page_begin(const struct exchange *exchange, const char *title,
    const char *here, struct buffer *out, struct html_page *page,
    struct failure *why);
MUST_CHECK bool page_answer(struct exchange *exchange,
    const struct html_page *page, struct buffer *out, struct failure *why);

/* The configured name, or "This authority". */
const char *page_authority(const struct authority *authority);

#endif
