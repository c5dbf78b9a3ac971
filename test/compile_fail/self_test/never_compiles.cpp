// expect: never
#error "never"
