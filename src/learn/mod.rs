//! The two learning rules, over the same forward rule.

pub mod bptt;
pub mod loss;
pub mod online;
pub mod optimizer;
