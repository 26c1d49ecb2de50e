//! `bindgen <module.wasm> <out-dir>`: runs wasm-bindgen on the engine.
//!
//! The wasm-bindgen command line must be of exactly the version of the crate. Linking its library
//! into a member of the workspace lets Cargo.lock pin both at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use walrus::{ConstExpr, ElementItems, ExportItem, FunctionBuilder, FunctionId, Module};
use wasm_bindgen_cli_support::Bindgen;

/// Takes the shims of closures that nobody makes out of the function table, and so out of the module.
///
/// js-sys declares functions that take closures of many types. While wasm-bindgen finds out about these,
/// their shims have their address taken, which leaves them in the table: 12 kB that nothing calls. The
/// shims that the glue does call are exports.
fn drop_unused_shims(module: &mut Module) {
    let exported: Vec<FunctionId> = module
        .exports
        .iter()
        .filter_map(|export| match export.item {
            ExportItem::Function(id) => Some(id),
            _ => None,
        })
        .collect();
    let unused = |id: FunctionId| {
        let name = module.funcs.get(id).name.as_deref().unwrap_or_default();
        name.contains("::convert::closures::_::invoke") && !exported.contains(&id)
    };
    let unused: Vec<FunctionId> = module.funcs.iter().map(|function| function.id()).filter(|&id| unused(id)).collect();
    let mut nothing = FunctionBuilder::new(&mut module.types, &[], &[]);
    nothing.func_body().unreachable();
    let nothing = nothing.finish(vec![], &mut module.funcs);
    for element in module.elements.iter_mut() {
        let entries: Vec<&mut FunctionId> = match &mut element.items {
            ElementItems::Functions(ids) => ids.iter_mut().collect(),
            ElementItems::Expressions(_, expressions) => expressions
                .iter_mut()
                .filter_map(|expression| match expression {
                    ConstExpr::RefFunc(id) => Some(id),
                    _ => None,
                })
                .collect(),
        };
        entries.into_iter().filter(|id| unused.contains(id)).for_each(|id| *id = nothing);
    }
    walrus::passes::gc::run(module);
}

/// Gives short names to what the module and its glue call each other; returns the old with the new ones.
///
/// wasm-bindgen's names have a hash or a whole signature in them, which does not compress, and the package
/// holds glue five times.
fn shorten_names(module: &mut Module) -> Vec<(String, String)> {
    let imports = module.imports.iter_mut().map(|import| &mut import.name).filter(|name| name.starts_with("__wbg_"));
    let exports = module.exports.iter_mut().map(|export| &mut export.name).filter(|name| name.contains("closures"));
    let rename = |(index, name): (usize, &mut String)| {
        let short = format!("glue{index}");
        (std::mem::replace(name, short.clone()), short)
    };
    imports.chain(exports).enumerate().map(rename).collect()
}

/// Writes the module, with its glue, into `out_dir`.
fn generate(bindgen: &mut Bindgen, out_dir: &Path) -> anyhow::Result<()> {
    let mut output = bindgen.generate_output()?;
    drop_unused_shims(output.wasm_mut());
    let names = shorten_names(output.wasm_mut());
    output.emit(out_dir)?;
    let glue = out_dir.join("engram.js");
    let text = std::fs::read_to_string(&glue)?;
    let text = names.iter().fold(text, |text, (old, new)| text.replace(old, new));
    Ok(std::fs::write(&glue, text)?)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(out_dir)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: bindgen <module.wasm> <out-dir>");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    bindgen.input_path(module).out_name("engram").typescript(true).omit_default_module_path(true);
    match bindgen.web(true).and_then(|bindgen| generate(bindgen, &out_dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
