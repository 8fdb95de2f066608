# SPDX-License-Identifier: MIT
# sin and cos of numbers beyond 2^20 are reduced with all bits of pi that matter.
program s <<'END'
export fn waves[N](x: float[N]) -> float[2, N] { return stack([sin(x), cos(x)], axis=0) }
END
printf '1e20,3e38,-1e20,1e7,50331648,1267650600228229401496703205376,1e6,inf\n' >x.csv
near 2e-7 "0.656576678 0.874904888 -0.656576678 0.420547793 -0.443666773 -0.872183605 -0.349993502 nan
    0.754259283 -0.484294784 0.754259283 -0.907270386 -0.896191829 0.489178657 0.936752128 nan" ./s waves --x x.csv
program t --float=f64 <<'END'
export fn waves[N](x: float[N]) -> float[2, N] { return stack([sin(x), cos(x)], axis=0) }
END
printf '1e20,3e38,1e300,-1e300,1.7e308\n' >x.csv
near 4e-16 "-0.64525128526578079 -0.023678459894696413 -0.81788191211590855 0.81788191211590855 -0.59525608486320769
    0.76397040444172826 0.99971962596370756 -0.57538611195754907 -0.57538611195754907 0.803536056087918" ./t waves --x x.csv
