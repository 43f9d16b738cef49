//! One panel: its title, queries and threshold lines.

use alerts::panel::PanelKey;

use crate::{colour::Colour, query::PanelQuery, unit::Unit};

/// One panel of a dashboard; the dashboard gives it its position.
#[derive(Clone, Debug)]
pub struct Panel {
    title: Title,
    pub(crate) description: String,
    pub(crate) kind: Kind,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) queries: Vec<PanelQuery>,
    pub(crate) thresholds: Vec<ThresholdLine>,
    pub(crate) mappings: Vec<ValueMapping>,
    pub(crate) decimals: Option<u8>,
    pub(crate) no_value: String,
}

/// A panel's title: free text, or the key by which alerts link to it.
#[derive(Clone, Copy, Debug)]
pub struct Title {
    text: &'static str,
    key: Option<PanelKey>,
}

impl From<&'static str> for Title {
    fn from(text: &'static str) -> Self {
        Self { text, key: None }
    }
}

impl From<PanelKey> for Title {
    fn from(key: PanelKey) -> Self {
        Self { text: key.title(), key: Some(key) }
    }
}

/// How a panel is drawn.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Stat { graph: bool, name: bool },
    Lines { stacked: bool },
    Table,
    Heatmap,
    Timeline,
    BarGauge,
    Text(String),
}

/// A limit that an alert watches, drawn in the colour of its severity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ThresholdLine {
    /// Where it is drawn.
    pub value: f64,
    /// Which side of it is bad.
    pub bad: Side,
    /// How bad.
    pub color: Colour,
}

/// A side of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Values above it.
    Above,
    /// Values below it.
    Below,
}

/// The text shown in place of a number.
#[derive(Clone, Copy, Debug)]
pub struct ValueMapping {
    /// The number.
    pub value: i32,
    /// The text.
    pub text: &'static str,
    /// Its colour.
    pub color: Colour,
}

/// A server or a target: 1 is up, 0 is down.
pub const UP_DOWN: [ValueMapping; 2] = [
    ValueMapping { value: 0, text: "Down", color: Colour::Critical },
    ValueMapping { value: 1, text: "Up", color: Colour::Good },
];

impl Panel {
    /// One number over a sparkline.
    pub fn stat(title: impl Into<Title>, description: &str, query: PanelQuery) -> Self {
        let kind = Kind::Stat { graph: true, name: false };
        Self::of(kind, (4, 4), title.into(), description, vec![query])
    }

    /// A number for each series, with its name.
    pub fn stats(title: impl Into<Title>, description: &str, query: PanelQuery) -> Self {
        let kind = Kind::Stat { graph: false, name: true };
        Self::of(kind, (8, 4), title.into(), description, vec![query])
    }

    /// Lines over time.
    pub fn lines<const N: usize>(
        title: impl Into<Title>,
        description: &str,
        queries: [PanelQuery; N],
    ) -> Self {
        const { assert!(N > 0, "a panel has a query") };
        Self::of(Kind::Lines { stacked: false }, (12, 8), title.into(), description, queries.into())
    }

    /// Stacked areas over time, whose top is the sum.
    pub fn stacked<const N: usize>(
        title: impl Into<Title>,
        description: &str,
        queries: [PanelQuery; N],
    ) -> Self {
        const { assert!(N > 0, "a panel has a query") };
        Self::of(Kind::Lines { stacked: true }, (12, 8), title.into(), description, queries.into())
    }

    /// A row for each combination of the labels, which all queries share, and a column for each
    /// query, headed by its name.
    pub fn table<const N: usize>(
        title: impl Into<Title>,
        description: &str,
        columns: [PanelQuery; N],
    ) -> Self {
        const { assert!(N > 0, "a table has a column") };
        let title = title.into();
        let name = title.text;
        let labels = columns[0].labels();
        for column in &columns {
            assert!(!column.name.is_empty(), "table {name:?}: a column has a heading");
            assert_eq!(column.labels(), labels, "table {name:?}, column {:?}", column.name);
        }
        Self::of(Kind::Table, (24, 8), title, description, columns.into())
    }

    /// The buckets of a histogram over time.
    pub fn heatmap(title: impl Into<Title>, description: &str, query: PanelQuery) -> Self {
        Self::of(Kind::Heatmap, (12, 8), title.into(), description, vec![query])
    }

    /// A band for each series, coloured by its state.
    pub fn timeline<const W: usize>(
        title: impl Into<Title>,
        description: &str,
        query: PanelQuery,
        mappings: [ValueMapping; W],
    ) -> Self {
        const { assert!(W > 0, "a state has a text") };
        Self::of(Kind::Timeline, (12, 6), title.into(), description, vec![query]).mappings(mappings)
    }

    /// A bar for each series.
    pub fn bar_gauge(title: impl Into<Title>, description: &str, query: PanelQuery) -> Self {
        Self::of(Kind::BarGauge, (12, 8), title.into(), description, vec![query])
    }

    /// Text in Markdown.
    pub fn text(title: impl Into<Title>, description: &str, markdown: &str) -> Self {
        Self::of(Kind::Text(markdown.to_owned()), (24, 4), title.into(), description, vec![])
    }

    /// Texts in place of numbers.
    pub fn mappings<const W: usize>(self, mappings: [ValueMapping; W]) -> Self {
        Self { mappings: mappings.into(), ..self }
    }

    /// Adds a limit that no alert watches, such as a target. Limits of alerts come from the alerts
    /// that name the panel.
    pub fn threshold(mut self, line: ThresholdLine) -> Self {
        self.thresholds.push(line);
        self
    }

    /// Columns of the grid, of 24.
    pub fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// Lines of the grid.
    pub fn height(self, height: u32) -> Self {
        Self { height, ..self }
    }

    /// Digits after the point; Grafana's own choice without it.
    pub fn decimals(self, decimals: u8) -> Self {
        Self { decimals: Some(decimals), ..self }
    }

    /// Without the sparkline.
    pub fn plain(mut self) -> Self {
        if let Kind::Stat { graph, .. } = &mut self.kind {
            *graph = false;
        }
        self
    }

    /// The text shown when the queries return nothing.
    pub fn no_value(self, text: &str) -> Self {
        Self { no_value: text.to_owned(), ..self }
    }

    fn of(
        kind: Kind,
        (width, height): (u32, u32),
        title: Title,
        description: &str,
        queries: Vec<PanelQuery>,
    ) -> Self {
        assert!(!title.text.trim().is_empty(), "a panel has a title");
        assert!(!description.trim().is_empty(), "panel {:?} has a description", title.text);
        Self {
            title,
            description: description.to_owned(),
            kind,
            width,
            height,
            queries,
            thresholds: vec![],
            mappings: vec![],
            decimals: None,
            no_value: "No data".to_owned(),
        }
    }

    pub fn title(&self) -> &'static str {
        self.title.text
    }

    /// The key of the alerts that link to it.
    pub fn key(&self) -> Option<PanelKey> {
        self.title.key
    }

    /// Its queries.
    pub fn queries(&self) -> &[PanelQuery] {
        &self.queries
    }

    /// The unit of its first query, which is that of its axis.
    pub(crate) fn unit(&self) -> Unit {
        self.queries.first().map_or(Unit::Count, |it| it.unit)
    }
}
