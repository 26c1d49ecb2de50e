//! The form in which a run, a batch and what is made of it are written down: 64-bit words, little-endian, in a
//! frame that tells what it holds and whether it is whole.

use crate::error::{Error, Result};
use crate::kernels::Real;

/// What a frame holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kind {
    /// The first word: six letters, then the version of the form, which is written.
    pub magic: [u8; 8],
    /// The first version that is read.
    pub oldest: u8,
    /// As messages name it.
    pub name: &'static str,
}

/// Writes words.
#[derive(Debug)]
pub struct Writer {
    words: Vec<u64>,
}

impl Writer {
    /// An empty frame.
    pub fn new(kind: Kind) -> Self {
        Writer { words: vec![u64::from_le_bytes(kind.magic)] }
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

    /// Real numbers in their own precision, with their count.
    pub fn packed<T: Real>(&mut self, values: &[T]) {
        self.number(values.len() as u64);
        match is_single::<T>() {
            true => self.words.extend(values.chunks(2).map(|pair| {
                let bits = |index: usize| pair.get(index).map_or(0, |value| u64::from((value.wide() as f32).to_bits()));
                bits(0) | bits(1) << 32
            })),
            false => self.words.extend(values.iter().map(|value| value.wide().to_bits())),
        }
    }

    /// The bytes, with a checksum at their end.
    pub fn finish(mut self) -> Vec<u8> {
        let sum = checksum(&self.words);
        self.words.push(sum);
        self.words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }
}

/// Whether two numbers go into a word.
fn is_single<T: Real>() -> bool {
    size_of::<T>() == size_of::<f32>()
}

/// Reads what a [`Writer`] wrote.
#[derive(Debug)]
pub struct Reader {
    kind: Kind,
    version: u8,
    words: std::vec::IntoIter<u64>,
}

/// What an error says of what does not fit what it is read for.
const OTHER: &str = "is of another network, set or run";

impl Kind {
    fn reads(self, version: u8) -> bool {
        (self.oldest..=self.magic[7]).contains(&version)
    }

    fn broken(self, what: &str) -> Error {
        Error::Range(format!("the {} {what}", self.name))
    }
}

impl Reader {
    /// Checks the frame.
    pub fn new(kind: Kind, bytes: &[u8]) -> Result<Self> {
        let broken = |what: &str| kind.broken(what);
        let (chunks, rest) = bytes.as_chunks::<8>();
        let mut words: Vec<u64> = chunks.iter().map(|&chunk| u64::from_le_bytes(chunk)).collect();
        let version = match words.first().map(|word| word.to_le_bytes()) {
            Some([letters @ .., 0, version]) if letters == kind.magic[..6] && kind.reads(version) => version,
            Some(magic) if magic[..6] == kind.magic[..6] => {
                return Err(broken("has a format that this version does not read"));
            }
            _ => return Err(broken("is not one of engram's")),
        };
        let sum = words.pop();
        if !rest.is_empty() || sum != Some(checksum(&words)) {
            return Err(broken("is not whole"));
        }
        let mut words = words.into_iter();
        words.next();
        Ok(Reader { kind, version, words })
    }

    /// Version of the form.
    pub fn version(&self) -> u8 {
        self.version
    }

    /// The error that what is read is broken in this way.
    pub fn broken(&self, what: &str) -> Error {
        self.kind.broken(what)
    }

    /// A whole number.
    pub fn number(&mut self) -> Result<u64> {
        self.words.next().ok_or_else(|| self.kind.broken("ends too early"))
    }

    /// A whole number below a bound.
    pub fn below(&mut self, bound: usize) -> Result<usize> {
        let value = self.number()?;
        self.bounded(value, bound)
    }

    /// A number that was read before its bound was known.
    pub fn bounded(&self, value: u64, bound: usize) -> Result<usize> {
        let value = usize::try_from(value).ok().filter(|&value| value < bound);
        value.ok_or_else(|| self.broken("has a number out of bounds"))
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
            return Err(self.broken(OTHER));
        }
        Ok(self.words.by_ref().take(given).collect())
    }

    /// Real numbers, `count` of them; any count for `None`.
    pub fn reals(&mut self, count: Option<usize>) -> Result<Vec<f64>> {
        Ok(self.numbers(count)?.into_iter().map(f64::from_bits).collect())
    }

    /// Real numbers in their own precision, `count` of them; any count for `None`.
    pub fn packed<T: Real>(&mut self, count: Option<usize>) -> Result<Vec<T>> {
        let given = self.below(usize::MAX)?;
        if count.is_some_and(|count| count != given) {
            return Err(self.broken(OTHER));
        }
        let count = given;
        let words = if is_single::<T>() { count.div_ceil(2) } else { count };
        if words > self.words.len() {
            return Err(self.broken("ends too early"));
        }
        let words = self.words.by_ref().take(words);
        if !is_single::<T>() {
            return Ok(words.map(|word| T::of(f64::from_bits(word))).collect());
        }
        let single = |bits: u32| T::of(f64::from(f32::from_bits(bits)));
        let mut numbers: Vec<T> = words.flat_map(|word| [single(word as u32), single((word >> 32) as u32)]).collect();
        numbers.truncate(count);
        Ok(numbers)
    }

    /// Checks that the next number is `value`, as it is for this run.
    pub fn expect(&mut self, value: u64) -> Result<()> {
        if self.number()? == value { Ok(()) } else { Err(self.broken(OTHER)) }
    }

    /// Checks that nothing is left.
    pub fn finish(mut self) -> Result<()> {
        if self.words.next().is_none() { Ok(()) } else { Err(self.broken("has more than it should")) }
    }
}

/// A checksum like FNV-1a, but over words instead of bytes: each word is mixed in by exclusive or, then the sum
/// is multiplied by FNV's prime and, as a product carries upwards only, rotated. It finds what was cut or
/// damaged, not what was forged.
pub(crate) fn checksum(words: &[u64]) -> u64 {
    words.iter().fold(EMPTY, |sum, &word| mixed(sum, word))
}

/// The checksum of nothing.
pub(crate) const EMPTY: u64 = 0xcbf2_9ce4_8422_2325;

/// The checksum of what had this one, and of a word behind it.
#[inline]
pub(crate) fn mixed(sum: u64, word: u64) -> u64 {
    (sum ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KIND: Kind = Kind { magic: *b"sample\x00\x02", oldest: 1, name: "sample" };

    fn sample() -> Vec<u8> {
        let mut writer = Writer::new(KIND);
        writer.number(7);
        writer.reals([0.5, -1.0].into_iter());
        writer.packed(&[0.1f32, f32::MIN_POSITIVE / 2.0, -0.0]);
        writer.packed(&[0.1f64, f64::INFINITY]);
        writer.finish()
    }

    #[test]
    fn what_was_written_is_read() {
        let mut reader = Reader::new(KIND, &sample()).unwrap();
        assert_eq!(reader.number().unwrap(), 7);
        assert_eq!(reader.reals(Some(2)).unwrap(), [0.5, -1.0]);
        let singles: Vec<f32> = reader.packed(Some(3)).unwrap();
        assert_eq!(singles.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), [0x3dcc_cccd, 0x0040_0000, 0x8000_0000]);
        assert_eq!(reader.packed::<f64>(Some(2)).unwrap(), [0.1, f64::INFINITY]);
        reader.finish().unwrap();
    }

    #[test]
    fn older_versions_are_read_as_what_they_are_and_newer_ones_refused() {
        let of = |magic| Writer::new(Kind { magic, ..KIND }).finish();
        let version = |magic| Reader::new(KIND, &of(magic)).map(|reader| reader.version());
        assert_eq!(version(*b"sample\x00\x01").unwrap(), 1);
        assert_eq!(version(*b"sample\x00\x02").unwrap(), 2);
        for magic in [*b"sample\x00\x00", *b"sample\x00\x03", *b"sample\x01\x01", *b"others\x00\x01"] {
            assert!(version(magic).is_err());
        }
    }

    #[test]
    fn every_damaged_byte_and_every_cut_is_noticed() {
        let whole = sample();
        for index in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[index] ^= 1;
            assert!(Reader::new(KIND, &damaged).is_err());
            assert!(Reader::new(KIND, &whole[..index]).is_err());
        }
    }
}
