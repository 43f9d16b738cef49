//! A failure that all who wait for one connection learn of.

use std::{error::Error, fmt, sync::Arc};

use crate::scrape::{CollectError, Reason};

/// A failure before it is known what was being done. It can be shared, for all who wait for one
/// connection learn of the same failure.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub(crate) reason: Reason,
    pub(crate) hint: Option<Arc<str>>,
    pub(crate) source: Option<Arc<dyn Error + Send + Sync>>,
}

impl Failure {
    pub(crate) fn new(reason: Reason) -> Self {
        Self { reason, hint: None, source: None }
    }

    pub(crate) fn with_source(self, source: impl Error + Send + Sync + 'static) -> Self {
        Self { source: Some(Arc::new(source)), ..self }
    }

    pub(crate) fn with_hint(self, hint: impl Into<Arc<str>>) -> Self {
        Self { hint: Some(hint.into()), ..self }
    }

    /// The error of whoever was doing that.
    pub(crate) fn doing(&self, doing: impl Into<String>) -> CollectError {
        let mut error = CollectError::new(self.reason, doing.into());
        if let Some(source) = &self.source {
            error = error.with_source(Shared(Arc::clone(source)));
        }
        if let Some(hint) = &self.hint {
            error = error.with_hint(hint.to_string());
        }
        error
    }
}

/// A cause that several errors have.
#[derive(Debug)]
struct Shared(Arc<dyn Error + Send + Sync>);

impl fmt::Display for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Shared {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.0.source()
    }
}
