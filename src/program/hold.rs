//! Layers that are held while the rest of a network learns.

use super::{BlockKind, Program};

impl Program {
    /// The same program in which nothing of these layers learns: neither their biases nor the weights into them. What
    /// they hand on and back stays as it is, so all else learns as it did.
    ///
    /// `layers` are indices in [`Program::layers`]; others are left out.
    pub fn holding(&self, layers: &[usize]) -> Program {
        let mut held = self.clone();
        for block in held.blocks.iter_mut().filter(|block| layers.contains(&block.to)) {
            block.fixed = true;
            if let BlockKind::Sparse(edges) = &mut block.kind {
                edges.iter_mut().for_each(|edge| edge.fixed = true);
            }
        }
        for layer in layers.iter().filter_map(|&index| self.layers.get(index)) {
            for unit in layer.first..layer.first + layer.size {
                held.fixed_bias[unit] = true;
                held.segments[self.rows[unit].clone()].iter_mut().for_each(|segment| segment.fixed = true);
            }
        }
        held
    }
}
