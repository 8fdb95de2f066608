// SPDX-License-Identifier: MIT
//! flower A B C D: the core layer of the model's header (iris.h) in Rust. No crates; Rust 1.63 or newer.
use std::{env, ffi::c_void, process::exit, ptr};

#[repr(C)]
struct Error {
    code: i32,
    line: i32,
    argument: i32,
    axis: i32,
    wanted: i64,
    given: i64,
}

/// `nnrt_call`
#[repr(C)]
struct Call {
    size: usize,
    work: *mut c_void,
    work_bytes: usize,
    options: *const c_void,
    seed: u64,
    host: *const c_void,
    error: Error,
}

extern "C" {
    static iris_core_weights: u8;
    fn iris_core_predict_work(b: i64, threads: i32) -> usize;
    fn iris_core_predict(model: *const c_void, call: *mut Call, b: i64, x: *const f32, out: *mut f32) -> i32;
}

/// Memory that is aligned as NNRT_ALIGN asks for.
#[derive(Clone)]
#[repr(align(64))]
struct Block(#[allow(dead_code)] [u8; 64]);

/// Probabilities of the three kinds, for each flower. The weights are only read: threads may call it at once.
fn predict(x: &[[f32; 4]]) -> Result<Vec<[f32; 3]>, Error> {
    let rows = x.len() as i64;
    let bytes = unsafe { iris_core_predict_work(rows, 1) };
    let mut work = vec![Block([0; 64]); if bytes == usize::MAX { 0 } else { (bytes + 63) / 64 }];
    let mut out = vec![[0.0; 3]; x.len()];
    let mut call = Call {
        size: std::mem::size_of::<Call>(),
        work: work.as_mut_ptr().cast(),
        work_bytes: work.len() * 64,
        options: ptr::null(),
        seed: 0,
        host: ptr::null(),
        error: Error { code: 0, line: 0, argument: 0, axis: 0, wanted: 0, given: 0 },
    };
    let code = unsafe {
        let model = ptr::addr_of!(iris_core_weights).cast();
        iris_core_predict(model, &mut call, rows, x.as_ptr().cast(), out.as_mut_ptr().cast())
    };
    if code == 0 { Ok(out) } else { Err(call.error) }
}

fn main() {
    let given: Vec<f32> = env::args().skip(1).map(|a| a.parse().expect("a number")).collect();
    let flower = <[f32; 4]>::try_from(given).expect("four measures");
    match predict(&[flower]) {
        Ok(p) => println!("{:?},{:?},{:?}", p[0][0], p[0][1], p[0][2]),
        Err(wrong) => {
            eprintln!("predict: code {}, argument {}, line {}, axis {}", wrong.code, wrong.argument, wrong.line, wrong.axis);
            eprintln!("wanted {}, given {}", wrong.wanted, wrong.given);
            exit(1);
        }
    }
}
