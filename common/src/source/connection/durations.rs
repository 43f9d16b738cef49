//! The range of a connection's time-outs.

use crate::settings::{HumanDuration, SettingsError};

/// Checks the durations of a driver's settings, each under its key.
pub(crate) fn check_durations(durations: &[(&str, HumanDuration)]) -> Result<(), SettingsError> {
    let allowed = HumanDuration::millis(1)..=HumanDuration::seconds(24 * 3600);
    match durations.iter().find(|(_, duration)| !allowed.contains(duration)) {
        Some((key, _)) => Err(SettingsError::at(
            *key,
            "must be between one millisecond and 24 hours; it cannot be switched off",
        )),
        None => Ok(()),
    }
}
