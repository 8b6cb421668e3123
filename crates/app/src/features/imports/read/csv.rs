//! Tables of text: commas, semicolons, tabs or bars.
//!
//! Owns: which separator, and each record's row as a spreadsheet would number it.

use super::{Broken, Cell, Collector, FileRefused, Limits, Table};
use ::csv::{ReaderBuilder, StringRecord};

const SEPARATORS: [u8; 4] = *b",;\t|";

/// Records looked at to choose the separator.
const SAMPLE_RECORDS: usize = 50;

/// A quoted cell rarely has more lines than an address; one with more has lost its end.
const LINES_IN_A_CELL_MAX: usize = 50;

pub(super) fn read(text: &str, limits: &Limits) -> Result<Table, FileRefused> {
    let (declared, body, rows_before) = declared_separator(text);
    let separator = declared.unwrap_or_else(|| sniff(body));
    let mut collector = Collector::new(limits);
    let mut reader = reader(body, separator);
    let mut record = StringRecord::new();
    let mut extra_lines = 0_u64;
    let mut last_number = 0_u32;
    loop {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => break,
            Err(_) => return Err(FileRefused::NotATable),
        }
        // The reader counts lines of text from before the blank ones that it skips, and
        // a cell of several lines is one row.
        let (start, line) = record.position().map_or((0, 1), |at| (at.byte(), at.line()));
        let line = line + blank_lines(body, start);
        let counted = u32::try_from(line.saturating_sub(extra_lines)).unwrap_or(u32::MAX);
        let number = counted.saturating_add(rows_before).max(last_number.saturating_add(1));
        let lines = record.iter().map(|cell| cell.matches('\n').count()).max().unwrap_or(0);
        if lines > LINES_IN_A_CELL_MAX {
            return Err(FileRefused::UnclosedQuote { row: number });
        }
        extra_lines += record.iter().map(|cell| cell.matches('\n').count() as u64).sum::<u64>();
        let skipped = number - last_number.max(rows_before) - 1;
        collector.table.empty_rows += skipped as usize;
        last_number = number;
        if record.len() > limits.columns_max {
            return Err(FileRefused::TooManyColumns { columns_max: limits.columns_max });
        }
        let cells = record.iter().map(|text| cell(&mut collector, text)).collect::<Result<Vec<_>, _>>()?;
        collector.row(number, cells)?;
    }
    Ok(collector.table)
}

/// Line ends between a record's reported start and its first character.
fn blank_lines(text: &str, start: u64) -> u64 {
    let rest = usize::try_from(start).ok().and_then(|start| text.as_bytes().get(start..)).unwrap_or(&[]);
    let skipped = rest.iter().take_while(|byte| matches!(byte, b'\n' | b'\r'));
    skipped.filter(|byte| **byte == b'\n').count() as u64
}

/// Excel's own first line `sep=;`, which is an instruction and not a row.
fn declared_separator(text: &str) -> (Option<u8>, &str, u32) {
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end_matches('\r').to_ascii_lowercase().strip_prefix("sep=").map(str::as_bytes) {
        Some([separator]) if SEPARATORS.contains(separator) => (Some(*separator), rest, 1),
        _ => (None, text, 0),
    }
}

fn reader(text: &str, separator: u8) -> ::csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(text.as_bytes())
}

/// The separator under which most records have as many cells as the widest common
/// record, and more than one. A comma where nothing separates.
fn sniff(text: &str) -> u8 {
    let score = |separator: u8| {
        let widths: Vec<usize> = reader(text, separator)
            .records()
            .take(SAMPLE_RECORDS)
            .map_while(Result::ok)
            .map(|record| record.len())
            .filter(|width| *width > 1)
            .collect();
        let most_common = |width: &usize| (widths.iter().filter(|other| *other == width).count(), *width);
        widths.iter().map(most_common).max().unwrap_or((0, 0))
    };
    let mut best = (b',', (0, 0));
    for separator in SEPARATORS {
        let found = score(separator);
        if found > best.1 {
            best = (separator, found);
        }
    }
    best.0
}

/// `="00123"` is how a CSV tells Excel to keep a text; other formulas have no value here.
fn cell(collector: &mut Collector<'_>, text: &str) -> Result<Cell, FileRefused> {
    let Some(formula) = text.strip_prefix('=') else { return collector.text(text) };
    match formula.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')) {
        Some(inner) if !inner.contains('"') => collector.text(inner),
        _ => Ok(Cell::Broken(Broken::FormulaNotComputed)),
    }
}
