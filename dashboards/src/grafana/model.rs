//! Grafana's classic dashboard JSON, schema version 42, in the form that Grafana itself writes
//! after all migrations, so that loading a file changes nothing. Only what Pulso uses is here.
//!
//! File provisioning refuses the newer v2 format, and version 42 is the last of the classic one.

mod field;
mod options;
mod panel;

pub(crate) use field::{
    Color, Custom, FieldConfig, FieldDefaults, HeatmapCustom, Mapping, MappingResult, Matcher,
    Override, Property, TableCustom, Threshold, Thresholds, TimeSeriesCustom, TimelineCustom,
};
pub(crate) use options::{
    BarGauge, Heatmap, LegendOptions, Options, SortBy, Stat, StateTimeline, Table, TextOptions,
    TimeSeries, Tooltip,
};
pub(crate) use panel::{GridPos, Panel, RowPanel, Target, Transformation, VizPanel};

use serde::Serialize;

/// The last version of the classic format.
pub(crate) const SCHEMA_VERSION: u32 = 42;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dashboard {
    pub(crate) uid: String,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) tags: Vec<String>,
    pub(crate) schema_version: u32,
    /// Provisioning ignores it; constant, so that a file changes only with its content.
    pub(crate) version: u32,
    pub(crate) editable: bool,
    /// 1: a crosshair shared by all panels.
    pub(crate) graph_tooltip: u8,
    pub(crate) timezone: String,
    pub(crate) time: TimeRange,
    pub(crate) refresh: String,
    pub(crate) timepicker: Empty,
    pub(crate) week_start: String,
    pub(crate) fiscal_year_start_month: u8,
    pub(crate) preload: bool,
    pub(crate) links: Vec<Link>,
    pub(crate) annotations: List<Annotation>,
    pub(crate) templating: List<Variable>,
    pub(crate) panels: Vec<Panel>,
}

#[derive(Debug, Serialize)]
pub(crate) struct TimeRange {
    pub(crate) from: String,
    pub(crate) to: String,
}

/// An object without keys.
#[derive(Debug, Serialize)]
pub(crate) struct Empty {}

#[derive(Debug, Serialize)]
pub(crate) struct List<T> {
    pub(crate) list: Vec<T>,
}

/// A data source; only [`DataSource::VARIABLE`] and Grafana's own for annotations exist.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct DataSource {
    #[serde(rename = "type")]
    kind: &'static str,
    uid: &'static str,
}

impl DataSource {
    /// The one chosen at the top of the dashboard.
    pub(crate) const VARIABLE: Self = Self { kind: "prometheus", uid: "${datasource}" };
    /// Grafana's own, for annotations that people make by hand.
    pub(crate) const GRAFANA: Self = Self { kind: "grafana", uid: "-- Grafana --" };
}

/// A link at the top of the dashboard or in a panel's corner.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[allow(clippy::struct_excessive_bools, reason = "they are Grafana's")]
pub(crate) struct Link {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) title: String,
    pub(crate) tooltip: String,
    pub(crate) icon: &'static str,
    pub(crate) tags: Vec<String>,
    pub(crate) url: String,
    pub(crate) as_dropdown: bool,
    pub(crate) include_vars: bool,
    pub(crate) keep_time: bool,
    pub(crate) target_blank: bool,
}

/// Events drawn over the graphs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Annotation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) built_in: Option<u8>,
    pub(crate) datasource: DataSource,
    pub(crate) enable: bool,
    pub(crate) hide: bool,
    pub(crate) icon_color: &'static str,
    pub(crate) name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub(crate) kind: Option<&'static str>,
    #[serde(flatten)]
    pub(crate) query: Option<AnnotationQuery>,
}

/// The part of an annotation that the Prometheus data source reads. Grafana 10 reads the expression
/// beside the target, later versions read the one inside it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnotationQuery {
    pub(crate) expr: String,
    pub(crate) target: AnnotationTarget,
    pub(crate) title_format: String,
    pub(crate) text_format: String,
    pub(crate) tag_keys: String,
    /// The sample's value is the event's time, in milliseconds.
    pub(crate) use_value_for_time: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct AnnotationTarget {
    pub(crate) ref_id: &'static str,
    pub(crate) expr: String,
}

/// A variable at the top of the dashboard.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Variable {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) label: String,
    pub(crate) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) datasource: Option<DataSource>,
    pub(crate) query: VariableQuery,
    pub(crate) regex: &'static str,
    /// 1: when the dashboard loads; 2: also when its time range changes.
    pub(crate) refresh: u8,
    /// 0: not at all; 1: by the alphabet.
    pub(crate) sort: u8,
    pub(crate) multi: bool,
    pub(crate) include_all: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) all_value: Option<&'static str>,
    pub(crate) current: Current,
    pub(crate) options: [Empty; 0],
    pub(crate) hide: u8,
    pub(crate) skip_url_sync: bool,
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum VariableQuery {
    /// The type of data source to choose from.
    DataSource(&'static str),
    Prometheus {
        query: String,
        #[serde(rename = "refId")]
        ref_id: &'static str,
    },
}

/// The value selected when the dashboard is first opened.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Current {
    One { text: &'static str, value: &'static str },
    All { text: [&'static str; 1], value: [&'static str; 1] },
}

impl Current {
    /// Grafana's default data source.
    pub(crate) const DEFAULT: Self = Self::One { text: "default", value: "default" };
    pub(crate) const ALL: Self = Self::All { text: ["All"], value: ["$__all"] };
}
