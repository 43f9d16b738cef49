//! From definitions to Grafana's JSON.

use alerts::{alert::Alert, panel::panel_id, scope::Urls};
use promql::Matcher;

use super::{
    annotations, layout,
    model::{self, GridPos},
    variables,
};
use crate::{
    dashboard::{Dashboard, Scope},
    panel::Panel,
};

/// The heading of the first row.
const SUMMARY: &str = "Summary";

/// On every dashboard of the suite.
const TAG: &str = "pulso";

/// The parts of a dashboard that its panels depend on.
pub(crate) struct Context<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) matchers: Vec<Matcher>,
    /// The profile's alerts; each names its panel.
    pub(crate) alerts: Vec<Alert>,
    pub(crate) urls: &'a Urls,
}

impl Dashboard {
    /// The file that Grafana loads, with links to the runbooks at `urls`.
    pub fn to_json(&self, urls: &Urls) -> String {
        let json = serde_json::to_string_pretty(&self.emit(urls));
        json.expect("maps have text keys and no number is infinite") + "\n"
    }

    fn emit(&self, urls: &Urls) -> model::Dashboard {
        let scope = &self.scope;
        let mut tags = vec![TAG.to_owned()];
        tags.extend(scope.exporter.map(str::to_owned));
        tags.extend(scope.system().map(str::to_owned));
        model::Dashboard {
            uid: self.uid(),
            title: self.title.clone(),
            description: self.description.to_owned(),
            tags,
            schema_version: model::SCHEMA_VERSION,
            version: 1,
            editable: false,
            graph_tooltip: 1,
            timezone: time_zone(scope),
            time: model::TimeRange { from: self.from.to_owned(), to: "now".to_owned() },
            refresh: "30s".to_owned(),
            timepicker: model::Empty {},
            week_start: String::new(),
            fiscal_year_start_month: 0,
            preload: false,
            links: links(scope),
            annotations: model::List { list: annotations::annotations(self) },
            templating: model::List { list: variables::variables(self) },
            panels: self.laid_out(urls),
        }
    }

    /// A panel below the summary may have the title of one in it; links by title go to the lower
    /// one.
    fn panel_id(&self, row: &str, panel: &Panel) -> u32 {
        let title = panel.title();
        let below = self.rows.iter().flat_map(|it| &it.panels).any(|it| it.title() == title);
        if row == SUMMARY && below { panel_id(&[SUMMARY, title]) } else { panel_id(&[title]) }
    }

    /// Row headings and panels with their grid positions.
    fn laid_out(&self, urls: &Urls) -> Vec<model::Panel> {
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
            let (positions, next) = layout::flow(&sizes, y + 1);
            y = next;
            for (panel, position) in panels.iter().zip(positions) {
                let id = self.panel_id(title, panel);
                emitted.push(panel.emit(id, position, &context));
            }
        }
        emitted
    }
}

/// Dashboards of the same system, else those of the suite.
fn links(scope: &Scope) -> Vec<model::Link> {
    let family = scope.folder_title();
    vec![model::Link {
        kind: "dashboards",
        title: family.to_owned(),
        tooltip: format!("The other dashboards of {family}"),
        icon: "external link",
        tags: vec![scope.system().unwrap_or(TAG).to_owned()],
        url: String::new(),
        as_dropdown: true,
        include_vars: true,
        keep_time: true,
        target_blank: false,
    }]
}

/// The system's time zone; in a generic dashboard, the browser's.
fn time_zone(scope: &Scope) -> String {
    if scope.profile.is_generic() {
        return "browser".to_owned();
    }
    match scope.profile.routes.working_hours.time_zone {
        "UTC" => "utc".to_owned(),
        zone => zone.to_owned(),
    }
}

fn heading(title: &str, y: u32) -> model::Panel {
    model::Panel::Row(model::RowPanel {
        kind: "row",
        id: panel_id(&["row", title]),
        title: title.to_owned(),
        grid_pos: GridPos { h: 1, w: layout::COLUMNS, x: 0, y },
        collapsed: false,
        panels: vec![],
    })
}
