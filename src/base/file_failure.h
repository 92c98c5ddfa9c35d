#ifndef BASE_FILE_FAILURE_H
#define BASE_FILE_FAILURE_H

#include "base/failure.h"

/*
 * As fail_in_file of base/file.h, for a caller that knows what was wanted of
 * the path: bits R_OK, W_OK and X_OK of access(2).  FILE_WANTED_ENTRY: an entry
 * of that name in its folder, made, replaced or removed.
 */
#define FILE_WANTED_ENTRY 0x100
bool fail_in_file_wanting(
    struct failure *why, const char *doing, const char *path, int wanted);

/* "root (0)", or the number alone where /etc/passwd has no name for it. */
#define USER_TEXT 48
void user_print(unsigned int user, char text[static USER_TEXT]);

/* The path, or its end behind "..." where it is longer than a reason bears. */
#define PATH_SHOWN 160
void path_print(const char *path, char text[static PATH_SHOWN]);

#endif
