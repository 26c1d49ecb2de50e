//! Just enough of an assembler for WebAssembly modules: functions over one imported memory, with
//! the instructions that [`super::emitter`] writes. Opcodes as in the WebAssembly 2.0 specification,
//! section 5.4. Nothing is inlined: this code is to be small, it runs once per network.

/// Type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    I32 = 0x7f,
    F64 = 0x7c,
    V128 = 0x7b,
}

/// A local variable of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Local(u32);

impl Local {
    /// A parameter, by position.
    pub fn parameter(position: u32) -> Self {
        Local(position)
    }
}

/// A number in memory: a local that holds an address, and an offset in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    /// Holds the address.
    pub base: Local,
    /// Added to it.
    pub offset: usize,
}

impl At {
    /// The `f64` that lies `count` numbers further on.
    pub fn plus(self, count: usize) -> Self {
        At { base: self.base, offset: self.offset + count * 8 }
    }
}

/// Instructions without operands in the code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    I32Add,
    I32Sub,
    F64Add,
    F64Sub,
    F64Mul,
    Splat,
    Add,
    Sub,
    Mul,
    Div,
    /// The lesser, `a` where either is not a number.
    Lesser,
    /// The greater, `a` where either is not a number.
    Greater,
    GreaterThan,
    And,
    IntegerAdd,
}

impl Op {
    fn code(self) -> &'static [u8] {
        match self {
            Op::I32Add => &[0x6a],
            Op::I32Sub => &[0x6b],
            Op::F64Add => &[0xa0],
            Op::F64Sub => &[0xa1],
            Op::F64Mul => &[0xa2],
            Op::Splat => &[0xfd, 0x14],
            Op::Add => &[0xfd, 0xf0, 0x01],
            Op::Sub => &[0xfd, 0xf1, 0x01],
            Op::Mul => &[0xfd, 0xf2, 0x01],
            Op::Div => &[0xfd, 0xf3, 0x01],
            Op::Lesser => &[0xfd, 0xf6, 0x01],
            Op::Greater => &[0xfd, 0xf7, 0x01],
            Op::GreaterThan => &[0xfd, 0x4a],
            Op::And => &[0xfd, 0x4e],
            Op::IntegerAdd => &[0xfd, 0xce, 0x01],
        }
    }
}

fn unsigned(bytes: &mut Vec<u8>, mut value: u64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

fn signed(bytes: &mut Vec<u8>, mut value: i64) {
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if (value == 0 && low & 0x40 == 0) || (value == -1 && low & 0x40 != 0) {
            return bytes.push(low);
        }
        bytes.push(low | 0x80);
    }
}

/// The body of a function without results.
#[derive(Debug)]
pub struct Function {
    parameters: Vec<Type>,
    locals: Vec<Type>,
    body: Vec<u8>,
}

impl Function {
    /// An empty body.
    pub fn new(parameters: &[Type]) -> Self {
        Function { parameters: parameters.into(), locals: Vec::new(), body: Vec::new() }
    }

    /// Bytes of code so far.
    pub fn size(&self) -> usize {
        self.body.len()
    }

    /// Takes the code back from a size on.
    pub fn take_from(&mut self, size: usize) -> Vec<u8> {
        self.body.split_off(size)
    }

    /// Appends code that was taken back.
    pub fn append(&mut self, code: &[u8]) {
        self.body.extend_from_slice(code);
    }

    /// A new local.
    #[inline(never)]
    pub fn local(&mut self, kind: Type) -> Local {
        self.locals.push(kind);
        Local((self.parameters.len() + self.locals.len() - 1) as u32)
    }

    /// Pushes a local.
    #[inline(never)]
    pub fn get(&mut self, local: Local) -> &mut Self {
        self.indexed(0x20, local.0)
    }

    /// Pops into a local.
    #[inline(never)]
    pub fn set(&mut self, local: Local) -> &mut Self {
        self.indexed(0x21, local.0)
    }

    /// Copies the top into a local.
    #[inline(never)]
    pub fn tee(&mut self, local: Local) -> &mut Self {
        self.indexed(0x22, local.0)
    }

    /// Calls an import, by its number.
    pub fn call(&mut self, import: u32) -> &mut Self {
        self.indexed(0x10, import)
    }

    #[inline(never)]
    fn indexed(&mut self, code: u8, index: u32) -> &mut Self {
        self.body.push(code);
        unsigned(&mut self.body, index.into());
        self
    }

    /// An instruction without operands in the code.
    #[inline(never)]
    pub fn op(&mut self, op: Op) -> &mut Self {
        self.body.extend_from_slice(op.code());
        self
    }

    /// Pushes an integer.
    #[inline(never)]
    pub fn i32(&mut self, value: i32) -> &mut Self {
        self.body.push(0x41);
        signed(&mut self.body, value.into());
        self
    }

    /// Pushes a number.
    #[inline(never)]
    pub fn f64(&mut self, value: f64) -> &mut Self {
        self.body.push(0x44);
        self.body.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Pushes a pair of equal 64-bit patterns.
    #[inline(never)]
    pub fn pair_bits(&mut self, value: u64) -> &mut Self {
        self.body.extend_from_slice(&[0xfd, 0x0c]);
        self.body.extend_from_slice(&value.to_le_bytes());
        self.body.extend_from_slice(&value.to_le_bytes());
        self
    }

    /// Pushes a pair of equal numbers.
    #[inline(never)]
    pub fn pair(&mut self, value: f64) -> &mut Self {
        self.pair_bits(value.to_bits())
    }

    /// Pops a pair, pushes its first or second number.
    #[inline(never)]
    pub fn lane(&mut self, lane: u8) -> &mut Self {
        self.body.extend_from_slice(&[0xfd, 0x21, lane]);
        self
    }

    /// Pops a number and a pair, pushes the pair with the number in its lane.
    #[inline(never)]
    pub fn replace_lane(&mut self, lane: u8) -> &mut Self {
        self.body.extend_from_slice(&[0xfd, 0x22, lane]);
        self
    }

    /// Pops pairs (a, b) and (c, d), pushes (a, c) for lane 0, (b, d) for lane 1.
    #[inline(never)]
    pub fn zip(&mut self, lane: u8) -> &mut Self {
        self.body.extend_from_slice(&[0xfd, 0x0d]);
        let (first, second) = (8 * lane, 16 + 8 * lane);
        self.body.extend((first..first + 8).chain(second..second + 8));
        self
    }

    /// Shifts both 64-bit integers of a pair to the left.
    #[inline(never)]
    pub fn shift_left(&mut self, bits: i32) -> &mut Self {
        self.i32(bits);
        self.body.extend_from_slice(&[0xfd, 0xcb, 0x01]);
        self
    }

    /// Pushes the number at a place.
    #[inline(never)]
    pub fn load(&mut self, at: At) -> &mut Self {
        self.get(at.base);
        self.body.push(0x2b);
        self.memory_argument(at)
    }

    /// Pushes the pair at a place.
    #[inline(never)]
    pub fn load_pair(&mut self, at: At) -> &mut Self {
        self.get(at.base);
        self.body.extend_from_slice(&[0xfd, 0x00]);
        self.memory_argument(at)
    }

    /// Pushes the number at a place, twice.
    #[inline(never)]
    pub fn load_splat(&mut self, at: At) -> &mut Self {
        self.get(at.base);
        self.body.extend_from_slice(&[0xfd, 0x0a]);
        self.memory_argument(at)
    }

    /// Stores the number that `value` pushes.
    pub fn store(&mut self, at: At, value: impl FnOnce(&mut Self)) -> &mut Self {
        self.get(at.base);
        value(self);
        self.end_store(at)
    }

    /// Pops a number, then the address of a place, and stores the one at the other.
    #[inline(never)]
    pub fn end_store(&mut self, at: At) -> &mut Self {
        self.body.push(0x39);
        self.memory_argument(at)
    }

    /// [`Function::end_store`] of a pair.
    #[inline(never)]
    pub fn end_store_pair(&mut self, at: At) -> &mut Self {
        self.body.extend_from_slice(&[0xfd, 0x0b]);
        self.memory_argument(at)
    }

    #[inline(never)]
    fn memory_argument(&mut self, at: At) -> &mut Self {
        self.body.push(3);
        unsigned(&mut self.body, at.offset as u64);
        self
    }

    /// Repeats `body` while `counter`, which counts down from `count`, is not 0.
    pub fn repeat(&mut self, counter: Local, count: usize, body: impl FnOnce(&mut Self)) {
        self.i32(count as i32).set(counter);
        self.body.extend_from_slice(&[0x03, 0x40]);
        body(self);
        self.get(counter).i32(1).op(Op::I32Sub).tee(counter);
        self.body.extend_from_slice(&[0x0d, 0x00, 0x0b]);
    }
}

/// A module of these functions, exported under their names, that imports `engine.memory` and the
/// function `engine.tanh` (import 0: a number to a number).
pub fn module(functions: &[(&str, &Function)]) -> Vec<u8> {
    let mut bytes = b"\0asm\x01\0\0\0".to_vec();
    let mut section = |id: u8, content: &dyn Fn(&mut Vec<u8>)| {
        let mut body = Vec::new();
        content(&mut body);
        bytes.push(id);
        unsigned(&mut bytes, body.len() as u64);
        bytes.extend(body);
    };
    let name = |bytes: &mut Vec<u8>, text: &str| {
        unsigned(bytes, text.len() as u64);
        bytes.extend_from_slice(text.as_bytes());
    };
    // Types: that of the import, then one per function.
    section(1, &|out| {
        unsigned(out, functions.len() as u64 + 1);
        out.extend_from_slice(&[0x60, 1, Type::F64 as u8, 1, Type::F64 as u8]);
        for (_, function) in functions {
            out.push(0x60);
            unsigned(out, function.parameters.len() as u64);
            out.extend(function.parameters.iter().map(|&kind| kind as u8));
            out.push(0);
        }
    });
    section(2, &|out| {
        out.push(2);
        name(out, "engine");
        name(out, "tanh");
        out.extend_from_slice(&[0x00, 0x00]);
        name(out, "engine");
        name(out, "memory");
        // Shared, of any size up to 2^16 pages.
        out.extend_from_slice(&[0x02, 0x03, 0x00]);
        unsigned(out, 1 << 16);
    });
    section(3, &|out| {
        unsigned(out, functions.len() as u64);
        (1..=functions.len()).for_each(|kind| unsigned(out, kind as u64));
    });
    section(7, &|out| {
        unsigned(out, functions.len() as u64);
        for (index, (text, _)) in functions.iter().enumerate() {
            name(out, text);
            out.push(0x00);
            unsigned(out, index as u64 + 1);
        }
    });
    section(10, &|out| {
        unsigned(out, functions.len() as u64);
        for (_, function) in functions {
            let mut body = Vec::new();
            unsigned(&mut body, function.locals.len() as u64);
            for &kind in &function.locals {
                body.extend_from_slice(&[1, kind as u8]);
            }
            body.extend_from_slice(&function.body);
            body.push(0x0b);
            unsigned(out, body.len() as u64);
            out.extend(body);
        }
    });
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_encoded_as_the_specification_says() {
        let encode = |value| {
            let mut bytes = Vec::new();
            unsigned(&mut bytes, value);
            bytes
        };
        assert_eq!(encode(127), [0x7f]);
        assert_eq!(encode(624_485), [0xe5, 0x8e, 0x26]);
        let encode = |value| {
            let mut bytes = Vec::new();
            signed(&mut bytes, value);
            bytes
        };
        assert_eq!(encode(-1), [0x7f]);
        assert_eq!(encode(64), [0xc0, 0x00]);
        assert_eq!(encode(-123_456), [0xc0, 0xbb, 0x78]);
    }
}
