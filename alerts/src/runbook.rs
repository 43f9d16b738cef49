//! The definition of a runbook.

use promql::Expr;

/// The text for the person who was paged. Every part is required.
#[derive(Clone, Debug)]
pub struct Runbook {
    /// What the alert means.
    pub meaning: String,
    /// What the system's users notice.
    pub impact: String,
    /// What to look at, in order.
    pub diagnosis: Vec<Step>,
    /// What helps at once.
    pub quick_fix: String,
    /// How to find the cause.
    pub investigation: String,
    /// What keeps it from coming back soon.
    pub lasting_fix: String,
    /// What would have shown it earlier, or prevented it.
    pub prevention: String,
}

/// One thing to copy and paste; the title is the question that it answers.
#[derive(Clone, Debug)]
pub enum Step {
    /// One statement for `psql` at the system's database, without a semicolon. A test runs it
    /// against the system's schema.
    Sql { title: String, sql: String },
    /// One expression for Prometheus or Grafana's Explore; it is narrowed to the profile's targets
    /// where it is written.
    PromQl { title: String, expression: Expr },
    /// One command for a shell.
    Shell { title: String, command: String },
}

impl Step {
    pub fn sql(title: impl Into<String>, sql: impl Into<String>) -> Self {
        Self::Sql { title: title.into(), sql: sql.into() }
    }

    pub fn promql(title: impl Into<String>, expression: impl Into<Expr>) -> Self {
        Self::PromQl { title: title.into(), expression: expression.into() }
    }

    pub fn shell(title: impl Into<String>, command: impl Into<String>) -> Self {
        Self::Shell { title: title.into(), command: command.into() }
    }
}
