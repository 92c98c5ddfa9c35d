#ifndef CHANCERY_VERIFY_H
#define CHANCERY_VERIFY_H

#include <chancery/library.h>

/*
 * Is a certificate, or what was signed with one, good; and if not, exactly why
 * not and what to do.  The answer is that of `chancery verify`, from the same
 * functions: chancery-verify(1) and docs/verdicts.md describe codes and rules.
 *
 *     struct chancery_question *question = chancery_question_new();
 *     struct chancery_answer *answer = NULL;
 *
 *     if (question != NULL &&
 *         chancery_question_add_roots(question, roots, roots_length,
 *             "roots.pem") == CHANCERY_DONE &&
 *         chancery_question_add_name(question, "www.example.org") ==
 *             CHANCERY_DONE &&
 *         chancery_question_ask(question, file, file_length, "www.pem",
 *             &answer) == CHANCERY_DONE)
 *         puts(chancery_answer_sentence(answer));
 *     chancery_answer_free(answer);
 *     chancery_question_free(question);
 *
 * Nothing is fetched, and nobody is trusted but who was added.
 */

#ifdef __cplusplus
extern "C" {
#endif

struct chancery_question;
struct chancery_answer;

/* --- the question --------------------------------------------------------- */

/* One that trusts nobody, and asks about now, for any purpose, without names
 * and revocation.  NULL: no memory. */
CHANCERY_API struct chancery_question *chancery_question_new(void);
CHANCERY_API void chancery_question_free(struct chancery_question *question);

/* Why the last of the functions below that failed did: one sentence that names
 * the thing and the rule; "" where none did. */
CHANCERY_API const char *chancery_question_reason(
    const struct chancery_question *question);

/*
 * Files, in any encoding: PEM of one or many blocks with whatever is around
 * them, DER, base64, PKCS#7.  name is what the file is called in sentences, as
 * its path; NULL: "the file".  More than CHANCERY_FILE_MAX bytes, or more than
 * CHANCERY_FILES_MAX files, are CHANCERY_UNSUITABLE.
 *
 * Roots are trusted, untrusted ones may stand between; of both, one that can't
 * be read is passed over, and a file with none that can is CHANCERY_MALFORMED;
 * where it would have been an issuer, the answer tells of it.
 * Distrusted ones are refused wherever they stand.
 */
#define CHANCERY_FILE_MAX (64 * 1024 * 1024)
#define CHANCERY_FILES_MAX 10000
/* Names, usages and policies of one question, each. */
#define CHANCERY_WORDS_MAX 1000
CHANCERY_API enum chancery_result chancery_question_add_roots(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name);
CHANCERY_API enum chancery_result chancery_question_add_untrusted(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name);
CHANCERY_API enum chancery_result chancery_question_add_distrusted(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name);

/* Revocation lists of a file; an OCSP answer.  A damaged one is no failure: it
 * is told of in the answer where it would have mattered. */
CHANCERY_API enum chancery_result chancery_question_add_lists(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name);
CHANCERY_API enum chancery_result chancery_question_add_ocsp(
    struct chancery_question *question, const void *bytes, size_t length,
    const char *name);

/* When it must be good, in seconds since 1970; otherwise now, whenever it is
 * asked. */
CHANCERY_API void chancery_question_set_time(
    struct chancery_question *question, int64_t seconds);

/* Whom it must name, besides those added before: a host, an address, a mailbox
 * ("@") or a URI ("://"); "dns:", "ip:", "email:" and "uri:" in front say it
 * outright. */
CHANCERY_API enum chancery_result chancery_question_add_name(
    struct chancery_question *question, const char *name);

/* Words of chancery-verify(1): "server", "client", "email", "code-signing",
 * "time-stamping", "ocsp", "any"; "rfc5280", "webpki"; "off", "soft", "hard".
 * Without a word for revocation it is soft where lists or answers were added,
 * and off where not. */
CHANCERY_API enum chancery_result chancery_question_set_purpose(
    struct chancery_question *question, const char *purpose);
CHANCERY_API enum chancery_result chancery_question_set_profile(
    struct chancery_question *question, const char *profile);
CHANCERY_API enum chancery_result chancery_question_set_revocation(
    struct chancery_question *question, const char *revocation);

/* Further uses that it must allow: "serverAuth" or "1.3.6.1.5.5.7.3.1"; and
 * "digitalSignature" and its siblings of RFC 5280, 4.2.1.3. */
CHANCERY_API enum chancery_result chancery_question_add_extended_key_usage(
    struct chancery_question *question, const char *usage);
CHANCERY_API enum chancery_result chancery_question_add_key_usage(
    struct chancery_question *question, const char *usage);

/* The most certificates between it and a root. */
CHANCERY_API void chancery_question_set_max_depth(
    struct chancery_question *question, uint32_t intermediates);

/* Certificate policies (RFC 5280, 6.1.1): an object identifier that is wanted,
 * otherwise any; and the three switches, all off at first. */
CHANCERY_API enum chancery_result chancery_question_add_policy(
    struct chancery_question *question, const char *policy);
CHANCERY_API void chancery_question_set_policy_switches(
    struct chancery_question *question, bool requires_explicit,
    bool inhibits_mapping, bool inhibits_any);

/* What a detached signature or a time-stamp is of: at most CHANCERY_CONTENT_MAX
 * bytes. */
#define CHANCERY_CONTENT_MAX (1024L * 1024 * 1024)
CHANCERY_API enum chancery_result chancery_question_set_content(
    struct chancery_question *question, const void *bytes, size_t length);

/* --- the answer ----------------------------------------------------------- */

/*
 * Asks about a file: its certificate, of a chain the one that issued none of
 * the others, and the rest of it helps; or, where it is signed rather than a
 * certificate, its signers (docs/signed-files.md).  A question may be asked of
 * any number of files.
 *
 * *answer is made whenever there is memory, also where the result is not
 * CHANCERY_DONE; then it is not valid, and its sentence says why.  A file that
 * holds no certificate is an answer like others: CHANCERY_DONE, and the code
 * "malformed".
 */
CHANCERY_API enum chancery_result chancery_question_ask(
    const struct chancery_question *question, const void *bytes, size_t length,
    const char *name, struct chancery_answer **answer);
CHANCERY_API void chancery_answer_free(struct chancery_answer *answer);

CHANCERY_API bool chancery_answer_is_valid(
    const struct chancery_answer *answer);
/* "ok", "expired": for programs; new ones may come, none is renamed.  "" where
 * the question was not decided. */
CHANCERY_API const char *chancery_answer_code(
    const struct chancery_answer *answer);
/* For people: the certificate, the rule and what was found; and what to do
 * about it, "" where there is nothing.  What came from outside was made
 * visible, but not a backslash. */
CHANCERY_API const char *chancery_answer_sentence(
    const struct chancery_answer *answer);
CHANCERY_API const char *chancery_answer_remedy(
    const struct chancery_answer *answer);
/* All of it, every rule of every path: the line that `chancery verify --json`
 * prints, its newline included.  "" where the question was not decided. */
CHANCERY_API const char *chancery_answer_json(
    const struct chancery_answer *answer);

#ifdef __cplusplus
}
#endif

#endif
