//! The two learning rules, over the same forward rule, and what is learnt for and judged by.

pub mod bptt;
pub mod ctc;
pub mod loss;
pub mod online;
pub mod optimizer;
pub mod score;
