/* SPDX-License-Identifier: MIT
 * suggest.c: what a misspelt or foreign name may stand for. */
#include "sema/base/suggest.h"

#include <string.h>

#include "support/str.h"

void suggest_consider(const char *name, const char *candidate, const char **best, int *distance)
{
    if (!candidate) return;
    int d = str_distance(name, candidate);
    size_t n = strlen(name);
    if (d > 2 || (n <= 3 && d > 1) || (n <= 1 && d > 0) || d >= *distance) return;
    *best = candidate;
    *distance = d;
}

const char *suggest_among(const char *name, const char *const *names, uint32_t n)
{
    const char *best = NULL;
    int distance = 99;
    for (uint32_t i = 0; i < n; i++)
        suggest_consider(name, names[i], &best, &distance);
    return best;
}

/* Names of other systems for things of the library. */
const char *suggest_foreign(const char *name)
{
    static const char *const table[][2] = {
        {"BatchNorm1d", "BatchNorm"},
        {"BatchNorm2d", "BatchNorm"},
        {"Linear", "Dense"},
        {"Conv2D", "Conv2d"},
        {"Conv1D", "Conv1d"},
        {"MaxPool2D", "MaxPool2d"},
        {"ConvTranspose2d", "ConvT2d"},
        {"Sequential", "chain"},
        {"LeakyReLU", "LeakyRelu"},
        {"ReLU", "relu"},
        {"BatchNormalization", "BatchNorm"},
        {"nn", "Dense, Conv2d ... without a prefix"},
        {"np", "mean, exp ... without a prefix"},
        {"torch", "mean, exp ... without a prefix"},
        {"F", "relu, softmax ... without a prefix"},
        {"self", NULL},
        {"print", NULL},
        {"True", "true"},
        {"False", "false"},
        {"None", NULL},
        {"lambda", NULL},
        {"CrossEntropyLoss", "cross_entropy"},
        {"MSELoss", "mse"},
        {"MaxPooling2D", "MaxPool2d"},
        {"MaxPooling1D", "MaxPool1d"},
        {"AveragePooling2D", "AvgPool2d"},
        {"ConvTranspose1d", "ConvT1d"},
        {"Conv2DTranspose", "ConvT2d"},
        {"DepthwiseConv2D", "Conv2d with groups=n_in"},
        {"SeparableConv2D", "vision.SeparableConv"},
        {"AdaptiveAvgPool2d", "global_mean"},
        {"GlobalAveragePooling2D", "global_mean"},
        {"GlobalMaxPooling2D", "global_max"},
        {"InstanceNorm2d", "GroupNorm with groups=c"},
        {"LayerNormalization", "LayerNorm"},
        {"Dropout2d", "SpatialDropout"},
        {"SpatialDropout2D", "SpatialDropout"},
        {"PReLU", "PRelu"},
        {"Upsample", "vision.Upsample2d"},
        {"UpSampling2D", "vision.Upsample2d"},
        {"TransformerEncoderLayer", "seq.EncoderBlock"},
        {"TransformerDecoderLayer", "seq.DecoderBlock"},
        {"MultiheadAttention", "MultiHeadAttention"},
        {"KLDivLoss", "kl_categorical"},
        {"CTCLoss", "seq.ctc"},
        {"TripletMarginLoss", "triplet"},
        {"L1Loss", "mae"},
        {"HuberLoss", "huber"},
        {"LSTMCell2", NULL},
        {"arange", "range"},
        {"matmul", "@"},
        {"dot", "@"},
        {"cat", "concat"},
        {"permute", "rearrange"},
        {"squeeze", "x[..., 0]"},
        {"unsqueeze", "x[..., _]"},
        {"view", "reshape"},
        {"clamp", "clip"},
        {"arcsin", "asin"},
        {"arccos", "acos"},
        {"arctan", "atan"},
        {"rint", "round"},
        {"isinf", "not isfinite(x)"},
        {"BCEWithLogitsLoss", "binary_cross_entropy"},
        {"max_pool", "max_pool2d"},
        {"detach", "stop_gradient"},
    };
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
        if (!strcmp(table[i][0], name)) return table[i][1];
    return NULL;
}
