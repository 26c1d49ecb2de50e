//! A description of a network's memory for JavaScript: its parts, layers and blocks.

use serde::Serialize;

use super::names;
use crate::field::Choice;
use crate::program::{BlockKind, Gating, Program};

#[derive(Serialize)]
struct Part {
    name: &'static str,
    offset: usize,
    length: usize,
}

#[derive(Serialize)]
struct BlockLayout<'a> {
    name: String,
    from: &'a str,
    to: &'a str,
    kind: &'static str,
    offset: usize,
    length: usize,
    rows: usize,
    columns: usize,
    #[serde(rename = "gatedBy")]
    gated_by: Option<&'a str>,
}

#[derive(Serialize)]
struct LayerLayout<'a> {
    name: &'a str,
    first: usize,
    size: usize,
    reversed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pooling: Option<String>,
}

#[derive(Serialize)]
pub struct NetworkLayout<'a> {
    length: usize,
    parts: Vec<Part>,
    layers: Vec<LayerLayout<'a>>,
    blocks: Vec<BlockLayout<'a>>,
}

/// Describes the memory of a program.
pub fn layout(program: &Program) -> NetworkLayout<'_> {
    let mut offset = 0;
    let parts = program.layout.parts().map(|(name, length)| {
        let part = Part { name, offset, length };
        offset += length;
        part
    });
    let name_of = |layer: usize| program.layers[layer].name.as_str();
    let blocks = program.blocks.iter().map(|block| {
        let (kind, rows, columns) = match &block.kind {
            BlockKind::Dense { columns, .. } => ("dense", block.rows, *columns),
            BlockKind::Diagonal { .. } => ("diagonal", block.rows, 1),
            BlockKind::Sparse(_) => ("sparse", 1, block.count),
        };
        let gater = match block.gating {
            Gating::None => None,
            Gating::Rows { gater, .. } | Gating::Columns { gater, .. } => Some(gater),
        };
        BlockLayout {
            name: format!("{} -> {}", name_of(block.from), name_of(block.to)),
            from: name_of(block.from),
            to: name_of(block.to),
            kind,
            offset: block.weight,
            length: block.count,
            rows,
            columns,
            gated_by: gater.and_then(|gater| {
                let layer =
                    program.layers.iter().find(|layer| (layer.first..layer.first + layer.size).contains(&gater));
                layer.map(|layer| layer.name.as_str())
            }),
        }
    });
    NetworkLayout {
        length: offset,
        parts: parts.into(),
        layers: program
            .layers
            .iter()
            .map(|layer| LayerLayout {
                name: &layer.name,
                first: layer.first,
                size: layer.size,
                reversed: program.phases.iter().any(|phase| phase.reversed && phase.units.contains(&layer.first)),
                pooling: program.pooling[layer.first].map(|pooling| names::variant(pooling.parts().0.name())),
            })
            .collect(),
        blocks: blocks.collect(),
    }
}
