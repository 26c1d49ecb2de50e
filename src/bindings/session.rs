//! Single steps of a network in a worker, for JavaScript: in the page's memory where that is shared, else on copies.

use wasm_bindgen::prelude::*;

use super::parcel::LOANS;
use crate::error::Error;
use crate::learn::online::Online;
use crate::network::Shared;
use crate::program::Program;

/// A network inside a worker that activates and propagates.
#[wasm_bindgen]
pub struct Session {
    network: Whose,
    online: Online,
}

enum Whose {
    /// The page's, which has handed its region over for the step.
    Shared(Shared),
    /// A copy, whose memory is sent with every step.
    Copied(Box<Program>, Vec<f64>),
}

#[wasm_bindgen]
impl Session {
    /// Steps of the network that the page has lent under this number.
    #[wasm_bindgen(js_name = fromLoan)]
    pub fn from_loan(number: u32) -> Result<Session, JsValue> {
        Ok(Session { network: Whose::Shared(LOANS.receive(number)?), online: Online::default() })
    }

    /// Steps of a program on memories that are sent.
    #[wasm_bindgen(js_name = fromProgram)]
    pub fn from_program(program: Vec<u64>) -> Result<Session, JsValue> {
        let program = Box::new(Program::from_words(program)?);
        Ok(Session { network: Whose::Copied(program, Vec::new()), online: Online::default() })
    }

    /// Takes the memory that the next step works on.
    pub fn load(&mut self, memory: Vec<f64>) -> Result<(), JsValue> {
        match &mut self.network {
            Whose::Copied(program, own) if memory.len() == program.layout.size() => *own = memory,
            _ => {
                return Err(
                    Error::Range(format!("a memory of {} numbers is none of this network", memory.len())).into()
                );
            }
        }
        Ok(())
    }

    /// One step; gives the outputs.
    pub fn activate(&mut self, input: &[f64]) -> Result<Vec<f64>, JsValue> {
        self.step(
            input.len(),
            |program| program.inputs,
            |online, program, memory| {
                online.activate(program, memory, input);
                program.layout.split(memory).activations[program.outputs.clone()].to_vec()
            },
        )
    }

    /// Learns from one target.
    pub fn propagate(&mut self, rate: f64, target: &[f64]) -> Result<(), JsValue> {
        self.step(target.len(), Program::output_count, |online, program, memory| {
            program.check_online()?;
            online.propagate(program, memory, rate, target);
            Ok::<(), Error>(())
        })??;
        Ok(())
    }

    /// The memory after the last step, where it is a copy.
    pub fn memory(&self) -> Vec<f64> {
        match &self.network {
            Whose::Copied(_, memory) => memory.clone(),
            Whose::Shared(_) => Vec::new(),
        }
    }
}

impl Session {
    /// Takes a step, once `given` values are as many as are wanted.
    fn step<R>(
        &mut self,
        given: usize,
        wanted: impl Fn(&Program) -> usize,
        act: impl FnOnce(&mut Online, &Program, &mut [f64]) -> R,
    ) -> Result<R, JsValue> {
        let Session { network, online } = self;
        let program = match network {
            Whose::Shared(shared) => &shared.program,
            Whose::Copied(program, _) => &**program,
        };
        let wanted = wanted(program);
        if given != wanted {
            return Err(Error::Range(format!("{given} values, the network has {wanted}")).into());
        }
        match network {
            Whose::Copied(program, memory) if memory.len() == program.layout.size() => Ok(act(online, program, memory)),
            Whose::Copied(..) => Err(Error::Range("the network has no memory yet".into()).into()),
            Whose::Shared(Shared { program, region }) => {
                let taken = region.step(|memory| act(online, program, memory));
                taken.ok_or_else(|| Error::Type("the page has not handed the network over".into()).into())
            }
        }
    }
}
