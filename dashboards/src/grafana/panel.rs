//! One panel as Grafana's JSON: targets, colours, thresholds, table columns.

use std::collections::BTreeMap;

use alerts::alert::Alert;

use super::{
    dashboard::Context,
    model::{self, DataSource, GridPos},
    thresholds::{comparable, limit, threshold_steps},
};
use crate::{
    dashboard::Scope,
    panel::{Kind, Panel, Side, ThresholdLine, ValueMapping},
    query::PanelQuery,
    unit::Unit,
};

/// A version that Grafana 10 to 13 read without a migration.
const PLUGIN_VERSION: &str = "10.4.0";

impl Panel {
    pub(crate) fn emit(&self, id: u32, grid_pos: GridPos, context: &Context) -> model::Panel {
        let has_queries = !self.queries.is_empty();
        let watching: Vec<&Alert> =
            context.alerts.iter().filter(|it| Some(it.panel) == self.key()).collect();
        let unit = self.unit();
        let drawn = watching.iter().filter(|it| comparable(it, unit));
        let mut lines: Vec<ThresholdLine> = drawn.map(|it| limit(it, unit)).collect();
        lines.extend(&self.thresholds);
        model::Panel::Viz(Box::new(model::VizPanel {
            kind: self.kind.name(),
            id,
            title: self.title().to_owned(),
            description: self.description.clone(),
            grid_pos,
            plugin_version: PLUGIN_VERSION,
            transparent: false,
            datasource: has_queries.then_some(DataSource::VARIABLE),
            targets: self.targets(context),
            field_config: model::FieldConfig {
                defaults: if has_queries {
                    self.defaults(&lines, context.scope)
                } else {
                    model::FieldDefaults::default()
                },
                overrides: self.overrides(),
            },
            options: self.options(),
            transformations: self.transformations(),
            links: watching.iter().map(|it| runbook(it, context)).collect(),
        }))
    }

    fn targets(&self, context: &Context) -> Vec<model::Target> {
        let instant = match self.kind {
            Kind::Table | Kind::BarGauge => true,
            Kind::Stat { graph, .. } => !graph,
            _ => false,
        };
        let format = match self.kind {
            Kind::Table => "table",
            Kind::Heatmap => "heatmap",
            _ => "time_series",
        };
        let target = |(index, query): (usize, &PanelQuery)| model::Target {
            ref_id: ref_id(index),
            datasource: DataSource::VARIABLE,
            expr: query.text(&context.matchers, &context.scope.alerts()),
            legend_format: self.legend(query),
            format,
            instant,
            range: !instant,
            exemplar: false,
            editor_mode: "code",
        };
        self.queries.iter().enumerate().map(target).collect()
    }

    /// A series without a legend takes the panel's title.
    fn legend(&self, query: &PanelQuery) -> String {
        let legend = query.legend();
        if legend.is_empty() { self.title().to_owned() } else { legend }
    }

    fn defaults(&self, lines: &[ThresholdLine], scope: &Scope) -> model::FieldDefaults {
        // Three scrapes may be missing before a line breaks.
        let bridged = scope.profile.scrape_interval * 4;
        let unit = self.unit();
        let limits = !lines.is_empty() && self.mappings.is_empty();
        let color = match self.kind {
            Kind::Lines { .. } => model::Color::PALETTE,
            // A number without a limit is neither good nor bad.
            Kind::Stat { .. } if !limits && self.mappings.is_empty() => model::Color::fixed("text"),
            Kind::BarGauge if !limits => model::Color::fixed("blue"),
            _ => model::Color::THRESHOLDS,
        };
        let near_top = lines.iter().any(|it| it.bad == Side::Below);
        let single = self.queries.iter().all(|it| it.labels().is_empty());
        let custom = match self.kind {
            Kind::Lines { stacked: false } => Some(model::Custom::TimeSeries(
                model::TimeSeriesCustom::lines(bridged, limits, single),
            )),
            Kind::Lines { stacked: true } => {
                Some(model::Custom::TimeSeries(model::TimeSeriesCustom::stacked(bridged, limits)))
            }
            Kind::Table => Some(model::Custom::Table(model::TableCustom::plain())),
            Kind::Timeline => Some(model::Custom::Timeline(model::TimelineCustom::filled())),
            Kind::Heatmap => Some(model::Custom::Heatmap(model::HeatmapCustom::linear())),
            Kind::Stat { .. } | Kind::BarGauge | Kind::Text(_) => None,
        };
        model::FieldDefaults {
            color: Some(color),
            unit: Some(unit.id()),
            decimals: self.decimals,
            // On an axis from 0 to 100 %, a value that stays near one end is a flat line.
            min: (!near_top).then_some(0.0),
            max: if near_top || unit == Unit::YesNo { unit.max() } else { None },
            no_value: Some(self.no_value.clone()),
            mappings: Some(self.value_mappings()),
            thresholds: Some(model::Thresholds {
                mode: "absolute",
                steps: if limits { threshold_steps(lines) } else { threshold_steps(&[]) },
            }),
            custom,
        }
    }

    fn value_mappings(&self) -> Vec<model::Mapping> {
        if self.mappings.is_empty() {
            return vec![];
        }
        let result = |(index, mapping): (usize, &ValueMapping)| {
            let text = mapping.text.to_owned();
            let result = model::MappingResult { color: mapping.color.name(), index, text };
            (mapping.value.to_string(), result)
        };
        vec![model::Mapping::Value(self.mappings.iter().enumerate().map(result).collect())]
    }

    /// Overrides for single queries: a unit other than the panel's, a colour.
    fn overrides(&self) -> Vec<model::Override> {
        let table = matches!(self.kind, Kind::Table);
        let own = |(index, query): (usize, &PanelQuery)| {
            let unit = (table || query.unit != self.unit())
                .then_some(model::Property::Unit(query.unit.id()));
            let color =
                query.color.map(|it| model::Property::Color(model::Color::fixed(it.name())));
            let properties: Vec<_> = unit.into_iter().chain(color).collect();
            let matcher = if table {
                model::Matcher::ByName(query.name.clone())
            } else {
                model::Matcher::ByQuery(ref_id(index))
            };
            (!properties.is_empty()).then_some(model::Override { matcher, properties })
        };
        self.queries.iter().enumerate().filter_map(own).collect()
    }

    fn options(&self) -> model::Options {
        use model::{LegendOptions, Options, Stat, Table, TextOptions, TimeSeries, Tooltip};
        match &self.kind {
            Kind::Stat { graph, name } => {
                Options::Stat(Stat::tile(*graph, if *name { "value_and_name" } else { "value" }))
            }
            Kind::Lines { .. } => Options::TimeSeries(TimeSeries {
                legend: LegendOptions::table(),
                tooltip: Tooltip::ALL,
            }),
            Kind::Table => Options::Table(Table {
                cell_height: "sm",
                frame_index: 0,
                show_header: true,
                sort_by: vec![model::SortBy {
                    display_name: self.queries[0].name.clone(),
                    desc: true,
                }],
            }),
            Kind::Heatmap => Options::Heatmap(model::Heatmap::buckets(self.unit().id())),
            Kind::Timeline => Options::StateTimeline(model::StateTimeline::merged()),
            Kind::BarGauge => Options::BarGauge(model::BarGauge::horizontal()),
            Kind::Text(markdown) => Options::Text(TextOptions::markdown(markdown.clone())),
        }
    }

    /// Joins the results of a table's queries into columns with readable headings.
    fn transformations(&self) -> Vec<model::Transformation> {
        let Kind::Table = self.kind else { return vec![] };
        let one = self.queries.len() == 1;
        let value = |index| {
            if one { "Value".to_owned() } else { format!("Value #{}", ref_id(index)) }
        };
        let labels = self.queries.first().map(PanelQuery::labels).unwrap_or_default();
        let labels = labels.into_iter().map(|it| (it.clone(), capitalised(&it)));
        let values = self.queries.iter().enumerate();
        let values = values.map(|(index, query)| (value(index), query.name.clone()));
        let columns: Vec<(String, String)> = labels.chain(values).collect();
        let shown = |name: &str| columns.iter().any(|(column, _)| column == name);
        let hidden = ["Time", "__name__", "instance", "job", "system"];
        let organize = model::Transformation::Organize {
            exclude_by_name: hidden
                .into_iter()
                .filter(|it| !shown(it))
                .map(|it| (it.to_owned(), true))
                .collect(),
            index_by_name: columns
                .iter()
                .enumerate()
                .map(|(index, (name, _))| (name.clone(), index))
                .collect(),
            rename_by_name: BTreeMap::from_iter(columns),
        };
        let merge = (!one).then_some(model::Transformation::Merge {});
        merge.into_iter().chain([organize]).collect()
    }
}

fn runbook(alert: &Alert, context: &Context) -> model::Link {
    model::Link {
        kind: "link",
        title: format!("Runbook: {}", alert.name),
        tooltip: alert.summary.clone(),
        icon: "doc",
        tags: vec![],
        url: context.urls.runbook(context.scope.profile, &alert.name),
        as_dropdown: false,
        include_vars: false,
        keep_time: false,
        target_blank: true,
    }
}

fn capitalised(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|it| it.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Stat { .. } => "stat",
            Self::Lines { .. } => "timeseries",
            Self::Table => "table",
            Self::Heatmap => "heatmap",
            Self::Timeline => "state-timeline",
            Self::BarGauge => "bargauge",
            Self::Text(_) => "text",
        }
    }
}

/// `A` to `Z`; no panel has more queries.
fn ref_id(index: usize) -> String {
    let letter = u8::try_from(index).ok().and_then(|it| b'A'.checked_add(it));
    char::from(letter.unwrap_or(b'Z')).to_string()
}
