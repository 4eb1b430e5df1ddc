/* A library that a driver brings along: needy.c asks for it. */
__declspec(dllexport) unsigned long beside_answer(void);

unsigned long beside_answer(void) {
    return 5; /* CKR_GENERAL_ERROR */
}
