//! Comparisons of strings that work at compile time.

pub(super) const fn is(text: &str, other: &str) -> bool {
    text.len() == other.len() && ends_with(text, other)
}

pub(super) const fn ends_with(text: &str, suffix: &str) -> bool {
    ends_at(text, text.len(), suffix)
}

/// Whether `suffix` ends at the byte `end` of `text`.
pub(super) const fn ends_at(text: &str, end: usize, suffix: &str) -> bool {
    let (text, suffix) = (text.as_bytes(), suffix.as_bytes());
    if suffix.len() > end {
        return false;
    }
    let mut i = 0;
    while i < suffix.len() {
        if text[end - suffix.len() + i] != suffix[i] {
            return false;
        }
        i += 1;
    }
    true
}

/// Whether `word` is one of the words of `name`, which underscores separate.
pub(super) const fn has_word(name: &str, word: &str) -> bool {
    let bytes = name.as_bytes();
    let mut end = word.len();
    while end <= bytes.len() {
        let starts = end == word.len() || bytes[end - word.len() - 1] == b'_';
        let stops = end == bytes.len() || bytes[end] == b'_';
        if starts && stops && ends_at(name, end, word) {
            return true;
        }
        end += 1;
    }
    false
}
