# SPDX-License-Identifier: MIT
# cmake -DMANIFEST=install_manifest.txt -P uninstall.cmake: removes the files of the last `cmake --install`, and those of nnc's own folders
# that are empty then.
if(NOT EXISTS ${MANIFEST})
  message(FATAL_ERROR "nothing was installed from this build folder: there is no ${MANIFEST}")
endif()
file(STRINGS ${MANIFEST} FILES)
foreach(F IN LISTS FILES)
  file(REMOVE $ENV{DESTDIR}${F})
endforeach()
list(SORT FILES ORDER DESCENDING) # what lies deeper comes first
foreach(F IN LISTS FILES)
  cmake_path(GET F PARENT_PATH FOLDER)
  while(FOLDER MATCHES "/nnc(/|$)")
    file(GLOB LEFT $ENV{DESTDIR}${FOLDER}/* $ENV{DESTDIR}${FOLDER}/.*)
    if(LEFT OR NOT IS_DIRECTORY $ENV{DESTDIR}${FOLDER})
      break()
    endif()
    file(REMOVE_RECURSE $ENV{DESTDIR}${FOLDER})
    cmake_path(GET FOLDER PARENT_PATH FOLDER)
  endwhile()
endforeach()
file(REMOVE ${MANIFEST})
