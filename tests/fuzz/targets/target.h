/* SPDX-License-Identifier: MIT
 * target.h: what every fuzz target has. A finding is an abort: by a sanitizer, a BUG, or CHECK. A target that has `ways` is also a
 * program that says what it made of each file of the corpus (tests/readings/readings.c). */
#ifndef FUZZ_TARGET_H
#define FUZZ_TARGET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define CHECK(right, ...) \
    do { \
        if (right) break; \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__); \
        fprintf(stderr, __VA_ARGS__); \
        fputc('\n', stderr); \
        abort(); \
    } while (0)

typedef struct Ways { /* in which the file of an input may be read: inputs that differ in bytes which choose only */
    size_t head; /* bytes of an input in front of the file */
    int n, modes; /* of each */
    void (*choose)(int way, int mode, uint8_t *input); /* writes the bytes that choose; an input has four at least */
    void (*name)(int way, int mode);                   /* gives it */
} Ways;
extern const Ways ways;

/* What was read, in words that are the same on every machine; the fuzzer does not listen. */
typedef enum Precision {
    EXACT,
    SINGLE,  /* libm has its part in it */
    LIBRARY, /* what another library makes of damaged data is its own matter: how many */
} Precision;
#ifdef NNC_READINGS
enum { GIVES = true };
void give(const char *format, ...) __attribute__((format(printf, 1, 2)));
void give_numbers(const double *v, int64_t n, Precision precision);
void give_bytes(const void *at, size_t n); /* as text */
void give_aside(void);                     /* what follows is no part of what the record shows */
bool given_of_damaged(void);               /* is the input one that was damaged? */
#else
enum { GIVES = false };
static inline void __attribute__((format(printf, 1, 2))) give(const char *format, ...)
{
    (void)format;
}
static inline void give_numbers(const double *v, int64_t n, Precision precision)
{
    (void)v, (void)n, (void)precision;
}
static inline void give_aside(void)
{
}
static inline bool given_of_damaged(void)
{
    return false;
}
static inline void give_bytes(const void *at, size_t n)
{
    (void)at, (void)n;
}
#endif

/* A file that is read in one way only: name it all. */
#define ONE_WAY \
    static void choose_nothing(int way, int mode, uint8_t *input) \
    { \
        (void)way, (void)mode, (void)input; \
    } \
    static void name_nothing(int way, int mode) \
    { \
        (void)way, (void)mode; \
        give("as it is"); \
    } \
    const Ways ways = {0, 1, 1, choose_nothing, name_nothing};

#endif
