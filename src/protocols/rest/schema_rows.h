#ifndef PROTOCOLS_REST_SCHEMA_ROWS_H
#define PROTOCOLS_REST_SCHEMA_ROWS_H

#include "protocols/rest/schemas.h"

/* Rows of the tables in schemas.c and schemas_answers.c. */
#define MEMBER(the_kind, the_name, the_tells, ...)                        \
    {                                                                     \
        .name = (the_name), .kind = (the_kind), .flags = SCHEMA_REQUIRED, \
        .tells = (the_tells)__VA_ARGS__                                   \
    }
#define TEXT(name, tells) MEMBER(SCHEMA_TEXT, name, tells, )
#define NUMBER(name, tells) MEMBER(SCHEMA_NUMBER, name, tells, )
#define TRUTH(name, tells) MEMBER(SCHEMA_BOOLEAN, name, tells, )
#define TEXTS(name, tells) MEMBER(SCHEMA_TEXTS, name, tells, )
#define TIME(name, tells) \
    MEMBER(SCHEMA_TEXT, name, tells, , .format = "date-time")
#define ONE(name, schema, tells) \
    MEMBER(SCHEMA_OBJECT, name, tells, , .of = &(schema))
#define MANY(name, schema, tells) \
    MEMBER(SCHEMA_OBJECTS, name, tells, , .of = &(schema))
#define OR_NULL(the_kind, the_name, the_tells)                           \
    {                                                                    \
        .name = (the_name), .kind = (the_kind),                          \
        .flags = SCHEMA_REQUIRED | SCHEMA_NULLABLE, .tells = (the_tells) \
    }
/* Where it applies. */
#define PERHAPS(the_kind, the_name, the_tells)                       \
    {                                                                \
        .name = (the_name), .kind = (the_kind), .tells = (the_tells) \
    }
#define END_OF_MEMBERS \
    {                  \
        .name = NULL   \
    }

#endif
