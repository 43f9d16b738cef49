//! Who is told, when, and in which words.

use std::time::Duration;

use crate::minutes;

/// The system's own words for the three severities: the `level` label.
#[derive(Clone, Copy, Debug)]
pub struct Levels {
    /// For what pages at any hour.
    pub critical: &'static str,
    /// For what goes to chat in working hours.
    pub warning: &'static str,
    /// For what is shown and never sent.
    pub info: &'static str,
}

impl Levels {
    /// For a system that has no words of its own: those of the severities.
    pub const SEVERITIES: Self = Self { critical: "critical", warning: "warning", info: "info" };
}

/// A step of escalation: the same condition, still true after `after`, is told to `to` as well.
#[derive(Clone, Copy, Debug)]
pub struct Escalation {
    /// The step's name in the system's words, in lower case: its label and receiver.
    pub step: &'static str,
    /// Who is called.
    pub to: &'static str,
    /// How long after the alert began to fire.
    pub after: Duration,
}

/// How alerts reach people. Secrets are files beside Alertmanager, never values.
#[derive(Clone, Copy, Debug)]
pub struct Routes {
    /// The labels whose values a notification's alerts share.
    pub group_by: &'static [&'static str],
    /// The chat channel for what pages.
    pub critical_channel: &'static str,
    /// The chat channel for what can wait for working hours.
    pub warning_channel: &'static str,
    /// When warnings are sent.
    pub working_hours: WorkingHours,
    /// How long Alertmanager waits for more alerts of a group.
    pub group_wait: Duration,
    /// How long before a changed group is told again.
    pub group_interval: Duration,
    /// How long before an unchanged group is told again.
    pub repeat_interval: Duration,
}

impl Routes {
    /// What one notification is about, where a system says nothing else.
    pub const GROUP_BY: &'static [&'static str] = &["alertname", "system", "service"];

    /// To these channels, at Alertmanager's own pace: where a system names no other.
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
    /// First minute, `HH:MM`.
    pub start: &'static str,
    /// First minute after, `HH:MM`.
    pub end: &'static str,
}

impl WorkingHours {
    /// Monday to Friday, 09:00 to 18:00, UTC: where a system names no other.
    pub const DEFAULT: Self =
        Self { time_zone: "UTC", weekdays: "monday:friday", start: "09:00", end: "18:00" };
}
