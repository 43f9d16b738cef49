//! Panels with a time axis, as SVG.

mod heatmap;
mod lines;
mod timeline;

pub(super) use heatmap::heatmap;
pub(super) use lines::lines;
pub(super) use timeline::timeline;

use super::{Size, data::Event, format, markup::Markup, scale, variables::Window};

const AXIS: &str = "#8e8e99";
const GRID: &str = "rgba(240,250,255,0.09)";

/// Ticks of time below the plot, with their grid lines.
fn time_axis(svg: &mut Markup, window: &Window, x: &scale::Scale, (top, bottom): (f64, f64)) {
    let pixels = x.at(window.to) - x.at(window.from);
    let (ticks, step) = scale::time_ticks(window.from, window.to, pixels, 80.0);
    for tick in ticks {
        let at = x.at(tick);
        let label = format::clock(tick, step);
        svg.add(format_args!(
            r#"<line x1="{at:.1}" y1="{top:.1}" x2="{at:.1}" y2="{bottom:.1}" stroke="{GRID}"/><text x="{at:.1}" y="{:.1}" fill="{AXIS}" text-anchor="middle">{label}</text>"#,
            bottom + 17.0
        ));
    }
}

/// Ticks of values as text, all with the digits that distinguish one from the next.
fn value_labels(ticks: &[f64], unit: &str, divisor: f64) -> Vec<String> {
    let step = ticks.windows(2).map(|it| it[1] - it[0]).fold(f64::INFINITY, f64::min) / divisor;
    let fits = |it: &usize| {
        let digits = 10f64.powf(*it as f64);
        (tidy(step * digits).fract()).abs() < 1e-6
    };
    let decimals = (0..6).find(fits);
    ticks.iter().map(|it| format::value(tidy(*it), unit, decimals)).collect()
}

/// Without the noise of a multiplication: 0.30000000000000004 is 0.3.
fn tidy(value: f64) -> f64 {
    if value == 0.0 {
        return 0.0;
    }
    let power = 10f64.powf(9.0 - value.abs().log10().floor());
    (value * power).round() / power
}

fn text_width(text: &str) -> f64 {
    6.3 * text.chars().count() as f64
}

/// Events as dashed lines and shaded spans.
fn events(svg: &mut Markup, events: &[Event], x: &scale::Scale, (top, bottom): (f64, f64)) {
    for event in events {
        let color = scale::color(&event.color);
        let (from, to) = (x.at(event.from), x.at(event.to));
        if to - from > 2.0 {
            svg.add(format_args!(
                r#"<rect x="{from:.1}" y="{top:.1}" width="{:.1}" height="{:.1}" fill="{color}" opacity="0.1"/><rect x="{from:.1}" y="{:.1}" width="{:.1}" height="4" fill="{color}"/>"#,
                to - from,
                bottom - top,
                bottom,
                to - from
            ));
        }
        for at in [from, to] {
            svg.add(format_args!(
                r#"<line x1="{at:.1}" y1="{top:.1}" x2="{at:.1}" y2="{bottom:.1}" stroke="{color}" stroke-dasharray="4 4"/>"#
            ));
        }
        if to - from <= 2.0 {
            svg.add(format_args!(
                r#"<path d="M{from:.1} {bottom:.1} l5 7 h-10 z" fill="{color}"/>"#
            ));
        }
    }
}

fn svg(size: Size, content: Markup) -> String {
    let content = content.end("");
    let Size { width, height } = size;
    format!(
        r#"<svg width="{width:.0}" height="{height:.0}" viewBox="0 0 {width:.0} {height:.0}" font-size="12">{content}</svg>"#
    )
}
