//! The kernels of one dilation, and the features that they make of a series.

use super::dilations::{Dilation, floor_of_power};
use super::series::SeriesSet;
use crate::kernels::{add_scaled, count_above, sum_of_four};
use crate::random::Random;

/// Kernels: all choices of three of nine weights.
pub const KERNELS: usize = 84;
/// Weights of a kernel.
const WEIGHTS: usize = 9;
/// Most channels that a kernel reads.
const MOST_CHANNELS: usize = 9;

/// The places of each kernel's weights of 2, in lexical order.
fn triples() -> impl Iterator<Item = [usize; 3]> {
    (0..WEIGHTS).flat_map(|a| (a + 1..WEIGHTS).flat_map(move |b| (b + 1..WEIGHTS).map(move |c| [a, b, c])))
}

/// The 84 kernels with one dilation.
#[derive(Clone, Debug, PartialEq)]
pub struct Dilated {
    /// Place among the dilations; every second kernel, counted from here, sees the ends of a series padded with zeros.
    place: usize,
    dilation: usize,
    /// Features of each kernel.
    features: usize,
    /// Channels that each kernel reads. (kernels)
    counts: Vec<u32>,
    /// Those channels, kernel by kernel.
    channels: Vec<u32>,
    /// Thresholds. (kernels, features)
    biases: Vec<f32>,
}

/// A series as the kernels of a dilation need it.
struct Shifted {
    /// The sum over all nine places of -1 times the series. (channels, steps)
    base: Vec<f32>,
    /// Three times the series, with zeros on both sides. (channels, padded steps)
    tripled: Vec<f32>,
    steps: usize,
    padding: usize,
}

impl Shifted {
    fn new(series: &[&[f32]], dilation: usize) -> Self {
        let steps = series[0].len();
        let padding = WEIGHTS / 2 * dilation;
        let mut base = Vec::with_capacity(series.len() * steps);
        let mut tripled = vec![0.0; series.len() * (steps + 2 * padding)];
        for (channel, padded) in series.iter().zip(tripled.chunks_exact_mut(steps + 2 * padding)) {
            let start = base.len();
            base.extend(channel.iter().map(|value| -value));
            let base = &mut base[start..];
            // Farthest first, the steps before and then those after: the order of the reference implementation.
            for shift in [4, 3, 2, 1].map(|weight| weight * dilation).into_iter().filter(|&shift| shift < steps) {
                add_scaled(&mut base[shift..], -1.0, channel);
            }
            for shift in [1, 2, 3, 4].map(|weight| weight * dilation).into_iter().filter(|&shift| shift < steps) {
                add_scaled(base, -1.0, &channel[shift..]);
            }
            for (into, value) in padded[padding..].iter_mut().zip(*channel) {
                *into = 3.0 * value;
            }
        }
        Shifted { base, tripled, steps, padding }
    }

    /// The convolution with a kernel, summed over channels. (steps)
    fn convolve(&self, triple: [usize; 3], dilation: usize, channels: &[u32], out: &mut [f32]) {
        let width = self.steps + 2 * self.padding;
        for (index, &channel) in channels.iter().enumerate() {
            let channel = channel as usize;
            let padded = &self.tripled[channel * width..][..width];
            let [a, b, c] = triple.map(|weight| &padded[weight * dilation..][..self.steps]);
            sum_of_four(out, [&self.base[channel * self.steps..][..self.steps], a, b, c], index > 0);
        }
    }
}

impl Dilated {
    /// Kernels with thresholds that are quantiles of the convolutions of series drawn from `set`.
    ///
    /// `place` is the dilation's place among all, `first` the number of features before it.
    pub fn draw(set: &SeriesSet, place: usize, first: usize, of: Dilation, random: &mut Random) -> Self {
        let Dilation { dilation, features } = of;
        let mut drawn = Dilated {
            place,
            dilation,
            features,
            counts: Vec::with_capacity(KERNELS),
            channels: Vec::new(),
            biases: Vec::with_capacity(KERNELS * features),
        };
        let mut all: Vec<u32> = (0..set.channels() as u32).collect();
        let most = all.len().min(MOST_CHANNELS);
        for (kernel, triple) in triples().enumerate() {
            let count = floor_of_power((most + 1) as f64, random.unit()).min(most);
            random.shuffle(&mut all);
            let channels = &all[..count];
            let series = set.series(random.below(set.len()));
            let shifted = Shifted::new(&series, dilation);
            let mut convolution = vec![0.0; shifted.steps];
            shifted.convolve(triple, dilation, channels, &mut convolution);
            convolution.sort_unstable_by(f32::total_cmp);
            let number = first + kernel * features + 1;
            drawn.biases.extend((number..number + features).map(|number| quantile(&convolution, share_of(number))));
            drawn.counts.push(count as u32);
            drawn.channels.extend(channels);
        }
        drawn
    }

    /// Kernels as they were stored; `None` where the numbers do not belong together.
    pub fn stored(
        place: usize,
        of: Dilation,
        channels: usize,
        counts: &[u32],
        list: &[u32],
        biases: &[f32],
    ) -> Option<Self> {
        let Dilation { dilation, features } = of;
        let total = counts.iter().try_fold(0usize, |sum, &count| sum.checked_add(count as usize))?;
        let fits = (1..=1 << 24).contains(&dilation)
            && counts.len() == KERNELS
            && counts.iter().all(|&count| count > 0)
            && total == list.len()
            && list.iter().all(|&channel| (channel as usize) < channels)
            && Some(biases.len()) == features.checked_mul(KERNELS)
            && biases.iter().all(|bias| bias.is_finite());
        let (counts, channels, biases) = (counts.to_vec(), list.to_vec(), biases.to_vec());
        fits.then_some(Dilated { place, dilation, features, counts, channels, biases })
    }

    /// Channels that each kernel reads. (kernels)
    pub fn counts(&self) -> &[u32] {
        &self.counts
    }

    /// Those channels, kernel by kernel.
    pub fn channels(&self) -> &[u32] {
        &self.channels
    }

    /// Thresholds. (kernels, features)
    pub fn biases(&self) -> &[f32] {
        &self.biases
    }

    /// Number of features.
    pub fn len(&self) -> usize {
        self.biases.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.biases.is_empty()
    }

    /// Features of a series: shares of the convolutions that are above the thresholds. (kernels, features)
    ///
    /// Every second kernel counts only where all its weights are within the series; a series that is too short for that
    /// has its whole convolution counted.
    pub fn features(&self, series: &[&[f32]], into: &mut [f32]) {
        let shifted = Shifted::new(series, self.dilation);
        let (steps, padding) = (shifted.steps, shifted.padding);
        let mut convolution = vec![0.0; steps];
        let mut channels = &self.channels[..];
        let thresholds = self.biases.chunks_exact(self.features);
        let kernels = triples().zip(&self.counts).zip(thresholds).zip(into.chunks_exact_mut(self.features));
        for (kernel, (((triple, &count), thresholds), into)) in kernels.enumerate() {
            let (own, rest) = channels.split_at(count as usize);
            channels = rest;
            shifted.convolve(triple, self.dilation, own, &mut convolution);
            let within = (self.place + kernel) % 2 == 1 && steps > 2 * padding;
            let counted = if within { &convolution[padding..steps - padding] } else { &convolution[..] };
            count_above(counted, thresholds, into);
            for count in into {
                *count /= counted.len() as f32;
            }
        }
    }
}

/// The fractional part of multiples of the golden ratio: a sequence that fills 0 to 1 evenly.
fn share_of(number: usize) -> f64 {
    let multiple = number as f64 * ((5f64.sqrt() + 1.0) / 2.0);
    multiple - multiple.floor()
}

/// A quantile of sorted numbers, between neighbours linearly.
fn quantile(sorted: &[f32], share: f64) -> f32 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place as usize;
    let [low, high] = [below, (below + 1).min(sorted.len() - 1)].map(|index| f64::from(sorted[index]));
    (low + (high - low) * (place - below as f64)) as f32
}
