//! Checks a mapping before anything is connected. An error names the key.

use std::collections::BTreeMap;

use common::settings::{HumanDuration, SettingsError};
use regex::Regex;

use super::{Buckets, Columns, Mapping, States};
use crate::{labels::Outcome, mapping::KeptState, quote};

type Result = std::result::Result<(), SettingsError>;

impl Mapping {
    /// Checks what can be checked without a database.
    pub fn check(&self) -> Result {
        check_table("table", &self.table)?;
        for (key, columns) in [("id", &self.id), ("state", &self.state)] {
            if columns.is_empty() {
                return Err(SettingsError::at(key, "names no column, but is required"));
            }
        }
        for (key, columns) in self.columns() {
            check_names(key, &columns.0)?;
        }
        self.states.check()?;
        for kept in &self.kept {
            let (word, values) = match kept {
                KeptState::Failed => ("failed", &self.states.failed),
                KeptState::Cancelled => ("cancelled", &self.states.cancelled),
            };
            if values.is_empty() {
                return Err(SettingsError::at("kept", format!("`states.{word}` has no values")));
            }
        }
        for (column, values) in &self.filter {
            let key = format!("filter.{column}");
            check_names("filter", std::slice::from_ref(column))?;
            if values.0.is_empty() {
                return Err(SettingsError::at(key, "names no value, so no row would match"));
            }
            check_texts(&key, &values.0)?;
        }
        if !self.errors.is_empty() && self.error.is_empty() {
            return Err(SettingsError::at("errors", "need the column `error`"));
        }
        for (index, class) in self.errors.iter().enumerate() {
            if class.class.is_empty() || class.class.len() > 64 {
                let key = format!("errors[{index}].class");
                return Err(SettingsError::at(key, "expected a name of 1 to 64 letters"));
            }
            Regex::new(&class.pattern).map_err(|error| {
                let key = format!("errors[{index}].pattern");
                SettingsError::at(key, "not a regular expression").with_source(error)
            })?;
        }
        self.buckets.check()?;
        self.check_ranges()?;
        if !self.timezone.chars().all(|it| it.is_ascii_alphanumeric() || "_+-/:".contains(it))
            || self.timezone.is_empty()
        {
            let problem = "expected a time zone such as \"UTC\" or \"America/Lima\"";
            return Err(SettingsError::at("timezone", problem));
        }
        self.check_further_tables()
    }

    /// Each key that names columns.
    pub fn columns(&self) -> [(&'static str, &Columns); 10] {
        [
            ("id", &self.id),
            ("queue", &self.queue),
            ("state", &self.state),
            ("ready_at", &self.ready_at),
            ("created_at", &self.created_at),
            ("started_at", &self.started_at),
            ("finished_at", &self.finished_at),
            ("attempts", &self.attempts),
            ("error", &self.error),
            ("stuck_since", &self.stuck_since),
        ]
    }

    fn check_ranges(&self) -> Result {
        let spans = [
            (
                "stuck_after",
                self.stuck_after,
                HumanDuration::seconds(1),
                HumanDuration::seconds(30 * 86_400),
            ),
            ("skew", self.skew, HumanDuration::seconds(0), HumanDuration::seconds(3600)),
            ("lookback", self.lookback, HumanDuration::seconds(1), HumanDuration::seconds(86_400)),
            ("settle", self.settle, HumanDuration::millis(1), HumanDuration::seconds(600)),
            (
                "late_every",
                self.late_every,
                HumanDuration::seconds(1),
                HumanDuration::seconds(86_400),
            ),
            ("window", self.window, HumanDuration::seconds(1), HumanDuration::seconds(30 * 86_400)),
        ];
        for (key, span, least, most) in spans {
            if !(least..=most).contains(&span) {
                let problem = format!("out of range; expected \"{least}\" to \"{most}\"");
                return Err(SettingsError::at(key, problem));
            }
        }
        let numbers = [
            ("max_queues", self.max_queues, 1, 5000),
            ("max_keys", self.max_keys, 1000, 10_000_000),
        ];
        for (key, number, least, most) in numbers {
            if !(least..=most).contains(&number) {
                let problem = format!("out of range; expected {least} to {most}");
                return Err(SettingsError::at(key, problem));
            }
        }
        Ok(())
    }

    fn check_further_tables(&self) -> Result {
        if let Some(workers) = &self.workers {
            check_table("workers.table", &workers.table)?;
            check_names("workers.last_seen", std::slice::from_ref(&workers.last_seen))?;
            if workers.alive_within < HumanDuration::seconds(1) {
                let problem = "out of range; expected \"1s\" or more";
                return Err(SettingsError::at("workers.alive_within", problem));
            }
        }
        if let Some(paused) = &self.paused {
            check_table("paused.table", &paused.table)?;
            check_names("paused.queue", std::slice::from_ref(&paused.queue))?;
            if paused.paused_at.is_some() && paused.flag.is_some() {
                return Err(SettingsError::at(
                    "paused.flag",
                    "is set together with `paused_at`: set one of them",
                ));
            }
        }
        Ok(())
    }
}

impl States {
    /// Each state's key with its values.
    pub fn all(&self) -> [(&'static str, &Vec<String>); 6] {
        [
            ("waiting", &self.waiting),
            ("retrying", &self.retrying),
            ("running", &self.running),
            ("succeeded", &self.succeeded),
            ("failed", &self.failed),
            ("cancelled", &self.cancelled),
        ]
    }

    /// How a job in the state ended; `None` if it has not.
    pub fn outcome(&self, state: &str) -> Option<Outcome> {
        let contains = |states: &[String]| states.iter().any(|it| it == state);
        if contains(&self.succeeded) {
            Some(Outcome::Succeeded)
        } else if contains(&self.failed) {
            Some(Outcome::Failed)
        } else if contains(&self.cancelled) {
            Some(Outcome::Cancelled)
        } else {
            None
        }
    }

    /// The states in which a job has ended, and how.
    pub fn outcomes(&self) -> BTreeMap<&str, Outcome> {
        let ends = [
            (&self.succeeded, Outcome::Succeeded),
            (&self.failed, Outcome::Failed),
            (&self.cancelled, Outcome::Cancelled),
        ];
        ends.into_iter()
            .flat_map(|(values, outcome)| values.iter().map(move |it| (it.as_str(), outcome)))
            .collect()
    }

    fn check(&self) -> Result {
        let mut seen = BTreeMap::new();
        for (state, values) in self.all() {
            check_texts(&format!("states.{state}"), values)?;
            for value in values {
                if let Some(other) = seen.insert(value, state) {
                    let key = format!("states.{state}");
                    return Err(SettingsError::at(key, format!("shares a value with `{other}`")));
                }
            }
        }
        if self.waiting.is_empty() && self.retrying.is_empty() && self.running.is_empty() {
            let problem = "give the values of the state column: `waiting`, `retrying`, `running`, \
                           `succeeded`, `failed`, `cancelled` each take a list; at least one of \
                           the first three is required";
            return Err(SettingsError::at("states", problem));
        }
        Ok(())
    }
}

impl Buckets {
    fn check(&self) -> Result {
        for (key, bounds) in [("wait", &self.wait), ("run", &self.run), ("latency", &self.latency)]
        {
            let Some(bounds) = bounds else { continue };
            let ascend = bounds.windows(2).all(|pair| pair[0] < pair[1]);
            let finite = bounds.iter().all(|it| it.is_finite());
            if bounds.is_empty() || bounds.len() > 100 || !ascend || !finite {
                let problem = "expected up to 100 numbers of seconds in ascending order";
                return Err(SettingsError::at(format!("buckets.{key}"), problem));
            }
        }
        Ok(())
    }
}

fn check_table(key: &str, name: &str) -> Result {
    if quote::table(name).is_some() {
        return Ok(());
    }
    let problem = "expected a table as SQL names it: `jobs`, `app.jobs`, `\"Jobs\"`";
    Err(SettingsError::at(key, problem))
}

fn check_names(key: &str, names: &[String]) -> Result {
    if names.iter().any(|it| it.is_empty() || it.len() > 63 || it.contains('\0')) {
        return Err(SettingsError::at(key, "a column's name has 1 to 63 bytes"));
    }
    Ok(())
}

fn check_texts(key: &str, texts: &[String]) -> Result {
    if texts.iter().any(|it| it.contains('\0')) {
        return Err(SettingsError::at(key, "a text in PostgreSQL cannot contain NUL"));
    }
    Ok(())
}
