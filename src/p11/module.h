/* A PKCS#11 module in this process: loaded once, initialised once, never re-initialised (modules misbehave on it). */
#pragma once

#define CRYPTOKI_COMPAT 1 /* names as in the standard: CK_RV, C_Sign */
#include <p11-kit/pkcs11.h>

#include "base/buf.h"

struct p11_module {
    void *handle;
    CK_FUNCTION_LIST *fn; /* NULL: not open */
    bool one_thread;      /* it cannot lock: one thread at a time */
    char path[1024];
    void (*end)(struct p11_module *m); /* not NULL: it is elsewhere (driver/), and this lets go of it */
};

/* What became of a driver in a process of its own; never said by a driver itself. */
#define CKR_DRIVER_CRASHED  (CKR_VENDOR_DEFINED | 0x63626401UL)
#define CKR_DRIVER_EXITED   (CKR_VENDOR_DEFINED | 0x63626402UL)
#define CKR_DRIVER_SILENT   (CKR_VENDOR_DEFINED | 0x63626403UL) /* past its time limit, and ended for it */
#define CKR_DRIVER_NONSENSE (CKR_VENDOR_DEFINED | 0x63626404UL) /* what came was no answer, and it was ended for it */

/* RC_NOT_FOUND: no such file. RC_TOKEN: it is no PKCS#11 module, or C_Initialize failed. */
MUST enum rc p11_module_open(struct p11_module *m, const char *path);
void p11_module_free(struct p11_module *m); /* the last one open: C_Finalize unless others initialised it; dlclose */

/* PKCS#11 takes pointers without const even where it only reads. */
static inline void *p11_arg(const void *ptr) {
    return (void *)(uintptr_t)ptr;
}

/* "CKR_DEVICE_REMOVED" for every CKR of PKCS#11 2.40 and 3.0; "CKR_0x…" in a static thread-local buffer for others. */
const char *p11_rv_name(CK_RV rv);
CK_RV p11_rv_of_name(const char *name, size_t len); /* and back; CKR_OK for what is none */

/* Sets err_text to "C_X: CKR_Y (0x…)" and returns the code a caller acts on: RC_PIN_WRONG only for CKR_PIN_INCORRECT,
   RC_PIN_LOCKED for CKR_PIN_LOCKED, RC_TOKEN for the rest, RC_OK for CKR_OK. The raw value is kept: p11_last_rv. */
enum rc p11_check(CK_RV rv, const char *function);
CK_RV p11_last_rv(void);              /* this thread's last failed CK_RV, CKR_OK when none */
void p11_rv_forget(void);             /* from here on p11_last_rv tells of what follows only */
void p11_rv_tell(const char *detail); /* what p11_check says of the CKR_DRIVER_… that follows: "signal 11 in C_Sign" */
bool p11_rv_of_driver(CK_RV rv);      /* one of those */
bool p11_rv_lost(CK_RV rv);           /* token, session or module are gone: whatever is asked next fails, too */
bool p11_rv_of_template(CK_RV rv);    /* some attribute is not liked: another template may be */
bool p11_rv_of_call(CK_RV rv);        /* it is about what was asked, and would be the same in another session */
