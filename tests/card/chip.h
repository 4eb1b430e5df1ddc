/* A chip card in software that behaves as IsoApplet 00.06 does (ISO 7816-4, -8 and -9), so that OpenSC's PKCS#15 drives
   it like a real one: a PIN that locks, a file system, RSA-2048 keys made on the card. Tests only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHIP_FILES_MAX  40
#define CHIP_FILE_CAP   4096
#define CHIP_FCI_CAP    64
#define CHIP_KEYS_MAX   4
#define CHIP_KEY_CAP    1400 /* the DER of an RSA-2048 private key has about 1200 bytes */
#define CHIP_PIN_LEN    16
#define CHIP_ANSWER_CAP 1024
#define CHIP_NONE       (-1) /* no file */

struct chip_file {
    bool used, is_df;
    uint16_t fid;
    int16_t parent; /* index, CHIP_NONE: the master file itself */
    uint8_t fci_len, fci[CHIP_FCI_CAP];
    uint8_t acl[8]; /* IsoApplet's order: delete, lock, activate, deactivate, write, update, read from acl[1] on */
    uint16_t size;
    uint8_t data[CHIP_FILE_CAP];
};

struct chip_secret {
    bool set;
    uint8_t tries, tries_max, digest[32]; /* SHA-256: tests search their scratch files for the PIN */
};

/* What stays without power, written to a file byte for byte. */
struct chip_memory {
    char magic[8];
    struct chip_secret pin, puk;
    struct chip_file file[CHIP_FILES_MAX]; /* [0] is the master file */
    uint16_t key_len[CHIP_KEYS_MAX];
    uint8_t key[CHIP_KEYS_MAX][CHIP_KEY_CAP];
};

struct chip {
    struct chip_memory memory;
    void (*save)(const struct chip *chip); /* called before an answer tells of a change */
    /* lost with the power: */
    bool selected, authenticated;
    int df, ef; /* indexes of the current files, CHIP_NONE */
    uint8_t algorithm, key;
    uint8_t rest[CHIP_ANSWER_CAP]; /* for GET RESPONSE */
    size_t rest_len;
};

struct apdu {
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;
    size_t lc, le; /* le 0: none asked for, 256 for "all" */
};

struct answer {
    uint8_t data[CHIP_ANSWER_CAP];
    size_t len;
};

/* A card fresh from the factory: no files, no PIN. */
void chip_new(struct chip *c);
void chip_reset(struct chip *c); /* power on */
bool chip_usable(const struct chip_memory *m);

/* Splits a command; false when its lengths do not agree (short APDUs only: the card offers no extended ones). */
bool apdu_parse(const uint8_t *bytes, size_t len, struct apdu *out);
/* CREATE, DELETE, UPDATE, GENERATE: what a power cut may interrupt. */
bool apdu_writes(const struct apdu *a);
/* Runs one command. `out` takes data and status word and has room for 258 bytes; returns its length. */
size_t chip_run(struct chip *c, const struct apdu *a, uint8_t *out);

/* One command each; they return the status word. */
uint16_t files_select(struct chip *c, const struct apdu *a, struct answer *out);
uint16_t files_create(struct chip *c, const struct apdu *a);
uint16_t files_delete(struct chip *c, const struct apdu *a);
uint16_t files_read(struct chip *c, const struct apdu *a, struct answer *out);
uint16_t files_update(struct chip *c, const struct apdu *a);
uint16_t pin_verify(struct chip *c, const struct apdu *a);
uint16_t pin_change(struct chip *c, const struct apdu *a);
uint16_t pin_unblock(struct chip *c, const struct apdu *a);
uint16_t keys_environment(struct chip *c, const struct apdu *a);
uint16_t keys_generate(struct chip *c, const struct apdu *a, struct answer *out);
uint16_t keys_sign(struct chip *c, const struct apdu *a, struct answer *out);

enum {
    SW_OK = 0x9000,
    SW_MORE = 0x6100,
    SW_TRIES_LEFT = 0x63c0,
    SW_WRONG_LENGTH = 0x6700,
    SW_NO_CHAINING = 0x6884,
    SW_NOT_AUTHENTICATED = 0x6982,
    SW_DATA_INVALID = 0x6984,
    SW_CONDITIONS = 0x6985,
    SW_NOT_ALLOWED = 0x6986,
    SW_WRONG_DATA = 0x6a80,
    SW_NOT_FOUND = 0x6a82,
    SW_FULL = 0x6a84,
    SW_WRONG_P1P2 = 0x6a86,
    SW_OUTSIDE = 0x6b00,
    SW_NO_INS = 0x6d00,
    SW_BROKEN = 0x6f00
};
