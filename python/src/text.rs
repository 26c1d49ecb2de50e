//! Regular expressions as JavaScript has them (with its flag `u`), so that a model cuts texts alike in both hosts.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use regress::{Match, Regex};

/// A regular expression of ECMAScript.
#[pyclass(frozen)]
pub struct Pattern {
    regex: Regex,
}

#[pymethods]
impl Pattern {
    #[new]
    fn new(source: &str) -> PyResult<Pattern> {
        let regex = Regex::with_flags(source, "u").map_err(|error| PyValueError::new_err(error.to_string()))?;
        Ok(Pattern { regex })
    }

    /// All matches, as `String.prototype.match` gives them with the flag `g`.
    fn find_all<'a>(&self, py: Python<'_>, text: &'a str) -> Vec<&'a str> {
        py.detach(|| self.regex.find_iter(text).map(|found| &text[found.range()]).collect())
    }

    /// What lies between the matches, with what their groups hold, as `String.prototype.split` gives it; without
    /// empty texts.
    fn split<'a>(&self, py: Python<'_>, text: &'a str) -> Vec<&'a str> {
        py.detach(|| {
            let mut pieces = Vec::new();
            let (mut start, mut search) = (0, 0);
            while let Some(found) = self.next_match(text, search) {
                if found.end() == start {
                    // Nothing lies before an empty match at the start of a piece.
                    search = search.max(found.end()) + text[found.end()..].chars().next().map_or(1, char::len_utf8);
                    continue;
                }
                pieces.push(&text[start..found.start()]);
                pieces.extend(found.groups().skip(1).flatten().map(|group| &text[group]));
                (start, search) = (found.end(), found.end());
            }
            pieces.push(&text[start..]);
            pieces.retain(|piece| !piece.is_empty());
            pieces
        })
    }
}

impl Pattern {
    /// The next match that begins before the end of the text.
    fn next_match(&self, text: &str, search: usize) -> Option<Match> {
        if search >= text.len() {
            return None;
        }
        self.regex.find_from(text, search).next().filter(|found| found.start() < text.len())
    }
}
