//! `bindgen <module.wasm> <out-dir>`: runs wasm-bindgen on the engine.
//!
//! The wasm-bindgen command line must be of exactly the version of the crate. Linking its library
//! into a member of the workspace lets Cargo.lock pin both at once.

use std::path::PathBuf;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(out_dir)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: bindgen <module.wasm> <out-dir>");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("engram").typescript(true).omit_default_module_path(true);
    let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(&out_dir));
    match generated {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
