#ifndef SERVER_READER_ROLE_H
#define SERVER_READER_ROLE_H

/* The reader, `chancery --role reader`: answers one question of
 * server/reader_protocol.h and ends.  Returns its exit status. */
int reader_main(void);

#define READER_CPU_SECONDS 20
#define READER_MEMORY_MAX (1024ul * 1024 * 1024) /* of address space */

#endif
