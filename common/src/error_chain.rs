//! An error with its causes, for a person.

use std::{error::Error, fmt};

/// Prints an error and then its causes, joined by ": ".
///
/// A cause whose text repeats the one before is left out, because some libraries print their cause
/// themselves.
#[derive(Debug)]
pub struct ErrorChain<'a>(pub &'a dyn Error);

impl fmt::Display for ErrorChain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = self.0.to_string();
        f.write_str(&before)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let text = error.to_string();
            if text != before && !text.is_empty() {
                write!(f, ": {text}")?;
                before = text;
            }
            cause = error.source();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;
    use crate::scrape::{CollectError, Reason};

    #[test]
    fn the_causes_follow_in_order() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let connecting =
            CollectError::new(Reason::Connect, "opening the socket").with_source(refused);
        let reading = CollectError::new(Reason::Connect, "reading the depth of queue `mail`")
            .with_source(connecting);

        assert_eq!(
            ErrorChain(&reading).to_string(),
            "reading the depth of queue `mail`: opening the socket: connection refused"
        );
    }

    #[test]
    fn a_cause_that_says_the_same_is_left_out() {
        let inner = CollectError::new(Reason::Query, "no such table");
        let repeating = CollectError::new(Reason::Query, "no such table").with_source(inner);
        let outer = CollectError::new(Reason::Query, "reading").with_source(repeating);

        assert_eq!(ErrorChain(&outer).to_string(), "reading: no such table");
    }
}
