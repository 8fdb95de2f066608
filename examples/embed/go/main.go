// SPDX-License-Identifier: MIT

// flower A B C D: what kind of flower has these measures?
package main

/*
#cgo LDFLAGS: ${SRCDIR}/iris.o
#define IRIS_CORE_ONLY
#include "iris.h"

// The memory of a call is here, so that no pointer to memory of Go lies in a struct of C.
static int predict(const float x[4], float p[3])
{
	_Alignas(NNRT_ALIGN) unsigned char work[IRIS_PREDICT_WORK(1)];
	nnrt_call call = {.size = sizeof call, .work = work, .work_bytes = sizeof work};
	return iris_core_predict(iris_core_weights, &call, 1, x, p);
}
*/
import "C"

import (
	"os"
	"strconv"
)

// Predict gives the probabilities of the three kinds. Goroutines may call it at once; no code but 0 is possible for one flower.
func Predict(flower [4]float32) (p [3]float32, code int) {
	code = int(C.predict((*C.float)(&flower[0]), (*C.float)(&p[0])))
	return p, code
}

func main() {
	var flower [4]float32
	if len(os.Args) != 5 {
		os.Exit(2)
	}
	for i := range flower {
		v, wrong := strconv.ParseFloat(os.Args[i+1], 32)
		if wrong != nil {
			os.Stderr.WriteString(wrong.Error() + "\n")
			os.Exit(2)
		}
		flower[i] = float32(v)
	}
	p, code := Predict(flower)
	if code != 0 {
		os.Stderr.WriteString("predict: code " + strconv.Itoa(code) + "\n")
		os.Exit(1)
	}
	for i, v := range p {
		os.Stdout.WriteString(strconv.FormatFloat(float64(v), 'g', -1, 32) + string(",,\n"[i]))
	}
}
