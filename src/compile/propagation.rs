//! The code of `propagate`: responsibilities and weights after one step, as in
//! [`Online::propagate`](crate::learn::online::Online::propagate).

use super::assembler::{At, Local, Op};
use super::emitter::{Emitter, Row, Width};
use super::rows::{Even, Gain, RowPair, RowSegment, Rows};

impl Emitter<'_> {
    /// Projected errors of the active units start at 0.
    pub fn clear_projected(&mut self) {
        let active = self.program.active();
        let projected = At { base: self.projected, offset: active.start * 8 };
        self.along(active.len(), &mut |emitter, position, width| {
            emitter.store(projected.plus(position), width, |emitter| {
                emitter.code.pair(0.0);
            });
        });
    }

    /// Hands back, through late segments, the responsibilities of the propagation before.
    pub fn hand_back_late(&mut self, rows: &Rows) {
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

    /// Propagates the errors of rows, and adjusts what enters them.
    pub fn propagate(&mut self, rows: &Rows) {
        self.for_rows(rows.count, true, &mut |emitter, row| emitter.learn(rows, row));
    }

    /// Makes the responsibilities of a row (eqs. 10 and 20 to 23), and adjusts its weights and bias (eq. 24).
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

    /// Sets `scale` to the rate times a target's responsibility, and gives the address of its traces.
    #[inline(never)]
    fn responsible(&mut self, target: Even, traces: Even, passed: usize, row: Row, scale: Local) -> At {
        let responsibility = self.at(self.parts.responsibilities, target, row);
        self.code.get(self.rate).load(responsibility).op(Op::F64Mul).op(Op::Splat).set(scale);
        self.at(self.parts.extended + passed, traces, row)
    }
}
