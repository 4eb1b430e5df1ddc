/* Token models as data (devices.conf): where their drivers lie, how one is recognised, and how it is written to. */
#pragma once

#include <stddef.h>

#include "rules/facts.h"

#define DEVICE_MODELS    48
#define DEVICE_ID_CAP    32
#define DEVICE_ABOUT_CAP 160
#define DEVICE_FILES_CAP 256 /* names joined by ';' */
#define DEVICE_FOLDERS   1024
#define DEVICE_MATCH_CAP 65

enum platform { PLATFORM_LINUX, PLATFORM_MACOS, PLATFORM_WINDOWS, PLATFORM_COUNT };

/* How the new certificate gets beside the old one. */
enum device_write {
    WRITE_SAME_ID,     /* under the key's CKA_ID; a token that refuses that twice gets a temporary one */
    WRITE_TEMPORARY_ID /* under a temporary CKA_ID at once: for cards that take a refused write badly */
};

/* What to do when both do not fit. */
enum device_full {
    FULL_STOP,        /* nothing is changed */
    FULL_DELETE_FIRST /* the old certificate goes first, when the programme lets it go at all (R5.11) */
};

/* May the old certificate be removed from this model once the programme allows it? */
enum device_old { DEVICE_OLD_CAMPAIGN, DEVICE_OLD_KEEP };

/* Quirks, a set of bits. */
#define QUIRK_GENERAL_ERROR_IS_FULL 1u /* says CKR_GENERAL_ERROR when no further certificate fits */

struct device_model {
    char id[DEVICE_ID_CAP]; /* lower-case letters, digits, '-' and '.' */
    enum device code;       /* the letter's version, DEVICE_NONE: it names none */
    char about[DEVICE_ABOUT_CAP];
    char files[PLATFORM_COUNT][DEVICE_FILES_CAP]; /* file names of its PKCS#11 module; "" unknown */
    /* Patterns with * and ?, case ignored; "" anything. `module` is the driver's file name; when it is "" the driver
       must be one of `files`. */
    char module[DEVICE_MATCH_CAP], label[DEVICE_MATCH_CAP], manufacturer[DEVICE_MATCH_CAP], model[DEVICE_MATCH_CAP],
        firmware[DEVICE_MATCH_CAP];
    enum device_write write;
    enum device_full full;
    enum device_old old;
    uint32_t quirks;
};

struct devices {
    char folders[PLATFORM_COUNT][DEVICE_FOLDERS]; /* joined by ';', looked through in order */
    struct device_model model[DEVICE_MODELS];     /* in the order drivers are tried and models recognised */
    int32_t count;
};

/* The names of devices.conf and of its published form; _from gives false on an unknown name. */
const char *platform_name(enum platform p);                    /* "linux" "macos" "windows" */
extern const char *const device_write_names[];                 /* ended by NULL */
extern const char *const device_full_names[];                  /* ended by NULL */
extern const char *const device_old_names[];                   /* ended by NULL */
const char *device_quirk_name(int bit);                        /* NULL past the last */
bool device_quirk_from(const char *name, uint32_t *quirks);    /* adds it; false: unknown, or there already */
int device_choice(const char *const *names, const char *name); /* its place, -1: not there */

/* Iterates over a list joined by ';': the length of the item at *list, which is moved past it; 0 at the end. */
size_t device_next(const char **list, const char **item);

/* What is wrong with a model, NULL when nothing is: a driver is a bare file name, so that a list of models never names
   a place of its own choosing. */
const char *device_model_fault(const struct device_model *m);
/* Of the whole: a folder that is not absolute on a disk of this computer (on Windows: a drive, %SystemRoot% or
   %ProgramFiles%), the same id twice, no model at all. */
const char *devices_fault(const struct devices *d);

/* What a token says of itself (CK_TOKEN_INFO), and the driver's file name through which it is seen. */
struct device_facts {
    const char *module, *label, *manufacturer, *model, *firmware;
};
/* The first that fits, NULL: an unknown model. */
const struct device_model *devices_match(const struct devices *d, enum platform p, const struct device_facts *f);

/* Does `text` fit `pattern` (* any number, ? one byte; ASCII letters without case)? Linear in the worst case but for
   one product of both lengths. */
bool device_pattern_fits(const char *pattern, const char *text);
