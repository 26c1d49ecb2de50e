//! The form in which a run is written down: 64-bit words, little-endian, in a frame that tells whether
//! the checkpoint is whole.

use crate::error::{Error, Result};

/// Begins a checkpoint: "engram", then the version of the format, 1.
const MAGIC: u64 = u64::from_le_bytes(*b"engram\x00\x01");

/// Writes words.
#[derive(Debug)]
pub struct Writer {
    words: Vec<u64>,
}

impl Writer {
    /// An empty checkpoint.
    pub fn new() -> Self {
        Writer { words: vec![MAGIC] }
    }

    /// A whole number.
    pub fn number(&mut self, value: u64) {
        self.words.push(value);
    }

    /// A real number.
    pub fn real(&mut self, value: f64) {
        self.number(value.to_bits());
    }

    /// Whole numbers, with their count.
    pub fn numbers(&mut self, values: impl ExactSizeIterator<Item = u64>) {
        self.number(values.len() as u64);
        self.words.extend(values);
    }

    /// Real numbers, with their count.
    pub fn reals(&mut self, values: impl ExactSizeIterator<Item = f64>) {
        self.numbers(values.map(f64::to_bits));
    }

    /// The bytes, with a checksum at their end.
    pub fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.words);
        self.words.push(sum);
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

/// Reads what a [`Writer`] wrote.
#[derive(Debug)]
pub struct Reader {
    words: std::vec::IntoIter<u64>,
}

fn broken(what: &str) -> Error {
    Error::Range(format!("the checkpoint {what}"))
}

impl Reader {
    /// Checks the frame.
    pub fn new(bytes: &[u8]) -> Result<Self> {
        let (chunks, rest) = bytes.as_chunks::<8>();
        let mut words: Vec<u64> = chunks.iter().map(|&chunk| u64::from_le_bytes(chunk)).collect();
        match words.first() {
            Some(&MAGIC) => {}
            Some(&other) if other.to_le_bytes()[..6] == *b"engram" => {
                return Err(broken("has a format that this version does not read"));
            }
            _ => return Err(broken("is not one of engram's")),
        }
        let sum = words.pop();
        if !rest.is_empty() || sum != Some(checksum(&words)) {
            return Err(broken("is not whole"));
        }
        let mut words = words.into_iter();
        words.next();
        Ok(Reader { words })
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<u64> {
        self.words.next().ok_or_else(|| broken("ends too early"))
    }

    /// A whole number below a bound.
    pub fn below(&mut self, bound: usize) -> Result<usize> {
        let value = self.number()?;
        Self::bounded(value, bound)
    }

    /// A number that was read before its bound was known.
    pub fn bounded(value: u64, bound: usize) -> Result<usize> {
        usize::try_from(value).ok().filter(|&value| value < bound).ok_or_else(|| broken("has a number out of bounds"))
    }

    /// A whole number of 32 bits, as what a run counts has.
    pub fn count(&mut self) -> Result<u32> {
        Ok(self.below(u32::MAX as usize)? as u32)
    }

    /// A real number.
    pub fn real(&mut self) -> Result<f64> {
        Ok(f64::from_bits(self.number()?))
    }

    /// Whole numbers, `count` of them; any count for `None`.
    pub fn numbers(&mut self, count: Option<usize>) -> Result<Vec<u64>> {
        let given = self.below(self.words.len())?;
        if count.is_some_and(|count| count != given) {
            return Err(broken("is of another network, set or run"));
        }
        Ok(self.words.by_ref().take(given).collect())
    }

    /// Real numbers, `count` of them; any count for `None`.
    pub fn reals(&mut self, count: Option<usize>) -> Result<Vec<f64>> {
        Ok(self.numbers(count)?.into_iter().map(f64::from_bits).collect())
    }

    /// Checks that the next number is `value`, as it is for this run.
    pub fn expect(&mut self, value: u64) -> Result<()> {
        if self.number()? == value { Ok(()) } else { Err(broken("is of another network, set or run")) }
    }

    /// Checks that nothing is left.
    pub fn finish(mut self) -> Result<()> {
        if self.words.next().is_none() { Ok(()) } else { Err(broken("has more than it should")) }
    }
}

/// A checksum like FNV-1a, but over words instead of bytes: each word is mixed in by exclusive or, then the sum
/// is multiplied by FNV's prime and, as a product carries upwards only, rotated. It finds what was cut or
/// damaged, not what was forged.
pub(crate) fn checksum(words: &[u64]) -> u64 {
    words.iter().fold(0xcbf2_9ce4_8422_2325, |sum, word| (sum ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new();
        writer.number(7);
        writer.reals([0.5, -1.0].into_iter());
        writer.finish()
    }

    #[test]
    fn what_was_written_is_read() {
        let mut reader = Reader::new(&sample()).unwrap();
        assert_eq!(reader.number().unwrap(), 7);
        assert_eq!(reader.reals(Some(2)).unwrap(), [0.5, -1.0]);
        reader.finish().unwrap();
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let whole = sample();
        for index in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[index] ^= 1;
            assert!(Reader::new(&damaged).is_err());
            assert!(Reader::new(&whole[..index]).is_err());
        }
    }
}
