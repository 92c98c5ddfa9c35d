#ifndef SERVER_PARENT_H
#define SERVER_PARENT_H

/*
 * The parent that `unlock` leaves behind: it holds DIR/lock and
 * DIR/control.sock, and keeper and signer as its children, until one of them
 * ends (a `lock` makes the keeper end) or it is told to by SIGTERM.
 */
enum parent_message {
    PARENT_START = 1, /* DIRECTORY, PROGRAM; a descriptor of the passphrase */
    PARENT_READY,
    PARENT_FAILED /* base/refusal.h */
};

int parent_main(void);

#endif
