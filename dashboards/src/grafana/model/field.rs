//! Field options: unit, colour, thresholds, value mappings.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;

#[derive(Debug, Serialize)]
pub(crate) struct FieldConfig {
    pub(crate) defaults: FieldDefaults,
    pub(crate) overrides: Vec<Override>,
}

#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct FieldDefaults {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) color: Option<Color>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) decimals: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) min: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) max: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) no_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mappings: Option<Vec<Mapping>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) thresholds: Option<Thresholds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) custom: Option<Custom>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Color {
    pub(crate) mode: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fixed_color: Option<&'static str>,
}

impl Color {
    pub(crate) const PALETTE: Self = Self { mode: "palette-classic", fixed_color: None };
    pub(crate) const THRESHOLDS: Self = Self { mode: "thresholds", fixed_color: None };

    pub(crate) const fn fixed(color: &'static str) -> Self {
        Self { mode: "fixed", fixed_color: Some(color) }
    }
}

#[derive(Clone, Debug, Serialize)]
pub(crate) struct Thresholds {
    pub(crate) mode: &'static str,
    pub(crate) steps: Vec<Threshold>,
}

/// A colour from `value` upwards; the first step has no value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Threshold {
    pub(crate) color: &'static str,
    pub(crate) value: Option<f64>,
}

/// Texts in place of numbers.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "type", content = "options", rename_all = "lowercase")]
pub(crate) enum Mapping {
    Value(ValueMapping),
}

pub(crate) type ValueMapping = BTreeMap<String, MappingResult>;

#[derive(Clone, Debug, Serialize)]
pub(crate) struct MappingResult {
    pub(crate) color: &'static str,
    pub(crate) index: usize,
    pub(crate) text: String,
}

/// The field options of one kind of panel.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(crate) enum Custom {
    TimeSeries(TimeSeriesCustom),
    Table(TableCustom),
    Timeline(TimelineCustom),
    Heatmap(HeatmapCustom),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimeSeriesCustom {
    pub(crate) draw_style: &'static str,
    pub(crate) line_interpolation: &'static str,
    pub(crate) line_width: u8,
    pub(crate) fill_opacity: u8,
    pub(crate) gradient_mode: &'static str,
    pub(crate) show_points: &'static str,
    pub(crate) point_size: u8,
    /// Milliseconds; a longer gap is left open.
    pub(crate) span_nulls: u128,
    pub(crate) stacking: Stacking,
    pub(crate) thresholds_style: Mode,
    pub(crate) axis_placement: &'static str,
    pub(crate) axis_label: String,
    pub(crate) axis_color_mode: &'static str,
    pub(crate) axis_border_show: bool,
    pub(crate) axis_centered_zero: bool,
    pub(crate) scale_distribution: Scale,
    pub(crate) bar_alignment: i8,
    pub(crate) bar_width_factor: f64,
    pub(crate) hide_from: HideFrom,
}

impl TimeSeriesCustom {
    /// Thin lines with gaps left open. A single line has a faint area below it; the areas of
    /// several would hide each other.
    pub(crate) fn lines(span_nulls: Duration, thresholds: bool, single: bool) -> Self {
        Self {
            draw_style: "line",
            line_interpolation: "linear",
            line_width: 1,
            fill_opacity: if single { 10 } else { 0 },
            gradient_mode: "none",
            show_points: "never",
            point_size: 5,
            span_nulls: span_nulls.as_millis(),
            stacking: Stacking { group: "A", mode: "none" },
            thresholds_style: Mode { mode: if thresholds { "line" } else { "off" } },
            axis_placement: "auto",
            axis_label: String::new(),
            axis_color_mode: "text",
            axis_border_show: false,
            axis_centered_zero: false,
            scale_distribution: Scale::LINEAR,
            bar_alignment: 0,
            bar_width_factor: 0.6,
            hide_from: HideFrom::default(),
        }
    }

    /// Stacked areas, whose top is the sum.
    pub(crate) fn stacked(span_nulls: Duration, thresholds: bool) -> Self {
        Self {
            fill_opacity: 60,
            line_width: 0,
            stacking: Stacking { group: "A", mode: "normal" },
            ..Self::lines(span_nulls, thresholds, false)
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Stacking {
    pub(crate) group: &'static str,
    pub(crate) mode: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Mode {
    pub(crate) mode: &'static str,
}

#[derive(Debug, Serialize)]
pub(crate) struct Scale {
    #[serde(rename = "type")]
    kind: &'static str,
}

impl Scale {
    pub(crate) const LINEAR: Self = Self { kind: "linear" };
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct HideFrom {
    legend: bool,
    tooltip: bool,
    viz: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TableCustom {
    pub(crate) align: &'static str,
    pub(crate) cell_options: Cell,
    pub(crate) filterable: bool,
    pub(crate) inspect: bool,
    pub(crate) hide_from: HideFrom,
}

impl TableCustom {
    pub(crate) fn plain() -> Self {
        Self {
            align: "auto",
            cell_options: Cell { kind: "auto" },
            filterable: false,
            inspect: false,
            hide_from: HideFrom::default(),
        }
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct Cell {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TimelineCustom {
    pub(crate) fill_opacity: u8,
    pub(crate) line_width: u8,
    pub(crate) axis_placement: &'static str,
    pub(crate) hide_from: HideFrom,
}

impl TimelineCustom {
    pub(crate) fn filled() -> Self {
        Self {
            fill_opacity: 70,
            line_width: 0,
            axis_placement: "auto",
            hide_from: HideFrom::default(),
        }
    }
}

/// Other settings for the fields that the matcher picks.
#[derive(Debug, Serialize)]
pub(crate) struct Override {
    pub(crate) matcher: Matcher,
    pub(crate) properties: Vec<Property>,
}

#[derive(Debug, Serialize)]
#[serde(tag = "id", content = "options", rename_all = "camelCase")]
pub(crate) enum Matcher {
    ByName(String),
    #[serde(rename = "byFrameRefID")]
    ByQuery(String),
}

#[derive(Debug, Serialize)]
#[serde(tag = "id", content = "value", rename_all = "camelCase")]
pub(crate) enum Property {
    Unit(&'static str),
    Color(Color),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct HeatmapCustom {
    hide_from: HideFrom,
    scale_distribution: Scale,
}

impl HeatmapCustom {
    pub(crate) fn linear() -> Self {
        Self { hide_from: HideFrom::default(), scale_distribution: Scale::LINEAR }
    }
}
