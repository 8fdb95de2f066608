/* SPDX-License-Identifier: MIT
 * number.h: numbers as text, the same in every locale: the application that a model is part of may have chosen one whose
 * decimal point is a comma. */
#ifndef NNRT_BASE_NUMBER_H
#define NNRT_BASE_NUMBER_H

#include <stddef.h>
#include <stdio.h>

double number_read(const char *text, char **end); /* as strtod, errno too */
float number_read_float(const char *text);

/* As fprintf and snprintf. */
int number_print(FILE *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
int number_text(char *out, size_t n, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
