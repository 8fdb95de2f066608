// SPDX-License-Identifier: MIT
//! Compiles the model into an object and links it in. MODEL is the program, WEIGHTS its checkpoint, NNC the compiler.
use std::{env, process::Command};

fn variable(name: &str, otherwise: &str) -> String {
    println!("cargo:rerun-if-env-changed={}", name);
    env::var(name).unwrap_or_else(|_| otherwise.to_string())
}

fn main() {
    let model = variable("MODEL", "../../iris/iris.nn");
    let weights = variable("WEIGHTS", "../../iris.safetensors");
    let nnc = variable("NNC", "nnc");
    let object = env::var("OUT_DIR").unwrap() + "/iris.o";
    let done = Command::new(&nnc).args(["-c", &model, "-o", &object]).arg("--weights=".to_string() + &weights).status();
    match done {
        Ok(status) if status.success() => {}
        Ok(_) => panic!("{} does not compile", model),
        Err(wrong) => panic!("{}: {}", nnc, wrong),
    }
    println!("cargo:rustc-link-arg={}", object);
    println!("cargo:rerun-if-changed={}", model);
    println!("cargo:rerun-if-changed={}", weights);
}
