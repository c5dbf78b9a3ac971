# cmake -D GENERATOR=... -D CACHE=... -D BUILD=... -P check.cmake
#
# Two files of one mode make a program. Files of two modes do so only if no type of coauth passes from one to the other:
# else the linker misses a symbol, and its name says the mode.

execute_process(COMMAND ${CMAKE_COMMAND} -G ${GENERATOR} -S ${CMAKE_CURRENT_LIST_DIR} -B ${BUILD} -C ${CACHE}
                COMMAND_ERROR_IS_FATAL ANY)

set(ENV{LC_ALL} C)
set(failures)
foreach(way IN ITEMS parameter returned variable nothing)
    foreach(caller IN ITEMS coauth compiled)
        foreach(callee IN ITEMS coauth compiled)
            set(program ${way}_${caller}_${callee})
            execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --target ${program}
                            RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
            if(caller STREQUAL callee OR way STREQUAL nothing)
                if(NOT failed)
                    execute_process(COMMAND ${BUILD}/${program} RESULT_VARIABLE failed OUTPUT_VARIABLE output
                                                                                       ERROR_VARIABLE output)
                endif()
                if(failed OR NOT output STREQUAL "the same error\n")
                    string(APPEND failures "${program} has to link and to run:\n${output}\n")
                endif()
            elseif(NOT failed)
                string(APPEND failures "${program} must not link\n")
            elseif(NOT output MATCHES "undefined (reference|symbol)[^\n]*coauth(::|_)(header_only|compiled)")
                string(APPEND failures "${program} has to miss a symbol that names a mode:\n${output}\n")
            endif()
        endforeach()
    endforeach()
endforeach()
if(failures)
    message(FATAL_ERROR "${failures}")
endif()
