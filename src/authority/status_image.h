#ifndef AUTHORITY_STATUS_IMAGE_H
#define AUTHORITY_STATUS_IMAGE_H

#include "crypto/digest.h"
#include "x509/ocsp_question.h"

/*
 * A status table as it lies in its file (status_table.h):
 *
 *     head        struct status_file_head, in STATUS_HEAD_BYTES
 *     index       slot_count words of 64 bits: 0, or 24 bits of the key's hash
 *                 over 40 bits of a record's offset in units of 8 bytes; the
 *                 next slots are tried when one is taken
 *     records     appended, each a multiple of 8 bytes; the rest is a hole
 *
 * Numbers are in the machine's own order: the file never leaves it.  A file has
 * its last size from the beginning and is never cut, so what was mapped can be
 * read for as long as it is mapped.  Everything behind an offset is checked
 * before it is believed, and each record by its sum, which binds it to its
 * place and its file: what a crash or a bad disk left is found, not served.
 */
#define STATUS_HEAD_BYTES 4096
#define STATUS_MAGIC \
    UINT64_C(0x3130746174736863) /* "chstat01", as we read it */
#define STATUS_SERIAL_MAX 20
#define STATUS_RESPONDER_MAX ((size_t)64 * 1024) /* its certificate */

/* The hashes are of the issuer's name and key bits, as in CertIDs. */
struct status_file_head {
    uint64_t magic;
    uint64_t seed;       /* random: of hashes and sums */
    uint64_t size;       /* of the file */
    uint64_t slot_count; /* a power of two */
    uint8_t sha1_name[20], sha1_key[20];
    uint8_t sha256_name[SHA256_BYTES], sha256_key[SHA256_BYTES];
    uint64_t sum;         /* of what stands before it */
    uint64_t is_replaced; /* changes once; a word that is read atomically */
};

enum status_record_kind {
    STATUS_RECORD_SHA1 = 1, /* an answer by a CertID of this hash */
    STATUS_RECORD_SHA256 = 2,
    STATUS_RECORD_RESPONDER = 3 /* a certificate, in body */
};

struct status_record_head {
    uint64_t sum;       /* of what stands behind it, padding included */
    uint64_t responder; /* offset of its record */
    int64_t since, until;
    uint32_t length; /* of the whole record */
    uint32_t body_length;
    uint16_t signature_length, algorithm_length;
    uint8_t kind;
    uint8_t serial_length;
    uint16_t zero;
};

struct status_record {
    struct status_record_head head;
    uint64_t offset;
    struct bytes serial, algorithm, signature, body; /* views */
};

/* A table in memory.  start is aligned to 8 bytes. */
struct status_image {
    const uint8_t *start;
    uint64_t size, seed, slot_count;
    uint64_t first_record; /* offset */
};

/* Where records begin after an index of so many slots. */
uint64_t status_first_record(uint64_t slot_count);

uint64_t status_sum(uint64_t seed, uint64_t offset, struct bytes bytes);
/* Of the head, as it is to be kept in it. */
uint64_t status_head_sum(const struct status_file_head *head);

/* FAILURE_MALFORMED: these bytes are no table. */
MUST_CHECK bool status_image_read(
    struct bytes file, struct status_image *image, struct failure *why);

/* Maps a regular file of a table; to be unmapped with status_image_unmap. */
MUST_CHECK bool status_image_map(int descriptor, bool is_writable,
    struct status_image *image, struct failure *why);
void status_image_unmap(struct status_image *image);

bool status_image_is_replaced(const struct status_image *image);

/* Does it tell of certificates of the issuer that the id names? */
bool status_image_is_about(
    const struct status_image *image, const struct ocsp_question_id *id);

/* The record at an offset, all of it checked. */
MUST_CHECK bool status_image_record(const struct status_image *image,
    uint64_t offset, struct status_record *record, struct failure *why);

struct status_place {
    uint64_t slot; /* where the key stands, or would */
    uint64_t hash;
};

/* *found is false when there is none; *place is then a free one. */
MUST_CHECK bool status_image_find(const struct status_image *image,
    enum status_record_kind kind, struct bytes serial,
    struct status_place *place, struct status_record *record, bool *found,
    struct failure *why);

/* Of a key, and the first free slot for it, whatever the others hold. */
uint64_t status_image_hash(const struct status_image *image,
    enum status_record_kind kind, struct bytes serial);
uint64_t status_image_free_slot(
    const struct status_image *image, uint64_t hash);

/* The word of a slot, and what it is made of. */
uint64_t status_image_slot(const struct status_image *image, uint64_t slot);
uint64_t status_slot_word(uint64_t hash, uint64_t offset);
uint64_t status_slot_offset(uint64_t word);

#endif
