//! Panels without a time axis: numbers, bars, tables, text.

use super::{
    Size,
    data::PanelData,
    format,
    markup::Markup,
    model::Panel,
    scale::{self, Scale},
};

/// Shown in a panel without data.
pub(super) fn nothing(panel: &Panel) -> String {
    let text = panel.field_config.defaults.no_value.as_deref().unwrap_or("No data");
    format!(r#"<div class="nothing">{}</div>"#, format::escaped(text))
}

pub(super) fn stat(panel: &Panel, data: &PanelData, size: Size) -> String {
    let series: Vec<_> = data.series().filter_map(|(r, it)| Some((r, it, it.last()?))).collect();
    if series.is_empty() {
        return nothing(panel);
    }
    let named = panel.options.text_mode == "value_and_name";
    let width = size.width / series.len() as f64;
    let mut html = Markup::begin(r#"<div class="stats">"#);
    for (ref_id, it, value) in series {
        let text = format::shown(panel, ref_id, &it.name, value);
        let color = scale::color(panel.value_color(value));
        let room = if named { size.height * 0.36 } else { size.height * 0.5 };
        let font = room.min(width * 1.45 / text.chars().count().max(3) as f64).min(64.0);
        let graph = (panel.options.graph_mode == "area")
            .then(|| sparkline(&it.points, color, width, size.height * 0.45));
        let name = if named { format::escaped(&it.name) } else { String::new() };
        html.add(format_args!(
            r#"<div class="stat"><span class="name">{name}</span><b style="color:{color};font-size:{font:.0}px">{}</b>{}</div>"#,
            format::escaped(&text),
            graph.unwrap_or_default()
        ));
    }
    html.end("</div>")
}

fn sparkline(points: &[(f64, f64)], color: &str, width: f64, height: f64) -> String {
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return String::new() };
    let values = points.iter().map(|(_, value)| *value);
    let (low, high) = values
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it), high.max(it)));
    let x = Scale::new((first.0, last.0), (0.0, width));
    let y = Scale::new((low, if high > low { high } else { low + 1.0 }), (height - 2.0, 3.0));
    let line: Vec<_> =
        points.iter().map(|(t, v)| format!("{:.1} {:.1}", x.at(*t), y.at(*v))).collect();
    let line = line.join(" L");
    format!(
        r#"<svg class="spark" width="{width:.0}" height="{height:.0}"><path d="M{line} L{width:.1} {height:.1} L0 {height:.1} z" fill="{color}" opacity="0.18"/><path d="M{line}" fill="none" stroke="{color}" stroke-width="1.2"/></svg>"#
    )
}

pub(super) fn bar_gauge(panel: &Panel, data: &PanelData, size: Size) -> String {
    let bars: Vec<_> = data.series().filter_map(|(r, it)| Some((r, it, it.last()?))).collect();
    if bars.is_empty() {
        return nothing(panel);
    }
    let highest = bars.iter().map(|it| it.2).fold(0.0, f64::max);
    let limits = panel.field_config.defaults.thresholds.steps.iter().filter_map(|it| it.value);
    let top = panel.field_config.defaults.max.unwrap_or_else(|| limits.fold(highest, f64::max));
    let row = (size.height / bars.len() as f64).min(48.0);
    let mut html = Markup::begin(r#"<div class="bars">"#);
    for (ref_id, it, value) in bars {
        let color = scale::color(panel.value_color(value));
        let share = if top > 0.0 { (value / top * 100.0).clamp(0.0, 100.0) } else { 0.0 };
        html.add(format_args!(
            r#"<div class="bar" style="height:{row:.0}px"><span>{}</span><div><i style="width:{share:.1}%;background:linear-gradient(90deg,{color}55,{color})"></i></div><b style="color:{color}">{}</b></div>"#,
            format::escaped(&it.name),
            format::escaped(&format::shown(panel, ref_id, &it.name, value))
        ));
    }
    html.end("</div>")
}
