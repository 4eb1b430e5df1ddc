/* Distances between words, by Damerau and Levenshtein (the restricted kind: no letter is moved twice). */
#include "base/near.h"

#include <string.h>

#define LETTERS 40 /* of a word at most */
#define MOST    2

static int least(int a, int b) {
    return a < b ? a : b;
}

static int distance(const char *a, int a_len, const char *b, int b_len) {
    int d[LETTERS + 1][LETTERS + 1];
    for (int i = 0; i <= a_len; i++)
        d[i][0] = i;
    for (int k = 0; k <= b_len; k++)
        d[0][k] = k;
    for (int i = 1; i <= a_len; i++)
        for (int k = 1; k <= b_len; k++) {
            d[i][k] = least(least(d[i - 1][k], d[i][k - 1]) + 1, d[i - 1][k - 1] + (a[i - 1] != b[k - 1]));
            if (i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1])
                d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
        }
    return d[a_len][b_len];
}

void near_offer(struct near *n, const char *word) {
    size_t typed = strlen(n->typed), len = strlen(word);
    if (typed > LETTERS || len > LETTERS)
        return;
    int far = distance(n->typed, (int)typed, word, (int)len);
    if (far > MOST || 2 * far >= (int)typed || (n->word != NULL && far >= n->far))
        return;
    n->word = word;
    n->far = far;
}
