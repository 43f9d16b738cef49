//! A histogram's buckets over time.

use super::{AXIS, Size, svg, text_width, time_axis};
use crate::render::{
    data::PanelData,
    format,
    markup::Markup,
    model::Panel,
    scale::{Scale, whole},
    variables::Window,
};

pub(in crate::render) fn heatmap(
    panel: &Panel,
    data: &PanelData,
    window: &Window,
    size: Size,
) -> String {
    let Some(step) = data.answers.first().map(|it| it.step) else { return String::new() };
    let mut buckets: Vec<(f64, &[(f64, f64)])> = data
        .series()
        .filter_map(|(_, it)| {
            let bound = it.labels.get("le")?.replace("+Inf", "inf").parse().ok()?;
            Some((bound, it.points.as_slice()))
        })
        .collect();
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    if buckets.is_empty() {
        return super::super::tiles::nothing(panel);
    }
    let cells = cells(&buckets);
    let most = cells.iter().map(|it| it.2).fold(0.0, f64::max);
    let unit = &panel.field_config.defaults.unit;
    let label = |bound: f64| {
        if bound.is_finite() { format::value(bound, unit, None) } else { "+Inf".to_owned() }
    };
    let left = buckets.iter().map(|it| text_width(&label(it.0))).fold(20.0, f64::max) + 14.0;
    let (top, bottom) = (8.0, size.height - 50.0);
    let x = Scale::new((window.from, window.to), (left, size.width - 8.0));
    let row = (bottom - top) / buckets.len() as f64;

    let mut content = Markup::default();
    time_axis(&mut content, window, &x, (top, bottom));
    let every = whole(18.0 / row) + 1;
    for (index, (bound, _)) in buckets.iter().enumerate().step_by(every) {
        let at = bottom - row * (index as f64 + 1.0);
        content.add(format_args!(
            r#"<text x="{:.1}" y="{:.1}" fill="{AXIS}" text-anchor="end">{}</text>"#,
            left - 8.0,
            at + 4.0,
            label(*bound)
        ));
    }
    for (time, bucket, count) in cells {
        if count <= 0.0 {
            continue;
        }
        let (from, to) = (x.at(time - step).max(left), x.at(time));
        content.add(format_args!(
            r#"<rect x="{from:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{}"/>"#,
            bottom - row * (bucket as f64 + 1.0) + 0.5,
            (to - from - 1.0).max(1.0),
            row - 1.0,
            orange((count / most).sqrt())
        ));
    }
    let steps = 60;
    for index in 0..steps {
        let share = f64::from(index) / f64::from(steps);
        content.add(format_args!(
            r#"<rect x="{:.1}" y="{:.1}" width="5.2" height="10" fill="{}"/>"#,
            left + 5.0 * f64::from(index),
            bottom + 30.0,
            orange(share)
        ));
    }
    let end = left + 5.0 * f64::from(steps) + 8.0;
    content.add(format_args!(
        r#"<text x="{end:.1}" y="{:.1}" fill="{AXIS}">0 to {} in a cell</text>"#,
        bottom + 39.0,
        format::value(most, "short", None)
    ));
    svg(size, content)
}

/// Time, bucket and count of each cell; a bucket's series counts those below it as well.
fn cells(buckets: &[(f64, &[(f64, f64)])]) -> Vec<(f64, usize, f64)> {
    let mut below: std::collections::BTreeMap<u64, f64> = std::collections::BTreeMap::new();
    let mut cells = Vec::new();
    for (index, (_, points)) in buckets.iter().enumerate() {
        for (time, value) in *points {
            let key = time.to_bits();
            let less = below.insert(key, *value).unwrap_or_default();
            cells.push((*time, index, value - less));
        }
    }
    cells
}

/// Grafana's "Oranges" on dark: from a deep brown to a pale orange.
fn orange(share: f64) -> String {
    let stops = [
        (45.0, 20.0, 5.0),
        (127.0, 39.0, 4.0),
        (217.0, 72.0, 1.0),
        (253.0, 174.0, 107.0),
        (255.0, 235.0, 214.0),
    ];
    let place = share.clamp(0.0, 1.0) * (stops.len() - 1) as f64;
    let index = whole(place).min(stops.len() - 2);
    let (a, b, part) = (stops[index], stops[index + 1], place - index as f64);
    let mix = |a: f64, b: f64| a + (b - a) * part;
    format!("rgb({:.0},{:.0},{:.0})", mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}
