//! The data set: sequences of input steps, with a target where there is one.

use crate::error::{Error, Result};

/// Marks a step without a target.
pub const NO_TARGET: u32 = u32::MAX;

/// The steps of one sample in the data set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// First step.
    pub first: usize,
    /// Number of steps, at least 1.
    pub steps: usize,
    /// How much each of its targets counts, beside the mean of the set's targets, which is 1.
    pub weight: f64,
}

impl Sample {
    /// The steps from `done` on, `most` at most; there must be some.
    pub fn cut(self, done: usize, most: usize) -> Self {
        Sample { first: self.first + done, steps: (self.steps - done).min(most), ..self }
    }
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
    /// A sample has a list of symbols, each below output_size - 1, as the last output says nothing. The symbols stand in
    /// their order where the first steps of the sample would name targets.
    Lists,
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
    is_weighted: bool,
}

/// Steps that a sequence needs at least to say a list: one for every symbol, and one between two that are the same.
pub fn steps_for(list: &[u32]) -> usize {
    list.len() + list.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

/// Puts samples in the order of their lengths, which `steps` gives, the longest first; equal ones stay in their order.
#[inline(never)]
pub fn longest_first(samples: &mut [usize], steps: &dyn Fn(usize) -> usize) {
    samples.sort_by_key(|&index| std::cmp::Reverse(steps(index)));
}

/// Values that are not 0, each with its place.
fn visit_values(values: &[f64], visit: &mut dyn FnMut(u64)) {
    for (place, &value) in values.iter().enumerate().filter(|&(_, &value)| value != 0.0) {
        visit(place as u64);
        visit(value.to_bits());
    }
}

impl Inputs {
    /// Number of steps of `size` values each; `None` where the inputs are no such steps.
    pub fn steps(&self, size: usize) -> Option<usize> {
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
            Targets::Lists => (size > 1).then(|| size - 1),
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
                let sample = Sample { first, steps: length as usize, weight: 1.0 };
                first += sample.steps;
                sample
            })
            .collect();
        let set = DataSet { input_size, output_size, inputs, targets, target_of_step, samples, is_weighted: false };
        set.check_lists()?;
        Ok(set)
    }

    /// The set with a weight for each sample, above 0. Only their ratios count: they are divided by their mean over the
    /// set's targets, so that a learning rate means what it means without, and two samples of weight 1 are as one of
    /// weight 2.
    ///
    /// # Errors
    /// RangeError where they are not one per sample, or not all positive and finite.
    pub fn weighted(mut self, weights: &[f64]) -> Result<Self> {
        let counts = |weight: &f64| *weight > 0.0 && weight.is_finite();
        if weights.len() != self.samples.len() || !weights.iter().all(counts) {
            let count = self.samples.len();
            return Err(Error::Range(format!("the weights are not {count} positive numbers, one for each sample")));
        }
        let targets: Vec<f64> = self.samples.iter().map(|&sample| self.targets_in(sample) as f64).collect();
        let judged = || weights.iter().zip(&targets).filter(|&(_, &count)| count > 0.0);
        // As shares of the largest one, so that no sum is infinite.
        let largest = judged().fold(0.0, |largest, (&weight, _)| f64::max(largest, weight));
        let sum: f64 = judged().map(|(&weight, &count)| weight / largest * count).sum();
        let count: f64 = targets.iter().sum();
        for ((sample, &weight), &targets) in self.samples.iter_mut().zip(weights).zip(&targets) {
            sample.weight = if targets > 0.0 { weight / largest * count / sum } else { 1.0 };
        }
        self.is_weighted = true;
        Ok(self)
    }

    /// Whether samples have weights.
    pub fn is_weighted(&self) -> bool {
        self.is_weighted
    }

    /// Checks that every list begins with its sample, and is no longer than the steps can say.
    fn check_lists(&self) -> Result<()> {
        for (index, &sample) in self.samples.iter().enumerate().filter(|_| self.has_lists()) {
            let (list, needed) = (self.list(sample), steps_for(self.list(sample)));
            let rest = &self.target_of_step[sample.first + list.len()..sample.first + sample.steps];
            if needed > sample.steps || rest.iter().any(|&symbol| symbol != NO_TARGET) {
                return Err(Error::Range(format!(
                    "the list of sample {index} takes {needed} steps to say, of which the sample has {}",
                    sample.steps
                )));
            }
        }
        Ok(())
    }

    /// Whether targets are lists of symbols.
    pub fn has_lists(&self) -> bool {
        matches!(self.targets, Targets::Lists)
    }

    /// The symbols of a sample, where targets are lists.
    pub fn list(&self, sample: Sample) -> &[u32] {
        let steps = &self.target_of_step[sample.first..sample.first + sample.steps];
        &steps[..steps.iter().position(|&symbol| symbol == NO_TARGET).unwrap_or(steps.len())]
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
        let targets = match &self.targets {
            Targets::Rows(targets) | Targets::Classes(targets) => targets.as_slice(),
            Targets::Lists => &[],
        };
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

    /// The samples as words, the same in whatever form inputs and targets are stored: what is 0 is passed over, and
    /// every step ends with a word that is no place.
    pub fn visit_words(&self, visit: &mut dyn FnMut(u64)) {
        let mut row = Vec::new();
        for sample in &self.samples {
            visit(sample.steps as u64);
            visit(sample.weight.to_bits());
            for step in sample.first..sample.first + sample.steps {
                match self.symbols() {
                    Some(symbols) => [symbols[step].into(), 1f64.to_bits()].into_iter().for_each(&mut *visit),
                    None => visit_values(self.input(step, &mut row), visit),
                }
                visit(u64::MAX);
                if self.has_lists() {
                    visit(self.target_of_step[step].into());
                } else if let Some(target) = self.target(step, &mut row) {
                    visit_values(target, visit);
                    visit(u64::MAX - 1);
                }
            }
        }
    }

    /// Whether a step has a target; of a sample with a list, each has a part in it.
    #[inline]
    pub fn has_target(&self, step: usize) -> bool {
        self.target_of_step[step] != NO_TARGET || self.has_lists()
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
            Targets::Lists => None,
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
        !self.has_lists()
            && self.samples.iter().all(|sample| {
                let before_the_end = sample.first..sample.first + sample.steps - 1;
                self.target_of_step[before_the_end].iter().all(|&target| target == NO_TARGET)
            })
    }

    /// Number of targets of a sample, or of a part of its steps; a list is one.
    pub fn targets_in(&self, sample: Sample) -> usize {
        if self.has_lists() {
            return 1;
        }
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
    fn lists_begin_with_their_samples_and_fit_the_steps() {
        let make = |outputs, symbols: [u32; 4], lengths: &[u32]| {
            DataSet::of(1, outputs, Inputs::Symbols(vec![0; 4]), Targets::Lists, symbols.to_vec(), lengths)
        };
        let no = NO_TARGET;
        let set = make(3, [1, 0, no, no], &[3, 1]).unwrap();
        assert_eq!([set.list(set.sample(0)), set.list(set.sample(1))], [&[1, 0][..], &[]]);
        assert!(set.has_target(2) && set.targets_in(set.sample(0)) == 1 && !set.judges_ends_alone());
        for (symbols, lengths) in
            [([2, no, no, no], [3, 1]), ([no, 1, no, no], [3, 1]), ([1, no, 1, no], [3, 1]), ([1, 1, 0, no], [3, 1])]
        {
            assert!(make(3, symbols, &lengths).is_err());
        }
        assert!(make(1, [no; 4], &[3, 1]).is_err() && make(3, [1, 1, no, 0], &[3, 1]).is_ok());
    }

    #[test]
    fn weights_count_beside_their_mean_over_the_targets() {
        let make = || set(Inputs::Symbols(vec![2, 0, 1]), Targets::Classes(vec![1.0, 0.0, 0.9, 0.1])).unwrap();
        let weights = |set: &DataSet| [0, 1].map(|index| set.sample(index).weight);
        assert!(weights(&make()) == [1.0, 1.0] && !make().is_weighted());
        for scale in [1.0, 1e300, 1e-300] {
            let weighted = make().weighted(&[3.0 * scale, scale]).unwrap();
            let [first, second] = weights(&weighted);
            assert!((first - 1.5).abs() < 1e-12 && (second - 0.5).abs() < 1e-12 && weighted.is_weighted());
        }
        for wrong in [vec![1.0], vec![1.0, 0.0], vec![1.0, -1.0], vec![1.0, f64::NAN], vec![f64::INFINITY, 1.0]] {
            assert!(make().weighted(&wrong).is_err());
        }
        // What has no target weighs nothing.
        let targets = Targets::Rows(vec![0.0; 2]);
        let rows = vec![NO_TARGET, 0, NO_TARGET];
        let one = DataSet::of(3, 2, Inputs::Symbols(vec![0; 3]), targets, rows, &[2, 1]).unwrap();
        assert_eq!(weights(&one.weighted(&[1e-300, 1e300]).unwrap()), [1.0, 1.0]);
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
