/* Reads a configuration file into a plain struct by a table of its keys: typed, nothing unknown, nothing twice, every
   fault named with file and line. The only file that knows libconfuse is conf_reader.c.

   The syntax: `key = value`, `section "title" { ... }` one level deep, comments from # to the end of the line; a value
   with blanks, commas or slashes is quoted, and lists are words in one quoted value: "v2 v4". */
#pragma once

#include "base/buf.h"

#define CONF_FILE_LIMIT (64 * 1024) /* bytes in a file */
#define CONF_KEYS       64          /* keys in the file, and in a section */
#define CONF_SECTIONS   4           /* kinds of section */

enum conf_kind {
    CONF_TEXT,   /* char[cap]; at least `min` bytes, whole or refused */
    CONF_INT,    /* int32_t in min..max, decimal */
    CONF_BOOL,   /* bool: true or false */
    CONF_DAY,    /* int32_t: YYYY-MM-DD */
    CONF_CHOICE, /* an enum or int32_t: the place of the word in `choices` */
    CONF_WORDS   /* `word` is called with each word, in order */
};

struct conf_key {
    const char *name;
    enum conf_kind kind;
    size_t offset; /* of the field in the struct of the file or section */
    size_t cap;    /* CONF_TEXT: size of the field */
    int32_t min, max;
    const char *const *choices;                  /* ended by NULL */
    bool (*word)(const char *word, void *field); /* false: not one of the words allowed */
    const char *fallback;                        /* the value when the key is absent; NULL: the key must be there */
};

/* A section may come `max` times, each with another title; they fill an array in the file's struct. */
struct conf_section {
    const char *name;
    const struct conf_key *keys; /* ended by a NULL name */
    size_t offset;               /* of the array */
    size_t size;                 /* of an element */
    size_t count_offset;         /* of the int32_t that counts them; zero before the reading */
    int32_t max;
    size_t title_offset, title_cap;        /* of the title in the element: a char array */
    enum rc (*check)(const void *element); /* NULL, or judges a whole section; its text is put after file and line */
};

struct conf_layout {
    const struct conf_key *keys;         /* ended by a NULL name */
    const struct conf_section *sections; /* ended by a NULL name; NULL for none */
    /* NULL, or judges the whole; its text is put after the file, and the line of *key where it sets that. */
    enum rc (*check)(const void *file, const char **key);
};

/* Fills *out, which the caller has zeroed, from the text; `name` stands for the file in what is said. On a fault *out
   is half filled and not to be used. One thread at a time: libconfuse's scanner is global. RC_INPUT, RC_LIMIT. */
MUST enum rc conf_parse(const struct conf_layout *layout, const char *name, struct span text, void *out);

/* The same from a file. `text`, when not NULL, gets the file's bytes (appended). Also RC_NOT_FOUND, RC_IO. */
MUST enum rc conf_read(const struct conf_layout *layout, const char *path, void *out, struct buf *text);
