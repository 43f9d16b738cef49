//! From definitions to Grafana's JSON.

use alerts::{alert::Alert, panel::panel_id, scope::Urls};
use promql::Matcher;

use crate::{
    dashboard::{Dashboard, Scope},
    grafana::{self, GridPos},
    head, layout,
    panel::Panel,
};

/// The heading of the first row.
const SUMMARY: &str = "Summary";

/// What a panel takes from the dashboard around it.
pub(crate) struct Context<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) matchers: Vec<Matcher>,
    /// Of the profile; each names a panel.
    pub(crate) alerts: Vec<Alert>,
    pub(crate) urls: &'a Urls,
}

impl Dashboard {
    /// The file that Grafana loads, with links to the runbooks at `urls`.
    pub fn to_json(&self, urls: &Urls) -> String {
        let json = serde_json::to_string_pretty(&self.emit(urls));
        json.expect("maps have text keys and no number is infinite") + "\n"
    }

    fn emit(&self, urls: &Urls) -> grafana::Dashboard {
        let scope = &self.scope;
        let mut tags = vec![head::TAG.to_owned()];
        tags.extend(scope.exporter.map(str::to_owned));
        tags.extend(scope.system().map(str::to_owned));
        grafana::Dashboard {
            uid: self.uid(),
            title: self.title.clone(),
            description: self.description.to_owned(),
            tags,
            schema_version: grafana::SCHEMA_VERSION,
            version: 1,
            editable: false,
            graph_tooltip: 1,
            timezone: time_zone(scope),
            time: grafana::TimeRange { from: self.from.to_owned(), to: "now".to_owned() },
            refresh: "30s".to_owned(),
            timepicker: grafana::Empty {},
            week_start: String::new(),
            fiscal_year_start_month: 0,
            preload: false,
            links: head::links(scope),
            annotations: grafana::List { list: head::annotations(self) },
            templating: grafana::List { list: head::variables(self) },
            panels: self.laid_out(urls),
        }
    }

    /// A number of the summary's may be shown over time below: links by title lead there.
    fn panel_id(&self, row: &str, panel: &Panel) -> u32 {
        let title = panel.title();
        let below = self.rows.iter().flat_map(|it| &it.panels).any(|it| it.title() == title);
        if row == SUMMARY && below { panel_id(&[SUMMARY, title]) } else { panel_id(&[title]) }
    }

    /// Headings and panels, each in its place.
    fn laid_out(&self, urls: &Urls) -> Vec<grafana::Panel> {
        let context = Context {
            scope: &self.scope,
            matchers: self.matchers(),
            alerts: alerts::rules(self.scope.profile).into_alerts(),
            urls,
        };
        let summary = [(SUMMARY, &self.summary)];
        let themes = self.rows.iter().map(|it| (it.title, &it.panels));
        let mut emitted = Vec::new();
        let mut y = 0;
        for (title, panels) in summary.into_iter().chain(themes) {
            emitted.push(heading(title, y));
            let sizes: Vec<_> = panels.iter().map(|it| (it.width, it.height)).collect();
            let (places, next) = layout::flow(&sizes, y + 1);
            y = next;
            for (panel, place) in panels.iter().zip(places) {
                let id = self.panel_id(title, panel);
                emitted.push(panel.emit(id, place, &context));
            }
        }
        emitted
    }
}

/// The system's own, for its people read the times; else the reader's.
fn time_zone(scope: &Scope) -> String {
    if scope.profile.is_generic() {
        return "browser".to_owned();
    }
    match scope.profile.routes.working_hours.time_zone {
        "UTC" => "utc".to_owned(),
        zone => zone.to_owned(),
    }
}

fn heading(title: &str, y: u32) -> grafana::Panel {
    grafana::Panel::Row(grafana::RowPanel {
        kind: "row",
        id: panel_id(&["row", title]),
        title: title.to_owned(),
        grid_pos: GridPos { h: 1, w: layout::COLUMNS, x: 0, y },
        collapsed: false,
        panels: vec![],
    })
}
