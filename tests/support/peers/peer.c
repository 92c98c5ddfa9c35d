#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

/* TIME HOST LEAF ROOT,... UNTRUSTED,... a line, certificates in base64, "-"
 * for none; answered by "yes" or "no REASON". */
#define FIELDS 5

/* In place: what is decoded is shorter. */
static struct peer_bytes decode(char *text)
{
    size_t length = strlen(text);
    size_t padding = 0;
    unsigned char *start = (unsigned char *)text;
    unsigned char *decoded = malloc(length + 1);
    int count;

    while (padding < length && text[length - 1 - padding] == '=')
        padding++;
    if (decoded == NULL)
        abort();
    count = EVP_DecodeBlock(decoded, start, (int)length);
    if (count < 0 || (size_t)count < padding)
        abort();
    memcpy(start, decoded, (size_t)count);
    free(decoded);
    return (struct peer_bytes){start, (size_t)count - padding};
}

static void decode_list(char *text, struct peer_list *list)
{
    char *rest = text;
    char *item;

    if (strcmp(text, "-") == 0)
        return;
    while ((item = strsep(&rest, ",")) != NULL) {
        if (list->count == PEER_CERTIFICATES_MAX)
            abort();
        list->items[list->count++] = decode(item);
    }
}

static bool answer(char *line, char reason[static PEER_REASON])
{
    struct peer_question question = {0};
    char *fields[FIELDS];
    char *rest = line;

    line[strcspn(line, "\n")] = 0;
    for (size_t i = 0; i < FIELDS; i++) {
        fields[i] = strsep(&rest, " ");
        if (fields[i] == NULL)
            abort();
    }
    question.time = strtoll(fields[0], NULL, 10);
    question.host = fields[1];
    question.leaf = decode(fields[2]);
    decode_list(fields[3], &question.roots);
    decode_list(fields[4], &question.untrusted);
    return peer_accepts(&question, reason);
}

int main(void)
{
    char *line = NULL;
    size_t room = 0;

    while (getline(&line, &room, stdin) > 0) {
        char reason[PEER_REASON] = "it can't be read";

        if (answer(line, reason))
            (void)puts("yes");
        else
            (void)printf("no %s\n", reason);
    }
    free(line);
    return 0;
}
