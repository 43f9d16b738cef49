//! A panel: its position, queries and options.

use serde::Serialize;

use super::{DataSource, FieldConfig, Link, Options};

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Panel {
    Row(RowPanel),
    Viz(Box<VizPanel>),
}

/// A heading; the panels below it belong to it until the next one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RowPanel {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: u32,
    pub(crate) title: String,
    pub(crate) grid_pos: GridPos,
    pub(crate) collapsed: bool,
    pub(crate) panels: Vec<Panel>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VizPanel {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: u32,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) grid_pos: GridPos,
    pub(crate) plugin_version: &'static str,
    pub(crate) transparent: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) datasource: Option<DataSource>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) targets: Vec<Target>,
    pub(crate) field_config: FieldConfig,
    pub(crate) options: Options,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) transformations: Vec<Transformation>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) links: Vec<Link>,
}

/// A position on the grid of 24 columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct GridPos {
    pub(crate) h: u32,
    pub(crate) w: u32,
    pub(crate) x: u32,
    pub(crate) y: u32,
}

/// One query.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Target {
    pub(crate) ref_id: String,
    pub(crate) datasource: DataSource,
    pub(crate) expr: String,
    pub(crate) legend_format: String,
    pub(crate) format: &'static str,
    pub(crate) instant: bool,
    pub(crate) range: bool,
    pub(crate) exemplar: bool,
    pub(crate) editor_mode: &'static str,
}

/// The transformations of the results of a table's queries.
#[derive(Debug, Serialize)]
#[serde(tag = "id", content = "options", rename_all = "camelCase")]
pub(crate) enum Transformation {
    /// One row for the results of all queries that have the same labels.
    Merge {},
    /// Hides, orders and renames columns.
    #[serde(rename_all = "camelCase")]
    Organize {
        exclude_by_name: Names<bool>,
        index_by_name: Names<usize>,
        rename_by_name: Names<String>,
    },
}

/// Columns in the order of their names, so that the text is the same each time.
pub(crate) type Names<T> = std::collections::BTreeMap<String, T>;
