#ifndef CLI_DISPATCH_H
#define CLI_DISPATCH_H

/* From the program's arguments to the command they name, and to the exit
 * code. */
int dispatch(int count, const char *const *arguments);

#endif
