# SPDX-License-Identifier: MIT
# Helper functions for generated sources.

# nnc_embed(OUTVAR file symbol): file becomes the array `symbol` (and symbol_size).
function(nnc_embed OUTVAR FILE SYMBOL)
  set(OUT ${CMAKE_BINARY_DIR}/generated/embed_${SYMBOL}.c)
  add_custom_command(OUTPUT ${OUT}
    COMMAND ${CMAKE_COMMAND} -DIN=${FILE} -DOUT=${OUT} -DSYMBOL=${SYMBOL} -P ${CMAKE_SOURCE_DIR}/cmake/embed.cmake
    DEPENDS ${FILE} ${CMAKE_SOURCE_DIR}/cmake/embed.cmake)
  set(${OUTVAR} ${OUT} PARENT_SCOPE)
endfunction()
