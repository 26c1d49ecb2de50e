//! The data set: sequences of input steps, with a target where there is one.

use crate::error::{Error, Result};

/// Marks a step without a target.
pub const NO_TARGET: u32 = u32::MAX;

/// The steps of one sample in the data set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sample {
    /// First step.
    pub first: usize,
    /// Number of steps, at least 1.
    pub steps: usize,
}

/// Samples of one or more steps. A plain input-output pair is a sample of one step.
#[derive(Clone, Debug)]
pub struct DataSet {
    input_size: usize,
    output_size: usize,
    inputs: Vec<f64>,
    targets: Vec<f64>,
    target_of_step: Vec<u32>,
    samples: Vec<Sample>,
}

impl DataSet {
    /// A data set from its flat parts: `inputs` is (steps, input_size), `targets` is (targets,
    /// output_size), `target_of_step` names the target of every step or [`NO_TARGET`], `lengths`
    /// has the number of steps of every sample. The numbers are to be finite, see [`DataSet::check_finite`].
    pub fn new(
        input_size: usize,
        output_size: usize,
        inputs: Vec<f64>,
        targets: Vec<f64>,
        target_of_step: Vec<u32>,
        lengths: &[u32],
    ) -> Result<Self> {
        let total = target_of_step.len();
        let length_sum: usize = lengths.iter().map(|&length| length as usize).sum();
        let fits = |count: usize, size: usize, numbers: usize| count.checked_mul(size) == Some(numbers);
        let target_count = targets.len() / output_size.max(1);
        if lengths.is_empty() || lengths.contains(&0) || length_sum != total || !fits(total, input_size, inputs.len()) {
            return Err(Error::Range(format!(
                "{} inputs, {total} steps of {input_size} and lengths that sum to {length_sum} do not fit together",
                inputs.len()
            )));
        }
        if !fits(target_count, output_size, targets.len())
            || target_of_step.iter().any(|&target| target != NO_TARGET && target as usize >= target_count)
        {
            return Err(Error::Range(format!("{} targets do not fit rows of {output_size}", targets.len())));
        }
        let mut first = 0;
        let samples = lengths
            .iter()
            .map(|&length| {
                let sample = Sample { first, steps: length as usize };
                first += sample.steps;
                sample
            })
            .collect();
        Ok(DataSet { input_size, output_size, inputs, targets, target_of_step, samples })
    }

    /// Number of samples.
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Checks that all numbers are finite, which [`DataSet::new`] leaves to who knows whether they have been
    /// looked at before.
    pub fn check_finite(&self) -> Result<()> {
        if self.inputs.iter().chain(&self.targets).all(|value| value.is_finite()) {
            return Ok(());
        }
        Err(Error::Range("a data set holds finite numbers only".into()))
    }

    /// Steps of all samples.
    pub fn steps(&self) -> usize {
        self.target_of_step.len()
    }

    /// True without samples; [`DataSet::new`] refuses that.
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Values per input step.
    pub fn input_size(&self) -> usize {
        self.input_size
    }

    /// Values per target.
    pub fn output_size(&self) -> usize {
        self.output_size
    }

    /// All steps, one after the other.
    pub fn inputs(&self) -> &[f64] {
        &self.inputs
    }

    /// All targets, one after the other.
    pub fn targets(&self) -> &[f64] {
        &self.targets
    }

    /// The target of every step, or [`NO_TARGET`].
    pub fn target_of_step(&self) -> &[u32] {
        &self.target_of_step
    }

    /// The steps of sample `index`.
    #[inline(always)]
    pub fn sample(&self, index: usize) -> Sample {
        self.samples[index]
    }

    /// Input of a step.
    pub fn input(&self, step: usize) -> &[f64] {
        &self.inputs[step * self.input_size..(step + 1) * self.input_size]
    }

    /// Target of a step, if it has one.
    pub fn target(&self, step: usize) -> Option<&[f64]> {
        match self.target_of_step[step] {
            NO_TARGET => None,
            row => {
                let start = row as usize * self.output_size;
                Some(&self.targets[start..start + self.output_size])
            }
        }
    }

    /// Multiplies every target by the weight of its class, the index of its largest value.
    #[cfg(test)]
    pub(crate) fn scale_targets(&mut self, weight: impl Fn(usize) -> f64) {
        for target in self.targets.chunks_exact_mut(self.output_size) {
            let class = (0..target.len()).max_by(|&a, &b| target[a].total_cmp(&target[b])).unwrap_or(0);
            target.iter_mut().for_each(|value| *value *= weight(class));
        }
    }

    /// True where no sample has a target before its last step.
    pub fn judges_ends_alone(&self) -> bool {
        self.samples.iter().all(|sample| {
            let before_the_end = sample.first..sample.first + sample.steps - 1;
            self.target_of_step[before_the_end].iter().all(|&target| target == NO_TARGET)
        })
    }

    /// Number of targets of a sample.
    pub fn targets_in(&self, sample: Sample) -> usize {
        (sample.first..sample.first + sample.steps).filter(|&step| self.target_of_step[step] != NO_TARGET).count()
    }
}
