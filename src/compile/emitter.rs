//! What the code of a step is written with: addresses in a network's memory, loops over rows and along
//! vectors, and sums of products.

use super::assembler::{At, Function, Local, Op, Type};
use super::rows::Even;
use crate::program::Program;

/// Rows are written out one by one up to this many bytes, and looped over beyond.
const MAX_UNROLLED: usize = 3_000;
/// Vectors up to this length are written out, longer ones are looped over.
pub const MAX_STRAIGHT: usize = 16;

/// Where the parts of the memory start, in numbers; see [`Layout`](crate::program::Layout).
pub struct Parts {
    pub biases: usize,
    pub states: usize,
    pub olds: usize,
    pub activations: usize,
    pub gains: usize,
    pub derivatives: usize,
    pub responsibilities: usize,
    pub eligibilities: usize,
    pub extended: usize,
    pub influences: usize,
}

/// Where the code stands among the rows.
#[derive(Clone, Copy)]
pub enum Row {
    /// At one row that is known.
    Known(usize),
    /// In a loop over all rows.
    Looped,
}

/// One or two numbers at a time.
#[derive(Clone, Copy, PartialEq)]
pub enum Width {
    Single,
    Pair,
}

/// An address that moves by a stride from row to row.
#[derive(Clone, Copy)]
struct RowAddress {
    origin: Local,
    stride: isize,
    address: Local,
}

/// Writes the code of one function.
pub struct Emitter<'a> {
    pub program: &'a Program,
    pub code: Function,
    pub parts: Parts,
    /// Address of the network's memory.
    pub memory: Local,
    /// Address of the input, or of the target.
    pub given: Local,
    /// Address of the projected errors.
    pub projected: Local,
    /// The learning rate.
    pub rate: Local,
    /// In a loop over rows: the address for each origin and stride.
    row_addresses: Vec<RowAddress>,
    /// In a loop along a vector: the address that moves, for each address it starts from.
    cursors: Option<Vec<(Local, Local)>>,
    /// Locals for cursors, used again by every loop.
    spare_cursors: Vec<Local>,
    /// For the states of known rows.
    states: Vec<Local>,
    /// Of the loop over rows and of the loop along a vector.
    counters: [Local; 2],
    /// For sums of products, two lanes each.
    pub sums: [Local; 2],
    /// For pairs of numbers.
    pub pairs: [Local; 4],
    /// For single numbers.
    pub numbers: [Local; 4],
}

impl<'a> Emitter<'a> {
    /// The emitter of a function for a program.
    pub fn new(program: &'a Program, mut code: Function) -> Self {
        let mut end = 0;
        let starts = program.layout.parts().map(|(_, size)| {
            let start = end;
            end += size;
            start
        });
        let [
            _,
            biases,
            states,
            olds,
            activations,
            gains,
            derivatives,
            responsibilities,
            eligibilities,
            extended,
            influences,
            // Networks with delays are interpreted.
            _,
        ] = starts;
        let parts = Parts {
            biases,
            states,
            olds,
            activations,
            gains,
            derivatives,
            responsibilities,
            eligibilities,
            extended,
            influences,
        };
        Emitter {
            program,
            parts,
            memory: Local::parameter(0),
            given: Local::parameter(1),
            projected: Local::parameter(2),
            rate: Local::parameter(3),
            row_addresses: Vec::new(),
            cursors: None,
            spare_cursors: Vec::new(),
            states: Vec::new(),
            counters: [(); 2].map(|()| code.local(Type::I32)),
            sums: [(); 2].map(|()| code.local(Type::V128)),
            pairs: [(); 4].map(|()| code.local(Type::V128)),
            numbers: [(); 4].map(|()| code.local(Type::F64)),
            code,
        }
    }

    /// Address of number `even` of the part that starts at number `start` of the memory.
    #[inline(never)]
    pub fn at(&mut self, start: usize, even: Even, row: Row) -> At {
        self.from(self.memory, start, even, row)
    }

    #[inline(never)]
    pub fn from(&mut self, origin: Local, start: usize, even: Even, row: Row) -> At {
        match row {
            Row::Known(row) => At { base: origin, offset: (start + even.at(row)) * 8 },
            Row::Looped if even.stride == 0 => At { base: origin, offset: (start + even.start) * 8 },
            Row::Looped => {
                let stride = even.stride;
                let known = self.row_addresses.iter().find(|known| (known.origin, known.stride) == (origin, stride));
                let address = known.map(|known| known.address).unwrap_or_else(|| {
                    let address = self.code.local(Type::I32);
                    self.row_addresses.push(RowAddress { origin, stride, address });
                    address
                });
                At { base: address, offset: (start + even.start) * 8 }
            }
        }
    }

    /// A place as it is seen inside a loop along a vector.
    #[inline(never)]
    fn here(&mut self, at: At) -> At {
        let Some(cursors) = &mut self.cursors else { return at };
        let base = match cursors.iter().find(|(base, _)| *base == at.base) {
            Some(&(_, cursor)) => cursor,
            None => {
                let cursor = self.spare_cursors.pop().unwrap_or_else(|| self.code.local(Type::I32));
                cursors.push((at.base, cursor));
                cursor
            }
        };
        At { base, offset: at.offset }
    }

    /// Writes `body` for every row: one after the other while that is short, else as a loop. Returns
    /// whether it was short.
    pub fn for_rows(&mut self, count: usize, backwards: bool, body: &mut dyn FnMut(&mut Self, Row)) -> bool {
        let start = self.code.size();
        let order = |index: usize| if backwards { count - 1 - index } else { index };
        body(self, Row::Known(order(0)));
        if count * (self.code.size() - start) <= MAX_UNROLLED {
            (1..count).for_each(|index| body(self, Row::Known(order(index))));
            return true;
        }
        self.code.take_from(start);
        self.row_addresses.clear();
        body(self, Row::Looped);
        let code = self.code.take_from(start);
        let addresses = std::mem::take(&mut self.row_addresses);
        for &RowAddress { origin, stride, address } in &addresses {
            let first = stride * 8 * order(0) as isize;
            self.code.get(origin).i32(first as i32).op(Op::I32Add).set(address);
        }
        self.code.repeat(self.counters[0], count, |out| {
            out.append(&code);
            for &RowAddress { stride, address, .. } in &addresses {
                let distance = if backwards { -stride * 8 } else { stride * 8 };
                out.get(address).i32(distance as i32).op(Op::I32Add).set(address);
            }
        });
        false
    }

    /// Writes `body(emitter, position, width)` along a vector, in pairs.
    pub fn along(&mut self, len: usize, body: &mut dyn FnMut(&mut Self, usize, Width)) {
        let mut done = 0;
        if len > MAX_STRAIGHT {
            done = len / 4 * 4;
            self.loop_along(done / 4, &mut |emitter| {
                body(emitter, 0, Width::Pair);
                body(emitter, 2, Width::Pair);
            });
        }
        while done < len {
            let width = if len - done == 1 { Width::Single } else { Width::Pair };
            body(self, done, width);
            done += 2;
        }
    }

    /// A loop whose every turn moves four numbers on.
    #[inline(never)]
    fn loop_along(&mut self, turns: usize, body: &mut dyn FnMut(&mut Self)) {
        let start = self.code.size();
        self.cursors = Some(Vec::new());
        body(self);
        let cursors = self.cursors.take().unwrap_or_default();
        let code = self.code.take_from(start);
        for &(base, cursor) in &cursors {
            self.code.get(base).set(cursor);
        }
        self.code.repeat(self.counters[1], turns, |out| {
            out.append(&code);
            for &(_, cursor) in &cursors {
                out.get(cursor).i32(32).op(Op::I32Add).set(cursor);
            }
        });
        self.spare_cursors.extend(cursors.iter().map(|&(_, cursor)| cursor));
    }

    /// Pushes one number (in both lanes) or two.
    #[inline(never)]
    pub fn load(&mut self, at: At, width: Width) {
        let at = self.here(at);
        match width {
            Width::Single => self.code.load_splat(at),
            Width::Pair => self.code.load_pair(at),
        };
    }

    /// Pushes what [`Emitter::load`] pushes, number by number. A processor can't forward two numbers as a pair
    /// that were just stored one by one: it would wait until both have reached its memory.
    #[inline(never)]
    pub fn load_apart(&mut self, at: At, width: Width) {
        let at = self.here(at);
        self.code.load_splat(at);
        if width == Width::Pair {
            self.code.load(at.plus(1)).replace_lane(1);
        }
    }

    /// Stores one number (of the first lane) or two, as `value` pushes them.
    pub fn store(&mut self, at: At, width: Width, value: impl FnOnce(&mut Self)) {
        let at = self.here(at);
        self.code.get(at.base);
        value(self);
        match width {
            Width::Single => self.code.lane(0).end_store(at),
            Width::Pair => self.code.end_store_pair(at),
        };
    }

    /// The local that holds the state of a known row.
    #[inline(never)]
    pub fn state_of(&mut self, row: usize) -> Local {
        while self.states.len() <= row {
            let state = self.code.local(Type::F64);
            self.states.push(state);
        }
        self.states[row]
    }

    /// Pushes [`dot`](crate::kernels::dot), or [`dot_gated`](crate::kernels::dot_gated), added in
    /// the same order.
    #[inline(never)]
    pub fn dot(&mut self, weights: At, sources: At, gains: Option<At>, len: usize) {
        let product = |emitter: &mut Self, position: usize| {
            emitter.load(weights.plus(position), Width::Pair);
            emitter.load(sources.plus(position), Width::Pair);
            emitter.code.op(Op::Mul);
            if let Some(gains) = gains {
                emitter.load(gains.plus(position), Width::Pair);
                emitter.code.op(Op::Mul);
            }
        };
        let chunks = len / 4;
        let sums = self.sums;
        let add = |emitter: &mut Self, position: usize| {
            for (half, sum) in sums.into_iter().enumerate() {
                emitter.code.get(sum);
                product(emitter, position + 2 * half);
                emitter.code.op(Op::Add).set(sum);
            }
        };
        if len > MAX_STRAIGHT {
            for sum in sums {
                self.code.pair(0.0).set(sum);
            }
            self.loop_along(chunks, &mut |emitter| add(emitter, 0));
        } else {
            for chunk in 0..chunks {
                if chunk > 0 {
                    add(self, chunk * 4);
                    continue;
                }
                for (half, sum) in sums.into_iter().enumerate() {
                    product(self, 2 * half);
                    self.code.set(sum);
                }
            }
        }
        if chunks > 0 {
            // (s0, s1) and (s2, s3) to (s0 + s1) + (s2 + s3)
            let both = self.pairs[0];
            self.code.get(sums[0]).get(sums[1]).zip(0).get(sums[0]).get(sums[1]).zip(1).op(Op::Add);
            self.code.tee(both).lane(0).get(both).lane(1).op(Op::F64Add);
        }
        for position in chunks * 4..len {
            self.code.load(weights.plus(position)).load(sources.plus(position)).op(Op::F64Mul);
            if let Some(gains) = gains {
                self.code.load(gains.plus(position)).op(Op::F64Mul);
            }
            if position > chunks * 4 {
                self.code.op(Op::F64Add);
            }
        }
        if chunks > 0 && len > chunks * 4 {
            self.code.op(Op::F64Add);
        }
    }
}
