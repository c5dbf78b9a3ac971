// expect: .
int fine();
