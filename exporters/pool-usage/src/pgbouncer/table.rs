//! An answer of the console, read by column name.

use tokio_postgres::SimpleQueryRow;

#[derive(Debug, Default)]
pub(super) struct Table {
    columns: Vec<String>,
    rows: Vec<Vec<Option<String>>>,
}

/// One row of a [`Table`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    columns: &'a [String],
    values: &'a [Option<String>],
}

impl From<Vec<SimpleQueryRow>> for Table {
    fn from(rows: Vec<SimpleQueryRow>) -> Self {
        let columns = rows.first().map(SimpleQueryRow::columns).unwrap_or_default();
        let columns = columns.iter().map(|it| it.name().to_owned()).collect();
        let values =
            |row: &SimpleQueryRow| (0..row.len()).map(|i| row.get(i).map(str::to_owned)).collect();
        Self { columns, rows: rows.iter().map(values).collect() }
    }
}

impl Table {
    pub(super) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        self.rows.iter().map(|values| Line { columns: &self.columns, values })
    }

    /// The column `value` of the line whose column `by` is `name`.
    pub(super) fn entry(&self, by: &str, name: &str, value: &str) -> Option<&str> {
        self.lines().find(|it| it.text(by) == Some(name))?.text(value)
    }

    /// A table as `psql -A` prints it, for tests.
    #[cfg(test)]
    pub(super) fn parse(text: &str) -> Self {
        let mut lines = text.lines().map(str::trim).filter(|it| !it.is_empty());
        let split = |line: &str| line.split('|').map(str::to_owned).collect::<Vec<_>>();
        let columns = lines.next().map(split).unwrap_or_default();
        let value = |it: String| (!it.is_empty()).then_some(it);
        let rows = lines.map(|it| split(it).into_iter().map(value).collect()).collect();
        Self { columns, rows }
    }
}

impl<'a> Line<'a> {
    /// The text of a column, without the padding of some versions.
    pub(super) fn text(self, column: &str) -> Option<&'a str> {
        let index = self.columns.iter().position(|it| it == column)?;
        self.values.get(index)?.as_deref().map(str::trim)
    }

    /// The number in the first of the columns that is there.
    pub(super) fn number(self, columns: &[&str]) -> Option<f64> {
        columns.iter().find_map(|it| self.text(it))?.parse().ok()
    }
}
