#ifndef SERVER_KEYS_ROLE_H
#define SERVER_KEYS_ROLE_H

/* Answers one question on descriptor 3 and ends.  Returns the exit status. */
int keys_main(void);

#endif
