//! The threshold lines of a panel, and the colours between them.

use alerts::alert::{Alert, Severity};

use super::model;
use crate::{
    colour::Colour,
    panel::{Side, ThresholdLine},
    unit::Unit,
};

/// Whether the alert's limit is in the panel's unit: a share is not drawn among counts.
pub(super) fn comparable(alert: &Alert, unit: Unit) -> bool {
    let judged = alert.condition.expr().dimension().map(Unit::of);
    unit == Unit::YesNo || judged.is_none_or(|it| it == unit)
}

/// The limit of an alert as a line on its panel.
pub(super) fn limit(alert: &Alert, unit: Unit) -> ThresholdLine {
    let bad = if alert.condition.is_upper_limit() { Side::Above } else { Side::Below };
    let limit = alert.limit.value;
    // Grafana colours a value that equals the step, an alert fires only beyond it. The difference
    // shows at zero, where nothing is wrong yet.
    let value = match (bad, unit) {
        (Side::Above, Unit::Count) if limit == 0.0 => 1.0,
        (Side::Above, _) if limit == 0.0 => f64::from(f32::EPSILON),
        _ => limit,
    };
    let color = match alert.severity {
        Severity::Critical => Colour::Critical,
        Severity::Warning => Colour::Warning,
        Severity::Info => Colour::Info,
    };
    ThresholdLine { value, bad, color }
}

/// Colour steps for the limits, green on the good side of all. Steps cannot show upper and lower
/// limits at once: only those on the first limit's side are used.
pub(super) fn threshold_steps(lines: &[ThresholdLine]) -> Vec<model::Threshold> {
    let side = lines.first().map_or(Side::Above, |it| it.bad);
    let mut lines: Vec<ThresholdLine> = lines.iter().filter(|it| it.bad == side).copied().collect();
    // Of limits at one value, the most severe wins.
    lines.sort_by(|a, b| a.value.total_cmp(&b.value).then(b.color.cmp(&a.color)));
    lines.dedup_by(|next, kept| next.value.total_cmp(&kept.value).is_eq());
    let step = |colour: Colour, value| model::Threshold { color: colour.name(), value };
    if side == Side::Above {
        let good = [step(Colour::Good, None)];
        return good
            .into_iter()
            .chain(lines.iter().map(|it| step(it.color, Some(it.value))))
            .collect();
    }
    // From below: the worst colour first, and each limit begins the next better one.
    let colours = lines.iter().map(|it| it.color).chain([Colour::Good]);
    let values = [None].into_iter().chain(lines.iter().map(|it| Some(it.value)));
    colours.zip(values).map(|(colour, value)| step(colour, value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lines: &[ThresholdLine], expected: &[(&str, Option<f64>)]) {
        let steps = threshold_steps(lines);
        let found: Vec<_> = steps.iter().map(|it| (it.color, it.value)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn without_a_limit_all_is_green() {
        check(&[], &[("green", None)]);
    }

    #[test]
    fn colours_rise_above_the_limits() {
        let line = |value, color| ThresholdLine { value, bad: Side::Above, color };
        check(
            &[line(500.0, Colour::Critical), line(100.0, Colour::Warning)],
            &[("green", None), ("orange", Some(100.0)), ("red", Some(500.0))],
        );
    }

    #[test]
    fn colours_fall_below_the_limits() {
        let line = |value, color| ThresholdLine { value, bad: Side::Below, color };
        check(
            &[line(0.95, Colour::Warning), line(0.9, Colour::Critical)],
            &[("red", None), ("orange", Some(0.9)), ("green", Some(0.95))],
        );
    }
}
