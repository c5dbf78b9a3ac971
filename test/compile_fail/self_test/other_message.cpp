// expect: a message that no compiler prints
#ifdef COAUTH_FAIL
#error "another message"
#endif
