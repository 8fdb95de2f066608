# SPDX-License-Identifier: MIT
# Warnings, sanitizers and the LLVM installation, as interface targets.
add_library(nnc_options INTERFACE)
target_compile_options(nnc_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wno-enum-float-conversion
  -Wno-gnu-zero-variadic-macro-arguments $<$<BOOL:${NNC_WERROR}>:-Werror>)
if(NNC_ASAN) # programs that nnc links with the runtime need the flag too (emit/link.c)
  set(NNC_SANITIZE -fsanitize=address,undefined)
  target_compile_options(nnc_options INTERFACE ${NNC_SANITIZE} -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
  target_compile_definitions(nnc_options INTERFACE NNC_ASAN NNC_LINK_FLAG="${NNC_SANITIZE}")
  target_link_options(nnc_options INTERFACE ${NNC_SANITIZE})
endif()
if(NNC_TSAN) # what nnc generates is not watched, the runtime around it is
  set(NNC_SANITIZE -fsanitize=thread)
  target_compile_options(nnc_options INTERFACE ${NNC_SANITIZE} -fno-omit-frame-pointer)
  target_compile_definitions(nnc_options INTERFACE NNC_LINK_FLAG="${NNC_SANITIZE}")
  target_link_options(nnc_options INTERFACE ${NNC_SANITIZE})
endif()
if(NNC_FUZZ) # asserts stay on
  target_compile_options(nnc_options INTERFACE -UNDEBUG -fsanitize=fuzzer-no-link,address,undefined,float-cast-overflow
    -fno-sanitize-recover=undefined,float-cast-overflow -fno-omit-frame-pointer)
  target_compile_definitions(nnc_options INTERFACE NNC_ASAN)
endif()
if(NNC_COVERAGE) # tools/mutants; programs that are linked with the runtime need the flag too
  set(NNC_SANITIZE --coverage)
  target_compile_definitions(nnc_options INTERFACE NNC_LINK_FLAG="--coverage")
endif()
target_compile_definitions(nnc_options INTERFACE _GNU_SOURCE)
# The same bytes from any folder: its name does not stand in what is built. Of several that fit the last one counts; the one without a slash
# is for the folder itself, which debug information names.
file(RELATIVE_PATH NNC_FROM_BUILD ${CMAKE_BINARY_DIR} ${CMAKE_SOURCE_DIR})
target_compile_options(nnc_options INTERFACE -ffile-prefix-map=${CMAKE_SOURCE_DIR}/= -ffile-prefix-map=${NNC_FROM_BUILD}/=
  -ffile-prefix-map=${CMAKE_BINARY_DIR}=. -ffile-prefix-map=${CMAKE_BINARY_DIR}/=)

# Files from strangers are read here and by the programs that nnc makes (SECURITY.md; tests/hardening.sh looks at the result).
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_compile_options(nnc_options INTERFACE -fstack-protector-strong)
if(NOT NNC_ASAN AND NOT CMAKE_BUILD_TYPE STREQUAL Debug)
  target_compile_options(nnc_options INTERFACE -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
endif()
target_link_options(nnc_options INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)

find_program(LD_GOLD ld.gold) # links in a third of the time of GNU ld
if(LD_GOLD)
  add_link_options(-fuse-ld=gold)
endif()
# JSON, for editors and `nnc check --json`. The static library, where there is one: a shared one would be loaded at every start.
find_path(JANSSON_INCLUDE jansson.h REQUIRED)
find_library(JANSSON_LIBRARY NAMES libjansson.a jansson REQUIRED)
add_library(nnc_jansson INTERFACE)
target_include_directories(nnc_jansson SYSTEM INTERFACE ${JANSSON_INCLUDE})
target_link_libraries(nnc_jansson INTERFACE ${JANSSON_LIBRARY})

find_program(LLVM_CONFIG NAMES llvm-config-19 REQUIRED)
find_program(CLANG_19 NAMES clang-19 REQUIRED)
find_program(RE2C re2c REQUIRED)
find_program(BISON bison REQUIRED)
execute_process(COMMAND ${LLVM_CONFIG} --includedir OUTPUT_VARIABLE LLVM_INCLUDE OUTPUT_STRIP_TRAILING_WHITESPACE)
execute_process(COMMAND ${LLVM_CONFIG} --libdir OUTPUT_VARIABLE LLVM_LIBDIR OUTPUT_STRIP_TRAILING_WHITESPACE)
add_library(nnc_llvm INTERFACE)
target_include_directories(nnc_llvm SYSTEM INTERFACE ${LLVM_INCLUDE})
target_link_directories(nnc_llvm INTERFACE ${LLVM_LIBDIR})

# The command links LLVM statically: its shared library costs 40 ms of relocation at every start. The tests, many and short-lived, use the shared one (property NNC_STATIC_LLVM).
option(NNC_STATIC_LLVM "link nnc with LLVM statically: starts faster, links slower" ON)
find_library(LLVM_STATIC_CORE LLVMCore PATHS ${LLVM_LIBDIR} NO_DEFAULT_PATH)
if(NNC_STATIC_LLVM AND LLVM_STATIC_CORE)
  execute_process(COMMAND ${LLVM_CONFIG} --link-static --libs x86 aarch64 riscv arm webassembly passes mcjit bitreader linker analysis
    OUTPUT_VARIABLE LLVM_STATIC OUTPUT_STRIP_TRAILING_WHITESPACE)
  execute_process(COMMAND ${LLVM_CONFIG} --link-static --system-libs OUTPUT_VARIABLE LLVM_SYSTEM OUTPUT_STRIP_TRAILING_WHITESPACE)
  separate_arguments(LLVM_STATIC)
  separate_arguments(LLVM_SYSTEM)
  execute_process(COMMAND ${CMAKE_C_COMPILER} -print-file-name=libstdc++.a OUTPUT_VARIABLE STDCXX OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT EXISTS ${STDCXX})
    set(STDCXX stdc++)
  endif()
  set(LLVM_LIBS $<IF:$<BOOL:$<TARGET_PROPERTY:NNC_STATIC_LLVM>>,${LLVM_STATIC};${LLVM_SYSTEM};${STDCXX},LLVM-19>)
else()
  set(LLVM_LIBS LLVM-19)
endif()
target_link_libraries(nnc_llvm INTERFACE "${LLVM_LIBS}")
