//! An error that every session waiting for a connection gets.

use std::{error::Error, fmt, sync::Arc};

use crate::scrape::{CollectError, Reason};

/// An error that can be cloned, because several sessions may wait for the same connection. It does
/// not say yet what was being done.
#[derive(Clone, Debug)]
pub(crate) struct SharedError {
    pub(crate) reason: Reason,
    hint: Option<Arc<str>>,
    source: Option<Arc<dyn Error + Send + Sync>>,
}

impl SharedError {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { reason, hint: None, source: None }
    }

    pub(crate) fn with_source(self, source: impl Error + Send + Sync + 'static) -> Self {
        self.with_shared_source(Arc::new(source))
    }

    pub(crate) fn with_shared_source(self, source: Arc<dyn Error + Send + Sync>) -> Self {
        Self { source: Some(source), ..self }
    }

    pub(crate) fn with_hint(self, hint: impl Into<Arc<str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// Adds a hint where there is one.
    pub(crate) fn with_known_hint(self, hint: Option<impl Into<Arc<str>>>) -> Self {
        match hint {
            Some(hint) => self.with_hint(hint),
            None => self,
        }
    }

    /// The error of a collector that was doing that.
    pub(crate) fn doing(&self, doing: impl Into<String>) -> CollectError {
        let mut error = CollectError::new(self.reason, doing.into());
        if let Some(source) = &self.source {
            error = error.with_source(SharedSource(Arc::clone(source)));
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.to_string());
        }
        error
    }
}

/// A cause that several errors share.
#[derive(Debug)]
struct SharedSource(Arc<dyn Error + Send + Sync>);

impl fmt::Display for SharedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for SharedSource {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}

/// A server's message on one line, without control characters.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|it| !it.is_control()).collect()
}
