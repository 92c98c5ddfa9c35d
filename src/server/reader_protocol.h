#ifndef SERVER_READER_PROTOCOL_H
#define SERVER_READER_PROTOCOL_H

/*
 * What is said to the reader role: a process for one container of a stranger,
 * or one handshake with him.  It opens nothing and knows no key; what it needs
 * comes as descriptors.
 */
enum reader_message {
    READER_OPEN = 1,  /* descriptors: the file, the passphrase (or none) */
    READER_HANDSHAKE, /* NAME; descriptor: a connected socket with time limits
                       */
    READER_CONTENTS,  /* what a struct container has */
    READER_VIEW,      /* NAME, FILE, ROOTS, UNTRUSTED: bytes, no descriptor */
    READER_SHOWN,     /* MARKUP */
    READER_FAILED     /* CODE and base/refusal.h */
};

/* The fields of an object come in this order; DER is its last. */
enum reader_field {
    READER_NAME = 1, /* of the host, for SNI; of an object */
    READER_KIND,     /* of the container */
    READER_INTEGRITY,
    READER_ENCRYPTION,
    READER_INTEGRITY_ITERATIONS,
    READER_ENCRYPTION_ITERATIONS,
    READER_OBJECT_KIND,
    READER_OF_PRIVATE_KEY,
    READER_DER,
    READER_CODE, /* enum verdict_code */
    READER_FILE,
    READER_ROOTS,     /* certificates in PEM: what we trust */
    READER_UNTRUSTED, /* and those below */
    READER_MARKUP     /* documents of x509/view/render.h */
};

/* Bytes of a file that is viewed; of the question with all its certificates;
 * of what is shown. */
#define READER_VIEW_MAX (1024 * 1024)
#define READER_VIEW_QUESTION_MAX (READER_VIEW_MAX + 1024 * 1024)
#define READER_MARKUP_MAX (8 * 1024 * 1024)
#define READER_SHOWN_MAX (READER_MARKUP_MAX + 64) /* the answer's body */

#define READER_NAME_MAX 256
/* Bytes of an answer: what a container holds, with the heads of its fields. */
#define READER_ANSWER_MAX (CONTAINER_BYTES_MAX + 1024 * 1024)

#endif
