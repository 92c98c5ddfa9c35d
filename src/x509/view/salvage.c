#include "x509/view/salvage.h"

#include <stdlib.h>
#include <string.h>

#include "x509/der.h"

static bool says_key(struct bytes label)
{
    static const char word[] = "PRIVATE KEY";
    size_t length = strlen(word);

    return label.length >= length &&
           memcmp(label.start + label.length - length, word, length) == 0;
}

/* A block that says it is a key is shown as one, whatever is in it. */
static enum input_kind kind_of(const struct pem_block *block, struct bytes der)
{
    if (block->is_encrypted)
        return INPUT_ENCRYPTED_KEY;
    return says_key(block->label) ? INPUT_PRIVATE_KEY : input_kind_of(der);
}

/* The damaged block ends it: what stands behind it can't be told apart. */
static void take_blocks(struct bytes text, struct input *input)
{
    struct pem_walk walk = pem_walk_of(text);
    struct pem_block block = {0};
    struct failure why = {0};
    size_t length = 0;

    while (input->count < INPUT_OBJECTS_MAX &&
           pem_next(&walk, &block, &input->bytes, &why)) {
        struct bytes der = {
            input->bytes.start + length, input->bytes.length - length};

        input->objects[input->count++] =
            (struct input_object){.kind = kind_of(&block, der),
                .der = der,
                .label = block.label,
                .line = block.line};
        length = input->bytes.length;
    }
}

static bool is_der(struct bytes file)
{
    return file.length > 1 && file.start[0] == DER_SEQUENCE &&
           (file.start[1] & 0x80) != 0;
}

bool salvage_objects(
    struct bytes file, struct input *input, struct failure *why)
{
    struct bytes text = {0};
    struct failure unread = {0};

    *input = (struct input){.text = BUFFER("text in UTF-16", PEM_MAX),
        .bytes = BUFFER("decoded PEM", PEM_MAX)};
    input->objects = calloc(INPUT_OBJECTS_MAX, sizeof(*input->objects));
    if (input->objects == NULL)
        return fail_because(
            why, FAILURE_INTERNAL, "no memory for what the file holds");
    if (is_der(file)) {
        input->objects[input->count++] =
            (struct input_object){.kind = input_kind_of(file), .der = file};
        return true;
    }
    /* Room for all at once: the objects are views, so nothing may move. */
    if (pem_text(file, &input->text, &text, &unread) &&
        buffer_reserve(&input->bytes, text.length, &unread))
        take_blocks(text, input);
    return true;
}
