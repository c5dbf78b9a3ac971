# The programs of a project that has got coauth, in either way: one that signs a person in, and README's tests of a
# callback handler.
enable_testing()

add_executable(consumer ${CMAKE_CURRENT_LIST_DIR}/main.cpp ${CMAKE_CURRENT_LIST_DIR}/second_file.cpp)
target_link_libraries(consumer PRIVATE ${CONSUMER_TARGET})
add_test(NAME consumer COMMAND consumer)
set_tests_properties(
    consumer PROPERTIES PASS_REGULAR_EXPRESSION
                        "signed in: tokens of type Bearer\nstays signed in: next\nstays signed in: next")

if(CONSUMER_TARGET STREQUAL coauth::compiled)
    add_subdirectory(${README_TESTS} tests)
else()
    # Header-only, it needs no library of its own.
    add_executable(callback_test ${README_TESTS}/callback_test.cpp)
    target_link_libraries(callback_test PRIVATE ${CONSUMER_TARGET})
    add_test(NAME callback_test COMMAND callback_test)
endif()
