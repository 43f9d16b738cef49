//! Lines and stacked areas, with limits, events and a legend.

use super::{AXIS, GRID, Size, events, svg, text_width, time_axis, value_labels};
use crate::render::{
    data::{Event, Named, PanelData},
    format,
    markup::Markup,
    model::Panel,
    scale::{self, Scale, whole},
    variables::Window,
};

const LEGEND_LINE: f64 = 22.0;

struct Curve<'a> {
    ref_id: &'a str,
    series: &'a Named,
    /// Where each point's area begins and ends.
    points: Vec<(f64, f64, f64)>,
    color: &'a str,
}

pub(in crate::render) fn lines(
    panel: &Panel,
    data: &PanelData,
    marks: &[Event],
    window: &Window,
    size: Size,
) -> String {
    let stacked = panel.field_config.defaults.custom.stacking.mode == "normal";
    let curves = curves(panel, data, stacked);
    if curves.is_empty() {
        return super::super::tiles::nothing(panel);
    }
    let rows = curves.len().min(whole(size.height * 0.34 / LEGEND_LINE)).max(1);
    let legend = LEGEND_LINE * (rows + 1) as f64;
    let plot = Size { width: size.width, height: size.height - legend };
    svg(plot, plotted(panel, &curves, marks, window, plot)) + &table(panel, &curves, rows)
}

fn curves<'a>(panel: &'a Panel, data: &'a PanelData, stacked: bool) -> Vec<Curve<'a>> {
    let mut tops: std::collections::BTreeMap<u64, f64> = std::collections::BTreeMap::new();
    let mut curves = Vec::new();
    for (index, (ref_id, series)) in data.series().enumerate() {
        let points = series.points.iter().map(|(time, value)| {
            if !stacked {
                return (*time, 0.0, *value);
            }
            // Points of one panel share one grid of times.
            let top = tops.entry(time.to_bits()).or_default();
            let base = *top;
            *top += value;
            (*time, base, *top)
        });
        let points = points.collect();
        let own = panel.setting(ref_id, &series.name, "color");
        let own = own.and_then(|it| it["fixedColor"].as_str()).map(scale::color);
        let color = own.unwrap_or(scale::PALETTE[index % scale::PALETTE.len()]);
        curves.push(Curve { ref_id, series, points, color });
    }
    curves
}

fn plotted(
    panel: &Panel,
    curves: &[Curve],
    marks: &[Event],
    window: &Window,
    size: Size,
) -> Markup {
    let defaults = &panel.field_config.defaults;
    let limits = defaults.custom.thresholds_style.mode == "line";
    let steps = defaults.thresholds.steps.iter().filter(|_| limits);
    let steps: Vec<_> = steps.filter_map(|it| it.value.map(|value| (value, &it.color))).collect();
    let tops = curves.iter().flat_map(|it| it.points.iter().map(|(_, _, top)| *top));
    let highest = tops.chain(steps.iter().map(|(value, _)| *value)).fold(0.0, f64::max);
    let high = defaults.max.unwrap_or_else(|| scale::headroom(highest));
    let values = curves.iter().flat_map(|it| it.series.points.iter().map(|(_, value)| *value));
    let values = values.chain(steps.iter().map(|(value, _)| *value));
    let lowest = values.fold(f64::INFINITY, f64::min);
    let low = defaults.min.unwrap_or(lowest - (high - lowest) * 0.08);
    let unit = panel.unit(curves[0].ref_id, &curves[0].series.name);
    let (top, bottom) = (8.0, size.height - 26.0);
    let y = Scale::new((low, high), (bottom, top));
    let divisor = format::divisor(y.high() * 0.6, unit);
    let ticks = y.ticks(26.0, divisor);
    let labels = value_labels(&ticks, unit, divisor);
    let left = labels.iter().map(|it| text_width(it)).fold(20.0, f64::max) + 14.0;
    let x = Scale::new((window.from, window.to), (left, size.width - 8.0));

    let mut svg = Markup::default();
    for (tick, label) in ticks.iter().zip(&labels) {
        let at = y.at(*tick);
        svg.add(format_args!(
            r#"<line x1="{left:.1}" y1="{at:.1}" x2="{:.1}" y2="{at:.1}" stroke="{GRID}"/><text x="{:.1}" y="{:.1}" fill="{AXIS}" text-anchor="end">{label}</text>"#,
            size.width - 8.0,
            left - 8.0,
            at + 4.0
        ));
    }
    time_axis(&mut svg, window, &x, (top, bottom));
    svg.add(format_args!(
        r#"<clipPath id="p{}"><rect x="{left:.1}" y="{top:.1}" width="{:.1}" height="{:.1}"/></clipPath><g clip-path="url(#p{})">"#,
        panel.id,
        size.width - 8.0 - left,
        bottom - top,
        panel.id
    ));
    let bridge = defaults.custom.span_nulls / 1e3;
    for curve in curves {
        for run in runs(&curve.points, bridge) {
            let area = area(run, curve.color, defaults.custom.fill_opacity / 100.0, &x, &y);
            svg.add(format_args!("{area}"));
        }
    }
    svg.add(format_args!("</g>"));
    for (value, color) in steps {
        let at = y.at(value);
        let color = scale::color(color);
        svg.add(format_args!(
            r#"<line x1="{left:.1}" y1="{at:.1}" x2="{:.1}" y2="{at:.1}" stroke="{color}" stroke-width="2" opacity="0.8"/>"#,
            size.width - 8.0
        ));
    }
    events(&mut svg, marks, &x, (top, bottom));
    svg
}

/// The points between gaps that are too long to bridge.
fn runs(points: &[(f64, f64, f64)], bridge: f64) -> impl Iterator<Item = &[(f64, f64, f64)]> {
    let usual = points.windows(2).map(|it| it[1].0 - it[0].0).fold(f64::INFINITY, f64::min);
    let longest = bridge.max(usual * 1.5);
    points.chunk_by(move |a, b| b.0 - a.0 <= longest)
}

fn area(run: &[(f64, f64, f64)], color: &str, opacity: f64, x: &Scale, y: &Scale) -> String {
    let upper: Vec<_> =
        run.iter().map(|(time, _, top)| format!("{:.1} {:.1}", x.at(*time), y.at(*top))).collect();
    let lower = run.iter().rev();
    let lower: Vec<_> = lower
        .map(|(time, base, _)| format!("{:.1} {:.1}", x.at(*time), y.at(base.max(y.low()))))
        .collect();
    let (upper, lower) = (upper.join(" L"), lower.join(" L"));
    format!(
        r#"<path d="M{upper} L{lower} z" fill="{color}" opacity="{opacity}"/><path d="M{upper}" fill="none" stroke="{color}" stroke-width="1.2"/>"#
    )
}

fn table(panel: &Panel, curves: &[Curve], rows: usize) -> String {
    let mut html = Markup::begin(
        r#"<table class="legend"><tr><th>Name</th><th class="n">Last *</th><th class="n">Max</th></tr>"#,
    );
    let mut curves: Vec<&Curve> = curves.iter().collect();
    if panel.options.legend.sort_by.starts_with("Last") {
        let last = |it: &Curve| it.series.last().unwrap_or(f64::NEG_INFINITY);
        curves.sort_by(|a, b| last(b).total_cmp(&last(a)));
    }
    for curve in curves.iter().take(rows) {
        let name = &curve.series.name;
        let shown = |value: Option<f64>| {
            value.map(|it| format::shown(panel, curve.ref_id, name, it)).unwrap_or_default()
        };
        let highest = curve.series.points.iter().map(|(_, value)| *value).reduce(f64::max);
        html.add(format_args!(
            r#"<tr><td><i style="background:{}"></i>{}</td><td class="n">{}</td><td class="n">{}</td></tr>"#,
            curve.color,
            format::escaped(name),
            shown(curve.series.last()),
            shown(highest)
        ));
    }
    html.end("</table>")
}
