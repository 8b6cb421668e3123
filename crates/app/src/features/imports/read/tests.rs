//! Files of every make, small ones written here and the large one of a real shop.

use super::*;
use std::io::{Cursor, Write};
use zip::{ZipWriter, write::SimpleFileOptions};

fn read(bytes: &[u8]) -> Result<Table, FileRefused> {
    read_table(bytes, &Limits::default())
}

fn texts(table: &Table) -> Vec<(u32, Vec<String>)> {
    table.rows.iter().map(|row| (row.number, row.cells.iter().map(Cell::as_text).collect())).collect()
}

fn row(number: u32, cells: &[&str]) -> (u32, Vec<String>) {
    (number, cells.iter().map(|text| (*text).to_owned()).collect())
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
    let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
    units.flat_map(order).collect()
}

#[test]
fn the_same_table_comes_out_of_every_encoding() {
    let text = "nombre;precio\nPiña añeja;1.200\n";
    let latin: Vec<u8> = text.chars().map(|character| u8::try_from(u32::from(character)).expect("Latin-1")).collect();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    let cases: [(&str, Vec<u8>); 7] = [
        ("UTF-8", text.into()),
        ("UTF-8 with a mark", marked),
        ("Latin-1", latin),
        ("UTF-16LE with a mark", utf16(text, u16::to_le_bytes, true)),
        ("UTF-16BE with a mark", utf16(text, u16::to_be_bytes, true)),
        ("UTF-16LE", utf16(text, u16::to_le_bytes, false)),
        ("UTF-16BE", utf16(text, u16::to_be_bytes, false)),
    ];
    for (name, bytes) in cases {
        let table = read(&bytes).expect(name);
        assert_eq!(texts(&table), [row(1, &["nombre", "precio"]), row(2, &["Piña añeja", "1.200"])], "{name}");
    }
}

#[test]
fn the_separator_is_found_and_a_declared_one_wins() {
    let wanted = [row(1, &["nombre", "precio"]), row(2, &["Arroz, blanco", "1,50"]), row(3, &["Sal", "2,00"])];
    for text in [
        "nombre;precio\nArroz, blanco;1,50\nSal;2,00",
        "nombre\tprecio\nArroz, blanco\t1,50\nSal\t2,00",
        "nombre|precio\r\nArroz, blanco|1,50\r\nSal|2,00\r\n",
        "nombre,precio\n\"Arroz, blanco\",\"1,50\"\nSal,\"2,00\"",
    ] {
        assert_eq!(texts(&read(text.as_bytes()).expect("a table")), wanted, "{text}");
    }
    let declared = read(b"sep=;\nnombre;precio\nSal;2,00").expect("a table");
    assert_eq!(texts(&declared), [row(2, &["nombre", "precio"]), row(3, &["Sal", "2,00"])]);
}

#[test]
fn rows_are_numbered_as_a_spreadsheet_shows_them() {
    let table = read(b"a,b\n\n1,\"two\nlines\"\n,\n3,4\n").expect("a table");
    let numbers: Vec<u32> = table.rows.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 3, 5]);
    assert_eq!(table.empty_rows, 2);
}

#[test]
fn a_text_kept_from_excel_is_its_text_and_a_formula_has_no_value() {
    let table = read(b"a,b\n\"=\"\"00123\"\"\",=1+1\n").expect("a table");
    assert_eq!(table.rows[1].cells, [Cell::Text("00123".into()), Cell::Broken(Broken::FormulaNotComputed)]);
}

#[test]
fn what_is_no_table_is_refused_as_a_whole() {
    let quote = format!("a,b\n1,\"open{}", "\n2,3".repeat(100));
    let old = [&[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1][..], &[0; 600]].concat();
    let name: Vec<u8> = "EncryptedPackage".bytes().flat_map(|byte| [byte, 0]).collect();
    let cases: [(&str, Vec<u8>, FileRefused); 8] = [
        ("nothing", vec![], FileRefused::Empty),
        ("blanks", b"\n , \n,\n".to_vec(), FileRefused::Empty),
        ("a picture", b"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x02".to_vec(), FileRefused::NotATable),
        ("an open quote", quote.into_bytes(), FileRefused::UnclosedQuote { row: 2 }),
        ("Excel 97", old.clone(), FileRefused::OldExcel),
        ("a password", [old, name].concat(), FileRefused::Encrypted),
        ("a damaged archive", b"PK\x03\x04 and no more".to_vec(), FileRefused::Damaged),
        ("another archive", archive(&[("word/document.xml", "<w/>")]), FileRefused::NotATable),
    ];
    for (name, bytes, wanted) in cases {
        assert_eq!(read(&bytes).expect_err(name), wanted, "{name}");
    }
}

#[test]
fn each_limit_refuses_what_is_beyond_it() {
    let book = book("<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>abcdef</t></is></c></row>");
    let base = Limits::default();
    let cases: [(&[u8], Limits, FileRefused); 6] = [
        (b"a\nb", Limits { file_bytes_max: 2, ..base }, FileRefused::TooLarge { bytes_max: 2 }),
        (b"a\nb\nc", Limits { rows_max: 2, ..base }, FileRefused::TooManyRows { rows_max: 2 }),
        (b"a,b,c", Limits { columns_max: 2, ..base }, FileRefused::TooManyColumns { columns_max: 2 }),
        (b"abc,def", Limits { text_bytes_max: 5, ..base }, FileRefused::UnpacksTooLarge { bytes_max: 5 }),
        (&book, Limits { unpacked_bytes_max: 300, ..base }, FileRefused::UnpacksTooLarge { bytes_max: 300 }),
        (&book, Limits { text_bytes_max: 5, ..base }, FileRefused::UnpacksTooLarge { bytes_max: 5 }),
    ];
    for (bytes, limits, wanted) in cases {
        assert_eq!(read_table(bytes, &limits).expect_err("beyond"), wanted);
    }
}

#[test]
fn a_bomb_is_refused_before_it_is_unpacked_into_memory() {
    let limits = Limits { unpacked_bytes_max: 1 << 20, ..Limits::default() };
    let bomb = archive(&[("xl/workbook.xml", &"0".repeat(8 << 20))]);
    assert!(bomb.len() < 1 << 16, "it is small on disk: {}", bomb.len());
    assert_eq!(read_table(&bomb, &limits).expect_err("a bomb"), FileRefused::UnpacksTooLarge { bytes_max: 1 << 20 });
}

#[test]
fn a_spreadsheets_cells_keep_their_kind() {
    let table = read(&book(concat!(
        r#"<row r="2"><c r="A2" t="inlineStr"><is><t>Pan</t></is></c><c r="C2"><v>8.290000000000003</v></c>"#,
        r#"<c r="D2" s="1"><v>40641.65555555555</v></c><c r="E2" t="b"><v>1</v></c></row>"#,
        r#"<row r="4"><c r="A4"><f>1+1</f><v>2</v></c><c r="B4"><f>A4</f></c>"#,
        r##"<c r="C4" t="e"><v>#N/A</v></c><c r="D4" s="1"><v>5</v></c><c r="E4" t="str"><f>"x"</f><v>x</v></c></row>"##,
    )))
    .expect("a spreadsheet");
    let moment = jiff::civil::date(2011, 4, 8).at(15, 44, 0, 0);
    assert_eq!(
        table.rows[0].cells,
        [
            Cell::Text("Pan".into()),
            Cell::Empty,
            Cell::Number("8.290000000000003".into()),
            Cell::Moment(moment),
            Cell::Bool(true)
        ]
    );
    assert_eq!(
        table.rows[1].cells,
        [
            Cell::Number("2".into()),
            Cell::Broken(Broken::FormulaNotComputed),
            Cell::Broken(Broken::FormulaFailed),
            Cell::Broken(Broken::Unreadable),
            Cell::Text("x".into())
        ]
    );
    assert_eq!((table.rows[0].number, table.rows[1].number, table.empty_rows), (2, 4, 2));
    assert_eq!(table.sheet.as_deref(), Some("Hoja"));
}

#[test]
fn places_read_as_in_a_spreadsheet() {
    for (column, wanted) in [(0, "A7"), (25, "Z7"), (26, "AA7"), (701, "ZZ7"), (702, "AAA7")] {
        assert_eq!(CellPlace { row: 7, column }.to_string(), wanted);
    }
}

#[test]
fn the_real_file_is_read_whole() {
    let bytes = include_bytes!("../../../../../../fixtures/third_party/online-retail-sample.xlsx");
    let table = read(bytes).expect("a spreadsheet");
    assert_eq!((table.rows.len(), table.empty_rows), (40_001, 0));
    assert_eq!(table.rows[1].cell(2), &Cell::Text("COOK WITH WINE METAL SIGN ".into()));
    assert_eq!(table.rows[40_000].number, 40_001);
}

fn archive(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        archive.start_file(*name, SimpleFileOptions::default()).expect("a part");
        archive.write_all(content.as_bytes()).expect("its content");
    }
    archive.finish().expect("an archive").into_inner()
}

/// The least that is a workbook: one sheet, one style for dates.
fn book(rows: &str) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATIONS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    const PACKAGE: &str = "http://schemas.openxmlformats.org/package/2006/relationships";
    archive(&[
        (
            "_rels/.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            &format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets><sheet name="Hoja" sheetId="1" r:id="rId1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &format!(
                r#"<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/styles.xml",
            &format!(
                r#"<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>"#
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            &format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#),
        ),
    ])
}
