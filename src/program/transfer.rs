//! A program as words and back, for an engine with a memory of its own. One description serves both
//! ways; what follows from the blocks is made anew.

use std::ops::Range;

use super::{
    Block, BlockKind, Edge, Gating, Group, Layer, Layout, MAX_PAST, Pair, Phase, Pooling, Program, Retention, segments,
};
use crate::error::{Error, Result};
use crate::field::Choice;
use crate::graph::Readout;
use crate::kernels::Squash;

/// Words that are being written, or read.
struct Words {
    words: Vec<u64>,
    /// Where reading stands; `None` while writing.
    next: Option<usize>,
}

fn broken() -> Error {
    Error::Type("this is not a program".into())
}

impl Words {
    #[inline(never)]
    fn number(&mut self, value: &mut usize) -> Result<()> {
        match &mut self.next {
            None => self.words.push(*value as u64),
            Some(next) => {
                let word = self.words.get(*next).ok_or_else(broken)?;
                *value = usize::try_from(*word).map_err(|_| broken())?;
                *next += 1;
            }
        }
        Ok(())
    }

    fn flag(&mut self, value: &mut bool) -> Result<()> {
        let mut number = usize::from(*value);
        self.number(&mut number)?;
        *value = number != 0;
        Ok(())
    }

    fn range(&mut self, range: &mut Range<usize>) -> Result<()> {
        self.number(&mut range.start)?;
        self.number(&mut range.end)
    }

    /// A number, or none: written as 0 or the number plus 1.
    fn option(&mut self, value: &mut Option<usize>) -> Result<()> {
        let mut number = value.map_or(0, |value| value + 1);
        self.number(&mut number)?;
        *value = number.checked_sub(1);
        Ok(())
    }

    fn list<T: Clone>(&mut self, list: &mut Vec<T>, blank: T, each: fn(&mut Self, &mut T) -> Result<()>) -> Result<()> {
        let mut count = list.len();
        self.number(&mut count)?;
        if self.next.is_some() {
            if count > self.words.len() {
                return Err(broken());
            }
            *list = vec![blank; count];
        }
        list.iter_mut().try_for_each(|item| each(self, item))
    }
}

fn layer(words: &mut Words, layer: &mut Layer) -> Result<()> {
    let mut name = std::mem::take(&mut layer.name).into_bytes();
    words.list(&mut name, 0, |words, byte| {
        let mut number = usize::from(*byte);
        words.number(&mut number)?;
        *byte = number as u8;
        Ok(())
    })?;
    layer.name = String::from_utf8(name).map_err(|_| broken())?;
    words.number(&mut layer.first)?;
    words.number(&mut layer.size)
}

fn squash(words: &mut Words, squash: &mut Squash) -> Result<()> {
    let mut code = *squash as usize;
    words.number(&mut code)?;
    *squash = Squash::from_code(code as u8).ok_or_else(broken)?;
    Ok(())
}

fn retention(words: &mut Words, retention: &mut Retention) -> Result<()> {
    let mut code = match *retention {
        Retention::None => 0,
        Retention::Whole => 1,
        Retention::Gated(gater) => gater + 2,
    };
    words.number(&mut code)?;
    *retention = match code {
        0 => Retention::None,
        1 => Retention::Whole,
        _ => Retention::Gated(code - 2),
    };
    Ok(())
}

fn group(words: &mut Words, group: &mut Group) -> Result<()> {
    words.number(&mut group.first)?;
    words.number(&mut group.size)?;
    words.range(&mut group.blocks)
}

fn phase(words: &mut Words, phase: &mut Phase) -> Result<()> {
    words.range(&mut phase.groups)?;
    words.range(&mut phase.units)?;
    words.flag(&mut phase.reversed)?;
    words.flag(&mut phase.once)
}

/// 0 for none, else the place of the kind from 1, then the unit that scores.
fn pooling(words: &mut Words, pooling: &mut Option<Pooling>) -> Result<()> {
    let (kind, score) = pooling.map(Pooling::parts).map_or((0, None), |(kind, score)| (kind as usize + 1, score));
    let (mut kind, mut score) = (kind, score.map(|score| score as usize));
    words.number(&mut kind)?;
    words.option(&mut score)?;
    let score = score.map(u32::try_from).transpose().map_err(|_| broken())?;
    *pooling = match kind {
        0 => None,
        _ => Some(Readout::ALL.get(kind - 1).and_then(|&kind| Pooling::new(kind, score)).ok_or_else(broken)?),
    };
    Ok(())
}

fn gating(words: &mut Words, gating: &mut Gating) -> Result<()> {
    let (mut kind, mut gater, mut late) = match *gating {
        Gating::None => (0, 0, false),
        Gating::Rows { gater, late } => (1, gater, late),
        Gating::Columns { gater, late } => (2, gater, late),
    };
    words.number(&mut kind)?;
    words.number(&mut gater)?;
    words.flag(&mut late)?;
    *gating = match kind {
        0 => Gating::None,
        1 => Gating::Rows { gater, late },
        _ => Gating::Columns { gater, late },
    };
    Ok(())
}

fn edge(words: &mut Words, edge: &mut Edge) -> Result<()> {
    words.number(&mut edge.target)?;
    words.number(&mut edge.source)?;
    words.flag(&mut edge.late)?;
    let (mut gater, mut late) = (edge.gater.map(|(gater, _)| gater), edge.gater.is_some_and(|(_, late)| late));
    words.option(&mut gater)?;
    words.flag(&mut late)?;
    edge.gater = gater.map(|gater| (gater, late));
    words.number(&mut edge.delay)?;
    words.flag(&mut edge.fixed)
}

fn kind(words: &mut Words, kind: &mut BlockKind) -> Result<()> {
    let (mut tag, mut source, mut columns) = match *kind {
        BlockKind::Dense { source, columns } => (0, source, columns),
        BlockKind::Diagonal { source } => (1, source, 0),
        BlockKind::Sparse(_) => (2, 0, 0),
    };
    words.number(&mut tag)?;
    words.number(&mut source)?;
    words.number(&mut columns)?;
    match tag {
        0 => *kind = BlockKind::Dense { source, columns },
        1 => *kind = BlockKind::Diagonal { source },
        _ => {
            let mut edges = match kind {
                BlockKind::Sparse(edges) => std::mem::take(edges),
                _ => Vec::new(),
            };
            let blank = Edge { target: 0, source: 0, late: false, gater: None, delay: 0, fixed: false };
            words.list(&mut edges, blank, edge)?;
            *kind = BlockKind::Sparse(edges);
        }
    }
    Ok(())
}

fn block(words: &mut Words, block: &mut Block) -> Result<()> {
    let Block { from, to, target, rows, weight, count, .. } = block;
    [from, to, target, rows, weight, count].into_iter().try_for_each(|number| words.number(number))?;
    kind(words, &mut block.kind)?;
    gating(words, &mut block.gating)?;
    words.list(&mut block.delays, 0, Words::number)?;
    words.flag(&mut block.late)?;
    words.flag(&mut block.fixed)
}

fn pair(words: &mut Words, pair: &mut Pair) -> Result<()> {
    words.number(&mut pair.target)?;
    words.flag(&mut pair.gates_state)?;
    words.range(&mut pair.gated)?;
    words.option(&mut pair.traces)
}

fn program(words: &mut Words, program: &mut Program) -> Result<()> {
    words.number(&mut program.units)?;
    words.number(&mut program.inputs)?;
    words.range(&mut program.outputs)?;
    words.list(&mut program.layers, Layer { name: String::new(), first: 0, size: 0 }, layer)?;
    words.list(&mut program.squash, Squash::Logistic, squash)?;
    words.list(&mut program.retention, Retention::None, retention)?;
    words.list(&mut program.pooling, None, pooling)?;
    words.list(&mut program.fixed_bias, false, Words::flag)?;
    words.list(&mut program.groups, Group { first: 0, size: 0, blocks: 0..0 }, group)?;
    words.list(&mut program.phases, Phase { groups: 0..0, units: 0..0, reversed: false, once: false }, phase)?;
    let blank = Block {
        from: 0,
        to: 0,
        target: 0,
        rows: 0,
        weight: 0,
        count: 0,
        kind: BlockKind::Diagonal { source: 0 },
        gating: Gating::None,
        late: false,
        delays: Vec::new(),
        fixed: false,
    };
    words.list(&mut program.blocks, blank, block)?;
    words.list(&mut program.pair_rows, 0..0, Words::range)?;
    words.list(&mut program.pairs, Pair { target: 0, gates_state: false, gated: 0..0, traces: None }, pair)?;
    words.list(&mut program.gated, (0, 0, 0), |words, (weight, source, len)| {
        words.number(weight)?;
        words.number(source)?;
        words.number(len)
    })?;
    // The past follows from the blocks.
    let Layout { weights, units, extended, pairs, .. } = &mut program.layout;
    [weights, units, extended, pairs].into_iter().try_for_each(|number| words.number(number))
}

impl Program {
    /// The program as words.
    pub fn to_words(&self) -> Vec<u64> {
        let mut words = Words { words: Vec::new(), next: None };
        program(&mut words, &mut self.clone()).expect("a program can be written");
        words.words
    }

    /// A program from [`Program::to_words`], with every index checked.
    ///
    /// # Errors
    /// TypeError for words that are no program.
    pub fn from_words(words: Vec<u64>) -> Result<Self> {
        let mut words = Words { words, next: Some(0) };
        let mut made = Program::default();
        program(&mut words, &mut made)?;
        if words.next != Some(words.words.len()) || !made.is_sound() {
            return Err(broken());
        }
        made.rows = vec![0..0; made.units];
        segments::collect(&mut made);
        if made.traces_fit() && made.layout.past <= MAX_PAST { Ok(made) } else { Err(broken()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::random_gated;
    use crate::program::{Lowered, Lowering};
    use crate::random::Random;

    #[test]
    fn what_was_written_is_read() {
        for seed in 0..100 {
            let (graph, layers) = random_gated(&mut Random::new(seed));
            for lowering in [Lowering::Blocks, Lowering::Sparse] {
                let program = Lowered::new(&graph, &layers, lowering).unwrap().program;
                let words = program.to_words();
                assert_eq!(Program::from_words(words.clone()).unwrap(), *program);
                for end in 0..words.len() {
                    assert!(Program::from_words(words[..end].to_vec()).is_err());
                }
            }
        }
    }
}
