//! The border of `engram/rocket`: a module of its own, so that who does not use it downloads none of it. Each thread has
//! an instance with a memory of its own; what goes between them is posted.

// A failed allocation can be told to the caller instead of ending the instance.
#![cfg_attr(target_arch = "wasm32", feature(alloc_error_hook))]

use engram::error::Error;
use engram::rocket::{self, Dilated, Dilation, KERNELS, SeriesSet};
use wasm_bindgen::prelude::*;

#[wasm_bindgen(start)]
fn start() {
    #[cfg(target_arch = "wasm32")]
    std::alloc::set_alloc_error_hook(|layout| {
        wasm_bindgen::throw_val(
            js_sys::RangeError::new(&format!("memory is used up: {} bytes more are needed", layout.size())).into(),
        )
    });
}

fn refused(error: Error) -> JsValue {
    js_sys::RangeError::new(&error.to_string()).into()
}

/// Dilations for series of a length: pairs of dilation and features of each kernel.
#[wasm_bindgen]
pub fn dilations(length: u32, features: u32, most: u32) -> Vec<u32> {
    let found = rocket::dilations(length as usize, features.max(1) as usize, most.max(1) as usize);
    found.iter().flat_map(|entry| [entry.dilation as u32, entry.features as u32]).collect()
}

/// What a thread knows of a fit.
#[wasm_bindgen]
pub struct Fitting(rocket::Fitting);

/// What a dilation's kernels are.
#[wasm_bindgen(getter_with_clone)]
pub struct Part {
    /// Channels of each kernel.
    pub counts: Vec<u32>,
    /// Those channels.
    pub channels: Vec<u32>,
    /// Thresholds.
    pub biases: Vec<f32>,
    /// Products of the samples.
    pub gram: Vec<f64>,
}

#[wasm_bindgen]
impl Fitting {
    #[wasm_bindgen(constructor)]
    pub fn new(channels: u32, lengths: &[u32], values: Vec<f32>) -> Result<Fitting, JsValue> {
        let set = SeriesSet::new(channels as usize, lengths, values).map_err(refused)?;
        rocket::Fitting::new(set).map(Fitting).map_err(refused)
    }

    /// Draws and computes one dilation.
    pub fn part(
        &mut self,
        place: u32,
        first: u32,
        dilation: u32,
        features: u32,
        seed: f64,
        products: bool,
    ) -> Result<Part, JsValue> {
        let of = Dilation { dilation: dilation as usize, features: features as usize };
        let part = self.0.part(place as usize, first as usize, of, seed as u64).map_err(refused)?;
        let kernels = &part.kernels;
        Ok(Part {
            counts: kernels.counts().to_vec(),
            channels: kernels.channels().to_vec(),
            biases: kernels.biases().to_vec(),
            gram: if products { part.gram() } else { Vec::new() },
        })
    }

    /// Weights of a dilation's features.
    pub fn weights(&self, place: u32, duals: &[f64]) -> Result<Vec<f64>, JsValue> {
        self.0.weights(place as usize, duals).map_err(refused)
    }
}

/// The sum of products.
#[wasm_bindgen]
pub struct Gram(rocket::Gram);

/// What ridge regression has found.
#[wasm_bindgen(getter_with_clone)]
pub struct Ridge {
    pub penalty: f64,
    pub duals: Vec<f64>,
    pub intercepts: Vec<f64>,
    /// What outputs are multiplied by before the softmax.
    pub factor: f64,
    /// Samples that the model of all others gets right.
    pub right: u32,
}

#[wasm_bindgen]
impl Gram {
    #[wasm_bindgen(constructor)]
    pub fn new(samples: u32) -> Gram {
        Gram(rocket::Gram::new(samples as usize))
    }

    pub fn add(&mut self, part: &[f64]) -> Result<(), JsValue> {
        self.0.add(part).map_err(refused)
    }

    pub fn solve(&self, labels: &[u32], classes: u32) -> Result<Ridge, JsValue> {
        let classes = classes as usize;
        let found = self.0.solve(labels, classes).map_err(refused)?;
        let factor = rocket::factor(&found.left_out, labels, classes);
        Ok(Ridge {
            penalty: found.penalty,
            factor,
            right: found.right(labels) as u32,
            duals: found.duals,
            intercepts: found.intercepts,
        })
    }
}

/// Kernels, and the weights of their features.
#[wasm_bindgen]
pub struct Classifier {
    channels: usize,
    inner: rocket::Classifier,
}

#[wasm_bindgen]
impl Classifier {
    /// `dilations` are as [`dilations`] gives them, the others dilation after dilation.
    #[expect(clippy::too_many_arguments, reason = "the border passes flat lists, and no structs")]
    #[wasm_bindgen(constructor)]
    pub fn new(
        channels: u32,
        dilations: &[u32],
        counts: &[u32],
        list: &[u32],
        biases: &[f32],
        weights: Vec<f64>,
        intercepts: Vec<f64>,
        factor: f64,
    ) -> Result<Classifier, JsValue> {
        let channels = channels as usize;
        let kernels = stored(channels, dilations, counts, list, biases);
        let kernels =
            kernels.ok_or_else(|| refused(Error::Range("the kernels' numbers do not belong together".to_owned())))?;
        let inner = rocket::Classifier::new(channels, kernels, weights, intercepts, factor).map_err(refused)?;
        Ok(Classifier { channels, inner })
    }

    /// Features of series.
    pub fn features(&self, lengths: &[u32], values: Vec<f32>) -> Result<Vec<f32>, JsValue> {
        let set = SeriesSet::new(self.channels, lengths, values).map_err(refused)?;
        self.inner.features(&set).map_err(refused)
    }

    /// Probabilities of the classes for series.
    pub fn probabilities(&self, lengths: &[u32], values: Vec<f32>) -> Result<Vec<f64>, JsValue> {
        let set = SeriesSet::new(self.channels, lengths, values).map_err(refused)?;
        self.inner.probabilities(&set).map_err(refused)
    }
}

/// Kernels from flat lists; `None` where a list is too short or too long.
fn stored(
    channels: usize,
    dilations: &[u32],
    mut counts: &[u32],
    mut list: &[u32],
    mut biases: &[f32],
) -> Option<Vec<Dilated>> {
    let mut kernels = Vec::new();
    for (place, &[dilation, features]) in dilations.as_chunks::<2>().0.iter().enumerate() {
        let of = Dilation { dilation: dilation as usize, features: features as usize };
        let (own_counts, more_counts) = counts.split_at_checked(KERNELS)?;
        let total = own_counts.iter().try_fold(0usize, |sum, &count| sum.checked_add(count as usize))?;
        let (own_list, more_list) = list.split_at_checked(total)?;
        let (own_biases, more_biases) = biases.split_at_checked(KERNELS.checked_mul(of.features)?)?;
        kernels.push(Dilated::stored(place, of, channels, own_counts, own_list, own_biases)?);
        (counts, list, biases) = (more_counts, more_list, more_biases);
    }
    (counts.is_empty() && list.is_empty() && biases.is_empty()).then_some(kernels)
}
