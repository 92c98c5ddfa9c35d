#include "cli/nearest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define WORD_MAX (WORD_ROOM - 1)

struct translation {
    const char *word, *here;
};

/* openssl's commands, step's, cfssl's, easy-rsa's, and the verbs of certutil
 * (of Windows and of NSS); only what is here already is named. */
static const struct translation words[] = {
    {"-backupkey", "chancery keys list"},
    {"-ca.cert", "chancery ca show"},
    {"-cainfo", "chancery status"},
    {"-catemplates", "chancery config show"},
    {"-dump", "chancery show SERIAL"},
    {"-key", "chancery keys list"},
    {"-l", "chancery ca list"},
    {"-ping", "chancery status"},
    {"-setreg", "chancery config path"},
    {"-store", "chancery ca list"},
    {"-submit", "chancery issue --csr FILE"},
    {"-v", "chancery version"},
    {"-view", "chancery list"},
    {"-viewstore", "chancery ca list"},
    {"authority", "chancery ca show"},
    {"build-ca", "chancery init"},
    {"build-client-full", "chancery issue --profile client --key-out FILE"},
    {"build-server-full", "chancery issue --profile server --key-out FILE"},
    {"cacert", "chancery ca show"},
    {"certificate", "chancery issue --csr FILE"},
    {"certs", "chancery list"},
    {"create", "chancery issue --key-out FILE"},
    {"edit", "chancery config path"},
    {"enroll", "chancery issue --csr FILE"},
    {"find", "chancery list --search TEXT"},
    {"fingerprint", "chancery ca list"},
    {"gen-req", "chancery issue --key-out FILE"},
    {"gencert", "chancery issue --csr FILE"},
    {"genkey", "chancery issue --key-out FILE"},
    {"genpkey", "chancery issue --key-out FILE"},
    {"genrsa", "chancery issue --key-out FILE"},
    {"health", "chancery status"},
    {"info", "chancery ca show --json"},
    {"init-pki", "chancery init"},
    {"inspect", "chancery view FILE"},
    {"ls", "chancery list"},
    {"new", "chancery init"},
    {"passwd", "chancery keys passphrase"},
    {"req", "chancery issue --csr FILE, or --key-out FILE for a new key"},
    {"root", "chancery ca show --ca root"},
    {"roots", "chancery ca show --ca root"},
    {"search", "chancery list --search TEXT"},
    {"setup", "chancery init"},
    {"sign", "chancery issue --csr FILE"},
    {"sign-req", "chancery issue --csr FILE"},
    {"signcert", "chancery issue --csr FILE"},
    {"start", "chancery unlock"},
    {"stop", "chancery lock"},
    {"x509", "chancery view FILE"},
};

static const struct translation options[] = {
    {"--days", "--lifetime takes 90d"},
    {"--password", "a secret is never an argument; --passphrase-file FILE "
                   "reads it"},
    {"--passphrase", "a secret is never an argument; --passphrase-file FILE "
                     "reads it"},
    {"--provisioner-password-file", "--passphrase-file FILE reads it"},
    {"-days", "--lifetime takes 90d"},
    {"-extensions", "--profile names what a certificate is for"},
    {"-in", "--csr FILE reads the request"},
    {"-keyout", "--key-out FILE"},
    {"-newkey", "--key KIND with --key-out FILE"},
    {"-nodes", "a requester's key is written plain unless "
               "--key-passphrase-file is given"},
    {"-out", "--out FILE"},
    {"-passin", "a secret is never an argument; --passphrase-file FILE reads "
                "it"},
    {"-passout", "a secret is never an argument; --key-passphrase-file FILE "
                 "reads it"},
    {"-subj", "--subject DN"},
};

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Optimal string alignment: as Levenshtein's, and neighbours that are swapped
 * count once. */
size_t word_distance(const char *a, const char *b)
{
    size_t a_length = strlen(a), b_length = strlen(b);
    size_t cost[WORD_MAX + 1][WORD_MAX + 1] = {{0}};

    if (a_length > WORD_MAX || b_length > WORD_MAX)
        return SIZE_MAX;
    for (size_t i = 0; i <= a_length; i++)
        cost[i][0] = i;
    for (size_t j = 0; j <= b_length; j++)
        cost[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        for (size_t j = 1; j <= b_length; j++) {
            size_t changed = cost[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            size_t best = smaller(cost[i - 1][j], cost[i][j - 1]) + 1;

            best = smaller(best, changed);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = smaller(best, cost[i - 2][j - 2] + 1);
            cost[i][j] = best;
        }
    }
    return cost[a_length][b_length];
}

/* A third of the letters may be wrong, but at least one. */
static bool is_near(const char *word, size_t distance)
{
    size_t length = strlen(word);

    return distance <= (length < 6 ? 1 : length / 3);
}

/* The word of a command that is compared: its first, or in a group its second;
 * false when it is of another group. */
static bool word_of(const struct command *command, const char *group,
    char word[static WORD_ROOM])
{
    size_t first = strcspn(command->words, " ");
    const char *second = command->words + first;

    if (group == NULL) {
        (void)snprintf(word, WORD_ROOM, "%.*s", (int)first, command->words);
        return true;
    }
    if (strlen(group) != first || *second == 0 ||
        strncmp(group, command->words, first) != 0)
        return false;
    (void)snprintf(word, WORD_ROOM, "%s", second + 1);
    return true;
}

bool nearest_word(
    const char *group, const char *word, char found[static WORD_ROOM])
{
    size_t best = SIZE_MAX;

    for (EACH_COMMAND(row)) {
        char candidate[WORD_ROOM];
        size_t distance;

        if (!word_of(row, group, candidate))
            continue;
        distance = word_distance(word, candidate);
        if (distance < best && is_near(word, distance)) {
            best = distance;
            (void)snprintf(found, WORD_ROOM, "%s", candidate);
        }
    }
    return best != SIZE_MAX;
}

/* "--prof", as getopt_long(3) would take it. */
static bool begins(const char *name, const char *word)
{
    size_t length = strlen(word);

    return length >= 3 && strncmp(name, word, length) == 0;
}

const struct command_option *nearest_option(
    const struct command *command, const char *argument)
{
    const struct command_option *found = NULL;
    size_t best = SIZE_MAX;
    char name[WORD_ROOM];

    argument += strspn(argument, "-");
    (void)snprintf(
        name, sizeof(name), "%.*s", (int)strcspn(argument, "="), argument);
    for (const struct command_option *option = command->options;
         option->name != NULL; option++) {
        size_t distance =
            begins(option->name, name) ? 0 : word_distance(name, option->name);

        if (distance < best && is_near(name, distance)) {
            best = distance;
            found = option;
        }
    }
    return found;
}

const char *translated_word(const char *word)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (strcmp(words[i].word, word) == 0)
            return words[i].here;
    }
    return NULL;
}

const char *translated_option(const char *argument)
{
    size_t length = strcspn(argument, "=");

    for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++) {
        if (strlen(options[i].word) == length &&
            strncmp(options[i].word, argument, length) == 0)
            return options[i].here;
    }
    return NULL;
}

const char *translation_at(size_t index)
{
    return index < sizeof(words) / sizeof(*words) ? words[index].here : NULL;
}
