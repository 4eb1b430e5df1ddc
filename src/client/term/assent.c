/* Compared without case and marks: "Đồng ý", "DONG Y" and, as some input methods leave it, letters with combining
 * marks. */
#include "client/term/assent.h"

#include <string.h>

#include "base/utf8.h"

#define PLAIN_MAX 32

/* The letter that a code point is without its marks, 0: none of those that a yes is made of, 1: a mark alone. */
static char plain(uint32_t c) {
    static const struct {
        const char *marked; /* in UTF-8 */
        char letter;
    } letters[] = {{"óòỏõọÓÒỎÕỌôồốổỗộÔỒỐỔỖỘ", 'o'}, {"ýỳỷỹỵÝỲỶỸỴ", 'y'}, {"đĐ", 'd'}};

    if (c < 0x80)
        return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : (char)c;
    if (c >= 0x300 && c < 0x370)
        return 1;
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        const uint8_t *at = (const uint8_t *)letters[i].marked, *end = at + strlen(letters[i].marked);
        for (size_t n; at < end && (n = utf8_char(at, (size_t)(end - at))) > 0; at += n)
            if (utf8_code(at, n) == c)
                return letters[i].letter;
    }
    return 0;
}

bool assent_given(const char *text, size_t len) {
    static const char *const words[] = {"c", "co", "y", "yes", "dong y", "ok", "agree", "i agree", "toi dong y"};
    const uint8_t *at = (const uint8_t *)text;
    char word[PLAIN_MAX];
    size_t used = 0;

    for (size_t n, i = 0; i < len; i += n) {
        n = utf8_char(at + i, len - i);
        char c = n == 0 ? 0 : plain(utf8_code(at + i, n));
        if (c == 0 || used == sizeof word - 1)
            return false;
        bool blank = c == ' ' || c == '\t' || c == '.' || c == '!';
        if (c != 1 && !(blank && (used == 0 || word[used - 1] == ' ')))
            word[used++] = blank ? ' ' : c;
    }
    while (used > 0 && word[used - 1] == ' ')
        used--;
    word[used] = '\0';
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}
