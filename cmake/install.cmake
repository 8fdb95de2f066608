# SPDX-License-Identifier: MIT
# What `cmake --install` copies besides the command, the library and its headers, and how to take it away again.
include(CMakePackageConfigHelpers)

install(FILES README.md CHANGELOG.md LICENSE SECURITY.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT nnc)
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT nnc FILES_MATCHING PATTERN "*.md")
install(DIRECTORY examples DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT nnc USE_SOURCE_PERMISSIONS)

# manual pages, and what completes command lines, where the shells look for them
set(NNC_TEXTS ${CMAKE_BINARY_DIR}/generated)
install(FILES ${NNC_TEXTS}/nnc.1.gz ${NNC_TEXTS}/nnc-make-data.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT nnc)
install(FILES ${NNC_TEXTS}/nnc.bash DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/bash-completion/completions RENAME nnc COMPONENT nnc)
install(FILES ${NNC_TEXTS}/nnc.fish DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/fish/vendor_completions.d COMPONENT nnc)
foreach(FOLDER site-functions vendor-completions) # of what stands below /usr/local; of Debian's own
  install(FILES ${NNC_TEXTS}/_nnc DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/zsh/${FOLDER} COMPONENT nnc)
endforeach()

# colours and set-ups for editors (docs/tools.md)
install(DIRECTORY tools/editors DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/nnc COMPONENT nnc)

# pkg-config and CMake: for C programs that use a model (docs/install.md)
set(NNC_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/nnc)
file(RELATIVE_PATH NNC_PC_UP /prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig /prefix)
string(REGEX REPLACE "/$" "" NNC_PC_UP ${NNC_PC_UP})
configure_file(cmake/nnrt.pc.in ${CMAKE_BINARY_DIR}/generated/nnrt.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/generated/nnrt.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT libnnrt-dev)
configure_package_config_file(cmake/nncConfig.cmake.in ${CMAKE_BINARY_DIR}/generated/nncConfig.cmake
  INSTALL_DESTINATION ${NNC_CMAKEDIR} PATH_VARS CMAKE_INSTALL_BINDIR CMAKE_INSTALL_LIBDIR CMAKE_INSTALL_INCLUDEDIR)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/generated/nncConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/generated/nncConfig.cmake ${CMAKE_BINARY_DIR}/generated/nncConfigVersion.cmake cmake/nnc_add_model.cmake
  DESTINATION ${NNC_CMAKEDIR} COMPONENT nnc)

add_custom_target(uninstall COMMAND ${CMAKE_COMMAND} -DMANIFEST=${CMAKE_BINARY_DIR}/install_manifest.txt -P ${CMAKE_SOURCE_DIR}/cmake/uninstall.cmake
  COMMENT "Removing what was installed" VERBATIM)
include(cmake/package.cmake)
