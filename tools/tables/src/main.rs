//! `tables`: prints the TypeScript module of what both sides of the border know alike.

fn main() {
    print!("{}", engram::bindings::tables::typescript());
}
