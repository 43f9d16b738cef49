//! The panels that several dashboards begin with.

use alerts::health;
use common::source::postgres::PG_UP;
use promql::Aggregate as _;

use crate::{Colour, Panel, PanelQuery, Side, ThresholdLine, Title, UP_DOWN};

impl Panel {
    /// Whether all servers of one kind answer, as a text.
    pub(crate) fn up(title: impl Into<Title>, description: &str, up: impl promql::Query) -> Self {
        let all = PanelQuery::new("", up.min().by(())).yes_no();
        Self::stat(title, description, all).plain().mappings(UP_DOWN)
    }

    /// Whether all chosen servers of PostgreSQL answer.
    pub(crate) fn postgres_up() -> Self {
        Self::up(
            health::panels::POSTGRES_UP,
            "Whether every chosen PostgreSQL server answers (`pg_up`). While one is down, its \
             metrics are unknown, not zero.",
            &PG_UP,
        )
    }

    /// How many alerts fire, red from one on.
    pub(crate) fn firing(description: &str) -> Self {
        Self::stat(health::panels::FIRING, description, PanelQuery::firing(""))
            .threshold(ThresholdLine { value: 1.0, bad: Side::Above, color: Colour::Critical })
    }
}
