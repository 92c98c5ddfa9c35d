#ifndef CLI_MACHINE_ROOTS_H
#define CLI_MACHINE_ROOTS_H

/* The file in which this machine keeps the roots it trusts, all in one; NULL:
 * it has none where such files are kept.  Not the caller's. */
const char *machine_roots_file(void);

/* Where Debian keeps it. */
#define MACHINE_ROOTS_USUAL "/etc/ssl/certs/ca-certificates.crt"

#endif
