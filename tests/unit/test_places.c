/* links: nnc_sema nnc_syntax nnc_support m */
/* SPDX-License-Identifier: MIT
 * test_places.c: which tokens a place of a model is made of, as W0706 sees it, against sums of intervals. A model is a row of steps,
 * each of which makes place i of what stands from i + lo to i + hi; all its steps together see the sums of those. Whether a target
 * `off` places behind the input is among them is asked for each off. */
#include <criterion/criterion.h>

#include "sema_help.h"

enum { FAR = 1000, OFF = 3 };

typedef struct Step {
    const char *text;
    int lo, hi, own; /* own: what a place is itself of, besides what it looks at */
    const char *ahead; /* it looks at others behind it: how that is told; NULL: it does not */
} Step;

#define ATTENTION "the places behind are seen"
#define WINDOW "the window reaches ahead"
#define RUN "this runs from the end to the beginning"
#define SUM "this is of the places behind, as the axis is turned"
#define ALL "this is of all places"
#define MIX "every place is multiplied by all"

static const Step steps[] = {
    {"relu(h * 2 + 1)", 0, 0, 0, NULL},
    {"dense(h)", 0, 0, 0, NULL},
    {"transpose(transpose(h))", 0, 0, 0, NULL},
    {"reshape(dense(reshape(h, B * N, 8)), B, N, 8)", 0, 0, 0, NULL},
    {"rearrange(rearrange(h, \"b t (n e) -> b n t e\", n=2), \"b n t e -> b t (n e)\")", 0, 0, 0, NULL},
    {"concat([h[:, :3], h[:, 3:]], axis=1)", 0, 0, 0, NULL},
    {"where(range(N)[:, _] < 2, 0, h)", 0, 0, 0, NULL},
    {"pad(h[:, 1:], axis=1, after=1)", 1, 1, 1, NULL},
    {"pad(h[:, :-2], axis=1, before=2)", -2, -2, -2, NULL},
    {"pad(h, axis=1, before=1)[:, :N]", -1, -1, -1, NULL},
    {"concat([h[:, 1:], h[:, :1]], axis=1)", 1, 1, 1, NULL},
    {"flip(pad(flip(h, axis=1)[:, 1:], axis=1, after=1), axis=1)", -1, -1, -1, NULL},
    {"h + pad(h[:, 1:], axis=1, after=1)", 0, 1, 1, NULL},
    {"twice(concat([pad(h[:, :-1], axis=1, before=1), h], axis=-1))", -1, 0, 0, NULL},
    {"roll(h, 1, axis=1)", -1, -1, -1, NULL},
    {"roll(h, -1, axis=1)", 1, 1, 1, NULL},
    {"same(h)", -1, 1, 0, WINDOW},
    {"front(pad(h, axis=1, before=2))", -2, 0, -2, WINDOW},
    {"apart(pad(h, axis=1, before=2))", -2, 0, -2, WINDOW},
    {"flip(avg_pool1d(flip(h, axis=1), 3, stride=1, pad=[[2, 0]]), axis=1)", 0, 2, 0, WINDOW},
    {"max_pool1d(h, 2, stride=1, pad=[[0, 1]])", 0, 1, 0, WINDOW},
    {"avg_pool1d(h, 3, stride=1, pad=[[2, 0]])", -2, 0, 0, NULL},
    {"cumsum(h, axis=1)", -FAR, 0, 0, NULL},
    {"flip(cumprod(flip(h, axis=1), axis=1), axis=1)", 0, FAR, 0, SUM},
    {"h + mean(h, axis=1)[:, _, :]", -FAR, FAR, 0, ALL},
    {"attend(h, causal(N))", -FAR, 0, 0, NULL},
    {"attend(h, not causal(N) or range(N)[:, _] == range(N))", 0, FAR, 0, ATTENTION},
    {"attend(h, abs(range(N)[:, _] - range(N)) <= 1)", -1, 1, 0, ATTENTION},
    {"attend(h, range(N)[:, _] - range(N) < 3 and causal(N))", -2, 0, 0, NULL},
    {"attend(h, range(N)[:, _] + range(N) >= 0)", -FAR, FAR, 0, ATTENTION},
    {"added(h, float(not causal(N)))", -FAR, 0, 0, NULL},
    {"sums(h)", -FAR, 0, 0, NULL},
    {"backwards(h)", 0, FAR, 0, RUN},
    {"einsum(\"b t e, u t -> b u e\", h, float(causal(N)))", -FAR, 0, 0, NULL},
    {"einsum(\"b t e, t u -> b u e\", h, mix)", -FAR, FAR, 0, MIX},
    {"both(h, abs(range(N)[:, _] - range(N)) <= 1, causal(N))", -1, 0, 0, NULL},
    {"both(h, range(N)[:, _] - range(N) > -3, range(N)[:, _] - range(N) <= 0)", 0, 2, 0, ATTENTION},
    {"weighed(h, float(causal(N)))", -FAR, 0, 0, NULL},
    {"weighed(h, float(range(N)[:, _] == range(N)))", 0, 0, 0, NULL},
    {"past(h, h)", -FAR, 0, 0, NULL},
    {"full(h, h)", -FAR, FAR, 0, ATTENTION},
    {"heads(h)", -FAR, 0, 0, NULL},
    {"run(h)", -FAR, 0, 0, NULL},
    {"run2(h)", -FAR, FAR, 0, RUN},
    {"drop(h) * float(bernoulli(0.9, B, N, 8))", 0, 0, 0, NULL},
    {"h - max(h, axis=2, keep=true)", 0, 0, 0, NULL},
    {"h / sum(h, axis=1, keep=true)", -FAR, FAR, 0, ALL},
    {"h + cumsum(h, axis=1) / float(range(N) + 1)[:, _]", -FAR, 0, 0, NULL},
    {"h - mean(h, axis=[0, 1])", 0, 0, 0, NULL}, /* statistics of a batch may be meant */
    {"both(h, range(N)[:, _] > range(N), range(N)[:, _] <= range(N))", -FAR, FAR, 0, MIX}, /* all are -1e9 */
    {"stack([h, h], axis=0)[1]", 0, 0, 0, NULL},
    {"repeat(h, \"b t d -> b t k d\", k=3)[:, :, 0]", 0, 0, 0, NULL},
    {"einsum(\"b t d, d e -> b t e\", h, mix) @ mix", 0, 0, 0, NULL},
    {"where(dense(h) > 0, h, roll(h, 1, axis=1))", -1, 0, 0, NULL},
    {"max_pool1d(h, 2, stride=1, dilation=1, pad=[[1, 0]])", -1, 0, 0, NULL},
};
enum { N_STEPS = sizeof steps / sizeof *steps };

static const char layer[] = "const N = 8\n"
                            "data d { seq: int<10>[24] = bytes(\"a.txt\") }\n"
                            "layer Net() {\n"
                            "    layer embed = Embedding(10, 8)\n"
                            "    layer out = Dense(8, 10)\n"
                            "    layer dense = Dense(8, 8)\n"
                            "    layer twice = Dense(16, 8)\n"
                            "    layer same = Conv1d(8, 8, kernel=3, pad=1)\n"
                            "    layer front = Conv1d(8, 8, kernel=3)\n"
                            "    layer apart = Conv1d(8, 8, kernel=2, dilation=2)\n"
                            "    layer strides = Conv1d(8, 8, kernel=2, stride=2)\n"
                            "    param mix: float[8, 8] = glorot(fan_in=8, fan_out=8)\n"
                            "    layer past = MultiHeadAttention(8, 2, causal=true)\n"
                            "    layer full = MultiHeadAttention(8, 2)\n"
                            "    layer gru = GRU(8, 8)\n"
                            "    layer gru2 = GRU(8, 4, bidirectional=true)\n"
                            "    layer drop = Dropout(0.1)\n"
                            "    fn attend[B, T](h: float[B, T, 8], on: bool[T, T]) -> float[B, T, 8] {\n"
                            "        s = einsum(\"b t d, b u d -> b t u\", h, h)\n"
                            "        return einsum(\"b t u, b u d -> b t d\", softmax(where(on, s, -inf)), h)\n"
                            "    }\n"
                            "    fn added[B, T](h: float[B, T, 8], off: float[T, T]) -> float[B, T, 8] {\n"
                            "        return softmax(h @ rearrange(h, \"b t d -> b d t\") - 1e9 * off) @ h\n"
                            "    }\n"
                            "    fn both[B, T](h: float[B, T, 8], on: bool[T, T], too: bool[T, T]) -> float[B, T, 8] {\n"
                            "        s = where(too, where(on, einsum(\"b t d, b u d -> b t u\", h, h), -1e9), -1e9)\n"
                            "        return einsum(\"b t u, b u d -> b t d\", softmax(s), h)\n"
                            "    }\n"
                            "    fn weighed[B, T](h: float[B, T, 8], on: float[T, T]) -> float[B, T, 8] {\n"
                            "        w = exp(einsum(\"b t d, b u d -> b t u\", h, h)) * on\n"
                            "        return (w / sum(w, axis=-1, keep=true)) @ h\n"
                            "    }\n"
                            "    fn heads[B, T](h: float[B, T, 8]) -> float[B, T, 8] {\n"
                            "        q = rearrange(h, \"b t (n e) -> b n t e\", n=4)\n"
                            "        s = where(causal(T), q @ transpose(q) + 0.1, -inf)\n"
                            "        return rearrange(drop(softmax(s)) @ q, \"b n t e -> b t (n e)\")\n"
                            "    }\n"
                            "    fn run[B, T](h: float[B, T, 8]) -> float[B, T, 8] { y, _ = gru(h); return y }\n"
                            "    fn run2[B, T](h: float[B, T, 8]) -> float[B, T, 8] { y, _ = gru2(h); return y }\n"
                            "    fn sums[B, T](h: float[B, T, 8]) -> float[B, T, 8] {\n"
                            "        scan v in h along 1 with c = zeros(B, 8) { c = c * 0.5 + v; emit y = c }\n"
                            "        return y\n"
                            "    }\n"
                            "    fn backwards[B, T](h: float[B, T, 8]) -> float[B, T, 8] {\n"
                            "        return flip(sums(flip(h, axis=1)), axis=1)\n"
                            "    }\n"
                            "    fn forward[B](x: int<10>[B, 8]) -> float[B, 8, 10] {\n"
                            "        h = embed(x)\n";

/* What is said of a target that is `off` behind the input: 0 nothing, 1 that the model is given it, 2 that it looks ahead. */
static int wanted(const Step *sum, int off)
{
    if (off < sum->lo || off > sum->hi) return 0;
    return sum->ahead && sum->own < off ? 2 : 1;
}

/* The text of a loss of logits Z and targets Y. */
static const char *filled_in(Arena *arena, const char *loss, const char *targets)
{
    Text out = {.arena = arena};
    for (; *loss; loss++)
        if (*loss == 'Z')
            text_add(&out, "net(ex.seq[:, 8:16])");
        else if (*loss == 'Y')
            text_add(&out, "%s", targets);
        else
            text_add(&out, "%c", *loss);
    return text_c(&out);
}

static void check_loss(const Step *const *model, int n, const char *loss)
{
    Checked c;
    Arena arena = {0};
    Text text = {.arena = &arena};
    Step sum = {0};
    int said[2 * OFF + 1] = {0}, n_ahead = 0;
    text_add(&text, "%s", layer);
    for (int i = 0; i < n; i++) {
        text_add(&text, "        h = %s\n", model[i]->text);
        sum.lo += model[i]->lo, sum.hi += model[i]->hi, sum.own += model[i]->own, n_ahead += model[i]->ahead != NULL;
        if (model[i]->ahead) sum.ahead = model[i]->ahead;
    }
    text_add(&text, "        return out(h)\n    }\n}\nmodel net = Net()\n");
    uint32_t line = 1;
    for (const char *p = text_c(&text); *p; p++)
        line += *p == '\n';
    for (int off = -OFF; off <= OFF; off++)
        text_add(&text, "train fit%d[B](ex in d.all) { minimize %s over net using sgd() }\n", off + OFF,
                 filled_in(&arena, loss, arena_print(&arena, "ex.seq[:, %d:%d]", 8 + off, 16 + off)));
    check_source(&c, text_c(&text));
    cr_expect_eq(c.diags.n_errors, 0, "%s%s", c.messages, text_c(&text));
    for (uint32_t i = 0; i < c.diags.list.n; i++) {
        const Diag *d = c.diags.list.at[i];
        if (strcmp(d->code, "W0706") != 0) continue;
        int *at = &said[diag_line(&c, d) - line];
        *at = strstr(d->text, "given the very") ? 1 : 2;
        if (*at == 2 && n_ahead == 1)
            cr_expect(strstr(diag_words(&c, d), sum.ahead), "%s\n%s", diag_words(&c, d), strstr(text_c(&text), "h = embed"));
    }
    for (int off = -OFF; off <= OFF; off++)
        cr_expect_eq(said[off + OFF], wanted(&sum, off), "off %d: %d is said, not %d, of %s; %s", off, said[off + OFF], wanted(&sum, off),
                     model[0]->text, model[n - 1]->text);
    arena_free(&c.arena);
    arena_free(&arena);
}

static void check_model(const Step *const *model, int n)
{
    check_loss(model, n, "cross_entropy(Z, Y)");
}

Test(places, of_one_step)
{
    for (int i = 0; i < N_STEPS; i++)
        check_model((const Step *[]){&steps[i]}, 1);
}

Test(places, of_two_steps)
{
    uint32_t noise = 1;
    for (int i = 0; i < 3 * N_STEPS; i++) {
        noise = noise * 1664525u + 1013904223u;
        check_model((const Step *[]){&steps[i % N_STEPS], &steps[(noise >> 8) % N_STEPS]}, 2);
    }
}

/* What hides the tokens, or does so perhaps, is not followed. */
Test(places, that_nothing_is_known_of)
{
    static const char *const texts[] = {
        "where(range(N)[:, _] >= 0, 0, h)",
        "where(range(N)[:, _] < 9, zeros(B, N, 8), h)",
        "h * float(range(N) > 9)[:, _]",
        "where(bernoulli(0.5, B, N)[:, :, _], 0, h)",
        "h * float(bernoulli(0.5, B, N))[:, :, _]",
        "h * 0",
        "repeat(h[:, 0], \"b d -> b t d\", t=N)",
        "take(h, [7, 6, 5, 4, 3, 2, 1, 0], axis=1)",
        "sort(h, axis=1)",
        "attend(h, bernoulli(0.5, N, N))",
        "attend(h, range(N)[:, _] > range(N) + 7)",
        "attend(h, (range(N)[:, _] + range(N)) % 2 == 0 and bernoulli(0.5, N, N))",
        "weighed(h, rand(N, N) * float(bernoulli(0.5, N, N)))",
        "reshape(reshape(h, B, 2, 32), B, 8, 8)",
        "repeat(mean(h, axis=1), \"b d -> b t d\", t=N)",
        "strides(pad(h, axis=1, before=4, after=4))",
        "front(pad(h[:, ::2], axis=1, before=3, after=3))",
        "flip(front(pad(flip(h, axis=1), axis=1, before=2)), axis=1)",
        "max_pool1d(pad(h, axis=1, before=4, after=4), 2)",
        "einsum(\"b t e, b t f -> b e f\", h, h)",
        "einsum(\"b t e, u t -> b u e\", h, rand(8, 8))",
    };
    static const Step nothing = {"", 3 * FAR, -3 * FAR, 0, NULL};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        Step step = nothing;
        step.text = texts[i];
        check_model((const Step *[]){&step}, 1);
        check_model((const Step *[]){&steps[i + N_STEPS / 2], &step}, 2);
    }
}

/* However it is written, a loss of log probabilities; others say nothing. */
Test(places, in_other_losses)
{
    static const char *const losses[] = {
        "cross_entropy(Z, Y) * 2",
        "-mean(pick(log_softmax(Z), Y))",
        "-mean(sum(log_softmax(Z) * one_hot(Y, 10), axis=-1))",
        "-mean(sum(one_hot(Y, 10) * log_softmax(Z), axis=-1))",
        "mean(cross_entropy_each(Z, Y))",
        "cross_entropy(reshape(Z, B * 8, 10), reshape(Y, B * 8))",
        "cross_entropy(rearrange(Z, \"b t c -> (b t) c\"), rearrange(Y, \"b t -> (b t)\"))",
        "cross_entropy(transpose(transpose(Z)), rearrange(rearrange(Y, \"b t -> t b\"), \"t b -> b t\"))",
        "cross_entropy(rearrange(Z, \"b t c -> t b c\"), rearrange(Y, \"b t -> t b\"))",
    };
    static const char *const others[] = {
        "mean((Z - one_hot(Y, 10)) ** 2)",
        "cross_entropy(flip(Z, axis=1), flip(Y, axis=1))",
        "cross_entropy(mean(Z, axis=1), Y[:, 0])",
        "cross_entropy(rearrange(Z, \"b t c -> (t b) c\"), rearrange(Y, \"b t -> (t b)\"))",
    };
    static const Step nothing = {"dense(h)", 3 * FAR, -3 * FAR, 0, NULL};
    for (size_t i = 0; i < sizeof losses / sizeof *losses; i++)
        for (int k = 0; k < N_STEPS; k += 5)
            check_loss((const Step *[]){&steps[k]}, 1, losses[i]);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        check_loss((const Step *[]){&nothing}, 1, others[i]);
}
