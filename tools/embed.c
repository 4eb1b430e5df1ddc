/* Build tool: turns a file into a C array. `embed NAME in out` defines NAME[] (one NUL added behind) and NAME_len. */
#include <stddef.h>
#include <stdio.h>

#define PER_LINE 20

static int embed(const char *name, FILE *in, FILE *out) {
    size_t len = 0;
    int c;
    fprintf(out, "#include <stddef.h>\nextern const unsigned char %s[];\nextern const size_t %s_len;\n", name, name);
    fprintf(out, "const unsigned char %s[] = {", name);
    while ((c = getc(in)) != EOF)
        fprintf(out, "%s0x%02x,", len++ % PER_LINE == 0 ? "\n    " : "", (unsigned)c);
    fprintf(out, "\n    0x00};\nconst size_t %s_len = %zu;\n", name, len);
    return ferror(in) || ferror(out);
}

int main(int argc, char **argv) {
    if (argc != 4) {
        fprintf(stderr, "usage: embed NAME in out\n");
        return 2;
    }
    FILE *in = fopen(argv[2], "rb");
    FILE *out = in == NULL ? NULL : fopen(argv[3], "wb");
    int failed = out == NULL || embed(argv[1], in, out);
    if (out != NULL && fclose(out) != 0)
        failed = 1;
    if (in != NULL)
        fclose(in);
    if (failed) {
        perror(in == NULL ? argv[2] : argv[3]);
        return 1;
    }
    return 0;
}
