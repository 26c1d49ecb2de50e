//! A description of a network's memory for JavaScript: its parts, layers and blocks.

use js_sys::{Array, Object, Reflect};
use wasm_bindgen::prelude::*;

use super::names;
use crate::field::Choice;
use crate::program::{Block, BlockKind, Layer, Program};

/// A plain object with these fields.
fn object(fields: &[(&str, JsValue)]) -> Result<JsValue, JsValue> {
    let object = Object::new();
    for (name, value) in fields {
        Reflect::set(&object, &JsValue::from(*name), value)?;
    }
    Ok(object.into())
}

/// An array of what `of` makes of every item.
fn array<T>(items: &[T], of: &dyn Fn(&T) -> Result<JsValue, JsValue>) -> Result<JsValue, JsValue> {
    let array = Array::new();
    for item in items {
        array.push(&of(item)?);
    }
    Ok(array.into())
}

/// Describes the memory of a program.
pub fn layout(program: &Program) -> Result<JsValue, JsValue> {
    let parts = Array::new();
    let mut offset = 0;
    for (name, length) in program.layout.parts() {
        parts.push(&object(&[("name", name.into()), ("offset", offset.into()), ("length", length.into())])?);
        offset += length;
    }
    object(&[
        ("length", offset.into()),
        ("parts", parts.into()),
        ("layers", array(&program.layers, &|layer| layer_layout(program, layer))?),
        ("blocks", array(&program.blocks, &|block| block_layout(program, block))?),
    ])
}

fn layer_layout(program: &Program, layer: &Layer) -> Result<JsValue, JsValue> {
    let mut fields = vec![
        ("name", JsValue::from(layer.name.as_str())),
        ("first", layer.first.into()),
        ("size", layer.size.into()),
        ("reversed", program.reads_ahead(layer.first).into()),
    ];
    if let Some(pooling) = program.pooling[layer.first] {
        fields.push(("pooling", names::variant(pooling.parts().0.name()).into()));
    }
    object(&fields)
}

fn block_layout(program: &Program, block: &Block) -> Result<JsValue, JsValue> {
    let (kind, rows, columns) = match &block.kind {
        BlockKind::Dense { columns, .. } => ("dense", block.rows, block.taps() * columns),
        BlockKind::Diagonal { .. } => ("diagonal", block.rows, 1),
        BlockKind::Sparse(_) => ("sparse", 1, block.count),
    };
    let gater = block.gating.gater();
    let gating = gater
        .and_then(|gater| program.layers.iter().find(|layer| (layer.first..layer.first + layer.size).contains(&gater)));
    let [from, to] = [block.from, block.to].map(|layer| program.layers[layer].name.as_str());
    let mut fields = vec![
        ("name", JsValue::from(format!("{from} -> {to}"))),
        ("from", from.into()),
        ("to", to.into()),
        ("kind", kind.into()),
        ("offset", block.weight.into()),
        ("length", block.count.into()),
        ("rows", rows.into()),
        ("columns", columns.into()),
        ("gatedBy", gating.map(|layer| layer.name.as_str()).into()),
    ];
    if !block.delays.is_empty() {
        fields.push(("delays", array(&block.delays, &|&delay| Ok(program.signed(block.target, delay).into()))?));
    }
    object(&fields)
}
