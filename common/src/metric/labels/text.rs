//! The text of a label value.

use std::{
    borrow::Borrow,
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    ops::Deref,
    sync::Arc,
};

use serde::{Deserialize, Serialize};

/// The text of one label value. A clone shares it, because one value labels many series.
#[derive(Clone, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct LabelText(Held);

#[derive(Clone)]
enum Held {
    Static(&'static str),
    Shared(Arc<str>),
}

impl LabelText {
    /// A `'static` text of the program.
    pub const fn of(text: &'static str) -> Self {
        Self(Held::Static(text))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Held::Static(text) => text,
            Held::Shared(text) => text,
        }
    }
}

impl Deref for LabelText {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl AsRef<str> for LabelText {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl Borrow<str> for LabelText {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl From<&'static str> for LabelText {
    fn from(text: &'static str) -> Self {
        Self::of(text)
    }
}

impl From<String> for LabelText {
    fn from(text: String) -> Self {
        Self(Held::Shared(text.into()))
    }
}

impl From<Arc<str>> for LabelText {
    fn from(text: Arc<str>) -> Self {
        Self(Held::Shared(text))
    }
}

impl From<LabelText> for String {
    fn from(text: LabelText) -> Self {
        text.as_str().to_owned()
    }
}

impl fmt::Debug for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl PartialEq for LabelText {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for LabelText {}

impl PartialEq<str> for LabelText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}

impl PartialEq<&str> for LabelText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}

impl PartialOrd for LabelText {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for LabelText {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other)
    }
}

/// The hash of a `str`, so that a map can be looked up with one.
impl Hash for LabelText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeSet, HashSet};

    use super::*;

    #[test]
    fn the_text_alone_counts_not_who_holds_it() {
        let held: [LabelText; 3] =
            ["a".into(), "a".to_owned().into(), Arc::<str>::from("a").into()];

        assert_eq!(held.iter().cloned().collect::<BTreeSet<_>>().len(), 1);
        assert_eq!(held.iter().cloned().collect::<HashSet<_>>().len(), 1);
        assert!(held.into_iter().collect::<HashSet<_>>().contains("a"));
        assert!(LabelText::of("a") < LabelText::from("b".to_owned()));
    }
}
