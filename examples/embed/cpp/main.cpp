/* SPDX-License-Identifier: MIT
 * main.cpp CHECKPOINT A B C D: what kind of flower has these measures? */
#include <charconv>
#include <cstdlib>
#include <iostream>

#include "iris.hpp"

int main(int argc, char **argv)
try {
    if (argc != 6) return 2;
    const Iris model{std::string(argv[1])};
    Iris::Flower flower;
    for (std::size_t i = 0; i < 4; i++)
        flower[i] = std::strtof(argv[i + 2], nullptr);
    const auto kinds = model.predict({flower})[0];
    for (std::size_t i = 0; i < 3; i++) {
        char text[32];
        std::cout.write(text, std::to_chars(text, text + sizeof text, kinds[i]).ptr - text);
        std::cout << (i < 2 ? ',' : '\n');
    }
} catch (const std::exception &wrong) {
    std::cerr << wrong.what() << '\n';
    return 1;
}
