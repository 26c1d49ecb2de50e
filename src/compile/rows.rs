//! Units of a group with the same segments and pairs, each at an even distance from row to row, so that
//! one piece of code serves all of them.

use crate::program::{Program, Retention, SegmentGain, Squash};

/// A number that grows evenly from row to row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Even {
    /// At row 0.
    pub start: usize,
    /// From a row to the next.
    pub stride: isize,
}

impl Even {
    fn new(start: usize) -> Self {
        Even { start, stride: 0 }
    }

    /// Its value at a row.
    pub fn at(self, row: usize) -> usize {
        self.start.wrapping_add_signed(self.stride * row as isize)
    }

    /// Takes note of the value at a row; false where the value breaks the even growth.
    fn follow(&mut self, row: usize, value: usize) -> bool {
        if row == 1 {
            self.stride = value as isize - self.start as isize;
        }
        self.at(row) == value
    }
}

/// [`Retention`] of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeping {
    None,
    Whole,
    Gated(Even),
}

impl Keeping {
    fn new(retention: Retention) -> Self {
        match retention {
            Retention::None => Keeping::None,
            Retention::Whole => Keeping::Whole,
            Retention::Gated(gater) => Keeping::Gated(Even::new(gater)),
        }
    }

    fn follow(&mut self, row: usize, retention: Retention) -> bool {
        match (self, retention) {
            (Keeping::None, Retention::None) | (Keeping::Whole, Retention::Whole) => true,
            (Keeping::Gated(even), Retention::Gated(gater)) => even.follow(row, gater),
            _ => false,
        }
    }
}

/// [`SegmentGain`] of the rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gain {
    One,
    Same(Even),
    Each(Even),
}

/// A [`Segment`](crate::program::Segment) of every row.
#[derive(Clone, Copy, Debug)]
pub struct RowSegment {
    pub weight: Even,
    pub source: Even,
    pub len: usize,
    pub gain: Gain,
    pub late: bool,
    pub fixed: bool,
}

/// A [`Pair`](crate::program::Pair) of every row.
#[derive(Clone, Debug)]
pub struct RowPair {
    pub index: Even,
    pub target: Even,
    pub target_keeps: Keeping,
    pub gates_state: bool,
    /// (weight, source, length)
    pub gated: Vec<(Even, Even, usize)>,
    pub traces: Option<Even>,
}

/// Consecutive units of one shape.
#[derive(Clone, Debug)]
pub struct Rows {
    pub first: usize,
    pub count: usize,
    pub keeps: Keeping,
    pub squash: Squash,
    pub fixed_bias: bool,
    pub segments: Vec<RowSegment>,
    pub pairs: Vec<RowPair>,
}

impl Rows {
    /// The units of a group: together where they have one shape and no unit reads another of them, else
    /// each on its own.
    pub fn of_group(program: &Program, first: usize, count: usize) -> Vec<Rows> {
        let mut rows = Rows::single(program, first);
        let even = (1..count).all(|row| rows.follow(program, row));
        if even && !(count > 1 && looks_inside(program, first, count)) {
            rows.count = count;
            return vec![rows];
        }
        (first..first + count).map(|unit| Rows::single(program, unit)).collect()
    }

    fn single(program: &Program, unit: usize) -> Rows {
        let segments = program.segments[program.rows[unit].clone()].iter().map(|segment| RowSegment {
            weight: Even::new(segment.weight),
            source: Even::new(segment.source),
            len: segment.len,
            gain: match segment.gain {
                SegmentGain::One => Gain::One,
                SegmentGain::Same(gater) => Gain::Same(Even::new(gater)),
                SegmentGain::Each(gater) => Gain::Each(Even::new(gater)),
            },
            late: segment.late,
            fixed: segment.fixed,
        });
        let pairs = program.pair_rows[unit].clone().map(|index| {
            let pair = &program.pairs[index];
            let gated = program.gated[pair.gated.clone()].iter();
            RowPair {
                index: Even::new(index),
                target: Even::new(pair.target),
                target_keeps: Keeping::new(program.retention[pair.target]),
                gates_state: pair.gates_state,
                gated: gated.map(|&(weight, source, len)| (Even::new(weight), Even::new(source), len)).collect(),
                traces: pair.traces.map(Even::new),
            }
        });
        Rows {
            first: unit,
            count: 1,
            keeps: Keeping::new(program.retention[unit]),
            squash: program.squash[unit],
            fixed_bias: program.fixed_bias[unit],
            segments: segments.collect(),
            pairs: pairs.collect(),
        }
    }

    /// Takes note of the unit at a row; false where the unit has another shape.
    fn follow(&mut self, program: &Program, row: usize) -> bool {
        let unit = self.first + row;
        let segments = &program.segments[program.rows[unit].clone()];
        let pairs = program.pair_rows[unit].clone();
        self.keeps.follow(row, program.retention[unit])
            && self.squash == program.squash[unit]
            && self.fixed_bias == program.fixed_bias[unit]
            && self.segments.len() == segments.len()
            && self.pairs.len() == pairs.len()
            && self.segments.iter_mut().zip(segments).all(|(own, other)| {
                own.len == other.len
                    && own.late == other.late
                    && own.fixed == other.fixed
                    && own.weight.follow(row, other.weight)
                    && own.source.follow(row, other.source)
                    && match (&mut own.gain, other.gain) {
                        (Gain::One, SegmentGain::One) => true,
                        (Gain::Same(even), SegmentGain::Same(gater)) | (Gain::Each(even), SegmentGain::Each(gater)) => {
                            even.follow(row, gater)
                        }
                        _ => false,
                    }
            })
            && self.pairs.iter_mut().zip(pairs).all(|(own, index)| {
                let other = &program.pairs[index];
                let gated = &program.gated[other.gated.clone()];
                own.gates_state == other.gates_state
                    && own.index.follow(row, index)
                    && own.target.follow(row, other.target)
                    && own.target_keeps.follow(row, program.retention[other.target])
                    && own.gated.len() == gated.len()
                    && own.gated.iter_mut().zip(gated).all(|(own, other)| {
                        own.0.follow(row, other.0) && own.1.follow(row, other.1) && own.2 == other.2
                    })
                    && match (&mut own.traces, other.traces) {
                        (None, None) => true,
                        (Some(even), Some(start)) => even.follow(row, start),
                        _ => false,
                    }
            })
    }
}

/// Whether a unit of the group reads anything of another one: then the order of activation matters, and
/// the units can't be taken together.
fn looks_inside(program: &Program, first: usize, count: usize) -> bool {
    let group = first..first + count;
    let keeps = |unit: usize| matches!(program.retention[unit], Retention::Gated(gater) if group.contains(&gater));
    let overlaps = |start: usize, len: usize| start < group.end && start + len > group.start;
    group.clone().any(|unit| {
        keeps(unit)
            || program.segments[program.rows[unit].clone()].iter().any(|segment| {
                overlaps(segment.source, segment.len)
                    || match segment.gain {
                        SegmentGain::One => false,
                        SegmentGain::Same(gater) => group.contains(&gater),
                        SegmentGain::Each(gater) => overlaps(gater, segment.len),
                    }
            })
            || program.pairs[program.pair_rows[unit].clone()].iter().any(|pair| {
                group.contains(&pair.target)
                    || keeps(pair.target)
                    || program.gated[pair.gated.clone()].iter().any(|&(_, source, len)| overlaps(source, len))
            })
    })
}
