#ifdef COAUTH_FAIL
#error "no expectation"
#endif
