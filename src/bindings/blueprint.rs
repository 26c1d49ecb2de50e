//! What an architect made, for JavaScript's `Architect`.

use serde::{Serialize, Serializer};
use wasm_bindgen::prelude::*;

use super::graph::GraphHandle;
use super::names;
use super::options::{JsLstmOptions, lstm_options};
use super::random::with_random;
use super::to_js;
use crate::field::Choice;
use crate::graph::architect::{self, Blueprint, LayerPlan, ProjectionPlan};
use crate::random::Random;

/// The layers and projections of a blueprint as JavaScript gets them.
#[derive(Serialize)]
struct Plan<'a> {
    layers: Vec<Layer<'a>>,
    projections: Vec<Projection<'a>>,
}

#[derive(Serialize)]
struct Layer<'a> {
    name: &'a str,
    neurons: &'a [u32],
}

/// `from`, `to` and the layers of the gates are indices of layers.
#[derive(Serialize)]
struct Projection<'a> {
    from: usize,
    to: usize,
    kind: String,
    #[serde(serialize_with = "packed")]
    connections: &'a [u32],
    gates: Vec<Gate>,
}

#[derive(Serialize)]
struct Gate {
    layer: usize,
    kind: String,
}

/// Numbers as bytes, four per number: the border takes long over thousands of numbers one by one.
fn packed<S: Serializer>(ids: &[u32], to: S) -> Result<S::Ok, S::Error> {
    let bytes: Vec<u8> = ids.iter().flat_map(|id| id.to_le_bytes()).collect();
    to.serialize_bytes(&bytes)
}

impl<'a> From<&'a Blueprint> for Plan<'a> {
    fn from(blueprint: &'a Blueprint) -> Self {
        let layer = |layer: &'a LayerPlan| Layer { name: layer.name, neurons: &layer.neurons };
        let projection = |projection: &'a ProjectionPlan| Projection {
            from: projection.from,
            to: projection.to,
            kind: names::constant(projection.kind.name()),
            connections: &projection.connections,
            gates: projection
                .gates
                .iter()
                .map(|gate| Gate { layer: gate.layer, kind: names::constant(gate.kind.name()) })
                .collect(),
        };
        Plan {
            layers: blueprint.layers.iter().map(layer).collect(),
            projections: blueprint.projections.iter().map(projection).collect(),
        }
    }
}

/// A graph with the layers and projections an architect made, which the page wraps in handles.
#[wasm_bindgen(js_name = Blueprint)]
pub struct BlueprintHandle {
    blueprint: Blueprint,
}

#[wasm_bindgen(js_class = Blueprint)]
impl BlueprintHandle {
    pub fn perceptron(sizes: Vec<usize>, output: &str, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        let output = names::choice(output, names::variant)?;
        let blueprint = with_random(seed, |random| architect::perceptron(&sizes, output, random))?;
        Ok(BlueprintHandle { blueprint })
    }

    pub fn lstm(sizes: Vec<usize>, options: &JsLstmOptions, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        let options = lstm_options(options)?;
        let blueprint = with_random(seed, |random| architect::lstm(&sizes, &options, random))?;
        Ok(BlueprintHandle { blueprint })
    }

    pub fn liquid(
        inputs: usize,
        hidden: usize,
        outputs: usize,
        connections: usize,
        gates: usize,
        seed: Option<f64>,
    ) -> Result<BlueprintHandle, JsValue> {
        let build = |random: &mut Random| architect::liquid(inputs, hidden, outputs, connections, gates, random);
        Ok(BlueprintHandle { blueprint: with_random(seed, build)? })
    }

    pub fn hopfield(size: usize, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        Ok(BlueprintHandle { blueprint: with_random(seed, |random| architect::hopfield(size, random))? })
    }

    /// The layers and projections, see [`Plan`].
    pub fn plan(&self) -> Result<JsValue, JsValue> {
        to_js(&Plan::from(&self.blueprint))
    }

    #[wasm_bindgen(js_name = intoGraph)]
    pub fn into_graph(self) -> GraphHandle {
        GraphHandle { graph: self.blueprint.graph }
    }
}
