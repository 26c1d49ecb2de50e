//! What both sides of the border have to know alike, as TypeScript: options, words, fields and constants stand in
//! the engine once, and the build writes them down for the package (`tools/tables`).

use std::fmt::Write;

use super::names;
use crate::data::NO_TARGET;
use crate::field::{Choice, Kind, Variant};
use crate::graph::{CONNECTION_FIELDS, ConnectionType, GateType, MAX_DELAY, NEURON_FIELDS, Readout};
use crate::kernels::Squash;
use crate::learn::bptt::SHARD;
use crate::learn::loss::Cost;
use crate::shared::Word;
use crate::train::{Entry, Options, Setter, Standard, Stopped};

fn quoted(words: impl Iterator<Item = String>, between: &str) -> String {
    words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(between)
}

/// The type of a value, in TypeScript.
fn type_of(kind: &Kind) -> String {
    match kind {
        Kind::Flag => "boolean".into(),
        Kind::Integer(..) | Kind::Number(..) | Kind::Share => "number".into(),
        Kind::Choice(variants) => quoted(variants.iter().map(|name| names::variant(name)), " | "),
        Kind::OneOf(_) => "Decay".into(),
        Kind::Rate => "number | number[] | null".into(),
        Kind::Optional(kind) => format!("{} | null", type_of(kind)),
    }
}

/// What the package needs to check a value.
fn check_of(kind: &Kind) -> String {
    let bounds = |least: f64, most: f64| match (least.is_finite(), most.is_finite()) {
        (true, true) => format!(", min: {least}, max: {most}"),
        (true, false) => format!(", min: {least}"),
        _ => String::new(),
    };
    match kind {
        Kind::Flag => "kind: 'flag'".into(),
        Kind::Integer(least, most) => format!("kind: 'number', integer: true{}", bounds(*least as f64, *most as f64)),
        Kind::Number(least, most) => format!("kind: 'number'{}", bounds(*least, *most)),
        Kind::Share => "kind: 'number', min: 0, below: 1".into(),
        Kind::Choice(variants) => {
            format!("kind: 'choice', words: [{}]", quoted(variants.iter().map(|name| names::variant(name)), ", "))
        }
        Kind::OneOf(variants) => {
            let variant = |Variant { name, fields, .. }: &Variant| {
                let fields: String = fields
                    .iter()
                    .map(|(name, kind)| format!("{}: {{ {} }}, ", names::field(name), check_of(kind)))
                    .collect();
                format!("{}: {{ {fields}}}, ", names::variant(name))
            };
            format!("kind: 'record', variants: {{ {}}}", variants.iter().map(variant).collect::<String>())
        }
        Kind::Rate => "kind: 'rate'".into(),
        Kind::Optional(kind) => format!("{}, optional: true", check_of(kind)),
    }
}

fn value_of(standard: &Standard) -> String {
    match standard {
        Standard::Flag(value) => value.to_string(),
        Standard::Number(value) => value.to_string(),
        Standard::Word(name) => format!("'{}'", names::variant(name)),
        Standard::Nothing => "null".into(),
        Standard::By { pairs, sequences } => {
            format!("{{ pairs: {}, sequences: {} }}", value_of(pairs), value_of(sequences))
        }
        Standard::Host => "undefined".into(),
    }
}

fn comment(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("   *{}\n", line.trim_end())).collect();
    format!("  /**\n{lines}   */\n")
}

/// The union of the records that an option takes.
fn union_of(variants: &[Variant]) -> String {
    let variant = |Variant { name, documentation, fields }: &Variant| {
        let field = |(name, kind): &(&str, Kind)| {
            let optional = if matches!(kind, Kind::Optional(_)) { "?" } else { "" };
            format!("; {}{optional}: {}", names::field(name), type_of(kind))
        };
        let fields: String = fields.iter().map(field).collect();
        format!("  /**{documentation} */\n  | {{ type: '{}'{fields} }}\n", names::variant(name))
    };
    variants.iter().map(variant).collect()
}

fn options() -> String {
    let mut text = String::from("/** How the learning rate changes over the iterations. */\nexport type Decay =\n");
    if let Some(Kind::OneOf(variants)) = Options::TABLE.iter().find_map(|entry| match entry.kind {
        Kind::Optional(kind @ Kind::OneOf(_)) => Some(*kind),
        _ => None,
    }) {
        text += union_of(variants).trim_end();
    }
    let users = |entry: &&Entry| entry.setter == Setter::User;
    text += ";\n\n/** Options of a run that the engine itself reads. */\nexport interface EngineOptions {\n";
    for entry in Options::TABLE.iter().filter(users) {
        let _ = writeln!(
            text,
            "{}  {}?: {};",
            comment(entry.documentation),
            names::field(entry.name),
            type_of(&entry.kind)
        );
    }
    text += "}\n\n/** What a run is told, complete: the options of users, and what the page finds by itself. */\n";
    text += "export interface RunOptions {\n";
    for entry in Options::TABLE {
        let _ =
            writeln!(text, "{}  {}: {};", comment(entry.documentation), names::field(entry.name), type_of(&entry.kind));
    }
    text +=
        "}\n\n/** The options of users, with what each may be and its default. */\nexport const engineOptions = {\n";
    for entry in Options::TABLE.iter().filter(users) {
        let _ = writeln!(
            text,
            "  {}: {{ {}, standard: {} }},",
            names::field(entry.name),
            check_of(&entry.kind),
            value_of(&entry.standard)
        );
    }
    text + "} as const;\n"
}

fn places(words: impl Iterator<Item = String>) -> String {
    let places: String = words.enumerate().map(|(place, word)| format!("{word}: {place}, ")).collect();
    format!("{{ {places}}} as const")
}

/// The module that the package imports.
pub fn typescript() -> String {
    let fields = |fields: &[&str]| places(fields.iter().map(|name| (*name).to_owned()));
    let list = |words: &[&str], name: fn(&str) -> String| quoted(words.iter().map(|word| name(word)), ", ");
    format!(
        "// Written by the build from the engine's own tables (src/bindings/tables.rs).\n\n{}\n\
         /** Why a run ended. */\nexport type Stopped = {};\n\n\
         /** The costs that the engine computes. */\nexport const COSTS = [{}] as const;\n\n\
         /** Names of the squashing functions, by the engine's codes. */\nexport const SQUASHES = [{}] as const;\n\n\
         /** Ways to connect two layers, by the engine's codes. */\nexport const CONNECTION_TYPES = [{}] as const;\n\
         /** Ways to gate a projection, by the engine's codes. */\nexport const GATE_TYPES = [{}] as const;\n\n\
         /** Ways to pool the steps of a sequence; the engine's codes are from 1. */\nexport const READOUTS = [{}] as const;\n\n\
         /** Marks a step without a target. */\nexport const NO_TARGET = {NO_TARGET};\n\n\
         /** Most steps that a connection reaches back, or ahead. */\nexport const MAX_DELAY = {MAX_DELAY};\n\n\
         /** Sequences that one thread runs side by side. */\nexport const SHARD = {SHARD};\n\n\
         /** Places of the words beside a network's memory. */\nexport const WORD = {};\n\
         /** Number of those words. */\nexport const WORDS = {};\n\n\
         /** Columns of a neuron's row. */\nexport const NEURON = {};\n\
         /** Number of a neuron's columns. */\nexport const NEURON_FIELDS = {};\n\
         /** Columns of a connection's row. */\nexport const CONNECTION = {};\n\
         /** Number of a connection's columns. */\nexport const CONNECTION_FIELDS = {};\n",
        options(),
        quoted(Stopped::NAMES.iter().map(|name| names::variant(name)), " | "),
        list(Cost::NAMES, names::variant),
        list(Squash::NAMES, names::constant),
        list(ConnectionType::NAMES, names::constant),
        list(GateType::NAMES, names::constant),
        list(Readout::NAMES, names::variant),
        places(Word::NAMES.iter().map(|name| names::variant(name))),
        Word::NAMES.len(),
        fields(&NEURON_FIELDS),
        NEURON_FIELDS.len(),
        fields(&CONNECTION_FIELDS),
        CONNECTION_FIELDS.len(),
    )
}
