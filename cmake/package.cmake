# SPDX-License-Identifier: MIT
# `cmake --build build --target package`: nnc_VERSION_ARCH.deb and libnnrt-dev_VERSION_ARCH.deb in the build folder (docs/install.md).
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME nnc)
set(CPACK_PACKAGE_VENDOR "nnc")
if(DEFINED ENV{DEBFULLNAME} AND DEFINED ENV{DEBEMAIL}) # who makes the package, as Debian's tools have it
  set(CPACK_PACKAGE_CONTACT "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
else()
  set(CPACK_PACKAGE_CONTACT "the nnc authors <nnc@localhost>")
endif()
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_ALL nnc libnnrt-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_NNC_PACKAGE_NAME nnc)
set(CPACK_DEBIAN_NNC_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_NNC_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_NNC_PACKAGE_DEPENDS "libnnrt-dev (= ${PROJECT_VERSION}), gcc, binutils")
set(CPACK_DEBIAN_NNC_PACKAGE_RECOMMENDS "libpng-dev, libjpeg62-turbo-dev")
set(CPACK_DEBIAN_NNC_DESCRIPTION "compiler for a small language of neural networks
A .nn file says where the data comes from, what the model is, how it is
trained and what it offers to C. nnc makes a native program of it that
trains, tests and predicts, or an object with a header for embedding.")

set(CPACK_DEBIAN_LIBNNRT-DEV_PACKAGE_NAME libnnrt-dev)
set(CPACK_DEBIAN_LIBNNRT-DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_LIBNNRT-DEV_PACKAGE_DEPENDS "libc6-dev")
set(CPACK_DEBIAN_LIBNNRT-DEV_PACKAGE_RECOMMENDS "libpng-dev, libjpeg62-turbo-dev")
set(CPACK_DEBIAN_LIBNNRT-DEV_DESCRIPTION "runtime of models that nnc compiles
The static library and the headers that objects made by nnc are linked
with: loading of data, training runs, checkpoints and threads.")

# What Debian asks for in /usr/share/doc/PACKAGE: the licence, and the changes in its own form.
string(TIMESTAMP NNC_DATE "%a, %d %b %Y %H:%M:%S +0000" UTC)
find_program(GZIP gzip REQUIRED)
foreach(PACKAGE ${CPACK_COMPONENTS_ALL})
  set(FOLDER ${CMAKE_BINARY_DIR}/generated/debian/${PACKAGE})
  file(WRITE ${FOLDER}/changelog "${PACKAGE} (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n -- ${CPACK_PACKAGE_CONTACT}  ${NNC_DATE}\n")
  execute_process(COMMAND ${GZIP} -9nf ${FOLDER}/changelog)
  install(FILES ${FOLDER}/changelog.gz DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${PACKAGE} COMPONENT ${PACKAGE})
  install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${PACKAGE} RENAME copyright COMPONENT ${PACKAGE})
endforeach()
include(CPack)
