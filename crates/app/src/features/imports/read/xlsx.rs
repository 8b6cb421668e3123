//! Spreadsheets of Excel 2007 and later, and of whatever else writes XLSX.
//!
//! Owns: the guard against archives that unpack to more than a machine has, which
//! sheet is read, and the way from a stored cell to ours. Formulas are never
//! computed: the value the file carries counts.

use super::{Broken, Cell, Collector, FileRefused, Limits, Table};
use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use jiff::civil::DateTime;
use std::io::{Cursor, Read};

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, FileRefused> {
    refuse_bombs(bytes, limits)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| FileRefused::Damaged)?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .collect();
    for name in &sheets {
        let mut table = read_sheet(&mut book, name, limits)?;
        if !table.rows.is_empty() {
            table.sheet = Some(name.clone());
            table.other_sheets = sheets.iter().filter(|other| *other != name).cloned().collect();
            return Ok(table);
        }
    }
    Err(FileRefused::Empty)
}

/// Unpacks everything once and throws it away. The sizes an archive declares are
/// claims of whoever made it, so only counting helps.
fn refuse_bombs(bytes: &[u8], limits: &Limits) -> Result<(), FileRefused> {
    const PARTS_MAX: usize = 2_000;
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|_| FileRefused::Damaged)?;
    if archive.len() > PARTS_MAX {
        return Err(FileRefused::Damaged);
    }
    if archive.index_for_name("xl/workbook.xml").is_none() {
        return Err(FileRefused::NotATable);
    }
    let mut left = limits.unpacked_bytes_max;
    let mut buffer = vec![0_u8; 1 << 16];
    for index in 0..archive.len() {
        let mut part = archive.by_index(index).map_err(|_| FileRefused::Damaged)?;
        loop {
            let count = part.read(&mut buffer).map_err(|_| FileRefused::Damaged)? as u64;
            if count == 0 {
                break;
            }
            left =
                left.checked_sub(count).ok_or(FileRefused::UnpacksTooLarge { bytes_max: limits.unpacked_bytes_max })?;
        }
    }
    Ok(())
}

fn read_sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str, limits: &Limits) -> Result<Table, FileRefused> {
    let mut reader = book.worksheet_cells_reader(name).map_err(|_| FileRefused::Damaged)?;
    let mut collector = Collector::new(limits);
    let mut row: Option<u32> = None;
    let mut cells: Vec<Cell> = Vec::new();
    while let Some(found) = reader.next_cell_with_formula_metadata().map_err(|_| FileRefused::Damaged)? {
        let (at_row, column) = found.pos;
        if row.is_some_and(|before| at_row < before) {
            return Err(FileRefused::Damaged);
        }
        if row != Some(at_row) {
            if let Some(before) = row {
                let width = cells.len();
                collector.row(before + 1, std::mem::replace(&mut cells, Vec::with_capacity(width)))?;
            }
            collector.table.empty_rows += row.map_or(at_row, |before| at_row - before - 1) as usize;
            row = Some(at_row);
        }
        let mut value = convert(&mut collector, &found.value)?;
        if found.formula.is_some() && value == Cell::Empty {
            value = Cell::Broken(Broken::FormulaNotComputed);
        }
        let column = column as usize;
        if value == Cell::Empty {
            continue;
        }
        if column >= limits.columns_max {
            return Err(FileRefused::TooManyColumns { columns_max: limits.columns_max });
        }
        if cells.len() <= column {
            cells.resize(column + 1, Cell::Empty);
        }
        cells[column] = value;
    }
    if let Some(last) = row {
        collector.row(last + 1, cells)?;
    }
    Ok(collector.table)
}

fn convert(collector: &mut Collector<'_>, value: &DataRef<'_>) -> Result<Cell, FileRefused> {
    Ok(match value {
        DataRef::Empty => Cell::Empty,
        DataRef::Int(number) => Cell::Number(number.to_string().into()),
        // The shortest text that reads back as the same float: 8.29, though the file may say 8.289999999999999.
        DataRef::Float(number) if number.is_finite() => Cell::Number(number.to_string().into()),
        DataRef::String(text) => collector.text(text)?,
        DataRef::SharedString(text) => collector.text(text)?,
        DataRef::Bool(value) => Cell::Bool(*value),
        DataRef::DateTime(moment) => moment_cell(moment),
        DataRef::DateTimeIso(text) => {
            let plain = text.trim_end_matches('Z');
            plain.parse().map_or(Cell::Broken(Broken::Unreadable), |moment| Cell::Moment(to_seconds(moment)))
        }
        DataRef::Error(_) => Cell::Broken(Broken::FormulaFailed),
        DataRef::Float(_) | DataRef::DurationIso(_) => Cell::Broken(Broken::Unreadable),
    })
}

/// Excel keeps days as binary fractions, so that a minute is some microseconds off.
fn moment_cell(stored: &ExcelDateTime) -> Cell {
    /// 1900-03-01: before it Excel's calendar has a day that never was.
    const FIRST_DAY: f64 = 61.0;
    const DAY_AFTER_9999: f64 = 2_958_466.0;
    let serial = stored.as_f64();
    if stored.is_duration() || !(FIRST_DAY..DAY_AFTER_9999).contains(&serial) {
        return Cell::Broken(Broken::Unreadable);
    }
    let (year, month, day, hour, minute, second, milli) = stored.to_ymd_hms_milli();
    let whole = || {
        DateTime::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            i8::try_from(hour).ok()?,
            i8::try_from(minute).ok()?,
            i8::try_from(second).ok()?,
            i32::from(milli) * 1_000_000,
        )
        .ok()
    };
    whole().map_or(Cell::Broken(Broken::Unreadable), |moment| Cell::Moment(to_seconds(moment)))
}

fn to_seconds(moment: DateTime) -> DateTime {
    moment.round(jiff::Unit::Second).unwrap_or(moment)
}
