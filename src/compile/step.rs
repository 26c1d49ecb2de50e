//! The code of one step: `activate(memory, input)` and `propagate(memory, target, projected, rate)`, of
//! [`online::activate`](crate::learn::online::activate) and
//! [`online::propagate`](crate::learn::online::propagate) for one program.

use super::assembler::{At, Function, Local, Op, Type, module};
use super::rows::{Even, Gain, Keeping, RowPair, RowSegment, Rows};
use crate::kernels::{DOUBLE, DOUBLE_EVEN, DOUBLE_ODD, Squash};
use crate::program::Program;

/// Most bytes of code; a program that needs more gains little and is interpreted.
const MAX_CODE: usize = 1 << 18;
/// Rows are written out one by one up to this many bytes, and looped over beyond.
const MAX_UNROLLED: usize = 3_000;
/// Vectors up to this length are written out, longer ones are looped over.
const MAX_STRAIGHT: usize = 16;

/// The module for a program; `None` where its code would be too long.
pub fn compile(program: &Program) -> Option<Vec<u8>> {
    let groups: Vec<Vec<Rows>> =
        program.groups.iter().map(|group| Rows::of_group(program, group.first, group.size)).collect();
    let mut activate = Emitter::new(program, Function::new(&[Type::I32, Type::I32]));
    activate.feed();
    for rows in groups.iter().flatten() {
        activate.activate(rows);
        if activate.code.size() > MAX_CODE {
            return None;
        }
    }
    let mut propagate = Emitter::new(program, Function::new(&[Type::I32, Type::I32, Type::I32, Type::F64]));
    propagate.clear_projected();
    for rows in groups.iter().flatten() {
        propagate.hand_back_late(rows);
    }
    for rows in groups.iter().rev().flat_map(|group| group.iter().rev()) {
        propagate.propagate(rows);
        if propagate.code.size() > MAX_CODE {
            return None;
        }
    }
    Some(module(&[("activate", &activate.code), ("propagate", &propagate.code)]))
}

/// Where the parts of the memory start, in numbers; see [`Layout`](crate::program::Layout).
struct Parts {
    biases: usize,
    states: usize,
    olds: usize,
    activations: usize,
    gains: usize,
    derivatives: usize,
    responsibilities: usize,
    eligibilities: usize,
    extended: usize,
    influences: usize,
}

/// Where the code stands among the rows.
#[derive(Clone, Copy)]
enum Row {
    /// At one row that is known.
    Known(usize),
    /// In a loop over all rows.
    Looped,
}

/// One or two numbers at a time.
#[derive(Clone, Copy, PartialEq)]
enum Width {
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

struct Emitter<'a> {
    program: &'a Program,
    code: Function,
    parts: Parts,
    memory: Local,
    /// Address of the input, or of the target.
    given: Local,
    projected: Local,
    rate: Local,
    /// In a loop over rows: the address for each origin and stride.
    row_addresses: Vec<RowAddress>,
    /// In a loop along a vector: the address that moves, for each address it starts from.
    cursors: Option<Vec<(Local, Local)>>,
    /// Locals for cursors, used again by every loop.
    spare_cursors: Vec<Local>,
    /// For the states of known rows.
    states: Vec<Local>,
    counters: [Local; 2],
    sums: [Local; 2],
    pairs: [Local; 4],
    numbers: [Local; 4],
}

impl<'a> Emitter<'a> {
    fn new(program: &'a Program, mut code: Function) -> Self {
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

    // Addresses.

    /// The number `even` of what starts at number `start` of the memory.
    #[inline(never)]
    fn at(&mut self, start: usize, even: Even, row: Row) -> At {
        self.from(self.memory, start, even, row)
    }

    #[inline(never)]
    fn from(&mut self, origin: Local, start: usize, even: Even, row: Row) -> At {
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

    // Loops.

    /// Writes `body` for every row: one after the other while that is short, else as a loop. Returns
    /// whether it was short.
    fn for_rows(&mut self, count: usize, backwards: bool, body: &mut dyn FnMut(&mut Self, Row)) -> bool {
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
    fn along(&mut self, len: usize, body: &mut dyn FnMut(&mut Self, usize, Width)) {
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
    fn load(&mut self, at: At, width: Width) {
        let at = self.here(at);
        match width {
            Width::Single => self.code.load_splat(at),
            Width::Pair => self.code.load_pair(at),
        };
    }

    /// Pushes what [`Emitter::load`] does, number by number: two that were just stored one by one can't be
    /// forwarded as a pair, and a processor waits until they have reached its memory.
    #[inline(never)]
    fn load_apart(&mut self, at: At, width: Width) {
        let at = self.here(at);
        self.code.load_splat(at);
        if width == Width::Pair {
            self.code.load(at.plus(1)).replace_lane(1);
        }
    }

    /// Stores one number (of the first lane) or two, as `value` pushes them.
    fn store(&mut self, at: At, width: Width, value: impl FnOnce(&mut Self)) {
        let at = self.here(at);
        self.code.get(at.base);
        value(self);
        match width {
            Width::Single => self.code.lane(0).end_store(at),
            Width::Pair => self.code.end_store_pair(at),
        };
    }

    // Activation.

    fn feed(&mut self) {
        let given = At { base: self.given, offset: 0 };
        let inputs = At { base: self.memory, offset: self.parts.activations * 8 };
        self.along(self.program.inputs, &mut |emitter, position, width| {
            emitter.store(inputs.plus(position), width, |emitter| emitter.load(given.plus(position), width));
        });
    }

    fn activate(&mut self, rows: &Rows) {
        let short = self.for_rows(rows.count, false, &mut |emitter, row| emitter.state(rows, row));
        self.squash(rows, short && rows.count <= MAX_STRAIGHT);
        self.for_rows(rows.count, false, &mut |emitter, row| emitter.traces(rows, row));
    }

    /// eq. 15. The state of a known row stays in a local, too.
    #[inline(never)]
    fn state(&mut self, rows: &Rows, row: Row) {
        let unit = Even { start: rows.first, stride: 1 };
        let state = self.at(self.parts.states, unit, row);
        let old = self.at(self.parts.olds, unit, row);
        let bias = self.at(self.parts.biases, unit, row);
        let kept = self.numbers[0];
        self.code.load(state).set(kept);
        self.code.store(old, |code| {
            code.get(kept);
        });
        self.code.get(state.base);
        match rows.keeps {
            Keeping::None => {
                self.code.load(bias);
            }
            Keeping::Whole => {
                self.code.get(kept).load(bias).op(Op::F64Add);
            }
            Keeping::Gated(gater) => {
                let gain = self.at(self.parts.gains, gater, row);
                self.code.load(gain).get(kept).op(Op::F64Mul).load(bias).op(Op::F64Add);
            }
        }
        for (index, segment) in rows.segments.iter().enumerate() {
            self.arriving(segment, row);
            if index > 0 {
                self.code.op(Op::F64Add);
            }
        }
        if !rows.segments.is_empty() {
            self.code.op(Op::F64Add);
        }
        if let Row::Known(row) = row {
            let kept = self.state_of(row);
            self.code.tee(kept);
        }
        self.code.end_store(state);
    }

    /// Where the state of a known row stays.
    #[inline(never)]
    fn state_of(&mut self, row: usize) -> Local {
        while self.states.len() <= row {
            let state = self.code.local(Type::F64);
            self.states.push(state);
        }
        self.states[row]
    }

    /// Pushes what a segment brings.
    #[inline(never)]
    fn arriving(&mut self, segment: &RowSegment, row: Row) {
        let weights = self.at(0, segment.weight, row);
        let sources = self.at(self.parts.activations, segment.source, row);
        match segment.gain {
            Gain::One => self.dot(weights, sources, None, segment.len),
            Gain::Same(gater) => {
                let gain = self.at(self.parts.gains, gater, row);
                self.code.load(gain);
                self.dot(weights, sources, None, segment.len);
                self.code.op(Op::F64Mul);
            }
            Gain::Each(gater) => {
                let gains = self.at(self.parts.gains, gater, row);
                self.dot(weights, sources, Some(gains), segment.len);
            }
        }
    }

    /// Pushes [`dot`](crate::kernels::dot), or [`dot_gated`](crate::kernels::dot_gated), added in
    /// the same order.
    #[inline(never)]
    fn dot(&mut self, weights: At, sources: At, gains: Option<At>, len: usize) {
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

    /// eq. 16, and the gains of what the units gate; `kept` says that the states are in locals.
    fn squash(&mut self, rows: &Rows, kept: bool) {
        let place = |start: usize| At { base: self.memory, offset: (start + rows.first) * 8 };
        let states = place(self.parts.states);
        let activations = place(self.parts.activations);
        let derivatives = place(self.parts.derivatives);
        let gains = place(self.parts.gains);
        let [x, y, ..] = self.pairs;
        self.along(rows.count, &mut |emitter, position, width| {
            if kept {
                let state = emitter.state_of(position);
                emitter.code.get(state).op(Op::Splat);
                if width == Width::Pair {
                    let next = emitter.state_of(position + 1);
                    emitter.code.get(next).replace_lane(1);
                }
            } else {
                emitter.load_apart(states.plus(position), width);
            }
            emitter.code.set(x);
            emitter.squashed(rows.squash, x);
            emitter.code.set(y);
            for place in [activations, gains] {
                emitter.store(place.plus(position), width, |emitter| {
                    emitter.code.get(y);
                });
            }
            emitter.store(derivatives.plus(position), width, |emitter| emitter.derivative(rows.squash, y));
        });
    }

    /// Pushes [`Squash::forward`] of a pair.
    #[inline(never)]
    fn squashed(&mut self, squash: Squash, x: Local) {
        let code = &mut self.code;
        match squash {
            Squash::Logistic => {
                code.get(x);
                self.logistic();
            }
            Squash::Tanh => {
                code.get(x).lane(0).call(0).op(Op::Splat).get(x).lane(1).call(0).replace_lane(1);
            }
            Squash::Identity | Squash::Softmax => {
                code.get(x);
            }
            Squash::Hlim => {
                code.get(x).pair(0.0).op(Op::GreaterThan).pair(1.0).op(Op::And);
            }
            Squash::Relu => {
                code.get(x).pair(0.0).op(Op::GreaterThan).get(x).op(Op::And);
            }
        }
    }

    /// Pushes [`Squash::derivative`] at the activations `y`.
    #[inline(never)]
    fn derivative(&mut self, squash: Squash, y: Local) {
        let code = &mut self.code;
        match squash {
            Squash::Logistic | Squash::Softmax => code.get(y).pair(1.0).get(y).op(Op::Sub).op(Op::Mul),
            Squash::Tanh => code.pair(1.0).get(y).get(y).op(Op::Mul).op(Op::Sub),
            Squash::Identity | Squash::Hlim => code.pair(1.0),
            Squash::Relu => code.get(y).pair(0.0).op(Op::GreaterThan).pair(1.0).op(Op::And),
        };
    }

    /// [`Real::logistic`](crate::kernels::Real::logistic) of the pair on the stack.
    #[inline(never)]
    fn logistic(&mut self) {
        let constants = &DOUBLE;
        let [even, odd, rounded, r] = self.pairs;
        let [n, r2] = self.sums;
        let code = &mut self.code;
        code.pair(-constants.limit).op(Op::Greater).pair(constants.limit).op(Op::Lesser).tee(r);
        code.pair(constants.log2_e).op(Op::Mul).pair(constants.round).op(Op::Add).tee(rounded);
        code.pair(constants.round).op(Op::Sub).set(n);
        code.get(r).get(n).pair(constants.ln2_high).op(Op::Mul).op(Op::Sub);
        code.get(n).pair(constants.ln2_low).op(Op::Mul).op(Op::Sub).tee(r);
        code.get(r).op(Op::Mul).set(r2);
        // (2 + r2 a2) + r4 a4
        code.pair(2.0).get(r2).pair(DOUBLE_EVEN[0]).op(Op::Mul).op(Op::Add);
        code.get(r2).get(r2).op(Op::Mul).pair(DOUBLE_EVEN[1]).op(Op::Mul).op(Op::Add).set(even);
        // r + r3 (b3 + r2 b5)
        code.get(r).get(r).get(r2).op(Op::Mul);
        code.pair(DOUBLE_ODD[0]).get(r2).pair(DOUBLE_ODD[1]).op(Op::Mul).op(Op::Add);
        code.op(Op::Mul).op(Op::Add).set(odd);
        let numerator = r;
        code.get(even).get(odd).op(Op::Add);
        code.get(rounded).shift_left(52).pair_bits(1f64.to_bits()).op(Op::IntegerAdd).op(Op::Mul).tee(numerator);
        code.get(numerator).get(even).get(odd).op(Op::Sub).op(Op::Add).op(Op::Div);
    }

    /// Pushes, twice, how much of its state a unit keeps; false if nothing.
    #[inline(never)]
    fn kept(&mut self, keeps: Keeping, row: Row) -> bool {
        match keeps {
            Keeping::None => return false,
            Keeping::Whole => self.code.pair(1.0),
            Keeping::Gated(gater) => {
                let gain = self.at(self.parts.gains, gater, row);
                self.code.load_splat(gain)
            }
        };
        true
    }

    #[inline(never)]
    fn traces(&mut self, rows: &Rows, row: Row) {
        let [kept, gain, scale, _] = self.pairs;
        // eq. 17
        let keeps = self.kept(rows.keeps, row);
        if keeps {
            self.code.set(kept);
        }
        for segment in &rows.segments {
            let traces = self.at(self.parts.eligibilities, segment.weight, row);
            let sources = self.at(self.parts.activations, segment.source, row);
            let mut each = None;
            match segment.gain {
                Gain::One => {}
                Gain::Same(gater) => {
                    let at = self.at(self.parts.gains, gater, row);
                    self.code.load_splat(at).set(gain);
                }
                Gain::Each(gater) => each = Some(self.at(self.parts.gains, gater, row)),
            }
            self.along(segment.len, &mut |emitter, position, width| {
                emitter.store(traces.plus(position), width, |emitter| {
                    if keeps {
                        emitter.code.get(kept);
                        emitter.load(traces.plus(position), width);
                        emitter.code.op(Op::Mul);
                    }
                    emitter.load(sources.plus(position), width);
                    match (segment.gain, each) {
                        (Gain::Same(_), _) => {
                            emitter.code.get(gain).op(Op::Mul);
                        }
                        (_, Some(gains)) => {
                            emitter.load(gains.plus(position), width);
                            emitter.code.op(Op::Mul);
                        }
                        _ => {}
                    }
                    if keeps {
                        emitter.code.op(Op::Add);
                    }
                });
            });
        }
        // eq. 18
        let unit = Even { start: rows.first, stride: 1 };
        for pair in &rows.pairs {
            let derivative = self.at(self.parts.derivatives, unit, row);
            let influence = self.at(self.parts.influences, pair.index, row);
            let number = self.numbers[0];
            self.code.load(derivative);
            self.influence(pair, row);
            self.code.op(Op::F64Mul).set(number);
            self.code.store(influence, |code| {
                code.get(number);
            });
            let Some(traces) = pair.traces else { continue };
            self.code.get(number).op(Op::Splat).set(scale);
            let keeps = self.kept(pair.target_keeps, row);
            if keeps {
                self.code.set(kept);
            }
            let mut passed = 0;
            for segment in &rows.segments {
                let extended = self.at(self.parts.extended + passed, traces, row);
                let eligibilities = self.at(self.parts.eligibilities, segment.weight, row);
                self.along(segment.len, &mut |emitter, position, width| {
                    emitter.store(extended.plus(position), width, |emitter| {
                        if keeps {
                            emitter.code.get(kept);
                            emitter.load(extended.plus(position), width);
                            emitter.code.op(Op::Mul);
                        }
                        emitter.code.get(scale);
                        emitter.load(eligibilities.plus(position), width);
                        emitter.code.op(Op::Mul);
                        if keeps {
                            emitter.code.op(Op::Add);
                        }
                    });
                });
                passed += segment.len;
            }
        }
    }

    /// Pushes what one unit of the gater's activation does to the state of the pair's target.
    #[inline(never)]
    fn influence(&mut self, pair: &RowPair, row: Row) {
        let mut pushed = pair.gates_state;
        if pair.gates_state {
            let old = self.at(self.parts.olds, pair.target, row);
            let activation = self.at(self.parts.activations, pair.target, row);
            self.code.load(old).load(activation).op(Op::F64Add);
        }
        for &(weight, source, len) in &pair.gated {
            let weights = self.at(0, weight, row);
            let sources = self.at(self.parts.activations, source, row);
            self.dot(weights, sources, None, len);
            if pushed {
                self.code.op(Op::F64Add);
            }
            pushed = true;
        }
        if !pushed {
            self.code.f64(0.0);
        }
    }

    // Propagation.

    /// Projected errors of the active units start at 0.
    fn clear_projected(&mut self) {
        let active = self.program.active();
        let projected = At { base: self.projected, offset: active.start * 8 };
        self.along(active.len(), &mut |emitter, position, width| {
            emitter.store(projected.plus(position), width, |emitter| {
                emitter.code.pair(0.0);
            });
        });
    }

    fn hand_back_late(&mut self, rows: &Rows) {
        if !rows.segments.iter().any(|segment| segment.late && self.projects(segment)) {
            return;
        }
        let total = self.numbers[0];
        self.for_rows(rows.count, false, &mut |emitter, row| {
            let unit = Even { start: rows.first, stride: 1 };
            let responsibility = emitter.at(emitter.parts.responsibilities, unit, row);
            emitter.code.load(responsibility).set(total);
            for segment in rows.segments.iter().filter(|segment| segment.late) {
                emitter.hand_back(segment, row, total);
            }
        });
    }

    /// Whether a segment's sources take part in propagation.
    fn projects(&self, segment: &RowSegment) -> bool {
        self.program.active().contains(&segment.source.start)
    }

    /// Adds a responsibility, through a segment, to the projected error of its sources.
    #[inline(never)]
    fn hand_back(&mut self, segment: &RowSegment, row: Row, total: Local) {
        if !self.projects(segment) {
            return;
        }
        let weights = self.at(0, segment.weight, row);
        let projected = self.from(self.projected, 0, segment.source, row);
        let scale = self.pairs[0];
        self.code.get(total);
        let mut each = None;
        match segment.gain {
            Gain::One => {}
            Gain::Same(gater) => {
                let gain = self.at(self.parts.gains, gater, row);
                self.code.load(gain).op(Op::F64Mul);
            }
            Gain::Each(gater) => each = Some(self.at(self.parts.gains, gater, row)),
        }
        self.code.op(Op::Splat).set(scale);
        self.along(segment.len, &mut |emitter, position, width| {
            emitter.store(projected.plus(position), width, |emitter| {
                emitter.load(projected.plus(position), width);
                emitter.code.get(scale);
                if let Some(gains) = each {
                    emitter.load(gains.plus(position), width);
                    emitter.code.op(Op::Mul);
                }
                emitter.load(weights.plus(position), width);
                emitter.code.op(Op::Mul).op(Op::Add);
            });
        });
    }

    fn propagate(&mut self, rows: &Rows) {
        self.for_rows(rows.count, true, &mut |emitter, row| emitter.learn(rows, row));
    }

    #[inline(never)]
    fn learn(&mut self, rows: &Rows, row: Row) {
        let [total, projected, derivative, scaled] = self.numbers;
        let unit = Even { start: rows.first, stride: 1 };
        let outputs = self.program.outputs.clone();
        let error = self.from(self.projected, 0, unit, row);
        if outputs.contains(&rows.first) {
            // eq. 10
            let target = self.from(self.given, 0, Even { start: rows.first - outputs.start, stride: 1 }, row);
            let activation = self.at(self.parts.activations, unit, row);
            self.code.load(target).load(activation).op(Op::F64Sub).tee(total).set(projected);
        } else {
            // eqs. 21 to 23
            let slope = self.at(self.parts.derivatives, unit, row);
            self.code.load(slope).set(derivative);
            self.code.get(derivative).load(error).op(Op::F64Mul).tee(projected).set(total);
            for (index, pair) in rows.pairs.iter().enumerate() {
                let responsibility = self.at(self.parts.responsibilities, pair.target, row);
                self.code.load(responsibility);
                self.influence(pair, row);
                self.code.op(Op::F64Mul);
                if index > 0 {
                    self.code.op(Op::F64Add);
                }
            }
            if !rows.pairs.is_empty() {
                self.code.get(derivative).op(Op::F64Mul).get(projected).op(Op::F64Add).set(total);
            }
        }
        let responsibility = self.at(self.parts.responsibilities, unit, row);
        self.code.store(responsibility, |code| {
            code.get(total);
        });

        // eq. 24
        let stateless: Vec<&RowPair> = rows.pairs.iter().filter(|pair| pair.traces.is_none()).collect();
        self.code.get(self.rate).get(projected);
        for (index, pair) in stateless.iter().enumerate() {
            let responsibility = self.at(self.parts.responsibilities, pair.target, row);
            let influence = self.at(self.parts.influences, pair.index, row);
            self.code.load(responsibility).load(influence).op(Op::F64Mul);
            if index > 0 {
                self.code.op(Op::F64Add);
            }
        }
        if !stateless.is_empty() {
            self.code.op(Op::F64Add);
        }
        self.code.op(Op::F64Mul).set(scaled);
        let mut passed = 0;
        for segment in &rows.segments {
            if !segment.fixed {
                self.adjust(rows, segment, row, scaled, passed);
            }
            if !segment.late {
                self.hand_back(segment, row, total);
            }
            passed += segment.len;
        }
        if !rows.fixed_bias {
            let bias = self.at(self.parts.biases, unit, row);
            let rate = self.rate;
            self.code.store(bias, |code| {
                code.load(bias).get(rate).get(total).op(Op::F64Mul).op(Op::F64Add);
            });
        }
    }

    /// Moves the weights of a segment, of which `passed` connections lie before it in the row, along
    /// eligibilities and extended traces.
    #[inline(never)]
    fn adjust(&mut self, rows: &Rows, segment: &RowSegment, row: Row, scaled: Local, passed: usize) {
        let [scale, along_trace, ..] = self.pairs;
        let weights = self.at(0, segment.weight, row);
        let eligibilities = self.at(self.parts.eligibilities, segment.weight, row);
        let mut stateful = rows.pairs.iter().filter_map(|pair| Some((pair.target, pair.traces?)));
        let first = stateful.next();
        let add = |emitter: &mut Self, scale: Local, traces: At, position: usize, width: Width| {
            emitter.code.get(scale);
            emitter.load(traces.plus(position), width);
            emitter.code.op(Op::Mul).op(Op::Add);
        };
        self.code.get(scaled).op(Op::Splat).set(scale);
        // The first pair, and mostly the only one, goes along in the same pass over the weights.
        let extended = first.map(|(target, traces)| self.responsible(target, traces, passed, row, along_trace));
        self.along(segment.len, &mut |emitter, position, width| {
            emitter.store(weights.plus(position), width, |emitter| {
                emitter.load(weights.plus(position), width);
                add(emitter, scale, eligibilities, position, width);
                if let Some(extended) = extended {
                    add(emitter, along_trace, extended, position, width);
                }
            });
        });
        for (target, traces) in stateful {
            let extended = self.responsible(target, traces, passed, row, along_trace);
            self.along(segment.len, &mut |emitter, position, width| {
                emitter.store(weights.plus(position), width, |emitter| {
                    emitter.load(weights.plus(position), width);
                    add(emitter, along_trace, extended, position, width);
                });
            });
        }
    }

    /// Sets `scale` to the rate times a target's responsibility, and gives the place of its traces.
    #[inline(never)]
    fn responsible(&mut self, target: Even, traces: Even, passed: usize, row: Row, scale: Local) -> At {
        let responsibility = self.at(self.parts.responsibilities, target, row);
        self.code.get(self.rate).load(responsibility).op(Op::F64Mul).op(Op::Splat).set(scale);
        self.at(self.parts.extended + passed, traces, row)
    }
}
