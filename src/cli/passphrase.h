#ifndef CLI_PASSPHRASE_H
#define CLI_PASSPHRASE_H

#include "cli/call.h"

/*
 * Where a passphrase comes from: a file, a descriptor, a prompt; never an
 * argument.  It is handed on as a descriptor, and what does not stand in a file
 * is put into memory that has one (memfd).  Descriptors become the caller's.
 */

/* By --OPTION FILE; by --passphrase-fd N where option is "passphrase-file" and
 * the command has it; *descriptor stays as it was when none was given. */
MUST_CHECK bool passphrase_given(struct call *call, const char *option,
    int *descriptor, struct failure *why);

/* Asks with echo off; twice: until both are the same, at most three times. */
MUST_CHECK bool passphrase_ask(
    const char *question, bool twice, int *descriptor, struct failure *why);

#endif
