//! A panel's query to Prometheus, its legend and its unit.

use std::collections::BTreeSet;

use promql::{BucketVector, Dimension, Expr, Matcher, Source, Style};

use crate::{colour::Colour, unit::Unit};

/// One query of a panel. Job and instance are not named in it: the dashboard limits every selector
/// to what its reader chose.
#[derive(Clone, Debug)]
pub struct PanelQuery {
    expression: Expression,
    pub(crate) name: String,
    pub(crate) unit: Unit,
    pub(crate) color: Option<Colour>,
    /// Whether the legend names the job.
    jobs: bool,
}

#[derive(Clone, Debug)]
enum Expression {
    Typed(Expr),
    /// A series of Prometheus itself, such as `ALERTS`, with its labels.
    Firing,
}

impl PanelQuery {
    /// An expression and the name of its series. The unit follows from the metrics' definitions; in
    /// the legend, the series' labels follow the name.
    ///
    /// # Panics When no unit follows from the definitions, as for a product of seconds and bytes.
    pub fn new(name: &str, query: impl promql::Query) -> Self {
        let expr = query.expr();
        let dimension = expr.dimension();
        let unit = dimension.map_or_else(|| panic!("{expr} has no unit"), Unit::of);
        Self::of(Expression::Typed(expr), name, unit)
    }

    /// A histogram's buckets, for a heatmap; the unit is that of their bounds.
    pub fn buckets<Labels>(buckets: BucketVector<Labels>) -> Self {
        let expr = buckets.expr();
        let unit = match expr.series().first().map(|it| it.source()) {
            Some(Source::Metric(metric)) => {
                Unit::of(Dimension { unit: metric.unit, per_second: false })
            }
            _ => Unit::Count,
        };
        Self::of(Expression::Typed(expr), "", unit)
    }

    /// Its values are yes (1) or no (0).
    pub fn yes_no(self) -> Self {
        Self { unit: Unit::YesNo, ..self }
    }

    /// How many alerts fire; the steps of an escalation are one alert.
    pub fn firing(name: &str) -> Self {
        Self::of(Expression::Firing, name, Unit::Count)
    }

    /// In a fixed colour instead of the palette's next.
    pub fn color(self, color: Colour) -> Self {
        Self { color: Some(color), ..self }
    }

    /// Names the scrape job of each series, where a panel shows several exporters.
    pub fn jobs(self) -> Self {
        Self { jobs: true, ..self }
    }

    fn of(expression: Expression, name: &str, unit: Unit) -> Self {
        Self { expression, name: name.to_owned(), unit, color: None, jobs: false }
    }

    /// The expression without its scope.
    pub fn expr(&self) -> Option<&Expr> {
        match &self.expression {
            Expression::Typed(expr) => Some(expr),
            Expression::Firing => None,
        }
    }

    /// The labels that differ between its series; those of the scrape only where there is no other.
    pub(crate) fn labels(&self) -> BTreeSet<String> {
        let Some(expr) = self.expr() else { return BTreeSet::new() };
        let mut labels = expr.labels();
        if !self.jobs {
            labels.remove("job");
        }
        let scraped = ["instance", "job"];
        if labels.iter().any(|it| !scraped.contains(&it.as_str())) {
            labels.remove("instance");
        }
        labels
    }

    /// The legend: its name, and the labels that differ between its series.
    pub(crate) fn legend(&self) -> String {
        let labels: Vec<_> = self.labels().iter().map(|it| format!("{{{{{it}}}}}")).collect();
        [self.name.clone(), labels.join(" ")].join(" ").trim().to_owned()
    }

    /// The text that Grafana sends, limited by `matchers`; a count of alerts is limited by
    /// `alerts`.
    pub(crate) fn text(&self, matchers: &[Matcher], alerts: &str) -> String {
        match &self.expression {
            Expression::Typed(expr) => expr.clone().narrowed(matchers).render(Style::default()),
            Expression::Firing => {
                format!(
                    r#"count(ALERTS{{alertstate="firing",escalation="",{alerts}}}) or vector(0)"#
                )
            }
        }
    }
}
