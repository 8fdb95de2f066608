# SPDX-License-Identifier: MIT
# target_program(NAME TARGET.c [MORE...]): a program of a fuzz target. Its first lines may name libraries and calls that are replaced at
# the link ("/* links: ... */", "/* wraps: ... */").
function(target_program NAME F)
  foreach(WORD links wraps)
    file(STRINGS ${F} ${WORD} REGEX "^/\\* ${WORD}: ")
    string(REGEX REPLACE "^/\\* ${WORD}: (.*) \\*/.*$" "\\1" ${WORD} "${${WORD}}")
    separate_arguments(${WORD})
  endforeach()
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${F})
  add_executable(${NAME} ${F} ${ARGN})
  target_include_directories(${NAME} PRIVATE ${CMAKE_SOURCE_DIR}/compiler ${CMAKE_SOURCE_DIR}/runtime ${CMAKE_SOURCE_DIR}/tests/unit)
  target_link_libraries(${NAME} PRIVATE ${links} nnc_options m)
  foreach(CALL ${wraps})
    target_link_options(${NAME} PRIVATE -Wl,--wrap=${CALL})
  endforeach()
endfunction()
