#ifndef CLI_VIEW_CONTAINER_H
#define CLI_VIEW_CONTAINER_H

#include "cli/call.h"
#include "x509/container.h"

/*
 * What `view` shows of a container: opened by the reader (server/reader.h),
 * never in this process.
 */

/* HOST:PORT, and no file has that name. */
bool view_operand_is_address(const char *operand);
MUST_CHECK bool view_open_host(
    const char *address, struct container *container, struct failure *why);

/* With the passphrase that was given; without one, first with none and then
 * with one asked for on a terminal.  A failure has its code and remedy in the
 * call. */
MUST_CHECK bool view_open_pkcs12(struct call *call, const char *path,
    struct bytes file, struct container *container, struct failure *why);

#endif
