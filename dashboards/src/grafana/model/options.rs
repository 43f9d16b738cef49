//! Options of each kind of panel.

use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Options {
    Stat(Stat),
    TimeSeries(TimeSeries),
    Table(Table),
    Heatmap(Heatmap),
    StateTimeline(StateTimeline),
    BarGauge(BarGauge),
    Text(TextOptions),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Stat {
    pub(crate) color_mode: &'static str,
    pub(crate) graph_mode: &'static str,
    pub(crate) justify_mode: &'static str,
    pub(crate) orientation: &'static str,
    pub(crate) percent_change_color_mode: &'static str,
    pub(crate) reduce_options: Reduce,
    pub(crate) show_percent_change: bool,
    pub(crate) text_mode: &'static str,
    pub(crate) wide_layout: bool,
}

impl Stat {
    /// One coloured number, over a sparkline when `graph`.
    pub(crate) fn tile(graph: bool, text_mode: &'static str) -> Self {
        Self {
            color_mode: "value",
            graph_mode: if graph { "area" } else { "none" },
            justify_mode: "auto",
            orientation: "auto",
            percent_change_color_mode: "standard",
            reduce_options: Reduce::LAST,
            show_percent_change: false,
            text_mode,
            wide_layout: true,
        }
    }
}

/// How a series becomes one number.
#[derive(Debug, Serialize)]
pub(crate) struct Reduce {
    calcs: [&'static str; 1],
    fields: &'static str,
    values: bool,
}

impl Reduce {
    pub(crate) const LAST: Self = Self { calcs: ["lastNotNull"], fields: "", values: false };
}

#[derive(Debug, Serialize)]
pub(crate) struct TimeSeries {
    pub(crate) legend: LegendOptions,
    pub(crate) tooltip: Tooltip,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct LegendOptions {
    pub(crate) calcs: Vec<&'static str>,
    pub(crate) display_mode: &'static str,
    pub(crate) placement: &'static str,
    pub(crate) show_legend: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sort_desc: Option<bool>,
}

impl LegendOptions {
    /// A table below the graph with the last value and the highest; the highest last one first.
    pub(crate) fn table() -> Self {
        Self {
            calcs: vec!["lastNotNull", "max"],
            display_mode: "table",
            sort_by: Some("Last *"),
            sort_desc: Some(true),
            ..Self::list()
        }
    }

    /// Names below the graph.
    pub(crate) fn list() -> Self {
        Self {
            calcs: vec![],
            display_mode: "list",
            placement: "bottom",
            show_legend: true,
            sort_by: None,
            sort_desc: None,
        }
    }

    pub(crate) fn hidden() -> Self {
        Self { show_legend: false, ..Self::list() }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tooltip {
    hide_zeros: bool,
    mode: &'static str,
    sort: &'static str,
}

impl Tooltip {
    /// All series, the highest first.
    pub(crate) const ALL: Self = Self { hide_zeros: false, mode: "multi", sort: "desc" };
    pub(crate) const ONE: Self = Self { hide_zeros: false, mode: "single", sort: "none" };
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Table {
    pub(crate) cell_height: &'static str,
    pub(crate) frame_index: u8,
    pub(crate) show_header: bool,
    pub(crate) sort_by: Vec<SortBy>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct SortBy {
    pub(crate) display_name: String,
    pub(crate) desc: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Heatmap {
    calculate: bool,
    cell_gap: u8,
    color: HeatmapColor,
    exemplars: Exemplars,
    filter_values: FilterValues,
    legend: Show,
    rows_frame: RowsFrame,
    show_value: &'static str,
    tooltip: HeatmapTooltip,
    y_axis: HeatmapAxis,
}

impl Heatmap {
    /// The buckets of a histogram over time; darker is rarer.
    pub(crate) fn buckets(unit: &'static str) -> Self {
        Self {
            calculate: false,
            cell_gap: 1,
            color: HeatmapColor {
                exponent: 0.5,
                fill: "dark-orange",
                mode: "scheme",
                reverse: false,
                scale: "exponential",
                scheme: "Oranges",
                steps: 64,
            },
            exemplars: Exemplars { color: "rgba(255,0,255,0.7)" },
            filter_values: FilterValues { le: 1e-9 },
            legend: Show { show: true },
            rows_frame: RowsFrame { layout: "auto" },
            show_value: "never",
            tooltip: HeatmapTooltip { mode: "single", show_color_scale: false, y_histogram: true },
            y_axis: HeatmapAxis { axis_placement: "left", reverse: false, unit },
        }
    }
}

#[derive(Debug, Serialize)]
struct HeatmapColor {
    exponent: f64,
    fill: &'static str,
    mode: &'static str,
    reverse: bool,
    scale: &'static str,
    scheme: &'static str,
    steps: u8,
}

#[derive(Debug, Serialize)]
struct Exemplars {
    color: &'static str,
}

/// Cells below this are left empty.
#[derive(Debug, Serialize)]
struct FilterValues {
    le: f64,
}

#[derive(Debug, Serialize)]
struct Show {
    show: bool,
}

#[derive(Debug, Serialize)]
struct RowsFrame {
    layout: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct HeatmapTooltip {
    mode: &'static str,
    show_color_scale: bool,
    y_histogram: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeatmapAxis {
    axis_placement: &'static str,
    reverse: bool,
    unit: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct StateTimeline {
    align_value: &'static str,
    legend: LegendOptions,
    merge_values: bool,
    per_page: u8,
    row_height: f64,
    show_value: &'static str,
    tooltip: Tooltip,
}

impl StateTimeline {
    pub(crate) fn merged() -> Self {
        Self {
            align_value: "left",
            legend: LegendOptions::list(),
            merge_values: true,
            per_page: 20,
            row_height: 0.9,
            show_value: "auto",
            tooltip: Tooltip::ONE,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BarGauge {
    display_mode: &'static str,
    legend: LegendOptions,
    max_viz_height: u16,
    min_viz_height: u16,
    min_viz_width: u16,
    name_placement: &'static str,
    orientation: &'static str,
    reduce_options: Reduce,
    show_unfilled: bool,
    sizing: &'static str,
    value_mode: &'static str,
}

impl BarGauge {
    pub(crate) fn horizontal() -> Self {
        Self {
            display_mode: "gradient",
            legend: LegendOptions::hidden(),
            max_viz_height: 300,
            min_viz_height: 16,
            min_viz_width: 8,
            name_placement: "auto",
            orientation: "horizontal",
            reduce_options: Reduce::LAST,
            show_unfilled: true,
            sizing: "auto",
            value_mode: "color",
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct TextOptions {
    code: Code,
    content: String,
    mode: &'static str,
}

impl TextOptions {
    pub(crate) fn markdown(content: String) -> Self {
        let code = Code { language: "plaintext", show_line_numbers: false, show_mini_map: false };
        Self { code, content, mode: "markdown" }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Code {
    language: &'static str,
    show_line_numbers: bool,
    show_mini_map: bool,
}
