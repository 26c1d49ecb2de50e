//! Probabilities from outputs: a softmax of the outputs times one number (temperature scaling, Guo & others 2017).

use crate::kernels::softmax;

/// Largest factor.
const MOST: f64 = 1024.0;

/// The factor with which the softmax of outputs fits the labels best, by cross-entropy.
///
/// `outputs (samples, classes)` come from models that have not seen their sample. The targets are smoothed as Platt (1999)
/// does, since the best factor for outputs that are all right would be infinite.
pub fn factor(outputs: &[f64], labels: &[u32], classes: usize) -> f64 {
    let count = labels.len() as f64;
    let other = 1.0 / (count + classes as f64);
    let own = (count + 1.0) * other;
    // The derivative of the cross-entropy by the factor, which grows with it.
    let slope = |factor: f64| -> f64 {
        outputs
            .chunks_exact(classes)
            .zip(labels)
            .map(|(outputs, &label)| {
                let mut shares: Vec<f64> = outputs.iter().map(|output| output * factor).collect();
                softmax(&mut shares);
                let terms = outputs.iter().zip(&shares).enumerate();
                terms
                    .map(|(class, (output, share))| {
                        (share - if class == label as usize { own } else { other }) * output
                    })
                    .sum::<f64>()
            })
            .sum()
    };
    let (mut low, mut high) = (0.0, MOST);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if slope(middle) < 0.0 { low = middle } else { high = middle }
    }
    high
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_that_are_right_three_times_of_four_give_such_probabilities() {
        let outputs = [1.0, -1.0].repeat(4000);
        let labels: Vec<u32> = (0..4000).map(|sample| u32::from(sample % 4 == 0)).collect();
        let mut shares = [1.0, -1.0].map(|output| output * factor(&outputs, &labels, 2));
        softmax(&mut shares);
        assert!((shares[0] - 0.75).abs() < 1e-3, "{shares:?}");
    }

    #[test]
    fn outputs_that_say_nothing_or_are_always_right_give_finite_factors() {
        assert!(factor(&[0.0; 8], &[0, 1, 0, 1], 2).is_finite());
        let right = factor(&[1.0, -1.0, -1.0, 1.0], &[0, 1], 2);
        assert!(right > 0.0 && right < MOST);
    }
}
