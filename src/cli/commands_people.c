#include "cli/command_options.h"

#define ROLES "administrator operator approver auditor"
#define OPTION_ALL                                             \
    {                                                          \
        .name = "all", .help = "those that have ended as well" \
    }
#define OPTION_PROFILES                                                       \
    {                                                                         \
        .name = "profiles", .argument = "PROFILE", .repeats = true,           \
        .help = "a profile it may ask for; may be repeated, or have commas; " \
                "none: it may ask for nothing"                                \
    }
#define OPTION_NAMES                                                       \
    {                                                                      \
        .name = "names", .argument = "PATTERN", .repeats = true,           \
        .help = "names it may ask for: example.org, \"*.example.org\", "   \
                "\"@example.org\", 10.0.0.0/8; may be repeated; none: no " \
                "name"                                                     \
    }

static const struct command_option admin_add_options[] = {
    {.name = "role",
        .argument = "ROLE",
        .values = ROLES,
        .help = "administrator, operator, approver or auditor"},
    {.name = "certificate",
        .argument = "FILE",
        .help = "known by exactly this certificate, in any encoding"},
    {.name = "p12-out",
        .argument = "FILE",
        .help = "make a key and a client certificate for them, in a file that "
                "browsers import (PKCS#12, 0600)"},
    {.name = "link",
        .help = "make a link that is good for one use, within 24 hours; the "
                "page that takes it is not there yet"},
    {.name = "local-user",
        .argument = "USER",
        .help = "a user of this machine, by name or number: for commands while "
                "the authority is unlocked or served"},
    OPTION_PASSPHRASE_FILE(
        "what the .p12 is encrypted with; otherwise a random "
        "password, shown once"),
    OPTION_PASSPHRASE_FD,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option list_options[] = {
    OPTION_ALL,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option revoke_options[] = {
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option token_create_options[] = {
    {.name = "role",
        .argument = "ROLE",
        .values = "operator approver auditor",
        .help = "operator, approver or auditor; never administrator"},
    OPTION_PROFILES,
    OPTION_NAMES,
    {.name = "lifetime",
        .argument = "L",
        .help = "how long it lives: 24h, 30d (default); at most 90d"},
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

static const struct command_option account_add_options[] = {
    OPTION_PASSPHRASE_FILE("the password, of 12 bytes or more; otherwise a "
                           "random one, shown once"),
    OPTION_PASSPHRASE_FD,
    OPTION_PROFILES,
    OPTION_NAMES,
    OPTION_DRY_RUN,
    OPTION_JSON,
    OPTION_DIR,
    OPTIONS_END,
};

const struct command commands_people[] = {
    {.words = "admin list",
        .summary = "list the people who have a role",
        .synopsis = "[--all] [--json]",
        .options = list_options,
        .text = "Each with their role, how they are known, and until when. "
                "root and the owner of DIR administer as well, and always get "
                "back in.",
        .example = "chancery admin list",
        .run = run_admin_list},
    {.words = "admin add",
        .summary = "give a person a role, or another way in",
        .synopsis = "NAME --role ROLE (--certificate FILE | --p12-out FILE "
                    "[--passphrase-file FILE] | --link | --local-user USER)",
        .operands_least = 1,
        .operands_most = 1,
        .options = admin_add_options,
        .text = "An administrator does everything; an operator issues, revokes "
                "and publishes; an approver approves and denies requests; an "
                "auditor reads and changes nothing. A person has one role, "
                "and no certificate or user is two people's.\n\n"
                "Whoever is there already gets another way in under the same "
                "role: that is how an expired certificate is renewed. What a "
                "person is known by is the exact certificate, never a name in "
                "it.\n\n"
                "A password or link is shown once and kept nowhere.",
        .example =
            "chancery admin add alice --role administrator --p12-out "
            "alice.p12\n"
            "chancery admin add bob --role approver --certificate "
            "bob.pem\n"
            "chancery admin add carol --role operator --local-user carol",
        .exits = {{5, "an expired certificate, or a name that can't be one"},
            {7, "the name has another role, or was given before; the "
                "certificate or user is another's; FILE is there already"},
            {8, "--p12-out while the keys are locked"}},
        .run = run_admin_add},
    {.words = "admin revoke",
        .summary = "end a person's role",
        .synopsis = "NAME [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = revoke_options,
        .text = "Takes effect at once, in commands that run already too. The "
                "name is not given again, so that it keeps its meaning in the "
                "journal. The certificate itself stays valid: `chancery "
                "revoke` ends that.",
        .example = "chancery admin revoke bob",
        .exits = {{6, "there is nobody of this name"},
            {7, "the last administrator with a way in"}},
        .run = run_admin_revoke},
    {.words = "token create",
        .summary = "make a token for a program",
        .synopsis = "NAME --role ROLE --profiles PROFILE --names PATTERN "
                    "[--lifetime L]",
        .operands_least = 1,
        .operands_most = 1,
        .options = token_create_options,
        .text = "The token is shown once; its SHA-256 is kept. It may ask for "
                "the profiles and names listed and for nothing else, ends by "
                "itself, and makes no tokens.",
        .example = "chancery token create ci --role operator --profiles server "
                   "--names \"*.ci.example.org\" --lifetime 30d",
        .exits = {{5, "an administrator's, or more than 90 days"},
            {6, "there is no such profile"}, {7, "the name is given, or was"}},
        .run = run_token_create},
    {.words = "token list",
        .summary = "list the tokens",
        .synopsis = "[--all] [--json]",
        .options = list_options,
        .text =
            "Each with its role, what it may ask for, and until when; never "
            "the token itself.",
        .example = "chancery token list",
        .run = run_token_list},
    {.words = "token revoke",
        .summary = "end a token",
        .synopsis = "NAME [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = revoke_options,
        .text = "Takes effect at once. What was issued by it stays valid.",
        .example = "chancery token revoke ci",
        .exits = {{6, "there is no such token"}},
        .run = run_token_revoke},
    {.words = "account add",
        .summary = "add an account for /certsrv and EST",
        .synopsis = "NAME [--password-file FILE] --profiles PROFILE --names "
                    "PATTERN",
        .operands_least = 1,
        .operands_most = 1,
        .options = account_add_options,
        .text = "A name and a password that may ask for the profiles and names "
                "listed and for nothing else. Kept is an argon2id hash; a "
                "password that is made here is shown once.",
        .example = "chancery account add printer --profiles server --names "
                   "printer.example.org",
        .exits = {{5, "a password of less than 12 bytes"},
            {6, "there is no such profile"}, {7, "the name is given, or was"}},
        .run = run_account_add},
    {.words = "account list",
        .summary = "list the accounts",
        .synopsis = "[--all] [--json]",
        .options = list_options,
        .text = "Each with what it may ask for; never its password.",
        .example = "chancery account list",
        .run = run_account_list},
    {.words = "account revoke",
        .summary = "end an account",
        .synopsis = "NAME [--dry-run] [--json]",
        .operands_least = 1,
        .operands_most = 1,
        .options = revoke_options,
        .text = "Takes effect at once. What was issued to it stays valid.",
        .example = "chancery account revoke printer",
        .exits = {{6, "there is no such account"}},
        .run = run_account_revoke},
    {.words = NULL},
};
