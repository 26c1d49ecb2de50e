//! What an architect made, for JavaScript's `Architect`.

use wasm_bindgen::prelude::*;

use super::graph::GraphHandle;
use super::options::{JsLstmOptions, lstm_options};
use super::random::with_random;
use super::{names, returned};
use crate::graph::architect::{self, Blueprint, Convolution, ProjectionPlan};
use crate::random::Random;

/// A graph with the layers and projections an architect made, which the page wraps in handles.
#[wasm_bindgen(js_name = Blueprint)]
pub struct BlueprintHandle {
    blueprint: Blueprint,
}

#[wasm_bindgen(js_class = Blueprint)]
impl BlueprintHandle {
    pub fn perceptron(
        sizes: Vec<usize>,
        output: &str,
        initializer: &str,
        seed: Option<f64>,
    ) -> Result<BlueprintHandle, JsValue> {
        let output = names::choice(output, names::variant)?;
        let initializer = names::choice(initializer, names::variant)?;
        let blueprint = with_random(seed, |random| architect::perceptron(&sizes, output, initializer, random))?;
        Ok(returned(BlueprintHandle { blueprint }))
    }

    pub fn lstm(sizes: Vec<usize>, options: &JsLstmOptions, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        let convolution = Convolution::of_rows(&options.convolution());
        let options = lstm_options(options, &convolution)?;
        let blueprint = with_random(seed, |random| architect::lstm(&sizes, &options, random))?;
        Ok(returned(BlueprintHandle { blueprint }))
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
        Ok(returned(BlueprintHandle { blueprint: with_random(seed, build)? }))
    }

    pub fn hopfield(size: usize, seed: Option<f64>) -> Result<BlueprintHandle, JsValue> {
        Ok(returned(BlueprintHandle { blueprint: with_random(seed, |random| architect::hopfield(size, random))? }))
    }

    /// Names of the layers, a line each.
    pub fn names(&self) -> String {
        let names: Vec<&str> = self.blueprint.layers.iter().map(|layer| layer.name).collect();
        names.join("\n")
    }

    /// The plan in whole numbers, since objects cost a small network more than its making: for each layer how many
    /// neurons it has, and these; then for each projection the layers it runs between, its kind, its delay, how many gates it has
    /// (each a layer and a kind), and how many connections, and these.
    pub fn plan(&self) -> Vec<u32> {
        let Blueprint { layers, projections, .. } = &self.blueprint;
        let mut words = Vec::new();
        for layer in layers {
            words.push(layer.neurons.len() as u32);
            words.extend(&layer.neurons);
        }
        for projection in projections {
            let ProjectionPlan { from, to, kind, delay, gates, connections } = projection;
            words.extend([*from as u32, *to as u32, *kind as u32, *delay as u32, gates.len() as u32]);
            words.extend(gates.iter().flat_map(|gate| [gate.layer as u32, gate.kind as u32]));
            words.push(connections.len() as u32);
            words.extend(connections);
        }
        words
    }

    #[wasm_bindgen(js_name = intoGraph)]
    pub fn into_graph(self) -> GraphHandle {
        returned(GraphHandle { graph: self.blueprint.graph })
    }
}
