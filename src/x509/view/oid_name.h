#ifndef X509_VIEW_OID_NAME_H
#define X509_VIEW_OID_NAME_H

#include "x509/oid.h"

/* A registered object identifier's name, from x509/oid.h, the algorithms and a
 * table of what is met in files of others; NULL: none that we know.  contents
 * passed der_read_oid; room: for a name that is made. */
const char *view_oid_name(struct bytes contents, char room[static OID_TEXT]);

/* "sha256WithRSAEncryption (1.2.840.113549.1.1.11)", or the numbers alone. */
#define VIEW_OID_TEXT (2 * OID_TEXT + 8)
void view_oid_print(struct bytes contents, char text[static VIEW_OID_TEXT]);

#endif
