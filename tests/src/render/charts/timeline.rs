//! A band for each series, coloured by its state.

use super::{AXIS, Size, svg, text_width, time_axis};
use crate::render::{
    data::PanelData,
    format,
    markup::Markup,
    model::Panel,
    scale::{self, Scale},
    variables::Window,
};

pub(in crate::render) fn timeline(
    panel: &Panel,
    data: &PanelData,
    window: &Window,
    size: Size,
) -> String {
    let series: Vec<_> = data.series().collect();
    let Some(step) = data.answers.first().map(|it| it.step).filter(|_| !series.is_empty()) else {
        return super::super::tiles::nothing(panel);
    };
    let names = series.iter().map(|(_, it)| text_width(&it.name));
    let left = names.fold(20.0, f64::max) + 16.0;
    let (top, bottom) = (4.0, size.height - 48.0);
    let x = Scale::new((window.from, window.to), (left, size.width - 8.0));
    let row = (bottom - top) / series.len() as f64;

    let mut content = Markup::default();
    time_axis(&mut content, window, &x, (top, bottom));
    for (index, (ref_id, it)) in series.iter().enumerate() {
        let y = top + row * index as f64;
        content.add(format_args!(
            r#"<text x="{:.1}" y="{:.1}" fill="{AXIS}" text-anchor="end">{}</text>"#,
            left - 8.0,
            y + row / 2.0 + 4.0,
            format::escaped(&it.name)
        ));
        let same =
            |a: &(f64, f64), b: &(f64, f64)| a.1.total_cmp(&b.1).is_eq() && b.0 - a.0 <= 1.5 * step;
        for run in it.points.chunk_by(same) {
            let (first, last) = (run[0], run[run.len() - 1]);
            let (from, to) = (x.at(first.0), x.at((last.0 + step).min(window.to)));
            let (color, word) = (
                scale::color(panel.value_color(first.1)),
                format::shown(panel, ref_id, &it.name, first.1),
            );
            content.add(format_args!(
                r#"<rect x="{from:.1}" y="{:.1}" width="{:.1}" height="{:.1}" fill="{color}" opacity="0.75"/>"#,
                y + row * 0.06,
                (to - from).max(1.0),
                row * 0.88
            ));
            if to - from > text_width(&word) + 8.0 {
                content.add(format_args!(
                    r##"<text x="{:.1}" y="{:.1}" fill="#111217">{}</text>"##,
                    from + 5.0,
                    y + row / 2.0 + 4.0,
                    format::escaped(&word)
                ));
            }
        }
    }
    let mut at = left;
    for word in panel.field_config.defaults.mappings.iter().flat_map(|it| it.options.values()) {
        content.add(format_args!(
            r#"<rect x="{at:.1}" y="{:.1}" width="14" height="4" rx="2" fill="{}"/><text x="{:.1}" y="{:.1}" fill="{}">{}</text>"#,
            bottom + 33.0,
            scale::color(&word.color),
            at + 20.0,
            bottom + 39.0,
            "#CCCCDC",
            format::escaped(&word.text)
        ));
        at += 40.0 + text_width(&word.text);
    }
    svg(size, content)
}
