//! The table that `make bench` prints, and the same as JSON.

use std::{fmt, fs, path::Path};

use serde::Serialize;

use crate::StackError;

/// One measured value, with its goal and the peer's value.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    pub figure: String,
    /// Ours, as text with its unit.
    pub ours: String,
    /// The peer's in the same run.
    pub peer: Option<String>,
    /// The goal.
    pub goal: String,
    pub verdict: Verdict,
}

impl Row {
    /// A value with a goal.
    pub fn judged(
        figure: &str,
        ours: String,
        peer: Option<String>,
        goal: impl Into<String>,
        met: bool,
    ) -> Self {
        let (figure, goal) = (figure.to_owned(), goal.into());
        Self { figure, ours, peer, goal, verdict: met.into() }
    }

    /// A value without a goal.
    pub fn shown(figure: &str, ours: String, peer: Option<String>) -> Self {
        let row = Self::judged(figure, ours, peer, "", true);
        Self { verdict: Verdict::Shown, ..row }
    }
}

/// Whether a goal was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Met,
    Missed,
    Shown,
}

impl From<bool> for Verdict {
    fn from(met: bool) -> Self {
        if met { Self::Met } else { Self::Missed }
    }
}

/// All values of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// The exporters compared, with their versions.
    pub title: String,
    pub rows: Vec<Row>,
}

impl Report {
    /// Writes several reports as one JSON file.
    pub fn write(path: &Path, reports: &[Self]) -> Result<(), StackError> {
        let text = serde_json::to_string_pretty(reports).map_err(|error| StackError::Answer {
            doing: "writing the report".to_owned(),
            answer: error.to_string(),
        })?;
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)
                .map_err(StackError::io(format!("creating {}", folder.display())))?;
        }
        fs::write(path, text).map_err(StackError::io(format!("writing {}", path.display())))
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}\n", self.title)?;
        writeln!(f, "{:<46} {:>14} {:>14}  {:<28} ", "", "ours", "peer", "goal")?;
        for row in &self.rows {
            let peer = row.peer.as_deref().unwrap_or("–");
            let verdict = match row.verdict {
                Verdict::Met => "met",
                Verdict::Missed => "MISSED",
                Verdict::Shown => "",
            };
            let Row { figure, ours, goal, .. } = row;
            writeln!(f, "{figure:<46} {ours:>14} {peer:>14}  {goal:<28} {verdict}")?;
        }
        Ok(())
    }
}
