//! The code of `activate`: states, squashes, gains and traces of one step, as in
//! [`Online::activate`](crate::learn::online::Online::activate).

use super::assembler::{At, Op};
use super::emitter::{Emitter, MAX_STRAIGHT, Row};
use super::rows::{Even, Gain, Keeping, RowPair, RowSegment, Rows};

impl Emitter<'_> {
    /// Copies the input to the activations of the input units.
    pub fn feed(&mut self) {
        let given = At { base: self.given, offset: 0 };
        let inputs = At { base: self.memory, offset: self.parts.activations * 8 };
        self.along(self.program.inputs, &mut |emitter, position, width| {
            emitter.store(inputs.plus(position), width, |emitter| emitter.load(given.plus(position), width));
        });
    }

    /// Activates rows.
    pub fn activate(&mut self, rows: &Rows) {
        let short = self.for_rows(rows.count, false, &mut |emitter, row| emitter.state(rows, row));
        self.squash(rows, short && rows.count <= MAX_STRAIGHT);
        self.for_rows(rows.count, false, &mut |emitter, row| emitter.traces(rows, row));
    }

    /// Updates a state (eq. 15). The state of a known row stays in a local, too.
    #[inline(never)]
    fn state(&mut self, rows: &Rows, row: Row) {
        let unit = Even { start: rows.first, stride: 1 };
        let state = self.at(self.parts.states, unit, row);
        let old = self.at(self.parts.olds, unit, row);
        let bias = self.at(self.parts.biases, unit, row);
        let before = self.numbers[0];
        self.code.load(state).set(before);
        self.code.store(old, |code| {
            code.get(before);
        });
        self.code.get(state.base);
        match rows.keeps {
            Keeping::None => {
                self.code.load(bias);
            }
            Keeping::Whole => {
                self.code.get(before).load(bias).op(Op::F64Add);
            }
            Keeping::Gated(gater) => {
                let gain = self.at(self.parts.gains, gater, row);
                self.code.load(gain).get(before).op(Op::F64Mul).load(bias).op(Op::F64Add);
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
            let local = self.state_of(row);
            self.code.tee(local);
        }
        self.code.end_store(state);
    }

    /// Pushes the weighted sum that arrives through a segment.
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

    /// Pushes, twice, how much of its state a unit retains; pushes nothing and gives false if none.
    #[inline(never)]
    fn retention(&mut self, keeps: Keeping, row: Row) -> bool {
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

    /// Updates eligibility traces (eq. 17) and extended ones (eq. 18).
    #[inline(never)]
    fn traces(&mut self, rows: &Rows, row: Row) {
        let [retained, gain, scale, _] = self.pairs;
        // eq. 17
        let keeps = self.retention(rows.keeps, row);
        if keeps {
            self.code.set(retained);
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
                        emitter.code.get(retained);
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
            let keeps = self.retention(pair.target_keeps, row);
            if keeps {
                self.code.set(retained);
            }
            let mut passed = 0;
            for segment in &rows.segments {
                let extended = self.at(self.parts.extended + passed, traces, row);
                let eligibilities = self.at(self.parts.eligibilities, segment.weight, row);
                self.along(segment.len, &mut |emitter, position, width| {
                    emitter.store(extended.plus(position), width, |emitter| {
                        if keeps {
                            emitter.code.get(retained);
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
    pub fn influence(&mut self, pair: &RowPair, row: Row) {
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
}
