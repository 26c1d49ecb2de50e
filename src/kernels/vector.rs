//! Vector kernels of the online rule: one neuron's row of weights against what arrives.

use super::Real;

/// Sum of `weights[i] * values[i]`.
#[inline]
pub fn dot<T: Real>(weights: &[T], values: &[T]) -> T {
    let mut sums = [T::ZERO; 4];
    let (mut weight_chunks, mut value_chunks) = (weights.chunks_exact(4), values.chunks_exact(4));
    for (w, v) in (&mut weight_chunks).zip(&mut value_chunks) {
        for lane in 0..4 {
            sums[lane] += w[lane] * v[lane];
        }
    }
    let rest: T = weight_chunks.remainder().iter().zip(value_chunks.remainder()).map(|(&w, &v)| w * v).sum();
    (sums[0] + sums[1]) + (sums[2] + sums[3]) + rest
}

/// Sum of `weights[i] * values[i] * gains[i]`.
#[inline]
pub fn dot_gated<T: Real>(weights: &[T], values: &[T], gains: &[T]) -> T {
    weights.iter().zip(values).zip(gains).map(|((&w, &v), &g)| w * v * g).sum()
}

/// `into[i] += scale * values[i]`.
#[inline]
pub fn add_scaled<T: Real>(into: &mut [T], scale: T, values: &[T]) {
    for (into, &value) in into.iter_mut().zip(values) {
        *into += scale * value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_equals_the_plain_sum_at_every_length() {
        for length in 0..20 {
            let a: Vec<f64> = (0..length).map(|i| i as f64 + 0.5).collect();
            let b: Vec<f64> = (0..length).map(|i| 2.0 - i as f64).collect();
            let plain: f64 = a.iter().zip(&b).map(|(x, y)| x * y).sum();
            assert!((dot(&a, &b) - plain).abs() < 1e-9);
            let ones = vec![1.0; length];
            assert!((dot_gated(&a, &b, &ones) - plain).abs() < 1e-9);
        }
    }
}
