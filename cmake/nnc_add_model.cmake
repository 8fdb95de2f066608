# SPDX-License-Identifier: MIT
# nnc_add_model(TARGET FILE.nn [PREFIX NAME] [FLAGS FLAG ...])
#
# Compiles a model into a target of C or C++: its object and the runtime are linked, its header NAME.h is found. NAME is the stem of the
# file, or PREFIX, which C symbols begin with. FLAGS go to nnc (-D, -march=, --float=, ...; nnc --help). It is compiled again when the
# file, one of its imports, or nnc changes.
function(nnc_add_model TARGET FILE)
  cmake_parse_arguments(PARSE_ARGV 2 MODEL "" "PREFIX" "FLAGS")
  if(MODEL_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "nnc_add_model: unknown: ${MODEL_UNPARSED_ARGUMENTS}; it takes TARGET FILE.nn [PREFIX NAME] [FLAGS FLAG ...]")
  endif()
  get_filename_component(SOURCE ${FILE} ABSOLUTE)
  get_filename_component(NAME ${FILE} NAME_WLE)
  if(MODEL_PREFIX)
    set(NAME ${MODEL_PREFIX})
    list(APPEND MODEL_FLAGS --prefix=${NAME})
  endif()
  set(FOLDER ${CMAKE_CURRENT_BINARY_DIR}/nnc/${TARGET})
  file(MAKE_DIRECTORY ${FOLDER})
  add_custom_command(OUTPUT ${FOLDER}/${NAME}.o ${FOLDER}/${NAME}.h
    COMMAND nnc::nnc -c ${SOURCE} -o ${FOLDER}/${NAME}.o --depfile=${FOLDER}/${NAME}.d ${MODEL_FLAGS}
    DEPENDS ${SOURCE} $<TARGET_FILE:nnc::nnc> DEPFILE ${FOLDER}/${NAME}.d COMMENT "Compiling the model ${FILE}" VERBATIM)
  set_source_files_properties(${FOLDER}/${NAME}.o PROPERTIES EXTERNAL_OBJECT TRUE GENERATED TRUE)
  target_sources(${TARGET} PRIVATE ${FOLDER}/${NAME}.o ${FOLDER}/${NAME}.h)
  target_include_directories(${TARGET} PRIVATE ${FOLDER})
  target_link_libraries(${TARGET} PRIVATE nnc::nnrt)
endfunction()
