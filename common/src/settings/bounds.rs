//! Counts with a minimum and a maximum.

use super::SettingsError;

/// Checks counts, each given as its key, value, minimum and maximum.
pub fn check_counts(counts: &[(&str, usize, usize, usize)]) -> Result<(), SettingsError> {
    for &(key, count, least, most) in counts {
        if !(least..=most).contains(&count) {
            return Err(SettingsError::at(key, format!("must be between {least} and {most}")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_and_maximum_are_allowed() {
        check_counts(&[("least", 1, 1, 9), ("most", 9, 1, 9)]).unwrap();
        let error = check_counts(&[("fine", 1, 0, 9), ("caps.users", 10, 1, 9)]).unwrap_err();
        assert_eq!(error.to_string(), "caps.users: must be between 1 and 9");
    }
}
