#ifndef TESTS_SUPPORT_NAME_ASSERTIONS_H
#define TESTS_SUPPORT_NAME_ASSERTIONS_H

#include "x509/name.h"

#define NAME_BUFFER() BUFFER("name", 1024 * 1024)

/* text is read as a name that passes name_check, appended. */
void assert_read(const char *text, struct buffer *name);

void assert_printed(struct bytes name, const char *expected);

#endif
