//! A stream: a sequence that comes step by step and has an answer after each. Its states stand apart from the network,
//! so that many streams share the weights of one; and it runs the sequence rule's forward pass, a step at a time, so
//! that it answers as [`Network::run_sequences`] does, to the bit.

use std::sync::Arc;

use crate::data::{DataSet, Inputs, NO_TARGET, Sample, Targets};
use crate::error::{Error, Result};
use crate::learn::bptt::{Bptt, Context};
use crate::network::Network;
use crate::program::Program;

const STEP: Sample = Sample { first: 0, steps: 1, weight: 1.0 };

/// A sequence on its way through a network.
#[derive(Clone, Debug)]
pub struct Stream {
    program: Arc<Program>,
    bptt: Bptt<f64>,
    /// One step, which is written anew each time.
    step: DataSet,
    /// The context of the next step.
    context: Context,
    /// Weights and biases of the last step while a run owns the network, and their version.
    parameters: Vec<f64>,
    version: i32,
}

impl Stream {
    /// A stream that has read nothing, for steps in the form of `inputs`, which has one.
    ///
    /// # Errors
    /// TypeError for a network that reads from both ends; RangeError for inputs that are no step of the network.
    pub fn new(network: &Network, inputs: Inputs) -> Result<Self> {
        let program = Arc::clone(&network.lowered().program);
        if program.is_bidirectional() {
            return Err(Error::Type("a bidirectional network reads whole sequences".into()));
        }
        let targets = Targets::Rows(Vec::new());
        let step = DataSet::of(program.inputs, program.output_count(), inputs, targets, vec![NO_TARGET], &[1])?;
        let bptt = Bptt::alone(&program);
        Ok(Stream { program, bptt, step, context: Context::Fresh, parameters: Vec::new(), version: -1 })
    }

    /// Forgets what was read.
    pub fn reset(&mut self) {
        self.context = Context::Fresh;
    }

    /// The step that is read next, to be written.
    pub fn inputs(&mut self) -> &mut Inputs {
        self.step.inputs_mut()
    }

    /// Reads a step and writes the outputs after it. One that does not stay is taken back when the next one comes.
    ///
    /// # Errors
    /// TypeError for another network than that of [`Stream::new`], and for one that another thread steps through.
    pub fn push(&mut self, network: &Network, stays: bool, output: &mut [f64]) -> Result<()> {
        let program = &network.lowered().program;
        if !Arc::ptr_eq(program, &self.program) {
            if **program != *self.program {
                return Err(Error::Type("the network has other layers than when the stream began".into()));
            }
            self.program = Arc::clone(program);
        }
        let Stream { bptt, step, context, parameters, version, .. } = self;
        let region = &network.shared().region;
        let count = program.layout.parameters().len();
        let mut forward = |parameters: &[f64]| bptt.forward(program, parameters, step, &[STEP], *context, true);
        if region.with_memory(|memory| forward(&memory[..count])).is_some() {
            *version = -1;
        } else {
            parameters.resize(count, 0.0);
            *version = region.read_parameters(*version, parameters);
            forward(parameters);
        }
        for (position, value) in output.iter_mut().enumerate() {
            *value = self.bptt.output(program, 0, 0, position);
        }
        self.context = match (stays, self.context) {
            (true, _) => Context::Carried,
            (false, Context::Fresh) => Context::Fresh,
            (false, _) => Context::Same,
        };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Choice;
    use crate::graph::Readout;
    use crate::graph::architect::{Convolution, LstmOptions, Output, Variant, lstm};
    use crate::random::Random;

    fn networks(inputs: usize, random: &mut Random) -> Vec<Network> {
        let sizes = [inputs, 5, 3, 2];
        let readouts = Readout::ALL.iter().copied().map(Some).chain([None]);
        let mut blueprints = Vec::new();
        for readout in readouts {
            for variant in [Variant::Standard, Variant::Gru, Variant::GruResetBefore] {
                let options = LstmOptions { variant, readout, output: Output::Softmax, ..Default::default() };
                blueprints.push(lstm(&sizes, &options, random).unwrap());
            }
        }
        const CONVOLUTION: [Convolution; 2] =
            [Convolution { filters: 3, width: 3, dilation: 1 }, Convolution { filters: 4, width: 2, dilation: 3 }];
        let convolved = LstmOptions {
            variant: Variant::Standard,
            readout: Some(Readout::Mean),
            second_readout: Some(Readout::Max),
            convolution: &CONVOLUTION,
            ..Default::default()
        };
        blueprints.push(lstm(&sizes, &convolved, random).unwrap());
        blueprints.push(
            lstm(&[inputs, 2], &LstmOptions { readout: None, second_readout: None, ..convolved }, random).unwrap(),
        );
        blueprints.push(lstm(&sizes, &LstmOptions::default(), random).unwrap());
        blueprints.iter().map(|b| Network::new(&b.graph, &b.named_layers()).unwrap()).collect()
    }

    /// Outputs after every step of a set's only sample, each as of a sequence that ends there.
    fn prefixes(network: &Network, inputs: &Inputs, steps: usize) -> Vec<Vec<f64>> {
        let program = network.program();
        let of = |length: usize| {
            let inputs = match inputs {
                Inputs::Rows(rows) => Inputs::Rows(rows[..length * program.inputs].to_vec()),
                Inputs::Symbols(symbols) => Inputs::Symbols(symbols[..length].to_vec()),
                Inputs::Bits(bytes) => Inputs::Bits(bytes[..length].to_vec()),
            };
            let (targets, count) = (Targets::Rows(Vec::new()), program.output_count());
            let none = vec![NO_TARGET; length];
            let data = DataSet::of(program.inputs, count, inputs, targets, none, &[length as u32]).unwrap();
            let mut last = Vec::new();
            network.run_sequences::<f64>(&data, false, &mut |_, _, output| last = output.to_vec());
            last
        };
        (1..=steps).map(of).collect()
    }

    fn write(stream: &mut Stream, inputs: &Inputs, step: usize) {
        match (stream.inputs(), inputs) {
            (Inputs::Rows(row), Inputs::Rows(rows)) => {
                let size = row.len();
                row.copy_from_slice(&rows[step * size..][..size]);
            }
            (Inputs::Symbols(symbol), Inputs::Symbols(symbols)) => symbol[0] = symbols[step],
            (Inputs::Bits(byte), Inputs::Bits(bytes)) => byte[0] = bytes[step],
            _ => unreachable!("one form"),
        }
    }

    #[test]
    fn streams_answer_as_whole_sequences_do_to_the_bit() {
        let mut random = Random::new(71);
        const STEPS: usize = 9;
        for network in networks(4, &mut random) {
            let rows = Inputs::Rows((0..STEPS * 4).map(|_| random.unit() * 4.0 - 2.0).collect());
            let symbols = Inputs::Symbols((0..STEPS).map(|_| random.below(4) as u32).collect());
            let bits = Inputs::Bits((0..STEPS).map(|_| random.below(16) as u8).collect());
            let forms = [
                (rows, Inputs::Rows(vec![0.0; 4])),
                (symbols, Inputs::Symbols(vec![0])),
                (bits, Inputs::Bits(vec![0])),
            ];
            let expected: Vec<_> = forms.iter().map(|(inputs, _)| prefixes(&network, inputs, STEPS)).collect();
            let mut streams: Vec<_> =
                forms.iter().map(|(_, one)| Stream::new(&network, one.clone()).unwrap()).collect();
            let mut output = vec![0.0; 2];
            for round in 0..2 {
                for step in 0..STEPS {
                    for (stream, ((inputs, _), expected)) in streams.iter_mut().zip(forms.iter().zip(&expected)) {
                        for _ in 0..round {
                            // Steps that are taken back leave nothing behind.
                            write(stream, inputs, random.below(STEPS));
                            stream.push(&network, false, &mut output).unwrap();
                        }
                        write(stream, inputs, step);
                        stream.push(&network, true, &mut output).unwrap();
                        assert_eq!(output, expected[step]);
                    }
                }
                streams.iter_mut().for_each(Stream::reset);
            }
        }
    }

    #[test]
    fn other_networks_are_refused() {
        let mut random = Random::new(72);
        let options = LstmOptions { variant: Variant::Standard, bidirectional: true, ..Default::default() };
        let both = lstm(&[2, 3, 2], &options, &mut random).unwrap();
        let both = Network::new(&both.graph, &both.named_layers()).unwrap();
        assert!(Stream::new(&both, Inputs::Rows(vec![0.0; 2])).is_err());
        let [one, other] = [2, 3].map(|cells| {
            let blueprint = lstm(&[2, cells, 2], &LstmOptions::default(), &mut random).unwrap();
            Network::new(&blueprint.graph, &blueprint.named_layers()).unwrap()
        });
        assert!(Stream::new(&one, Inputs::Rows(vec![0.0; 3])).is_err());
        let mut stream = Stream::new(&one, Inputs::Rows(vec![0.0; 2])).unwrap();
        assert!(stream.push(&other, true, &mut [0.0; 2]).is_err());
        assert!(stream.push(&one, true, &mut [0.0; 2]).is_ok());
    }
}
