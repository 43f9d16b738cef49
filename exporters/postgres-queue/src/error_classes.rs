//! The classes that a mapping sorts error texts into.

use common::{metric::LabelText, scrape::label_limit::OTHER, settings::SettingsError};
use regex::RegexSet;

use crate::mapping::Mapping;

/// The mapping's error classes with their patterns.
#[derive(Debug)]
pub(crate) struct ErrorClasses {
    /// In the order of the mapping: the first that matches decides.
    patterns: RegexSet,
    /// For each pattern the index of its class in `names`.
    classes: Vec<usize>,
    /// Each class once; `other` is always the last.
    names: Vec<LabelText>,
}

impl ErrorClasses {
    pub(crate) fn new(mapping: &Mapping) -> Result<Self, SettingsError> {
        let patterns = RegexSet::new(mapping.errors.iter().map(|it| &it.pattern));
        let patterns = patterns.map_err(|error| {
            SettingsError::at("errors", "the expressions together are too large").with_source(error)
        })?;
        let mut names: Vec<LabelText> = Vec::new();
        let classes = mapping.errors.iter().map(|it| it.class.as_str());
        for class in classes.clone().chain([OTHER]) {
            if !names.iter().any(|it| it == class) {
                names.push(class.to_owned().into());
            }
        }
        // A mapping may name a class `other` itself; it is then the same class.
        let index = |class: &str| names.iter().position(|it| it == class).unwrap_or(0);
        let classes = classes.map(index).collect();
        Ok(Self { patterns, classes, names })
    }

    /// The index of the class that an error text belongs to.
    pub(crate) fn classify(&self, error: Option<&str>) -> usize {
        // A failure without a text is classified as an empty text.
        let first = self.patterns.matches(error.unwrap_or_default()).iter().next();
        first.map_or(self.names.len() - 1, |pattern| self.classes[pattern])
    }

    /// The classes' names, the values of the label `class`.
    pub(crate) fn names(&self) -> &[LabelText] {
        &self.names
    }
}
