#include "cli/commands.h"

#include <string.h>

#include "cli/command_options.h"

#define KEY_KINDS                                                     \
    "p256 p384 p521 rsa2048 rsa3072 rsa4096 ed25519 mldsa44 mldsa65 " \
    "mldsa87"

static const struct command_option init_options[] = {
    {.name = "name",
        .argument = "NAME",
        .help = "the name of the authority, in any script; the root becomes "
                "\"NAME Root\" (default: Chancery)"},
    {.name = "url",
        .argument = "URL",
        .help = "where what is published can be fetched, as "
                "http://pki.example.org; it is written into certificates"},
    {.name = "key",
        .argument = "KIND",
        .values = KEY_KINDS,
        .help = "the kind of the authorities' keys (default: p256)"},
    {.name = "use-key",
        .argument = "SHA256",
        .help = "use the key in DIR/keys whose public key has this SHA-256 "
                "for the authority that issues"},
    {.name = "list-keys",
        .help = "list the keys in DIR/keys, with whether they are usable, "
                "and make nothing"},
    {.name = "one-tier",
        .help = "one authority alone, in place of a root and an issuing "
                "authority below it"},
    {.name = "subordinate",
        .help = "no root: make the key, and a request that another authority "
                "certifies; `ca install` puts the answer in"},
    {.name = "out",
        .argument = "FILE",
        .help = "with --subordinate: where the request goes"},
    {.name = "root-out",
        .argument = "NEWDIR",
        .help = "put the root's key and its passphrase into a new folder, to "
                "be taken away"},
    {.name = "crl-shards",
        .argument = "N",
        .help = "over how many revocation lists the certificates are spread "
                "(default: 1); more than one need --url; can't be changed "
                "later"},
    {.name = "config",
        .argument = "FILE",
        .help = "settings to begin with; the same FILE a second time changes "
                "nothing"},
    OPTION_PASSPHRASE_FILE(
        "protect the issuing key with the passphrase in FILE (\"-\": standard "
        "input), in place of a random one in DIR/keys/unlock"),
    {.name = "root-passphrase-file",
        .argument = "FILE",
        .alias = "root-password-file",
        .help = "protect the root's key with the passphrase in FILE"},
    {.name = "admin",
        .argument = "NAME",
        .help = "the first administrator beside root and DIR's owner, known by "
                "--admin-p12 or --admin-link"},
    {.name = "admin-p12",
        .argument = "FILE",
        .help = "make a key and certificate for them, in a file that browsers "
                "import; its password is shown once"},
    {.name = "admin-link",
        .help = "make a link for them that is good for one use, within 24 "
                "hours; the page that takes it is not there yet"},
    {.name = "yes", .help = "ask nothing"},
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option issue_options[] = {
    {.name = "profile",
        .argument = "PROFILE",
        .values = "server client",
        .help = "what the certificate is for; `chancery config show` lists "
                "the profiles"},
    {.name = "csr",
        .argument = "FILE",
        .help = "the request, PEM or DER; \"-\" is standard input"},
    {.name = "key-out",
        .argument = "FILE",
        .help = "make a new key for the requester and write it there (PKCS#8, "
                "0600), never to standard output"},
    {.name = "key",
        .argument = "KIND",
        .values = KEY_KINDS,
        .help = "the kind of that key (default: p256)"},
    {.name = "key-passphrase-file",
        .argument = "FILE",
        .alias = "key-password-file",
        .help = "encrypt that key with the passphrase in FILE"},
    {.name = "san",
        .argument = "NAME",
        .repeats = true,
        .help = "a name in place of those of the request: dns:N, ip:A, "
                "email:E, uri:U, or a bare name, address or mailbox; may be "
                "repeated"},
    {.name = "subject",
        .argument = "DN",
        .help = "the subject in place of the request's: CN=a,O=b or /O=b/CN=a"},
    {.name = "lifetime",
        .argument = "L",
        .help = "how long it is valid: 90d, 24h, 1y (default: the profile's)"},
    {.name = "not-after",
        .argument = "T",
        .help = "until when it is valid: 2027-01-31T12:00:00Z, seconds since "
                "1970, or a lifetime"},
    OPTION_OUT,
    {.name = "chain",
        .help = "append the issuers' certificates, without the root"},
    {.name = "der", .help = "write DER in place of PEM"},
    OPTION_CA,
    {.name = "idempotency-key",
        .argument = "K",
        .help = "a name for this request: asked again with the same K, the "
                "same certificate comes back"},
    OPTION_PASSPHRASE_FILE("unlock the keys of the authority for this command"),
    OPTION_PASSPHRASE_FD,
    OPTION_FORCE,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_ROOT_PASSPHRASE_FILE,
    OPTION_ROOT_DIR,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option list_options[] = {
    {.name = "status",
        .argument = "S",
        .values = "valid revoked expired held all",
        .help = "valid, revoked, expired, held or all (default)"},
    {.name = "search",
        .argument = "TEXT",
        .help = "only those with TEXT in subject, names or serial number, in "
                "any case; at once where a common name, a name of the "
                "certificate or one of their words, the serial number or the "
                "SHA-256 begins with it"},
    {.name = "expiring",
        .argument = "L",
        .help = "only valid ones that end within L: 30d, 24h"},
    {.name = "limit", .argument = "N", .help = "at most N of them"},
    {.name = "after",
        .argument = "SERIAL",
        .help = "only those that are listed behind this one: the next page"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option show_options[] = {
    {.name = "history", .help = "tell what the journal knows of it instead"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option facts_options[] = {
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option profiles_lint_options[] = {
    {.name = "config",
        .argument = "FILE",
        .help = "look at FILE in place of the settings in force"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option lint_options[] = {
    {.name = "issuer",
        .argument = "FILE",
        .help = "the certificate of who issued it"},
    {.name = "scope",
        .argument = "SCOPE",
        .values = "rfc5280 br own",
        .repeats = true,
        .help = "only the rules of the RFCs (rfc5280), of the CA/Browser "
                "Forum (br) or of ours (own); otherwise all"},
    OPTION_JSON,
    OPTIONS_END,
};

static const struct command_option keys_options[] = {
    OPTION_PASSPHRASE_FILE("a passphrase to try before DIR/keys/unlock"),
    OPTION_PASSPHRASE_FD,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option passphrase_options[] = {
    OPTION_CA,
    OPTION_PASSPHRASE_FILE("the present passphrase, where no file in DIR "
                           "holds it"),
    OPTION_PASSPHRASE_FD,
    {.name = "new-passphrase-file",
        .argument = "FILE",
        .alias = "new-password-file",
        .help = "the new passphrase"},
    {.name = "random",
        .help = "make a random one, kept in DIR/keys/unlock: the keys then "
                "open by themselves"},
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option ca_list_options[] = {
    {.name = "ca",
        .argument = "NAME",
        .values = "issuing root",
        .help = "this one alone"},
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option ca_show_options[] = {
    OPTION_CA,
    {.name = "der", .help = "DER in place of PEM"},
    OPTION_OUT,
    OPTION_FORCE,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option unlock_options[] = {
    OPTION_PASSPHRASE_FILE("the passphrase of the keys"),
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option lock_options[] = {
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option version_options[] = {
    OPTION_JSON,
    OPTIONS_END,
};

const struct command commands[] = {
    {.words = "init",
        .summary = "set up an authority",
        .synopsis = "[--name NAME] [--url URL] [--key KIND] [--use-key SHA256 "
                    "| --list-keys] [--one-tier] [--root-out NEWDIR] "
                    "[--config FILE] [--admin NAME (--admin-p12 FILE | "
                    "--admin-link)]",
        .options = init_options,
        .text = "Makes a root and an issuing authority below it in DIR. On a "
                "terminal it asks for what was not given, shows what will be "
                "made, and asks before it does anything; without a terminal "
                "it never asks.\n\n"
                "Without a passphrase file, random passphrases are made: "
                "DIR/keys/unlock opens the issuing key, "
                "DIR/keys/unlock-root the root's. They protect keys that are "
                "copied without them, as in a backup of single files, but not "
                "against somebody who can read all of DIR. Take the root away "
                "with --root-out.\n\n"
                "An init that fails leaves the disk as it was.",
        .example = "chancery init --name \"Example\" --url "
                   "http://pki.example.org\n"
                   "chancery init --config chancery.yaml --root-out "
                   "/media/usb/root",
        .exits = {{1, "the preview was declined; nothing was done"},
            {2, "a kind of key that is not offered, among others"},
            {7, "DIR is in use, or was set up with other settings"}},
        .run = run_init},
    {.words = "issue",
        .summary = "issue a certificate",
        .synopsis = "--profile PROFILE (--csr FILE | --key-out FILE [--key "
                    "KIND]) [--san NAME]... [--subject DN] [--lifetime L] "
                    "[--out FILE] [--chain]",
        .options = issue_options,
        .text = "Certifies a request that another program made, or makes a key "
                "for the requester as well. The certificate is PEM on standard "
                "output, or in --out FILE. How --san and --subject were "
                "understood is told on standard error.\n\n"
                "Names that the profile does not take are refused, never left "
                "out. A private key is written before its certificate, and "
                "neither is written when the authority refuses.",
        .example = "chancery issue --profile server --csr www.csr --out "
                   "www.pem --chain\n"
                   "chancery issue --profile server --san www.example.org "
                   "--key-out www.key --out www.pem",
        .exits = {{3, "the request or a name can't be read"},
            {5, "the profile does not allow it"},
            {6, "no such profile, authority or file"},
            {7, "an output file is there already"}, {8, "the keys are locked"}},
        .run = run_issue},
    {.words = "list",
        .summary = "list the certificates that were issued",
        .synopsis = "[--status S] [--search TEXT] [--expiring L] [--limit N] "
                    "[--after SERIAL]",
        .options = list_options,
        .text = "One line each, in the order they were issued; with --search, "
                "those where something begins with TEXT come first and at "
                "once, and all others are read for the rest: --limit saves "
                "that. With --json, an array of objects.",
        .example = "chancery list --expiring 30d\n"
                   "chancery list --search www.example.org --json",
        .run = run_list},
    {.words = "show",
        .summary = "show one certificate",
        .synopsis = "SERIAL [--history] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = show_options,
        .text = "SERIAL is hexadecimal, with or without colons or 0x, in any "
                "case; never decimal. The certificate follows its facts as "
                "PEM. --history tells who asked for it, by which door, under "
                "which version of the profile, who approved it, what lint "
                "said, where it stands in the sign log, and what became of "
                "it.",
        .example = "chancery show 3f:09:a2:7c:51:0b:8e:d4:66:12:90:ab:cd:ef:"
                   "01:23:45",
        .exits = {{3, "SERIAL is no hexadecimal number"},
            {6, "no certificate has it"}},
        .run = run_show},
    {.words = "keys list",
        .summary = "list every key, and whether it is usable",
        .synopsis = "[--json]",
        .options = keys_options,
        .text = "A key is usable when it signed something in this call and the "
                "signature was verified with its certificate's key. What can't "
                "be opened is listed with the reason.",
        .example = "chancery keys list",
        .run = run_keys_list},
    {.words = "keys prove",
        .summary = "prove that keys are usable",
        .synopsis = "[SHA256]",
        .operands_most = 1,
        .options = keys_options,
        .text = "Signs with every key, or with the one whose public key has "
                "this SHA-256, and verifies.",
        .example = "chancery keys prove && echo all usable",
        .exits = {{0, "all of them are usable"}, {1, "one is not"},
            {6, "there is no such key"}},
        .run = run_keys_prove},
    {.words = "keys passphrase",
        .summary = "change what protects a key",
        .synopsis = "[--ca NAME] [--passphrase-file FILE] "
                    "[--new-passphrase-file FILE | --random]",
        .options = passphrase_options,
        .text = "Encrypts the key of an authority anew. The new file is read "
                "back and proved before it takes the place of the old one. On "
                "a terminal, the new passphrase is asked for twice.",
        .example = "chancery keys passphrase --new-passphrase-file "
                   "/root/passphrase",
        .exits = {{4, "the present passphrase does not open the key"},
            {8, "the present passphrase was not given"}},
        .run = run_keys_passphrase},
    {.words = "ca list",
        .summary = "list the authorities",
        .synopsis = "[--ca NAME] [--json]",
        .options = ca_list_options,
        .text = "Each with its subject, the SHA-256 of its certificate, the "
                "kind of its key, whether it issues, and when it ends.",
        .example = "chancery ca list",
        .run = run_ca_list},
    {.words = "ca show",
        .summary = "print the certificate of an authority",
        .synopsis = "[--ca NAME] [--der] [--out FILE]",
        .options = ca_show_options,
        .text = "PEM on standard output, or in FILE. Without --ca, the "
                "authority that issues.",
        .example = "chancery ca show --ca root --out root.pem",
        .exits = {{6, "no authority has this name"},
            {7, "several issue: name one; or the file is there already"}},
        .run = run_ca_show},
    {.words = "unlock",
        .summary = "open the keys, until lock",
        .synopsis = "[--passphrase-file FILE]",
        .options = unlock_options,
        .text = "Where DIR/keys/unlock opens the keys, this takes back an "
                "earlier `chancery lock`. Otherwise it asks for the passphrase "
                "and leaves a process behind that holds the keys open until "
                "`chancery lock`.",
        .example = "chancery unlock\n"
                   "chancery unlock --passphrase-file /run/passphrase",
        .exits = {{4, "the passphrase does not open the keys"},
            {8, "no passphrase was given, and there is no terminal"}},
        .run = run_unlock},
    {.words = "lock",
        .summary = "close the keys, until unlock",
        .synopsis = "",
        .options = lock_options,
        .text = "Nothing is issued until `chancery unlock`. DIR/keys/unlock, "
                "where there is one, is not used until then; it stays where it "
                "is, so this is a switch and no protection from somebody who "
                "can read it.",
        .example = "chancery lock",
        .run = run_lock},
    {.words = "status",
        .summary = "tell how the authority is",
        .synopsis = "[--json]",
        .options = facts_options,
        .text = "Its keys, authorities and how many certificates it has; a "
                "locked authority answers too.",
        .example = "chancery status",
        .run = run_status},
    {.words = "profiles list",
        .summary = "list what may be issued",
        .synopsis = "[--json]",
        .options = facts_options,
        .text = "Each profile of chancery.yaml with what it is for, how long "
                "its certificates live, who may ask and how many people "
                "approve.",
        .example = "chancery profiles list",
        .run = run_profiles_list},
    {.words = "profiles show",
        .summary = "print one profile",
        .synopsis = "NAME [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = facts_options,
        .text = "In full, with all that chancery.yaml leaves out, and with the "
                "hash that its version is known by: requests that wait for "
                "people keep the version they were asked under.",
        .example = "chancery profiles show server",
        .exits = {{6, "there is no such profile"}},
        .run = run_profiles_show},
    {.words = "profiles lint",
        .summary = "tell which profiles are dangerous",
        .synopsis = "[--config FILE]",
        .options = profiles_lint_options,
        .text = "Says by rule what in the settings would give somebody more "
                "than they should have: ESC1 to ESC16, the attacks known from "
                "another authority, and others. Such settings are not used.",
        .example = "chancery profiles lint --config new.yaml",
        .exits = {{0, "nothing was found"}, {1, "hints alone"},
            {3, "the file is malformed, or has a switch that does not exist"},
            {5, "the settings are not used as they are"}},
        .run = run_profiles_lint},
    {.words = "config path",
        .summary = "print the path of the settings",
        .synopsis = "",
        .options = facts_options,
        .text = "The file in force; a person's to edit.",
        .example = "$EDITOR \"$(chancery config path)\"",
        .run = run_config_path},
    {.words = "config check",
        .summary = "check a file of settings",
        .synopsis = "[FILE]",
        .operands_most = 1,
        .options = facts_options,
        .text = "Reads FILE, or the settings in force, and says what is wrong "
                "with line and column, and whether its profiles would be used.",
        .example = "chancery config check new.yaml",
        .exits = {{0, "the file is right"}, {3, "it is not"},
            {5, "its profiles are dangerous: `profiles lint` tells all"}},
        .run = run_config_check},
    {.words = "config show",
        .summary = "print the settings",
        .synopsis = "[--json]",
        .options = facts_options,
        .text = "As they stand in the file; with --json, as they were "
                "understood.",
        .example = "chancery config show",
        .run = run_config_show},
    {.words = "lint",
        .summary = "judge any certificate, request or revocation list",
        .synopsis = "FILE [--issuer FILE] [--scope SCOPE]...",
        .operands_least = 1,
        .operands_most = 1,
        .options = lint_options,
        .text = "FILE is in any encoding; - is standard input. Tells each rule "
                "that it breaks, where the rule is written, and how. A rule "
                "that needs the issuer is passed over where nobody says who "
                "it is. docs/lint.md lists the rules.",
        .example = "chancery lint server.pem --issuer issuing.crt\n"
                   "chancery lint request.csr --scope rfc5280 --json",
        .exits = {{0, "it keeps every rule"}, {1, "it breaks some"},
            {3, "the file holds nothing that can be judged"}},
        .run = run_lint},
    {.words = "version",
        .summary = "print the versions of the program and its libraries",
        .synopsis = "[--json]",
        .options = version_options,
        .text = "Also lists the kinds of keys on offer: those that signed and "
                "verified in this call.",
        .example = "chancery version",
        .run = run_version},
    {.words = NULL},
};

/* --- all tables ---------------------------------------------------------- */

/* In the order of help and manual. */
static const struct command *const tables[] = {commands, commands_requests,
    commands_revocation, commands_authorities, commands_people,
    commands_journal, commands_view, commands_verify, commands_serve};

#define TABLES (sizeof(tables) / sizeof(*tables))

/* The first command of this table or of one behind it. */
static const struct command *first_from(size_t table)
{
    while (table < TABLES && tables[table]->words == NULL)
        table++;
    return table < TABLES ? tables[table] : NULL;
}

const struct command *command_first(void)
{
    return first_from(0);
}

static const struct command *last_of(const struct command *table)
{
    while (table->words != NULL && table[1].words != NULL)
        table++;
    return table;
}

const struct command *command_after(const struct command *row)
{
    if (row[1].words != NULL)
        return row + 1;
    for (size_t i = 0; i < TABLES; i++) {
        if (last_of(tables[i]) == row)
            return first_from(i + 1);
    }
    return NULL;
}

const struct command *command_named(
    const char *first, const char *second, int *used)
{
    size_t length = strlen(first);

    for (EACH_COMMAND(row)) {
        const char *rest = row->words + length;

        if (strncmp(row->words, first, length) != 0)
            continue;
        if (*rest == 0) {
            *used = 1;
            return row;
        }
        if (*rest == ' ' && second != NULL && strcmp(rest + 1, second) == 0) {
            *used = 2;
            return row;
        }
    }
    return NULL;
}

bool command_is_group(const char *word)
{
    size_t length = strlen(word);

    for (EACH_COMMAND(row)) {
        if (strncmp(row->words, word, length) == 0 && row->words[length] == ' ')
            return true;
    }
    return false;
}

static bool is_named(const char *candidate, const char *name, size_t length)
{
    return candidate != NULL && strlen(candidate) == length &&
           strncmp(candidate, name, length) == 0;
}

const struct command_option *command_option_named(
    const struct command *command, const char *name, size_t length)
{
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        if (is_named(option->name, name, length) ||
            is_named(option->alias, name, length))
            return option;
    }
    return NULL;
}
