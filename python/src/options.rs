//! The options of a run: the engine's table for Python, and how what Python gives is read by it.

use engram::field::{Given, Kind, Variant};
use engram::train::{Options, Setter, Standard};
use pyo3::IntoPyObjectExt;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList};

use super::names;
use super::refused;

/// The options of users, by their names: what each may be, its default, and its documentation.
pub fn table(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let rows = PyDict::new(py);
    for entry in Options::TABLE.iter().filter(|entry| entry.setter == Setter::User) {
        let row = check(py, &entry.kind)?;
        row.set_item("standard", standard(py, &entry.standard)?)?;
        let lines: Vec<_> = entry.documentation.iter().map(|line| line.trim()).collect();
        row.set_item("documentation", lines.join("\n"))?;
        rows.set_item(entry.name, row)?;
    }
    Ok(rows)
}

/// What the package needs to check a value.
fn check<'py>(py: Python<'py>, kind: &Kind) -> PyResult<Bound<'py, PyDict>> {
    let row = PyDict::new(py);
    match kind {
        Kind::Flag => row.set_item("kind", "flag")?,
        Kind::Integer(least, most) => {
            row.set_item("kind", "number")?;
            row.set_item("integer", true)?;
            row.set_item("min", least)?;
            row.set_item("max", most)?;
        }
        Kind::Number(least, most) => {
            row.set_item("kind", "number")?;
            for (name, bound) in [("min", least), ("max", most)] {
                if bound.is_finite() {
                    row.set_item(name, bound)?;
                }
            }
        }
        Kind::Share => {
            row.set_item("kind", "number")?;
            row.set_item("min", 0)?;
            row.set_item("below", 1)?;
        }
        Kind::Choice(variants) => {
            row.set_item("kind", "choice")?;
            row.set_item("words", variants.iter().map(|name| names::variant(name)).collect::<Vec<_>>())?;
        }
        Kind::OneOf(variants) => {
            row.set_item("kind", "record")?;
            let all = PyDict::new(py);
            for Variant { name, fields, .. } in *variants {
                let inner = PyDict::new(py);
                for (field, kind) in *fields {
                    inner.set_item(field, check(py, kind)?)?;
                }
                all.set_item(names::variant(name), inner)?;
            }
            row.set_item("variants", all)?;
        }
        Kind::Rate => row.set_item("kind", "rate")?,
        Kind::Optional(kind) => {
            let row = check(py, kind)?;
            row.set_item("optional", true)?;
            return Ok(row);
        }
    }
    Ok(row)
}

fn standard<'py>(py: Python<'py>, of: &Standard) -> PyResult<Bound<'py, PyAny>> {
    match of {
        Standard::Flag(value) => value.into_bound_py_any(py),
        // A whole number is one in Python, too.
        Standard::Number(value) if value.fract() == 0.0 => (*value as i64).into_bound_py_any(py),
        Standard::Number(value) => value.into_bound_py_any(py),
        Standard::Word(name) => names::variant(name).into_bound_py_any(py),
        Standard::By { pairs, sequences } => {
            let both = PyDict::new(py);
            both.set_item("pairs", standard(py, pairs)?)?;
            both.set_item("sequences", standard(py, sequences)?)?;
            both.into_bound_py_any(py)
        }
        Standard::Nothing | Standard::Host => Ok(py.None().into_bound(py)),
    }
}

/// Options of a run, from a dict that may hold anything.
pub fn run_options(given: &Bound<'_, PyDict>) -> PyResult<Options> {
    let fields = Options::TABLE.iter().map(|entry| (entry.name, entry.kind));
    Options::read(&record(given, fields)?).map_err(refused)
}

fn record(
    dict: &Bound<'_, PyDict>,
    fields: impl Iterator<Item = (&'static str, Kind)>,
) -> PyResult<Vec<(&'static str, Given)>> {
    fields
        .map(|(name, kind)| {
            let given = dict.get_item(name)?;
            Ok((name, given.map_or(Ok(Given::Nothing), |given| value(&given, &kind))?))
        })
        .collect()
}

/// A value of Python as the engine's table takes it; words become the names of variants.
fn value(given: &Bound<'_, PyAny>, kind: &Kind) -> PyResult<Given> {
    if given.is_none() {
        return Ok(Given::Nothing);
    }
    Ok(match kind {
        Kind::Optional(kind) => value(given, kind)?,
        Kind::Choice(variants) => {
            let word = given.extract::<String>().ok();
            let known = variants.iter().find(|name| Some(names::variant(name)) == word);
            known.map_or(Given::Other, |name| Given::Word((*name).into()))
        }
        Kind::OneOf(variants) => {
            let Ok(dict) = given.cast::<PyDict>() else { return Ok(Given::Other) };
            let word = dict.get_item("type")?.and_then(|word| word.extract::<String>().ok());
            let Some(variant) = variants.iter().find(|variant| Some(names::variant(variant.name)) == word) else {
                return Ok(Given::Other);
            };
            let mut fields = record(dict, variant.fields.iter().copied())?;
            fields.push(("type", Given::Word(variant.name.into())));
            Given::Record(fields)
        }
        Kind::Rate if given.is_instance_of::<PyList>() => given.extract().map_or(Given::Other, Given::Numbers),
        _ if given.is_instance_of::<PyBool>() => Given::Flag(given.extract()?),
        _ => given.extract().map_or(Given::Other, Given::Number),
    })
}
