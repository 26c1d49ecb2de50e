//! MiniRocket (Dempster, Schmidt & Webb 2021): features of a series from fixed convolutions, and a ridge classifier.
//!
//! A kernel has nine weights, six of -1 and three of 2; there are 84 of them, which are used with dilations that grow to
//! the length of the series. A feature is the share of a convolution's numbers that are above a threshold, a quantile of
//! the convolution of one series of the training set. [`Dilated`] is the kernels of one dilation with their thresholds,
//! [`Fitting`] what a set is learnt with, dilation by dilation and so by any number of threads, and [`Classifier`] what
//! came of it.

mod calibration;
mod classifier;
mod dilations;
mod features;
mod fitting;
mod ridge;
mod series;

pub use calibration::factor;
pub use classifier::Classifier;
pub use dilations::{Dilation, dilations};
pub use features::{Dilated, KERNELS};
pub use fitting::{Fitting, Part};
pub use ridge::{Gram, PENALTIES, Ridge};
pub use series::SeriesSet;
