//! The code that squashes states (eq. 16), with the bits of
//! [`kernels::Squash`](crate::kernels::Squash).

use super::assembler::{At, Local, Op};
use super::emitter::{Emitter, Width};
use super::rows::Rows;
use crate::kernels::{DOUBLE, DOUBLE_EVEN, DOUBLE_ODD, HARD_SLOPE, Squash};

impl Emitter<'_> {
    /// Writes activations (eq. 16), derivatives and gains; `in_locals` says that the states of the rows are in locals.
    pub fn squash(&mut self, rows: &Rows, in_locals: bool) {
        let part = |start: usize| At { base: self.memory, offset: (start + rows.first) * 8 };
        let states = part(self.parts.states);
        let activations = part(self.parts.activations);
        let derivatives = part(self.parts.derivatives);
        let gains = part(self.parts.gains);
        let [x, y, ..] = self.pairs;
        self.along(rows.count, &mut |emitter, position, width| {
            if in_locals {
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
            for part in [activations, gains] {
                emitter.store(part.plus(position), width, |emitter| {
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
            Squash::HardSigmoid => {
                code.pair(0.0).get(x).pair(HARD_SLOPE).op(Op::Mul).pair(0.5).op(Op::Add).op(Op::Greater);
                code.pair(1.0).op(Op::Lesser);
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
            Squash::HardSigmoid => {
                code.get(y).pair(0.0).op(Op::GreaterThan).pair(1.0).get(y).op(Op::Sub).pair(0.0).op(Op::GreaterThan);
                code.op(Op::And).pair(HARD_SLOPE).op(Op::And)
            }
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
}
