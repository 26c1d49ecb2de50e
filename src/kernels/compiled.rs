//! Code that was made for one program while the engine runs, see [`crate::compile`].
#![allow(unsafe_code)]

type Activate = extern "C" fn(*mut f64, *const f64);
type Propagate = extern "C" fn(*mut f64, *const f64, *mut f64, f64);

/// Sizes that the code relies on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// Numbers in the program's memory.
    pub memory: usize,
    /// Input units.
    pub inputs: usize,
    /// Output units.
    pub outputs: usize,
    /// Units.
    pub units: usize,
}

/// The two functions of one program, in the function table of this instance.
#[derive(Debug)]
pub struct Compiled {
    sizes: Sizes,
    slots: [usize; 2],
    release: fn([usize; 2]),
}

impl Compiled {
    /// The functions `activate` and `propagate` of a module made by [`crate::compile::compile`] for
    /// a program of these sizes, which stand in these slots of the function table; `release` is called
    /// with the slots when they are free.
    #[cfg_attr(not(feature = "javascript"), expect(dead_code, reason = "no other host compiles programs"))]
    pub(crate) fn new(sizes: Sizes, slots: [usize; 2], release: fn([usize; 2])) -> Self {
        Compiled { sizes, slots, release }
    }

    /// One step.
    #[inline]
    pub fn activate(&self, memory: &mut [f64], input: &[f64]) {
        assert!(memory.len() == self.sizes.memory && input.len() == self.sizes.inputs, "slices fit the program");
        // SAFETY: in WebAssembly a function pointer is a slot of the function table, and the call
        // checks the function's type. The code stays within the memory of its program, whose size
        // was just checked, and reads as many inputs. Elsewhere nothing makes a `Compiled`.
        let activate = unsafe { std::mem::transmute::<usize, Activate>(self.slots[0]) };
        activate(memory.as_mut_ptr(), input.as_ptr());
    }

    /// Learns from a target; `projected` is work space with a number per unit.
    #[inline]
    pub fn propagate(&self, memory: &mut [f64], target: &[f64], projected: &mut [f64], rate: f64) {
        let Sizes { memory: size, outputs, units, .. } = self.sizes;
        let fit = memory.len() == size && target.len() == outputs && projected.len() == units;
        assert!(fit, "slices fit the program");
        // SAFETY: as in `activate`; target and work space were just checked too.
        let propagate = unsafe { std::mem::transmute::<usize, Propagate>(self.slots[1]) };
        propagate(memory.as_mut_ptr(), target.as_ptr(), projected.as_mut_ptr(), rate);
    }
}

impl Drop for Compiled {
    fn drop(&mut self) {
        (self.release)(self.slots);
    }
}
