//! The colours of dashboards, named by their meaning.

/// Colours by meaning, from the mildest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colour {
    /// Neither good nor bad.
    Neutral,
    /// As it should be.
    Good,
    /// Of interest.
    Info,
    /// Needs someone in working hours.
    Warning,
    /// Needs someone now.
    Critical,
}

impl Colour {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Good => "green",
            Self::Info => "blue",
            Self::Warning => "orange",
            Self::Critical => "red",
            Self::Neutral => "text",
        }
    }
}
