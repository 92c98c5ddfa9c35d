#ifndef CLI_PEOPLE_H
#define CLI_PEOPLE_H

#include "base/message.h"
#include "cli/call.h"
#include "crypto/digest.h"
#include "server/client.h"
#include "server/place.h"

/* What the commands about people, tokens and accounts share. */

/* 256 random bits in the letters of a URL, after a prefix of at most 4; what is
 * stored of them.  The text is the caller's to wipe. */
#define SECRET_TEXT_ROOM 48
MUST_CHECK bool new_secret(const char *prefix,
    char text[static SECRET_TEXT_ROOM], char sha256[static SHA256_TEXT],
    struct failure *why);

/* 144 random bits, to be typed. */
#define PASSWORD_TEXT_ROOM 25
MUST_CHECK bool new_password(struct secret *password, struct failure *why);

/* The way to the authority without any passphrase: --passphrase-file of these
 * commands is of what they make. */
MUST_CHECK bool open_client(
    const struct place *place, struct client **client, struct failure *why);

/* CONTROL_NAME of the operand, CONTROL_DRY, and with rights --profiles and
 * --names, which may be repeated and have commas in them. */
MUST_CHECK bool add_name_and_dry(
    struct call *call, struct buffer *message, struct failure *why);
MUST_CHECK bool add_rights(
    struct call *call, struct buffer *message, struct failure *why);

/* For people: what a list that was left out means, and which of the profiles
 * take no such asker ("account", "token") yet. */
void note_rights(
    const struct call *call, const json_t *facts, const char *asker);

/* DIR of the call, and its clerk's answer. */
MUST_CHECK bool ask_about_people(struct call *call, uint16_t verb,
    struct bytes message, json_t **facts, struct failure *why);

/* `admin revoke`, `token revoke` and `account revoke`. */
MUST_CHECK bool end_by_name(
    struct call *call, uint16_t verb, struct failure *why);

/* --- words --------------------------------------------------------------- */

/* A list with spaces between as an array. */
json_t *words_to_json(const char *words);
/* "none" in place of an empty list, which allows nothing (incident 18). */
const char *words_or_none(const char *words);
/* A secret that is shown this once: on standard output. */
MUST_CHECK bool show_once(
    const char *what, const char *secret, struct failure *why);

#endif
