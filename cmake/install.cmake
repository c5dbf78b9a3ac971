include(CMakePackageConfigHelpers)

set(COAUTH_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/coauth)

set(installed_targets coauth)
set(architecture ARCH_INDEPENDENT)
if(COAUTH_BUILD_COMPILED)
    list(APPEND installed_targets coauth_compiled)
    set(architecture)
    if(TARGET coauth_redis)
        list(APPEND installed_targets coauth_redis)
    endif()
    if(COAUTH_BUILD_TESTING_LIBRARY)
        list(APPEND installed_targets coauth_testing)
    endif()
endif()

install(DIRECTORY include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")
install(TARGETS ${installed_targets} EXPORT coauthTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT coauthTargets NAMESPACE coauth:: DESTINATION ${COAUTH_PACKAGE_DIR})

list(TRANSFORM installed_targets REPLACE "^coauth_" "" OUTPUT_VARIABLE COAUTH_INSTALLED_COMPONENTS)
list(JOIN COAUTH_INSTALLED_COMPONENTS ", " COAUTH_INSTALLED_COMPONENTS)
configure_package_config_file(cmake/coauthConfig.cmake.in coauthConfig.cmake
                              INSTALL_DESTINATION ${COAUTH_PACKAGE_DIR} NO_SET_AND_CHECK_MACRO)
# Before 1.0 a new minor version may change interfaces.
write_basic_package_version_file(coauthConfigVersion.cmake COMPATIBILITY SameMinorVersion ${architecture})
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/coauthConfig.cmake ${CMAKE_CURRENT_BINARY_DIR}/coauthConfigVersion.cmake
        DESTINATION ${COAUTH_PACKAGE_DIR})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
