#include "cli/verify_as_question.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "x509/chain/revocation.h"
#include "x509/pem.h"

/* Roots, certificates and lists come from files that are smaller. */
#define PEM_FILE_MAX (256 * 1024 * 1024)
#define FIRST_FILE 3

void as_question_free(struct as_question *question)
{
    for (size_t i = 0; i < question->file_count; i++)
        (void)close(question->files[i]);
    question->file_count = 0;
}

/* --- arguments ------------------------------------------------------------ */

static bool add(
    struct as_question *question, const char *argument, struct failure *why)
{
    if (question->argument_count == AS_ARGUMENTS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the question has more than the %d words that --as passes on",
            AS_ARGUMENTS_MAX);
    question->arguments[question->argument_count++] = argument;
    return true;
}

static bool add_words(
    struct as_question *question, const char *const *words, struct failure *why)
{
    for (; *words != NULL; words++) {
        if (!add(question, *words, why))
            return false;
    }
    return true;
}

__attribute__((format(printf, 4, 5))) static bool add_text(
    struct as_question *question, const char *option, struct failure *why,
    const char *format, ...)
{
    char *text = question->texts[question->text_count];
    va_list values;
    int length;

    if (question->text_count == AS_TEXTS_MAX)
        return fail_because(why, FAILURE_UNSUITABLE,
            "the question has more than the %d values that --as passes on",
            AS_TEXTS_MAX);
    va_start(values, format);
    length = vsnprintf(text, PATH_ROOM, format, values);
    va_end(values);
    if (length < 0 || length >= PATH_ROOM)
        return fail_because(why, FAILURE_UNSUITABLE,
            "a value is longer than the %d bytes that --as passes on",
            PATH_ROOM - 1);
    question->text_count++;
    return add(question, option, why) && add(question, text, why);
}

static void leave_out(struct as_question *question, const char *what)
{
    if (question->not_asked_count < AS_NOT_ASKED_MAX)
        question->not_asked[question->not_asked_count++] = what;
}

static void leave_out_given(struct call *call, struct as_question *question,
    const char *option, const char *what)
{
    if (call_given(call, option))
        leave_out(question, what);
}

/* --- files ---------------------------------------------------------------- */

static bool add_file(struct as_question *question, const char *option,
    const struct buffer *pem, struct failure *why)
{
    int file = memfd_create(option, MFD_CLOEXEC);

    if (file < 0)
        return fail_in_file(why, "making in memory", "a file for --as");
    question->files[question->file_count++] = file;
    return descriptor_write(file, "a file for --as", buffer_view(pem), why) &&
           add_text(question, option, why, "/dev/fd/%zu",
               FIRST_FILE + question->file_count - 1);
}

static bool append_pool(
    struct buffer *pem, const struct chain_pool *pool, struct failure *why)
{
    for (size_t i = 0; i < chain_pool_count(pool); i++) {
        if (!pem_append(pem, "CERTIFICATE",
                chain_pool_at(pool, i)->certificate.whole, why))
            return false;
    }
    return true;
}

static bool add_pool(struct as_question *question, const char *option,
    const struct chain_pool *pool, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the file for --as", PEM_FILE_MAX);

    return append_pool(&pem, pool, why) &&
           add_file(question, option, &pem, why);
}

static bool add_lists(struct as_question *question, const char *option,
    const struct inquiry *inquiry, size_t *count, struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the file for --as", PEM_FILE_MAX);

    *count = 0;
    for (size_t i = 0; i < inquiry->sources.count; i++) {
        const struct status_source *source = inquiry->sources.all[i];

        if (source->kind == STATUS_UNREADABLE && !source->unreadable_is_ocsp)
            leave_out(question, "a list of --crl that can't be read");
        if (source->kind != STATUS_CRL)
            continue;
        if (!pem_append(&pem, "X509 CRL", source->of.crl.whole, why))
            return false;
        *count += 1;
    }
    return *count == 0 || add_file(question, option, &pem, why);
}

/* The certificate first; the others where a program wants one file. */
static bool add_leaf(struct as_question *question, const char *option,
    const struct inquiry *inquiry, const struct chain_pool *others,
    struct failure *why)
{
    RELEASED(buffer) pem = BUFFER("the file for --as", PEM_FILE_MAX);

    return pem_append(&pem, "CERTIFICATE", inquiry->question.leaf, why) &&
           (others == NULL || append_pool(&pem, others, why)) &&
           add_file(question, option, &pem, why);
}

/* --- names and purposes --------------------------------------------------- */

/* Option of each kind, NULL where there is none.  A program takes the last of
 * several for itself, so each option is given once. */
static bool add_names(struct as_question *question,
    const struct inquiry *inquiry, const char *const options[static 4],
    bool takes_one, struct failure *why)
{
    bool is_given[4] = {false};
    bool has_one = false;

    for (size_t i = 0; i < inquiry->question.name_count; i++) {
        const struct reference_name *name = &inquiry->names[i];

        if (options[name->kind] == NULL)
            leave_out(question, "--name of a URI");
        else if (is_given[name->kind] || (takes_one && has_one))
            leave_out(question, "each --name after the first");
        else if (!add_text(question, options[name->kind], why, "%.*s",
                     (int)name->text.length, (const char *)name->text.start))
            return false;
        else
            is_given[name->kind] = has_one = true;
    }
    return true;
}

static bool add_purpose(struct as_question *question, const char *option,
    const char *const words[static CHAIN_PURPOSES], enum chain_purpose purpose,
    struct failure *why)
{
    if (purpose == CHAIN_ANY_PURPOSE)
        return true;
    if (words[purpose] != NULL)
        return add(question, option, why) && add(question, words[purpose], why);
    leave_out(question, "--purpose (it has no such purpose)");
    return true;
}

static void leave_out_in_common(struct call *call, struct as_question *question)
{
    leave_out_given(call, question, "ocsp", "--ocsp");
    leave_out_given(call, question, "distrusted", "--distrusted");
    leave_out_given(
        call, question, "fetch", "what --fetch brought besides certificates");
}

/* --- openssl verify ------------------------------------------------------- */

static bool add_openssl_policies(
    struct call *call, struct as_question *question, struct failure *why)
{
    static const struct {
        const char *ours, *theirs;
    } flags[] = {{"require-explicit-policy", "-explicit_policy"},
        {"inhibit-mapping", "-inhibit_map"},
        {"inhibit-any-policy", "-inhibit_any"}};
    const char *policy = NULL;
    size_t position = 0;

    while (
        (policy = option_next(&call->options, "policy", &position)) != NULL) {
        if (!add(question, "-policy", why) || !add(question, policy, why))
            return false;
    }
    for (size_t i = 0; i < sizeof(flags) / sizeof(*flags); i++) {
        if (call_given(call, flags[i].ours) &&
            !add(question, flags[i].theirs, why))
            return false;
    }
    return !call_given(call, "policy") || add(question, "-policy_check", why);
}

/* -crl_check_all refuses where any list is missing, as hard does.  It has no
 * soft: the nearest is to look for the certificate alone. */
static bool add_openssl_lists(struct as_question *question,
    const struct inquiry *inquiry, struct failure *why)
{
    bool is_hard = inquiry->question.revocation == CHAIN_REVOCATION_HARD;
    size_t count = 0;

    if (inquiry->question.revocation == CHAIN_REVOCATION_OFF)
        return true;
    if (!add_lists(question, "-CRLfile", inquiry, &count, why))
        return false;
    if (!is_hard && count == 0)
        return true;
    if (!is_hard)
        leave_out(question, "--revocation soft (it looks for the certificate "
                            "alone, and refuses where its list is missing)");
    return add(question, is_hard ? "-crl_check_all" : "-crl_check", why) &&
           add(question, "-extended_crl", why);
}

static bool add_openssl_profile(struct as_question *question,
    const struct inquiry *inquiry, struct failure *why)
{
    if (inquiry->question.profile == CHAIN_WEBPKI)
        leave_out(question, "--profile webpki");
    return inquiry->question.profile != CHAIN_RFC5280 ||
           add(question, "-x509_strict", why);
}

bool as_question_of_openssl(struct call *call, const struct inquiry *inquiry,
    struct as_question *question, struct failure *why)
{
    /* Whoever is named with --roots is trusted, self-signed or not. */
    static const char *const leading[] = {"openssl", "verify", "-no-CApath",
        "-no-CAstore", "-partial_chain", NULL};
    static const char *const names[] = {[REFERENCE_DNS] = "-verify_hostname",
        [REFERENCE_IP] = "-verify_ip",
        [REFERENCE_EMAIL] = "-verify_email",
        [REFERENCE_URI] = NULL};
    /* 3.0 has none for code, and ocsphelper checks nothing. */
    static const char *const purposes[CHAIN_PURPOSES] = {
        [CHAIN_SERVER] = "sslserver",
        [CHAIN_CLIENT] = "sslclient",
        [CHAIN_EMAIL] = "smimesign",
        [CHAIN_TIME_STAMPING] = "timestampsign"};
    const struct chain_question *asked = &inquiry->question;

    leave_out_in_common(call, question);
    return add_words(question, leading, why) &&
           add_pool(question, "-CAfile", inquiry->roots, why) &&
           (chain_pool_count(inquiry->untrusted) == 0 ||
               add_pool(question, "-untrusted", inquiry->untrusted, why)) &&
           add_text(question, "-attime", why, "%" PRId64, asked->time) &&
           add_names(question, inquiry, names, false, why) &&
           add_purpose(question, "-purpose", purposes, asked->purpose, why) &&
           (!asked->has_max_depth || add_text(question, "-verify_depth", why,
                                         "%" PRIu32, asked->max_depth)) &&
           add_openssl_policies(call, question, why) &&
           add_openssl_lists(question, inquiry, why) &&
           add_openssl_profile(question, inquiry, why) &&
           add_leaf(question, "--", inquiry, NULL, why);
}

/* --- certtool --verify ---------------------------------------------------- */

bool as_question_of_gnutls(struct call *call, const struct inquiry *inquiry,
    struct as_question *question, struct failure *why)
{
    static const char *const leading[] = {"certtool", "--verify", NULL};
    static const char *const names[] = {[REFERENCE_DNS] = "--verify-hostname",
        [REFERENCE_IP] = "--verify-hostname",
        [REFERENCE_EMAIL] = "--verify-email",
        [REFERENCE_URI] = NULL};
    static const char *const purposes[CHAIN_PURPOSES] = {
        [CHAIN_SERVER] = "1.3.6.1.5.5.7.3.1",
        [CHAIN_CLIENT] = "1.3.6.1.5.5.7.3.2",
        [CHAIN_CODE_SIGNING] = "1.3.6.1.5.5.7.3.3",
        [CHAIN_EMAIL] = "1.3.6.1.5.5.7.3.4",
        [CHAIN_TIME_STAMPING] = "1.3.6.1.5.5.7.3.8",
        [CHAIN_OCSP] = "1.3.6.1.5.5.7.3.9"};
    static const char *const lacking[][2] = {
        {"time", "--time (it judges by the machine's clock)"},
        {"max-depth", "--max-depth"}, {"profile", "--profile"},
        {"policy", "--policy"},
        {"require-explicit-policy", "--require-explicit-policy"},
        {"inhibit-mapping", "--inhibit-mapping"},
        {"inhibit-any-policy", "--inhibit-any-policy"}};
    const struct chain_question *asked = &inquiry->question;
    size_t count = 0;

    for (size_t i = 0; i < sizeof(lacking) / sizeof(*lacking); i++)
        leave_out_given(call, question, lacking[i][0], lacking[i][1]);
    if (asked->revocation == CHAIN_REVOCATION_HARD)
        leave_out(question,
            "--revocation hard (it passes over a list that is missing)");
    leave_out_in_common(call, question);
    return add_words(question, leading, why) &&
           add_pool(question, "--load-ca-certificate", inquiry->roots, why) &&
           add_names(question, inquiry, names, true, why) &&
           add_purpose(
               question, "--verify-purpose", purposes, asked->purpose, why) &&
           (asked->revocation == CHAIN_REVOCATION_OFF ||
               add_lists(question, "--load-crl", inquiry, &count, why)) &&
           add_leaf(question, "--infile", inquiry, inquiry->untrusted, why);
}
