//! The page: the grid of 24 columns in Grafana's dark theme.

use super::{
    Size, charts,
    data::{Event, PanelData},
    format,
    markup::Markup,
    model::{Dashboard, Panel},
    table, text, tiles,
    variables::Window,
};

const MARGIN: f64 = 16.0;
const GAP: f64 = 8.0;
const CELL: f64 = 30.0;
const HEAD: f64 = 104.0;
/// The sign that a description is there.
const INFO: &str = r#"<svg class="info" width="14" height="14" viewBox="0 0 24 24"><circle cx="12" cy="12" r="9.5"/><path d="M12 11v6M12 7v.5"/></svg>"#;
const STYLE: &str = include_str!("page.css");

pub(super) fn draw(
    dashboard: &Dashboard,
    panels: &[PanelData],
    events: &[Event],
    window: &Window,
    width: u32,
) -> (String, u32) {
    let column = (f64::from(width) - 2.0 * MARGIN + GAP) / 24.0;
    let title = format::escaped(&dashboard.title);
    let mut page = Markup::default();
    page.add(format_args!(
        r#"<!doctype html><html><head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head><body>{}"#,
        head(dashboard, window)
    ));
    let mut bottom: f64 = HEAD;
    for (panel, data) in dashboard.panels.iter().zip(panels) {
        let place = panel.grid_pos;
        let x = MARGIN + f64::from(place.x) * column;
        let y = HEAD + f64::from(place.y) * (CELL + GAP);
        let size = Size {
            width: f64::from(place.w) * column - GAP,
            height: f64::from(place.h) * (CELL + GAP) - GAP,
        };
        bottom = bottom.max(y + size.height);
        let inner = if panel.kind == "row" {
            format!(r#"<div class="row"><i>⌄</i>{}</div>"#, format::escaped(&panel.title))
        } else {
            framed(panel, data, events, window, size)
        };
        page.add(format_args!(
            r#"<div class="place" style="left:{x:.1}px;top:{y:.1}px;width:{:.1}px;height:{:.1}px">{inner}</div>"#,
            size.width, size.height
        ));
    }
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a page has some thousands of pixels"
    )]
    let height = (bottom + MARGIN).ceil() as u32;
    (page.end("</body></html>"), height)
}

fn head(dashboard: &Dashboard, window: &Window) -> String {
    let mut html = Markup::default();
    html.add(format_args!(
        r#"<header><div class="crumbs">Home <i>›</i> Dashboards <i>›</i> <b>{}</b><span class="range">{} to {} UTC</span></div><div class="choices">"#,
        format::escaped(&dashboard.title),
        format::clock(window.from, 60.0),
        format::clock(window.to, 60.0)
    ));
    for variable in &dashboard.templating.list {
        let chosen = if variable.name == "datasource" { "Prometheus" } else { "All" };
        html.add(format_args!(
            r#"<span class="choice"><label>{}</label><b>{chosen}<i>⌄</i></b></span>"#,
            format::escaped(&variable.label)
        ));
    }
    for event in dashboard.annotations.list.iter().filter(|it| it.expr.is_some()) {
        html.add(format_args!(
            r#"<span class="event">{}<u></u></span>"#,
            format::escaped(&event.name)
        ));
    }
    for link in &dashboard.links {
        html.add(format_args!(r#"<span class="link">☰ {}</span>"#, format::escaped(&link.title)));
    }
    html.end("</div></header>")
}

fn framed(
    panel: &Panel,
    data: &PanelData,
    events: &[Event],
    window: &Window,
    size: Size,
) -> String {
    let room = Size { width: size.width - 18.0, height: size.height - 42.0 };
    let content = match panel.kind.as_str() {
        "stat" => tiles::stat(panel, data, room),
        "timeseries" => charts::lines(panel, data, events, window, room),
        "heatmap" => charts::heatmap(panel, data, window, room),
        "state-timeline" => charts::timeline(panel, data, window, room),
        "bargauge" => tiles::bar_gauge(panel, data, room),
        "table" => table::table(panel, data, room),
        "text" => text::text(panel),
        other => format!(r#"<div class="nothing">A {other} is not drawn here</div>"#),
    };
    let about = if panel.description.is_empty() { "" } else { INFO };
    let link = if panel.links.is_empty() { "" } else { "<i>↗</i>" };
    let errors: Vec<_> = data.errors().map(format::escaped).collect();
    let error = if errors.is_empty() {
        String::new()
    } else {
        format!(r#"<div class="error">{}</div>"#, errors.join("; "))
    };
    format!(
        r#"<section><h2>{}{about}{link}</h2>{error}<div class="content">{content}</div></section>"#,
        format::escaped(&panel.title)
    )
}
