# SPDX-License-Identifier: MIT
# A function with a gradient of its own, and that gradient, use their arguments only: said once, where it is called.
refused() { # FUNCTION
    {
        echo 'layer Net {'
        echo '    param w: float = 1'
        echo "    fn f(x: float) -> float $1"
        echo '    fn forward(x: float) -> float { return f(x) }'
        echo '}'
        echo 'model net = Net()'
        echo 'export fn g(x: float) -> float { return net(x) }'
    } >own.nn
    fails 1 'own.nn:4:44: error E0603' "$NNC" -c own.nn
    [ "$(grep -c E0603 out)" = 1 ] || broken "E0603 is not said once of: $1"
}
refused '{ return x * w } grad (dy) { return dy }'
refused '{ return x } grad (dy) { return dy * w }'
refused '{ return x * w } grad (dy) { return dy * w }'
