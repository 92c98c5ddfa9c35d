#ifndef X509_CONTAINER_H
#define X509_CONTAINER_H

#include "x509/chain/verdict.h"
#include "x509/input.h"

/*
 * What came out of a container or off a wire: objects in DER, with what the
 * container says of itself.  No secret is among them: of a private key there is
 * the public part alone.
 */
#define CONTAINER_NAME 128 /* bytes of a friendly name, its zero included */
#define CONTAINER_TEXT 200
#define CONTAINER_OBJECTS_MAX 1000
#define CONTAINER_BYTES_MAX (16 * 1024 * 1024)

struct container_object {
    /* INPUT_OTHER without bytes: a secret of another kind; INPUT_OTHER with
     * bytes: a stapled OCSP answer. */
    enum input_kind kind;
    bool is_of_private_key; /* der is the SubjectPublicKeyInfo of one */
    size_t start, length;   /* in bytes */
    char name[CONTAINER_NAME];
};

struct container {
    char kind[CONTAINER_NAME];       /* "PKCS#12", "TLS server" */
    char integrity[CONTAINER_TEXT];  /* MAC or TLS version; "": none */
    char encryption[CONTAINER_TEXT]; /* or cipher suite; "": none */
    uint64_t integrity_iterations;
    uint64_t encryption_iterations; /* the most of any part */
    struct container_object *objects;
    size_t count;
    struct buffer bytes;
};

/* With CONTAINER_BYTES_MAX. */
struct container container_new(void);
void container_free(struct container *container);

struct bytes container_der(
    const struct container *container, const struct container_object *object);

/* Appends the object with a copy of the bytes; start and length are set here.
 * FAILURE_UNSUITABLE: too many. */
MUST_CHECK bool container_add(struct container *container,
    const struct container_object *object, struct bytes der,
    struct failure *why);

#endif
