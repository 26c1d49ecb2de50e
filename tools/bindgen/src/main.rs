//! `bindgen <name.wasm> <out-dir>`: runs wasm-bindgen on a module, whose glue gets its name.
//!
//! The wasm-bindgen command line must be of exactly the version of the crate. Linking its library
//! into a member of the workspace lets Cargo.lock pin both at once.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use walrus::ir::Value;
use walrus::{ConstExpr, ElementItems, ExportItem, FunctionBuilder, FunctionId, GlobalKind, Module, ValType};
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

/// Lets every instance have a note of its own that it has trapped.
///
/// wasm-bindgen's note is a word of the memory, whose address the glue takes from this global. All threads share
/// the memory, so a trap of one would end the engines of all. A global is an instance's own: `engine/instance.ts`
/// puts the address of a word of its thread there. As a double, since JavaScript reads large integers as negative.
fn let_instances_trap_alone(module: &mut Module) -> anyhow::Result<()> {
    let note = module.exports.iter().find(|export| export.name == "__instance_terminated");
    let Some(ExportItem::Global(id)) = note.map(|export| export.item) else {
        anyhow::bail!("the module exports no global __instance_terminated");
    };
    let global = module.globals.get_mut(id);
    let GlobalKind::Local(ConstExpr::Value(Value::I32(address))) = global.kind else {
        anyhow::bail!("__instance_terminated is no address");
    };
    global.kind = GlobalKind::Local(ConstExpr::Value(Value::F64(f64::from(address))));
    global.ty = ValType::F64;
    global.mutable = true;
    Ok(())
}

/// Refuses functions that return a value of JavaScript as it is, see `src/bindings/mod.rs`.
fn refuse_references_as_results(module: &Module) -> anyhow::Result<()> {
    for export in module.exports.iter() {
        let ExportItem::Function(id) = export.item else { continue };
        let results = module.types.results(module.funcs.get(id).ty());
        if results.iter().any(|result| matches!(result, ValType::Ref(_))) {
            anyhow::bail!(
                "{} returns a value of JavaScript, which can end Node 20 and 22: let it return a Result (src/bindings/mod.rs)",
                export.name
            );
        }
    }
    Ok(())
}

/// Writes the module, with its glue, into `out_dir`.
fn generate(bindgen: &mut Bindgen, out_dir: &Path) -> anyhow::Result<()> {
    let mut output = bindgen.generate_output()?;
    drop_unused_shims(output.wasm_mut());
    let_instances_trap_alone(output.wasm_mut())?;
    refuse_references_as_results(output.wasm_mut())?;
    output.emit(out_dir)
}

fn main() -> ExitCode {
    let mut arguments = std::env::args_os().skip(1).map(PathBuf::from);
    let (Some(module), Some(out_dir)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: bindgen <module.wasm> <out-dir>");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let name = module.file_stem().and_then(|stem| stem.to_str()).unwrap_or("engram").to_owned();
    bindgen.input_path(module).out_name(&name).typescript(true).omit_default_module_path(true);
    match bindgen.web(true).and_then(|bindgen| generate(bindgen, &out_dir)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bindgen: {error:#}");
            ExitCode::FAILURE
        }
    }
}
