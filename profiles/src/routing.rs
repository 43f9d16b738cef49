//! Routes of notifications, escalation and severity names.

use std::time::Duration;

use crate::minutes;

/// The system's names of the three severities: the `level` label.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    /// For alerts that page at any hour.
    pub critical: &'static str,
    /// For alerts that go to chat in working hours.
    pub warning: &'static str,
    /// For alerts that are only shown.
    pub info: &'static str,
}

impl Levels {
    /// The severities' names, for a system without its own.
    pub const SEVERITIES: Self = Self { critical: "critical", warning: "warning", info: "info" };
}

/// An escalation step: when the alert still fires after `after`, `to` is notified as well.
#[derive(Clone, Copy, Debug)]
pub struct Escalation {
    /// The step's name in the system's words, in lower case: its label and receiver.
    pub step: &'static str,
    /// The person or role that is notified.
    pub to: &'static str,
    /// The time since the alert began to fire.
    pub after: Duration,
}

/// How notifications are routed. Secrets are files beside Alertmanager, never values.
#[derive(Clone, Copy, Debug)]
pub struct Routes {
    /// Alertmanager's `group_by`.
    pub group_by: &'static [&'static str],
    /// The chat channel for critical alerts.
    pub critical_channel: &'static str,
    /// The chat channel for warnings.
    pub warning_channel: &'static str,
    /// When warnings are sent.
    pub working_hours: WorkingHours,
    /// Alertmanager's `group_wait`.
    pub group_wait: Duration,
    /// Alertmanager's `group_interval`.
    pub group_interval: Duration,
    /// Alertmanager's `repeat_interval`.
    pub repeat_interval: Duration,
}

impl Routes {
    /// The default `group_by`.
    pub const GROUP_BY: &'static [&'static str] = &["alertname", "system", "service"];

    /// Routes to these channels with Alertmanager's default intervals.
    pub const fn to(critical_channel: &'static str, warning_channel: &'static str) -> Self {
        Self {
            group_by: Self::GROUP_BY,
            critical_channel,
            warning_channel,
            working_hours: WorkingHours::DEFAULT,
            group_wait: Duration::from_secs(30),
            group_interval: minutes(5),
            repeat_interval: minutes(4 * 60),
        }
    }
}

/// Days and hours in a time zone.
#[derive(Clone, Copy, Debug)]
pub struct WorkingHours {
    /// IANA name of the time zone.
    pub time_zone: &'static str,
    /// Alertmanager's range of days: `monday:friday`.
    pub weekdays: &'static str,
    /// The first minute inside, `HH:MM`.
    pub start: &'static str,
    /// The first minute outside, `HH:MM`.
    pub end: &'static str,
}

impl WorkingHours {
    /// The default: Monday to Friday, 09:00 to 18:00, UTC.
    pub const DEFAULT: Self =
        Self { time_zone: "UTC", weekdays: "monday:friday", start: "09:00", end: "18:00" };
}
