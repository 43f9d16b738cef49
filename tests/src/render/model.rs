//! The part of a dashboard's JSON that drawing needs.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub struct Dashboard {
    pub title: String,
    #[serde(default)]
    pub tags: Vec<String>,
    /// The default time range.
    pub time: Time,
    /// Headings and panels.
    pub panels: Vec<Panel>,
    pub templating: List<Variable>,
    pub annotations: List<Annotation>,
    /// Links at its head.
    #[serde(default)]
    pub links: Vec<Titled>,
}

/// A span relative to now.
#[derive(Debug, Deserialize)]
pub struct Time {
    /// `now-6h`
    pub from: String,
}

/// A list in an object.
#[derive(Debug, Deserialize)]
pub struct List<T> {
    pub list: Vec<T>,
}

/// Something with a title.
#[derive(Debug, Deserialize)]
pub struct Titled {
    pub title: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    /// Its name in queries.
    pub name: String,
    /// Its display name.
    #[serde(default)]
    pub label: String,
    /// The value of `All` in a query.
    pub all_value: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Annotation {
    pub name: String,
    pub icon_color: String,
    /// Its query, where it has one.
    pub expr: Option<String>,
}

/// A heading or a panel.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    #[serde(rename = "type")]
    pub kind: String,
    /// Unique in the dashboard.
    pub id: u32,
    #[serde(default)]
    pub title: String,
    #[serde(default)]
    pub description: String,
    pub grid_pos: GridPos,
    #[serde(default)]
    pub targets: Vec<Target>,
    /// How values are shown.
    #[serde(default)]
    pub field_config: FieldConfig,
    /// Its kind's own settings.
    #[serde(default)]
    pub options: Options,
    /// The transformations.
    #[serde(default)]
    pub transformations: Vec<Transformation>,
    /// Links in its corner.
    #[serde(default)]
    pub links: Vec<Titled>,
}

/// A position on the grid.
#[derive(Clone, Copy, Debug, Deserialize)]
pub struct GridPos {
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Target {
    /// `A`, `B`, …
    pub ref_id: String,
    /// PromQL with variables.
    pub expr: String,
    /// Names a series.
    #[serde(default)]
    pub legend_format: String,
    /// One moment, not a span.
    #[serde(default)]
    pub instant: bool,
}

/// How values are shown.
#[derive(Debug, Default, Deserialize)]
pub struct FieldConfig {
    #[serde(default)]
    pub defaults: Defaults,
    #[serde(default)]
    pub overrides: Vec<Override>,
}

/// How values are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Defaults {
    /// Where colours come from.
    pub color: Color,
    /// Grafana's unit.
    pub unit: String,
    /// Digits after the point.
    pub decimals: Option<usize>,
    /// The lower end of the axis.
    pub min: Option<f64>,
    /// The upper end of the axis.
    pub max: Option<f64>,
    /// The text without data.
    pub no_value: Option<String>,
    /// Texts in place of numbers.
    pub mappings: Vec<Mapping>,
    /// Colours by value.
    pub thresholds: Thresholds,
    pub custom: Custom,
}

/// Where colours come from.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Color {
    /// `palette-classic`, `thresholds`, `fixed`
    pub mode: String,
    /// For `fixed`.
    pub fixed_color: Option<String>,
}

/// Texts in place of numbers.
#[derive(Debug, Deserialize)]
pub struct Mapping {
    pub options: BTreeMap<String, Word>,
}

/// A text in place of a number.
#[derive(Debug, Deserialize)]
pub struct Word {
    pub text: String,
    pub color: String,
}

/// Colours by value.
#[derive(Debug, Default, Deserialize)]
pub struct Thresholds {
    /// From the lowest.
    pub steps: Vec<Step>,
}

/// A colour from a value on.
#[derive(Debug, Deserialize)]
pub struct Step {
    pub color: String,
    /// The lower bound; `None` for the first.
    pub value: Option<f64>,
}

/// The field options of one kind of panel.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Custom {
    /// In per cent.
    pub fill_opacity: f64,
    /// Whether series are stacked.
    pub stacking: Mode,
    /// Whether thresholds are drawn.
    pub thresholds_style: Mode,
    /// Milliseconds that a line bridges.
    pub span_nulls: f64,
}

#[derive(Debug, Default, Deserialize)]
pub struct Mode {
    pub mode: String,
}

/// Other settings for some fields.
#[derive(Debug, Deserialize)]
pub struct Override {
    pub matcher: Matcher,
    pub properties: Vec<Property>,
}

#[derive(Debug, Deserialize)]
pub struct Matcher {
    /// `byName`, `byFrameRefID`
    pub id: String,
    /// The name or query.
    pub options: String,
}

#[derive(Debug, Deserialize)]
pub struct Property {
    /// `unit`, `decimals`, …
    pub id: String,
    pub value: serde_json::Value,
}

/// A kind's own settings.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Options {
    pub graph_mode: String,
    pub legend: Legend,
    pub text_mode: String,
    pub content: String,
    pub sort_by: Vec<SortBy>,
}

/// The legend below a graph.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Legend {
    /// The column to sort by.
    pub sort_by: String,
}

/// A column to sort by.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SortBy {
    pub display_name: String,
    /// The highest first.
    #[serde(default)]
    pub desc: bool,
}

/// A transformation of the results.
#[derive(Debug, Deserialize)]
pub struct Transformation {
    /// `merge`, `organize`
    pub id: String,
    #[serde(default)]
    pub options: Columns,
}

/// Columns of a table.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Columns {
    pub index_by_name: BTreeMap<String, usize>,
    pub rename_by_name: BTreeMap<String, String>,
    /// Those that are left out.
    pub exclude_by_name: BTreeMap<String, bool>,
}

impl Panel {
    /// The setting that holds for the field of this query and name, if an override gives one.
    pub fn setting(&self, ref_id: &str, name: &str, id: &str) -> Option<&serde_json::Value> {
        let fits = |it: &&Override| match it.matcher.id.as_str() {
            "byName" => it.matcher.options == name,
            "byFrameRefID" => it.matcher.options == ref_id,
            _ => false,
        };
        let properties =
            self.field_config.overrides.iter().filter(fits).flat_map(|it| &it.properties);
        properties.filter(|it| it.id == id).map(|it| &it.value).next_back()
    }

    /// The unit that holds for the field of this query and name.
    pub fn unit(&self, ref_id: &str, name: &str) -> &str {
        let own = self.setting(ref_id, name, "unit").and_then(serde_json::Value::as_str);
        own.unwrap_or(&self.field_config.defaults.unit)
    }

    /// The word and colour for the number, if a mapping gives them.
    pub fn word(&self, value: f64) -> Option<&Word> {
        let key = value.to_string();
        self.field_config.defaults.mappings.iter().find_map(|it| it.options.get(&key))
    }

    /// The colour of the threshold that the value has reached.
    pub fn threshold_color(&self, value: f64) -> &str {
        let reached = |it: &&Step| it.value.is_none_or(|step| value >= step);
        let steps = &self.field_config.defaults.thresholds.steps;
        steps.iter().rfind(reached).map_or("green", |it| &it.color)
    }

    /// The colour in which a single value is shown.
    pub fn value_color(&self, value: f64) -> &str {
        if let Some(word) = self.word(value) {
            return &word.color;
        }
        let color = &self.field_config.defaults.color;
        match (color.mode.as_str(), &color.fixed_color) {
            ("fixed", Some(fixed)) => fixed,
            _ => self.threshold_color(value),
        }
    }
}
