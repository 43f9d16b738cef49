//! Recording rules: named series that other expressions select.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, sync::Arc};

use crate::{
    expr::{Expr, Source},
    flow::Flow,
    label::TargetLabel,
    query::Query,
    select::{Select, Selector},
};
use common::metric::kind;

/// A series that Prometheus computes, under a name of its own: `level:metric:operation`, or the
/// name that the operators' own rules use.
pub struct Record<Labels, Kind = kind::Gauge> {
    recorded: Arc<Recorded>,
    marker: PhantomData<fn() -> (Kind, Labels)>,
}

/// What a recording rule says, whatever the type of its labels.
#[derive(Clone, Debug)]
pub struct Recorded {
    name: Cow<'static, str>,
    expr: Expr,
    labels: BTreeMap<&'static str, String>,
}

impl Recorded {
    /// The name of the series.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is recorded.
    pub fn expr(&self) -> &Expr {
        &self.expr
    }

    /// The labels that the rule adds.
    pub fn labels(&self) -> &BTreeMap<&'static str, String> {
        &self.labels
    }

    pub(crate) fn flow(&self) -> Flow {
        let mut flow = self.expr.flow().unwrap_or_default();
        for (name, value) in &self.labels {
            flow.pin(name, value.clone());
        }
        flow
    }
}

impl<Labels> Record<Labels> {
    /// Records the query's values.
    ///
    /// # Panics
    /// Where the name is not one that Prometheus takes.
    pub fn new(name: impl Into<Cow<'static, str>>, query: impl Query<Labels = Labels>) -> Self {
        Self::of(name.into(), query.expr())
    }
}

impl<Labels> Record<Labels, kind::Counter> {
    /// Gives a counter a second name. Only a selector will do: what is summed before its rate is
    /// taken loses the resets.
    ///
    /// # Panics
    /// Where the name is not one that Prometheus takes.
    pub fn counter(
        name: impl Into<Cow<'static, str>>,
        counter: impl Select<Kind = kind::Counter, Labels = Labels>,
    ) -> Self {
        Self::of(name.into(), counter.select().into_expr())
    }
}

impl<Labels, Kind> Record<Labels, Kind> {
    fn of(name: Cow<'static, str>, expr: Expr) -> Self {
        assert!(is_name(&name), "`{name}` is not the name of a series: [a-zA-Z_:][a-zA-Z0-9_:]*");
        let recorded = Arc::new(Recorded { name, expr, labels: BTreeMap::new() });
        Self { recorded, marker: PhantomData }
    }

    /// Adds a label to what is recorded.
    pub fn label(mut self, label: TargetLabel, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.recorded).labels.insert(label.name(), value.into());
        self
    }

    /// The name of the series.
    pub fn name(&self) -> &str {
        &self.recorded.name
    }

    /// The rule, whatever the type of its labels.
    pub fn recorded(&self) -> &Arc<Recorded> {
        &self.recorded
    }
}

impl<Labels, Kind> Select for &Record<Labels, Kind> {
    type Kind = Kind;
    type Labels = Labels;

    fn select(self) -> Selector<Kind, Labels> {
        Selector::new(Source::Record(Arc::clone(&self.recorded)), "")
    }
}

impl<Labels, Kind> Clone for Record<Labels, Kind> {
    fn clone(&self) -> Self {
        Self { recorded: Arc::clone(&self.recorded), marker: PhantomData }
    }
}

impl<Labels, Kind> fmt::Debug for Record<Labels, Kind> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.recorded, f)
    }
}

fn is_name(name: &str) -> bool {
    let allowed = |it: char| it.is_ascii_alphanumeric() || it == '_' || it == ':';
    name.chars().all(allowed) && name.starts_with(|it: char| !it.is_ascii_digit())
}
