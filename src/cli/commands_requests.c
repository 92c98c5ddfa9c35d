#include "cli/command_options.h"

static const struct command_option list_options[] = {
    {.name = "state",
        .argument = "STATE",
        .values = "waiting issued denied failed withdrawn",
        .help = "those in this state alone"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option show_options[] = {
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option approve_options[] = {
    OPTION_PASSPHRASE_FILE("the passphrase of the authority's key"),
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option ending_options[] = {
    OPTION_REASON_WORDS("why, in words: who asked will read them"),
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

#define OPTION_KEY_PASSPHRASE_FILE                                          \
    {                                                                       \
        .name = "key-passphrase-file", .argument = "FILE",                  \
        .help = "the passphrase of the requester's key, if it is encrypted" \
    }

static const struct command_option fetch_options[] = {
    {.name = "key",
        .argument = "FILE",
        .help = "the key of the request: it proves whose it is"},
    OPTION_KEY_PASSPHRASE_FILE,
    {.name = "chain",
        .help = "write the issuing authorities' certificates after it"},
    OPTION_OUT,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option renew_options[] = {
    {.name = "all-due",
        .help = "renew every certificate of the folder FILE (otherwise this "
                "one) that is in the last third of its life"},
    {.name = "key",
        .argument = "FILE",
        .help = "the old certificate's key; otherwise in FILE or beside it, "
                "as .key"},
    {.name = "reuse-key", .help = "keep the old key in place of a new one"},
    {.name = "csr",
        .argument = "FILE",
        .help = "a request that brings the new key; its names count nothing"},
    {.name = "key-out",
        .argument = "FILE",
        .help = "where the new key is written, with --out"},
    OPTION_KEY_PASSPHRASE_FILE,
    {.name = "out",
        .argument = "FILE",
        .help = "write the certificate to FILE; otherwise it takes the old "
                "one's place, which is kept as .old"},
    OPTION_FORCE,
    OPTION_PASSPHRASE_FILE("the passphrase of the authority's key"),
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option pause_options[] = {
    {.name = "profile",
        .argument = "PROFILE",
        .help = "the profile that is meant"},
    {.name = "all", .help = "every profile"},
    OPTION_REASON_WORDS("why, in words: refusals will tell them"),
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_requests[] = {
    {.words = "requests list",
        .summary = "list requests that wait, and decided ones",
        .synopsis = "[--state STATE] [--json]",
        .options = list_options,
        .text = "A profile with `approvals: 1` or `2` issues after that many "
                "people approved. Requests are kept for years.",
        .example = "chancery requests list --state waiting",
        .run = run_requests_list},
    {.words = "requests show",
        .summary = "show one request",
        .synopsis = "ID [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = show_options,
        .text = "Who asked, for what, under which version of the profile, who "
                "approved, and what became of it.",
        .example = "chancery requests show 7kq2m5xw3hb6n4tzc8yfjv9dpa",
        .exits = {{6, "there is no such request"}},
        .run = run_requests_show},
    {.words = "requests approve",
        .summary = "approve a request; with the last approval it is issued",
        .synopsis = "ID [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = approve_options,
        .text = "Where two people are needed, they are two: the same person "
                "is not counted twice, and who asked is neither. It is issued "
                "under the version of the profile it was asked under, even "
                "when the profile has changed since.",
        .example = "chancery requests approve 7kq2m5xw3hb6n4tzc8yfjv9dpa",
        .exits = {{5, "a rule refuses what was approved"},
            {6, "there is no such request"},
            {7, "decided already, or the same person twice"}},
        .run = run_requests_approve},
    {.words = "requests deny",
        .summary = "deny a request, with words",
        .synopsis = "ID --reason TEXT [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = ending_options,
        .text = "The request stays on record with the words.",
        .example = "chancery requests deny 7kq2m5xw3hb6n4tzc8yfjv9dpa "
                   "--reason \"that host is not ours\"",
        .exits = {{6, "there is no such request"}, {7, "decided already"}},
        .run = run_requests_deny},
    {.words = "requests withdraw",
        .summary = "take back a request of one's own",
        .synopsis = "ID [--reason TEXT] [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = ending_options,
        .text = "By who asked, or an administrator.",
        .example = "chancery requests withdraw 7kq2m5xw3hb6n4tzc8yfjv9dpa",
        .exits = {{4, "somebody else asked for it"}, {7, "decided already"}},
        .run = run_requests_withdraw},
    {.words = "requests fetch",
        .summary = "fetch the certificate of a request, with its key",
        .synopsis = "ID --key FILE [--out FILE] [--chain] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = fetch_options,
        .text = "Needs no role: the key of the request proves whose it is. "
                "Requests are found for years.",
        .example = "chancery requests fetch 7kq2m5xw3hb6n4tzc8yfjv9dpa "
                   "--key www.key --out www.crt",
        .exits = {{4, "that is not the key of the request"},
            {5, "it was denied, withdrawn or refused"},
            {6, "there is no such request"}, {8, "it still waits for people"}},
        .run = run_requests_fetch},
    {.words = "renew",
        .summary = "renew a certificate, or all that are due",
        .synopsis = "FILE [--key FILE] [--reuse-key | --csr FILE] [--key-out "
                    "FILE] [--out FILE] | --all-due [FOLDER]",
        .operands_least = 0,
        .operands_most = 1,
        .options = renew_options,
        .text = "FILE is the old certificate in any encoding, or a PKCS#7 "
                "around a request, signed with the old key. Profile, names "
                "and lifetime are those of the old certificate, as far as the "
                "profile gives them today; the key is a new one. The old key "
                "proves who asks; without it a role is needed. What is "
                "revoked or held, or ended more than 30 days ago, is not "
                "renewed.\n\n"
                "Without --out the new certificate and key take the place of "
                "the old ones, key first, and the old ones are kept as .old. "
                "An interrupted renewal is finished by the next one.",
        .example = "chancery renew www.crt\n"
                   "chancery renew --all-due /etc/ssl/own",
        .exits = {{4, "neither the old key nor a role"},
            {5, "a rule refuses it: revoked, too old, not allowed any more"},
            {6, "no certificate of this authority"},
            {8, "the profile is paused, or the authority is locked"}},
        .run = run_renew},
    {.words = "pause",
        .summary = "stop the issuance of a profile, or of all",
        .synopsis = "--profile PROFILE | --all [--reason TEXT] [--dry-run]",
        .options = pause_options,
        .text = "Takes effect at once, and lasts over restarts until "
                "`chancery resume`. Requests are neither taken nor "
                "approved meanwhile, and those that wait go on waiting; "
                "revocation goes on.",
        .example = "chancery pause --profile server --reason \"keys of build "
                   "host lost\"",
        .run = run_pause},
    {.words = "resume",
        .summary = "end a pause",
        .synopsis = "--profile PROFILE | --all [--dry-run]",
        .options = pause_options,
        .text = "--all ends what `pause --all` began; a profile that was "
                "paused by its own name stays so.",
        .example = "chancery resume --profile server",
        .run = run_resume},
    {.words = NULL},
};
