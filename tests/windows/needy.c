/* A driver that loads only where its own library, beside.c, is found. It has no functions. */
__declspec(dllimport) unsigned long beside_answer(void);
__declspec(dllexport) unsigned long C_GetFunctionList(void *list);

unsigned long C_GetFunctionList(void *list) {
    (void)list;
    return beside_answer();
}
