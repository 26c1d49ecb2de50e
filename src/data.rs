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

/// The inputs of all steps, in one of the forms that encoders give them.
#[derive(Clone, Debug)]
pub enum Inputs {
    /// (steps, input_size): any numbers.
    Rows(Vec<f64>),
    /// (steps): each step is 1 at this place and 0 at all others.
    Symbols(Vec<u32>),
    /// (steps): the values of a step are its lowest bits, the highest of them first, as -1 and 1.
    Bits(Vec<u8>),
}

/// All targets, in one of two forms.
#[derive(Clone, Debug)]
pub enum Targets {
    /// (targets, output_size): any numbers.
    Rows(Vec<f64>),
    /// (output_size, 2): there is one target per class, which has the first number at the class's own output and the
    /// second one at all others.
    Classes(Vec<f64>),
}

/// Samples of one or more steps. A plain input-output pair is a sample of one step.
#[derive(Clone, Debug)]
pub struct DataSet {
    input_size: usize,
    output_size: usize,
    inputs: Inputs,
    targets: Targets,
    target_of_step: Vec<u32>,
    samples: Vec<Sample>,
}

/// Puts samples in the order of their lengths, which `steps` gives, the longest first; equal ones stay in their order.
#[inline(never)]
pub fn longest_first(samples: &mut [usize], steps: &dyn Fn(usize) -> usize) {
    samples.sort_by_key(|&index| std::cmp::Reverse(steps(index)));
}

impl Inputs {
    /// Number of steps of `size` values each; `None` where the inputs are no such steps.
    fn steps(&self, size: usize) -> Option<usize> {
        match self {
            Inputs::Rows(rows) => (size > 0 && rows.len().is_multiple_of(size)).then(|| rows.len() / size),
            Inputs::Symbols(symbols) => symbols.iter().all(|&symbol| (symbol as usize) < size).then_some(symbols.len()),
            Inputs::Bits(bytes) => {
                let fits = |byte: &u8| u32::from(*byte) >> size == 0;
                ((1..=8).contains(&size) && bytes.iter().all(fits)).then_some(bytes.len())
            }
        }
    }
}

impl Targets {
    /// Number of targets for `size` outputs; `None` where these are no such targets.
    fn count(&self, size: usize) -> Option<usize> {
        match self {
            Targets::Rows(rows) => (size > 0 && rows.len().is_multiple_of(size)).then(|| rows.len() / size),
            Targets::Classes(values) => (size.checked_mul(2) == Some(values.len())).then_some(size),
        }
    }
}

impl DataSet {
    /// [`DataSet::of`] rows: `inputs` is (steps, input_size), `targets` is (targets, output_size).
    pub fn new(
        input_size: usize,
        output_size: usize,
        inputs: Vec<f64>,
        targets: Vec<f64>,
        target_of_step: Vec<u32>,
        lengths: &[u32],
    ) -> Result<Self> {
        let (inputs, targets) = (Inputs::Rows(inputs), Targets::Rows(targets));
        Self::of(input_size, output_size, inputs, targets, target_of_step, lengths)
    }

    /// A data set from its flat parts: `target_of_step` names the target of every step or [`NO_TARGET`], `lengths`
    /// has the number of steps of every sample. The numbers are to be finite, see [`DataSet::check_finite`].
    ///
    /// # Errors
    /// RangeError where the parts do not fit together.
    pub fn of(
        input_size: usize,
        output_size: usize,
        inputs: Inputs,
        targets: Targets,
        target_of_step: Vec<u32>,
        lengths: &[u32],
    ) -> Result<Self> {
        let total = target_of_step.len();
        let length_sum: usize = lengths.iter().map(|&length| length as usize).sum();
        if lengths.is_empty() || lengths.contains(&0) || length_sum != total || inputs.steps(input_size) != Some(total)
        {
            return Err(Error::Range(format!(
                "the inputs are not {total} steps of {input_size} values, or not of lengths that sum to {length_sum}"
            )));
        }
        let fits = |count: usize| target_of_step.iter().all(|&target| target == NO_TARGET || (target as usize) < count);
        if !targets.count(output_size).is_some_and(fits) {
            return Err(Error::Range(format!("the targets are not of {output_size} values, or not all there")));
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

    /// Checks that all numbers are finite, which [`DataSet::of`] leaves to who knows whether they have been
    /// looked at before.
    pub fn check_finite(&self) -> Result<()> {
        let are_finite = |values: &[f64]| values.iter().all(|value| value.is_finite());
        let inputs = !matches!(&self.inputs, Inputs::Rows(rows) if !are_finite(rows));
        let (Targets::Rows(targets) | Targets::Classes(targets)) = &self.targets;
        if inputs && are_finite(targets) {
            return Ok(());
        }
        Err(Error::Range("a data set holds finite numbers only".into()))
    }

    /// Checks that steps have a value for each input of a network, and targets one for each output.
    ///
    /// # Errors
    /// RangeError where they don't.
    pub fn check_sizes(&self, inputs: usize, outputs: usize) -> Result<()> {
        if (self.input_size, self.output_size) == (inputs, outputs) {
            return Ok(());
        }
        Err(Error::Range(format!(
            "the set has {} inputs and {} outputs, the network {inputs} and {outputs}",
            self.input_size, self.output_size
        )))
    }

    /// Steps of all samples.
    pub fn steps(&self) -> usize {
        self.target_of_step.len()
    }

    /// True without samples; [`DataSet::of`] refuses that.
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

    /// The inputs of all steps.
    pub fn inputs(&self) -> &Inputs {
        &self.inputs
    }

    /// The inputs, to be written anew: as many, of the same form, which are to fit as in [`DataSet::of`].
    pub fn inputs_mut(&mut self) -> &mut Inputs {
        &mut self.inputs
    }

    /// All targets.
    pub fn targets(&self) -> &Targets {
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

    /// The symbol of every step, where inputs are symbols.
    pub fn symbols(&self) -> Option<&[u32]> {
        match &self.inputs {
            Inputs::Symbols(symbols) => Some(symbols),
            _ => None,
        }
    }

    /// Input of a step, (input_size); what is not stored as such is written to `row`, of any size.
    #[inline]
    pub fn input<'a>(&'a self, step: usize, row: &'a mut Vec<f64>) -> &'a [f64] {
        match &self.inputs {
            Inputs::Rows(rows) => return &rows[step * self.input_size..(step + 1) * self.input_size],
            Inputs::Symbols(symbols) => {
                row.clear();
                row.resize(self.input_size, 0.0);
                row[symbols[step] as usize] = 1.0;
            }
            Inputs::Bits(bytes) => {
                row.clear();
                let bit = |place: usize| f64::from(bytes[step] >> (self.input_size - 1 - place) & 1);
                row.extend((0..self.input_size).map(|place| bit(place) * 2.0 - 1.0));
            }
        }
        row
    }

    /// Whether a step has a target.
    #[inline]
    pub fn has_target(&self, step: usize) -> bool {
        self.target_of_step[step] != NO_TARGET
    }

    /// Target of a step, if it has one, (output_size); what is not stored as such is written to `row`, of any size.
    #[inline]
    pub fn target<'a>(&'a self, step: usize, row: &'a mut Vec<f64>) -> Option<&'a [f64]> {
        let target = self.target_of_step[step];
        if target == NO_TARGET {
            return None;
        }
        match &self.targets {
            Targets::Rows(rows) => {
                let start = target as usize * self.output_size;
                Some(&rows[start..start + self.output_size])
            }
            Targets::Classes(values) => {
                let class = target as usize;
                row.clear();
                row.resize(self.output_size, values[class * 2 + 1]);
                row[class] = values[class * 2];
                Some(row)
            }
        }
    }

    /// Multiplies every target by the weight of its class, the index of its largest value.
    #[cfg(test)]
    pub(crate) fn scale_targets(&mut self, weight: impl Fn(usize) -> f64) {
        let Targets::Rows(rows) = &mut self.targets else { return };
        for target in rows.chunks_exact_mut(self.output_size) {
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
        (sample.first..sample.first + sample.steps).filter(|&step| self.has_target(step)).count()
    }
}

#[cfg(test)]
impl DataSet {
    /// The same set with its steps and targets written out as rows.
    pub(crate) fn written_out(&self) -> Self {
        let mut inputs = Vec::new();
        let (mut targets, mut target_of_step) = (Vec::new(), vec![NO_TARGET; self.steps()]);
        for (step, own) in target_of_step.iter_mut().enumerate() {
            inputs.extend_from_slice(self.input(step, &mut Vec::new()));
            if let Some(target) = self.target(step, &mut Vec::new()) {
                *own = (targets.len() / self.output_size) as u32;
                targets.extend_from_slice(target);
            }
        }
        let lengths: Vec<u32> = self.samples.iter().map(|sample| sample.steps as u32).collect();
        Self::new(self.input_size, self.output_size, inputs, targets, target_of_step, &lengths).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(inputs: Inputs, targets: Targets) -> Result<DataSet> {
        DataSet::of(3, 2, inputs, targets, vec![NO_TARGET, 1, 0], &[2, 1])
    }

    #[test]
    fn symbols_bits_and_classes_stand_for_rows() {
        let classes = || Targets::Classes(vec![1.0, 0.0, 0.9, 0.1]);
        let written = set(Inputs::Symbols(vec![2, 0, 1]), classes()).unwrap().written_out();
        let Inputs::Rows(rows) = written.inputs() else { panic!("rows") };
        assert_eq!(*rows, [0., 0., 1., 1., 0., 0., 0., 1., 0.]);
        let Targets::Rows(targets) = written.targets() else { panic!("rows") };
        assert_eq!(*targets, [0.1, 0.9, 1.0, 0.0]);
        let written = set(Inputs::Bits(vec![0b110, 0b001, 0]), classes()).unwrap().written_out();
        let Inputs::Rows(rows) = written.inputs() else { panic!("rows") };
        assert_eq!(*rows, [1., 1., -1., -1., -1., 1., -1., -1., -1.]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let rows = || Targets::Rows(vec![0.0; 4]);
        for inputs in [
            Inputs::Symbols(vec![0, 1, 3]),
            Inputs::Symbols(vec![0, 1]),
            Inputs::Bits(vec![8, 0, 0]),
            Inputs::Bits(vec![0; 4]),
            Inputs::Rows(vec![0.0; 8]),
        ] {
            assert!(set(inputs, rows()).is_err());
        }
        let symbols = || Inputs::Symbols(vec![0; 3]);
        for targets in [Targets::Rows(vec![0.0; 2]), Targets::Rows(vec![0.0; 5]), Targets::Classes(vec![0.0; 2])] {
            assert!(set(symbols(), targets).is_err());
        }
        let classes = Targets::Classes(vec![0.0; 4]);
        assert!(DataSet::of(3, 2, symbols(), classes, vec![0, 1, 2], &[3]).is_err());
        let many = DataSet::of(9, 2, Inputs::Bits(vec![0; 3]), rows(), vec![0; 3], &[3]);
        assert!(many.is_err(), "a byte has eight bits");
    }
}
