#ifndef SERVER_FRONT_FRONT_H
#define SERVER_FRONT_FRONT_H

/*
 * A front, `chancery --role front`: one listening socket, its TLS and HTTP, and
 * what can be answered from DIR/publish.  It knows neither store nor keys but
 * that of its own TLS certificate.  The parent's channel is descriptor 3.
 * Returns its exit status.
 */
int front_main(void);

#endif
