#ifndef SERVER_ADMIN_ADMIN_H
#define SERVER_ADMIN_ADMIN_H

#include "protocols/exchange.h"

/*
 * The admin pages: everything below /admin/, at the admin listener alone.  A
 * table of their own says which page is answered by whom and who may see it.
 *
 * Who asks is known by the certificate in their row, at every request anew; a
 * session is needed on top of it, which begins with a click and ends with 15
 * idle minutes (sessions.h).  GET changes nothing.  What changes something is
 * a POST from a form of ours: Host, Origin and Sec-Fetch-Site are looked at,
 * and the form's token, which is of this session and this form.  What a role
 * may do is said by the clerk's table; pages only leave away what it would
 * refuse.
 */
exchange_handler admin_answer;
#define ADMIN_BODY_MAX (64 * 1024)

#endif
