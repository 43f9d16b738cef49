//! Recording rules: named series that other expressions select.

use std::{borrow::Cow, collections::BTreeMap, fmt, marker::PhantomData, sync::Arc};

use common::metric::kind;

use crate::{
    ast::{Expr, Recorded, Source},
    label::TargetLabel,
    query::Query,
    select::{Select, Selector},
};

/// A series that a recording rule computes, named `level:metric:operation` or as the operators'
/// own rules name it.
pub struct Record<Labels, Kind = kind::Gauge> {
    recorded: Arc<Recorded>,
    marker: PhantomData<fn() -> (Kind, Labels)>,
}

impl<Labels> Record<Labels> {
    /// Records the query's values.
    ///
    /// # Panics
    /// If Prometheus does not accept the name.
    pub fn new(name: impl Into<Cow<'static, str>>, query: impl Query<Labels = Labels>) -> Self {
        Self::of(name.into(), query.expr())
    }
}

impl<Labels> Record<Labels, kind::Counter> {
    /// Gives a counter a second name. It takes a selector only, because a sum of counters hides
    /// their resets from `rate`.
    ///
    /// # Panics
    /// If Prometheus does not accept the name.
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

    /// Adds a label to the recorded series.
    pub fn label(mut self, label: TargetLabel, value: impl Into<String>) -> Self {
        Arc::make_mut(&mut self.recorded).labels.insert(label.name(), value.into());
        self
    }

    /// The recorded name.
    pub fn name(&self) -> &str {
        &self.recorded.name
    }

    /// The rule without the type of its labels.
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
