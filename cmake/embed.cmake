# SPDX-License-Identifier: MIT
# cmake -DIN=file -DOUT=file.c -DSYMBOL=name -P embed.cmake: a file as a C array.
file(READ ${IN} HEX HEX)
string(LENGTH "${HEX}" LEN)
math(EXPR BYTES "${LEN} / 2")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," HEX "${HEX}")
string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n" HEX "${HEX}")
file(WRITE ${OUT} "#include <stddef.h>\nextern const unsigned char ${SYMBOL}[]; extern const size_t ${SYMBOL}_size;\nconst unsigned char ${SYMBOL}[] = {\n${HEX}0};\nconst size_t ${SYMBOL}_size = ${BYTES};\n")
