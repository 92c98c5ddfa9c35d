#ifndef SERVER_VALIDATOR_ROLE_H
#define SERVER_VALIDATOR_ROLE_H

/* The validator, `chancery --role validator`: fetches what it is asked for, a
 * thread for each question, until the other end closes.  Returns its exit
 * status. */
int validator_main(void);

#endif
