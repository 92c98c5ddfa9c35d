#ifndef BASE_SCOPED_H
#define BASE_SCOPED_H

/*
 * Scoped ownership.
 *
 *     SCOPED(X509) *certificate = NULL;            freed when the block ends
 *     *result = KEEP(X509, &certificate);          ... unless it is kept
 *     RELEASED(buffer) text = BUFFER("text", 64);  buffer_free(&text) at the
 * end SCOPED_DESCRIPTOR int file = -1;             closed when the block ends
 *
 * DEFINE_SCOPED gives the first two words to a type.  RELEASED needs only that
 * tag_free(struct tag *) exists and takes an all-zero struct.  Always
 * initialise a scoped variable: a failure may return before its first
 * assignment.
 */
#define SCOPED(type) __attribute__((cleanup(scoped_##type))) type
#define SCOPED_STRUCT(tag) __attribute__((cleanup(scoped_##tag))) struct tag
#define KEEP(name, held) keep_##name(held)
#define RELEASED(tag) __attribute__((cleanup(tag##_free))) struct tag
#define SCOPED_DESCRIPTOR __attribute__((cleanup(descriptor_close)))

/* Unused: clang asks after one of the pair where a .c file defines it. */
#define DEFINE_SCOPED_AS(name, type, free_function)                       \
    static inline __attribute__((unused)) void scoped_##name(type **held) \
    {                                                                     \
        free_function(*held);                                             \
    }                                                                     \
    static inline __attribute__((unused)) type *keep_##name(type **held)  \
    {                                                                     \
        type *kept = *held;                                               \
        *held = 0;                                                        \
        return kept;                                                      \
    }

#define DEFINE_SCOPED(type, free_function) \
    DEFINE_SCOPED_AS(type, type, free_function)
#define DEFINE_SCOPED_STRUCT(tag, free_function) \
    DEFINE_SCOPED_AS(tag, struct tag, free_function)

/* Closes *descriptor unless it is negative, and makes it -1. */
void descriptor_close(int *descriptor);

/* *descriptor, which becomes -1: the caller closes it from here on. */
int descriptor_keep(int *descriptor);

#endif
