# For work on coauth itself: only read when it is the top-level project.

set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE Debug CACHE STRING "Kind of build" FORCE)
endif()

# One compilation for everybody who asks again. The sloppiness is what makes precompiled headers cacheable.
find_program(COAUTH_CCACHE ccache)
mark_as_advanced(COAUTH_CCACHE)
if(COAUTH_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${COAUTH_CCACHE})
endif()

set(COAUTH_SANITIZE "" CACHE STRING "Sanitizers for everything, as -fsanitize= takes them: address,undefined or thread")
if(COAUTH_SANITIZE)
    # Of the debug information only the lines, which is what reports show: clang compiles a fifth faster.
    add_compile_options(-fsanitize=${COAUTH_SANITIZE} -fno-omit-frame-pointer -g1)
    add_link_options(-fsanitize=${COAUTH_SANITIZE})
    if(COAUTH_SANITIZE MATCHES "undefined")
        add_compile_options(-fno-sanitize-recover=undefined)
    endif()
    if(COAUTH_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # Asio's fences: g++ says that it does not model them.
        add_compile_options(-Wno-tsan)
    endif()
endif()

option(COAUTH_COVERAGE "Count which lines and branches run, with g++" OFF)
if(COAUTH_COVERAGE AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Counted by many threads and processes.
    add_compile_options(--coverage -fprofile-update=prefer-atomic)
    add_link_options(--coverage)
endif()
