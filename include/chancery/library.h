#ifndef CHANCERY_LIBRARY_H
#define CHANCERY_LIBRARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * libchancery: the verifier and the viewer of Chancery for other programs.
 *
 * What holds for all of it:
 * - It reads no file and no setting, opens no socket, prints nothing, and keeps
 *   nothing but what it hands out.  The one thing it does once in a process is
 *   to make OpenSSL ready, in whichever thread comes first, and without
 *   OpenSSL's configuration file; a program that wants that one for itself
 *   calls OPENSSL_init_crypto before.
 * - Every struct is opaque, and every one that is handed out is given back by
 *   the function of its name that ends in _free; NULL may be given back.
 * - No pointer may be NULL where it isn't said; bytes may be, when there are 0.
 * - What it is given is copied; the caller's bytes may go when the call
 *   returns.  A text that it returns lives as long as the struct that it was
 *   asked of, ends with a zero, and is UTF-8.
 * - Threads: different structs may be used at the same time.  One question may
 *   be asked, and one view be rendered, by several threads at once, as long as
 *   none changes it.
 */

#ifdef __cplusplus
extern "C" {
#endif

#define CHANCERY_API __attribute__((visibility("default")))

/* Of this header.  The number changes with every release that a program built
 * against an earlier one can't be linked with; it is the one of the soname. */
#define CHANCERY_LIBRARY_VERSION "0.1.0"
#define CHANCERY_LIBRARY_ABI 0

/* What a sentence of chancery_library_check fits into, its zero included. */
#define CHANCERY_LIBRARY_SENTENCE 400

/*
 * Is this the library that the program was built against?  A program calls it
 * before all else, and ends with the sentence when the answer is false:
 *
 *     char why[CHANCERY_LIBRARY_SENTENCE];
 *
 *     if (!chancery_library_check(CHANCERY_LIBRARY_VERSION,
 *             CHANCERY_LIBRARY_ABI, why, sizeof(why)))
 *         ... print why and end
 *
 * A viewer that is linked with another verifier than it was made for tells of
 * good certificates that they are bad; so it refuses to start, and the sentence
 * names both versions.  False also where OpenSSL can't be used, with the reason
 * (its version is too old, for one).  sentence takes at most room bytes, its
 * zero included, is written on false alone, and may be NULL with room 0.
 *
 * This function, its name and its arguments stay the same in all versions.
 */
CHANCERY_API bool chancery_library_check(
    const char *version, unsigned int abi, char *sentence, size_t room);

/* "0.1.0": of the library that runs. */
CHANCERY_API const char *chancery_library_version(void);

/* What became of a call.  Further ones may come; whatever is not CHANCERY_DONE
 * did not happen, and changed nothing. */
enum chancery_result {
    CHANCERY_DONE = 0,
    CHANCERY_MALFORMED = 1,   /* the bytes are not what they should be */
    CHANCERY_UNSUITABLE = 2,  /* a word is none of those there are, a limit is
                                 reached */
    CHANCERY_NOT_FOUND = 3,   /* the content of a detached signature */
    CHANCERY_UNAVAILABLE = 4, /* OpenSSL can't be used */
    CHANCERY_INTERNAL = 5     /* no memory, or our own fault */
};

#ifdef __cplusplus
}
#endif

#endif
