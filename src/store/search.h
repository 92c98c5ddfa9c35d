#ifndef STORE_SEARCH_H
#define STORE_SEARCH_H

#include "store/store.h"

/*
 * The index for searching: DIR/search.db, a file of its own so that filling it
 * never makes an issuance wait, and with nothing in it that could not be made
 * again from the store (delete it, and it is).  One thread of the keeper fills
 * it, at most a second behind; a reader adds what is not indexed yet by walking
 * those few rows itself, so that what is found is never stale.  A reader that
 * finds it damaged, or made from another store, walks the rows instead.
 *
 * What is indexed: each certificate's serial and SHA-256; each DNS name,
 * mailbox, URI host and address of the subjectAltName, and the common names,
 * in lower case, from each of the first 32 labels or words on
 * ("www.example.org" is found by "www.ex", "example" and "org"; an address by
 * its beginning); and, for each object of the journal, its events.
 */
struct search;

/*
 * write: for the one thread that fills it (and has the only such connection);
 * made (0600) where it is missing, emptied where it is damaged or of another
 * version.  Otherwise it must be there and sound: the kind of the failure does
 * not matter, go on with NULL for the index.
 */
MUST_CHECK bool search_open(
    const char *path, bool write, struct search **search, struct failure *why);
void search_close(struct search *search); /* NULL is allowed */
DEFINE_SCOPED_STRUCT(search, search_close)

/*
 * Takes in what the store has beyond the index, at most `most` certificates and
 * as many events, in one transaction.  *behind: there is more.  An index that
 * is found damaged, or made from another store, is emptied and begun anew;
 * damaged a second time it is FAILURE_INTERNAL.
 */
MUST_CHECK bool search_take_in(struct search *search, struct store *store,
    int64_t most, bool *behind, struct failure *why);

typedef bool search_visitor(void *context, int64_t number, struct failure *why);
/*
 * Visits the ids of certificates that have this text (UTF-8; ASCII letters in
 * any case) as the beginning of a term, or, in hexadecimal (0x and colons
 * allowed) of at least 4 digits, of serial or fingerprint: ascending ids
 * greater than after_id, limit at most (0: no limit).  search: NULL walks all
 * rows.  store: for what is not indexed; the visitor may call other verbs of
 * it, but not search again with this index, nor store_list_certificates.  An
 * empty text, and one longer than SEARCH_TEXT_MAX bytes, finds nothing.
 */
#define SEARCH_TEXT_MAX 255
MUST_CHECK bool search_certificates(struct search *search, struct store *store,
    const char *text, int64_t after_id, int64_t limit, search_visitor *visit,
    void *context, struct failure *why);

/* Would the text find this one?  For who walks on to what has it elsewhere. */
MUST_CHECK bool search_finds(const struct certificate_row *row,
    const char *text, bool *finds, struct failure *why);

/* Visits the numbers of the events whose object this is, oldest first; the
 * same holds for search and the visitor (not store_list_journal). */
MUST_CHECK bool search_events(struct search *search, struct store *store,
    const char *object, search_visitor *visit, void *context,
    struct failure *why);

#endif
