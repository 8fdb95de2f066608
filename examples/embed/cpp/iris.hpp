/* SPDX-License-Identifier: MIT
 * iris.hpp: the model as a class: freed with its owner, moved and not copied; errors are exceptions. C++17. */
#ifndef IRIS_HPP
#define IRIS_HPP

#include <array>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "iris.h"

class Iris {
public:
    using Flower = std::array<float, 4>;
    using Kinds = std::array<float, 3>;

    explicit Iris(std::uint64_t seed = 0) : handle(iris_new(seed)) { check(handle ? 0 : 1); }
    explicit Iris(const std::string &checkpoint) : Iris() { load(checkpoint); }

    void load(const std::string &path) { check(iris_load(handle.get(), path.c_str())); }
    void save(const std::string &path) const { check(iris_save(handle.get(), path.c_str())); }

    /* Any number of threads may call it at once. */
    std::vector<Kinds> predict(const std::vector<Flower> &x) const
    {
        if (x.empty()) return {};
        std::vector<Kinds> out(x.size());
        check(iris_predict(handle.get(), static_cast<std::int64_t>(x.size()), x.data()->data(), out.data()->data()));
        return out;
    }

    /* One step of training; gives the loss of these examples. */
    double step(const std::vector<Flower> &x, const std::vector<std::int32_t> &y)
    {
        if (x.empty() || x.size() != y.size()) throw std::invalid_argument("flowers are needed, and a kind for each");
        iris_fit_report report;
        check(iris_fit_step(handle.get(), static_cast<std::int64_t>(x.size()), x.data()->data(), y.data(), &report));
        return report.loss;
    }

private:
    struct Free {
        void operator()(iris *m) const { iris_free(m); }
    };
    static void check(int code)
    {
        if (code) throw std::runtime_error(iris_error());
    }
    std::unique_ptr<iris, Free> handle;
};

#endif
