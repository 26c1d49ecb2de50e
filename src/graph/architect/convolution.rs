//! Convolutions over time: layers of rectified neurons that read some steps of what is below, each at a delay.

use super::blueprint::Builder;
use super::{Counts, Initializer, MAX_NEURONS};
use crate::error::{Error, Result};
use crate::graph::{MAX_DELAY, Squash};

/// A layer of a causal convolution (Waibel et al. 1989; dilated: van den Oord et al. 2016).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Convolution {
    /// Neurons.
    pub filters: usize,
    /// Steps that each reads.
    pub width: usize,
    /// From one of these steps to the next.
    pub dilation: usize,
}

impl Convolution {
    /// Convolutions of flat rows of filters, width and dilation.
    pub fn of_rows(rows: &[u32]) -> Vec<Convolution> {
        let (rows, _) = rows.as_chunks::<3>();
        let of_row = |&[filters, width, dilation]: &[u32; 3]| Convolution {
            filters: filters as usize,
            width: width as usize,
            dilation: dilation as usize,
        };
        rows.iter().map(of_row).collect()
    }

    /// Refuses what makes no layer.
    pub(super) fn check(self, index: usize) -> Result<()> {
        let Convolution { filters, width, dilation } = self;
        let most = MAX_DELAY as usize;
        if filters == 0 || filters > MAX_NEURONS || width == 0 || dilation == 0 {
            return Err(Error::Range(format!(
                "convolution {index} has {filters} filters, width {width} and dilation {dilation}, each is at least 1"
            )));
        }
        if (width - 1).checked_mul(dilation).is_none_or(|reach| reach > most) {
            return Err(Error::Range(format!(
                "convolution {index} of width {width} and dilation {dilation} reaches further back than {most} steps"
            )));
        }
        Ok(())
    }

    /// Adds what it makes of `below` neurons in each direction to what a topology has; gives the neurons on top.
    pub(super) fn count(self, below: f64, directions: f64, counts: &mut Counts) -> f64 {
        let Convolution { filters, width, .. } = self;
        counts.neurons += directions * filters as f64;
        counts.connections += directions * below * (width * filters) as f64;
        directions * filters as f64
    }

    /// The layer, on top of layers `below`; gives its index. A reversed one looks ahead. First weights are He's, for
    /// rectified neurons, or those that PyTorch and Keras give such layers.
    pub(super) fn layer(
        self,
        builder: &mut Builder,
        below: &[usize],
        reversed: bool,
        initializer: Initializer,
    ) -> usize {
        let Convolution { filters, width, dilation } = self;
        let layer = builder.layer(["convolution", "reversed convolution"][usize::from(reversed)], filters);
        builder.set(layer, &mut |neuron| {
            neuron.squash = Squash::Relu;
            neuron.reversed = reversed;
        });
        let sources: usize = below.iter().map(|&layer| builder.blueprint.layers[layer].neurons.len()).sum();
        let initializer = match initializer {
            Initializer::Pytorch | Initializer::Keras => initializer,
            _ => Initializer::He,
        };
        builder.bias_dense(layer, initializer, sources * width);
        let scale = initializer.dense(sources * width, filters * width);
        for &source in below {
            for tap in 0..width {
                let delay = (tap * dilation) as i32;
                builder.project_delayed(source, layer, scale, if reversed { -delay } else { delay });
            }
        }
        layer
    }
}
