# What `cmake --install` copies besides the command, the library and its headers, and how to take it away again.
include(CMakePackageConfigHelpers)

install(FILES README.md CHANGELOG.md LICENSE SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING PATTERN "*.md")
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} USE_SOURCE_PERMISSIONS)

# pkg-config and CMake: for C programs that use a model (docs/install.md)
set(NNC_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/nnc)
file(RELATIVE_PATH NNC_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" NNC_PC_UP ${NNC_PC_UP})
configure_file(cmake/nnrt.pc.in ${CMAKE_BINARY_DIR}/generated/nnrt.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/nnrt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
configure_package_config_file(cmake/nncConfig.cmake.in ${CMAKE_BINARY_DIR}/generated/nncConfig.cmake
  INSTALL_DESTINATION ${NNC_CMAKEDIR} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/nncConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/nncConfig.cmake ${CMAKE_BINARY_DIR}/generated/nncConfigVersion.cmake cmake/nnc_add_model.cmake
  DESTINATION ${NNC_CMAKEDIR})

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DMANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt -P ${CMAKE_SOURCE_DIR}/cmake/uninstall.cmake
  COMMENT "Removing what was installed" VERBATIM)
