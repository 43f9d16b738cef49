//! Tables: a row for each combination of labels, a column for each query.

use std::collections::BTreeMap;

use super::{
    Size,
    data::PanelData,
    format,
    markup::Markup,
    model::Panel,
    scale::{self, whole},
    tiles::nothing,
};

const ROW: f64 = 36.0;

/// A column: its name before it is renamed, and its heading.
struct Column<'a> {
    name: &'a str,
    heading: &'a str,
}

impl Column<'_> {
    /// Holds values, not labels.
    fn is_value(&self) -> bool {
        self.name.starts_with("Value")
    }

    fn ref_id(&self) -> &str {
        self.name.strip_prefix("Value #").unwrap_or("A")
    }
}

/// The values of a row by its labels.
type Rows = Vec<(Vec<String>, Vec<Option<f64>>)>;

pub(super) fn table(panel: &Panel, data: &PanelData, size: Size) -> String {
    let (values, labels): (Vec<_>, Vec<_>) = columns(panel).into_iter().partition(Column::is_value);
    let rows = sorted(panel, &values, rows(data, &labels, &values));
    if rows.is_empty() {
        return nothing(panel);
    }
    let mut html = Markup::begin(r#"<table class="table"><tr>"#);
    for column in &labels {
        html.add(format_args!("<th>{}</th>", format::escaped(column.heading)));
    }
    for column in &values {
        html.add(format_args!(r#"<th class="n">{}</th>"#, format::escaped(column.heading)));
    }
    html.add(format_args!("</tr>"));
    for (names, numbers) in rows.iter().take(whole(size.height / ROW).max(2) - 1) {
        html.add(format_args!("<tr>"));
        for name in names {
            html.add(format_args!("<td>{}</td>", format::escaped(name)));
        }
        for (number, column) in numbers.iter().zip(&values) {
            html.add(format_args!("{}", cell(panel, column, *number)));
        }
        html.add(format_args!("</tr>"));
    }
    html.end("</table>")
}

/// In the order that the panel's transformation gives them.
fn columns(panel: &Panel) -> Vec<Column<'_>> {
    let Some(organize) = panel.transformations.iter().find(|it| it.id == "organize") else {
        return Vec::new();
    };
    let options = &organize.options;
    let mut places: Vec<(&usize, &String)> =
        options.index_by_name.iter().map(|(name, place)| (place, name)).collect();
    places.retain(|(_, name)| !options.exclude_by_name.contains_key(*name));
    places.sort();
    let heading = |name| options.rename_by_name.get(name).unwrap_or(name);
    places.iter().map(|(_, name)| Column { name, heading: heading(name) }).collect()
}

fn rows(data: &PanelData, labels: &[Column], values: &[Column]) -> Rows {
    let mut rows: BTreeMap<Vec<String>, Vec<Option<f64>>> = BTreeMap::new();
    for (ref_id, series) in data.series() {
        let label = |it: &Column| series.labels.get(it.name).cloned().unwrap_or_default();
        let row = rows
            .entry(labels.iter().map(label).collect())
            .or_insert_with(|| vec![None; values.len()]);
        if let Some(place) = values.iter().position(|it| it.ref_id() == ref_id) {
            row[place] = series.last();
        }
    }
    rows.into_iter().collect()
}

fn sorted(panel: &Panel, values: &[Column], mut rows: Rows) -> Rows {
    let Some(by) = panel.options.sort_by.first() else { return rows };
    let Some(place) = values.iter().position(|it| it.heading == by.display_name) else {
        return rows;
    };
    let value = |row: &(Vec<String>, Vec<Option<f64>>)| row.1[place].unwrap_or(f64::NEG_INFINITY);
    rows.sort_by(|a, b| value(a).total_cmp(&value(b)));
    if by.desc {
        rows.reverse();
    }
    rows
}

fn cell(panel: &Panel, column: &Column, number: Option<f64>) -> String {
    let Some(number) = number else { return r#"<td class="n"></td>"#.to_owned() };
    let text = format::shown(panel, column.ref_id(), column.heading, number);
    let coloured = panel.setting(column.ref_id(), column.heading, "custom.cellOptions").is_some();
    let color = if coloured { scale::color(panel.value_color(number)) } else { "#CCCCDC" };
    format!(r#"<td class="n" style="color:{color}">{}</td>"#, format::escaped(&text))
}
