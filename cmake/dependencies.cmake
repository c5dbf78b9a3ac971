# What the library needs. The installed package repeats it in cmake/coauthConfig.cmake.in.

set(COAUTH_BOOST_MINIMUM 1.81)
set(COAUTH_BOOST_WITH_REDIS 1.84)
set(COAUTH_OPENSSL_MINIMUM 3.0)

find_package(Threads REQUIRED)
find_package(OpenSSL ${COAUTH_OPENSSL_MINIMUM} REQUIRED)
find_package(Boost ${COAUTH_BOOST_MINIMUM} REQUIRED COMPONENTS json url)

include(GNUInstallDirs)

# Warnings are for whoever works on coauth; they do not reach users.
add_library(coauth_warnings INTERFACE)
if(PROJECT_IS_TOP_LEVEL AND CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
    # CMakePresets.json and test/run turn it on. A newer compiler than those of the tests may warn of more, and is no
    # reason not to build.
    option(COAUTH_WERROR "Treat warnings as errors" OFF)
    # The same for both compilers: what one of them finds, the other often misses. But clang's -Wconversion has changes of the
    # sign in it, and the -Wshadow of clang 19 warns of captures that keep the name of a structured binding, as they have to.
    target_compile_options(
        coauth_warnings
        INTERFACE -Wall
                  -Wextra
                  -Wpedantic
                  -Wconversion
                  $<$<CXX_COMPILER_ID:GNU>:-Wshadow>
                  $<$<CXX_COMPILER_ID:Clang>:-Wno-sign-conversion>
                  $<$<BOOL:${COAUTH_WERROR}>:-Werror>)
    # g++ (all since 11) says it of coroutines of Asio as soon as it optimises. The library's own are silent by
    # themselves (COAUTH_COROUTINES_BEGIN); this is for those of tests and examples.
    target_compile_options(coauth_warnings INTERFACE $<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete>)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang" AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 22)
        # clang 22 calls __COUNTER__ an extension (-Wpedantic) wherever the name of a test case of Boost.Test stands.
        target_compile_options(coauth_warnings INTERFACE -Wno-c2y-extensions)
    endif()
    # Files that are compiled together are as headers to the compiler, and see names of each other's.
    set(joined $<AND:$<CXX_COMPILER_ID:GNU>,$<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>>)
    target_compile_options(coauth_warnings INTERFACE "$<${joined}:-Wno-subobject-linkage;-Wno-shadow>")
endif()
