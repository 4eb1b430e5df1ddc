/* Who frees what: values are freed by scope, pointers are given away by name. */
#pragma once

/* AUTO(buf) b = {0};  a value whose contents buf_free(&b) releases at the end of the scope. */
#define AUTO(type) __attribute__((cleanup(type##_free))) struct type

/* OWN(thing) once in a header makes AUTO_PTR(thing) p = NULL; work: thing_free(p) at the end of the scope. */
#define OWN(type)                                                                                                      \
    static inline void type##_freep(struct type **p) {                                                                 \
        type##_free(*p);                                                                                               \
    }
#define AUTO_PTR(type) __attribute__((cleanup(type##_freep))) struct type *

/* Gives `p` away: yields its value and leaves NULL behind. */
#define MOVE(p)                                                                                                        \
    __extension__({                                                                                                    \
        __typeof__(p) move_ = (p);                                                                                     \
        (p) = NULL;                                                                                                    \
        move_;                                                                                                         \
    })
