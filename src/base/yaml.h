#ifndef BASE_YAML_H
#define BASE_YAML_H

#include "base/bytes.h"

/*
 * Reading a settings file: a tree of mappings, sequences and plain texts, each
 * node with the place it stands at, so that every complaint can say
 * "chancery.yaml, line 7, column 3: ...".  Aliases, anchors, tags, duplicate
 * or empty keys, several documents, depth above 16, more than 10,000 values and
 * files above 1 MiB are refused.
 */
enum yaml_kind { YAML_TEXT, YAML_MAPPING, YAML_SEQUENCE };

struct yaml_node {
    enum yaml_kind kind;
    unsigned int line, column; /* from 1 */
    const char *text;          /* of a YAML_TEXT: UTF-8, no zero within */
    bool quoted;
    const char *key;                   /* within a mapping, otherwise NULL */
    unsigned int key_line, key_column; /* from 1 */
    struct yaml_node *first;           /* children, in the file's order */
    struct yaml_node *next;
};

struct yaml_document;

/* name is what complaints call the file. */
MUST_CHECK bool yaml_read(struct bytes text, const char *name,
    struct yaml_document **document, struct failure *why);
void yaml_document_free(struct yaml_document *document);
DEFINE_SCOPED_STRUCT(yaml_document, yaml_document_free)

const struct yaml_node *yaml_root(const struct yaml_document *document);

/* The child with this key, or NULL. */
const struct yaml_node *yaml_find(
    const struct yaml_node *mapping, const char *key);

/* Records "NAME, line L, column C: ..." as FAILURE_MALFORMED.  Always false. */
bool fail_at_yaml(struct failure *why, const struct yaml_document *document,
    const struct yaml_node *node, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
