/* What can go wrong: one small code that a caller acts on, and a text that a person reads. */
#pragma once

/* The codes are told apart by what the caller does next, not by where they arose. */
enum rc {
    RC_OK = 0,
    RC_USAGE,      /* the call or the command line is wrong: say how to call */
    RC_INPUT,      /* outside bytes are malformed: refuse them, name the place */
    RC_LIMIT,      /* outside bytes are too many or too long: refuse them */
    RC_NOT_FOUND,  /* what was named does not exist */
    RC_EXISTS,     /* it exists already and must not be made again */
    RC_REFUSED,    /* policy says no: final until the facts change */
    RC_BUSY,       /* not now: the same call may succeed later */
    RC_IO,         /* file system or process failed */
    RC_DB,         /* database failed: nothing of this transaction is recorded */
    RC_CRYPTO,     /* a signature, key or certificate does not hold */
    RC_TOKEN,      /* the token or its module failed: unknown state, enumerate again */
    RC_PIN_WRONG,  /* CKR_PIN_INCORRECT and nothing else */
    RC_PIN_LOCKED, /* the PIN is locked, or the last try is not to be spent */
    RC_NETWORK,    /* no answer from the other side */
    RC_BUG         /* cannot happen */
};

#define MUST     __attribute__((warn_unused_result))
#define ERR_TEXT 512 /* bytes of a failure's text, with its end */

/* The nth argument is a format. On Windows too it is GNU's (%zu, %lld), not the system's. */
#ifdef _WIN32
#define PRINTF(nth, first) __attribute__((format(gnu_printf, nth, first)))
#else
#define PRINTF(nth, first) __attribute__((format(printf, nth, first)))
#endif

/* The text of this thread's last failure, never NULL; valid until the next one. */
const char *err_text(void);

/* The code's stable name for logs: "input", "busy" ... */
const char *err_name(enum rc code);

/* Sets this thread's text (printf, cut at 511 bytes) and returns `code`. */
enum rc err_set(enum rc code, const char *fmt, ...) PRINTF(2, 3);

/* Puts "context: " before the present text and returns `code`. */
enum rc err_in(enum rc code, const char *fmt, ...) PRINTF(2, 3);

/* The only two macros that hide control flow. */
#define TRY(call)                                                                                                      \
    do {                                                                                                               \
        enum rc try_rc_ = (call);                                                                                      \
        if (try_rc_ != RC_OK)                                                                                          \
            return try_rc_;                                                                                            \
    } while (0)

/* The code is kept aside so that the compiler sees which one is returned, and errno may be part of it. */
#define FAIL(code, ...)                                                                                                \
    do {                                                                                                               \
        enum rc fail_rc_ = (code);                                                                                     \
        err_set(fail_rc_, __VA_ARGS__);                                                                                \
        return fail_rc_;                                                                                               \
    } while (0)
