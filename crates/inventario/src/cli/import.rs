//! `inventario import`: products, customers and sales history from CSV and XLSX.

use crate::{
    cli::{Failure, serve::runtime, settings::SettingFlags},
    telemetry, wiring,
};
use app::features::imports::{
    apply::{Progress, Stage},
    check::{ImportError, ImportRequest, Tools},
    columns::{Field, Kind},
    number::DecimalMark,
    reading::Choices,
    run::{self, ImportReport},
    who::{self, WhoError},
    words,
};
use clap::{Args, ValueEnum};
use db::Db;
use guard::source::Sources;
use std::{
    io::{self, IsTerminal, Write},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};
use web::Lang;

/// Bring products, customers or sales history in from a CSV or XLSX file.
///
/// Rows that cannot be taken are refused one by one, each with its cell and reason;
/// the others go in. The same file again changes nothing, and a run that was cut short
/// goes on. A server may run meanwhile.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  inventario import products productos.xlsx --shop \"Tienda La Esquina\" --dry-run\n  inventario import sales ventas.csv --shop \"Tienda La Esquina\" --tax-set \"IVA 19 %\""
)]
pub struct Import {
    #[command(flatten)]
    asked: Asked,
    #[command(flatten)]
    settings: SettingFlags,
}

/// What is imported, and how.
#[derive(Debug, Args)]
struct Asked {
    /// What the file holds.
    kind: FileKind,
    /// The file.
    file: PathBuf,
    /// The shop's name or id.
    #[arg(long, value_name = "S")]
    shop: String,
    /// Say what would happen, and change nothing.
    #[arg(long)]
    dry_run: bool,
    /// The report as one JSON object.
    #[arg(long)]
    json: bool,
    /// The taxes of past sales, and of products that name none; the shop's default otherwise.
    #[arg(long, value_name = "NAME")]
    tax_set: Option<String>,
    /// Let past sales, refunds and adjustments move today's stock.
    #[arg(long)]
    affect_stock: bool,
    /// What stands before the decimals, where the file leaves it open.
    #[arg(long, value_name = "MARK")]
    decimals: Option<Mark>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FileKind {
    Products,
    Customers,
    Sales,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mark {
    /// 1.234,56
    Comma,
    /// 1,234.56
    Point,
}

impl Import {
    /// Imports, or says what would be imported.
    pub fn run(self) -> Result<(), Failure> {
        let Import { asked, settings } = self;
        let config = settings.configuration()?;
        telemetry::start(&config.operation);
        let bytes = std::fs::read(&asked.file).map_err(|error| {
            Failure::Refused(format!("cannot read {}: {error}; check the name", asked.file.display()))
        })?;
        let report = runtime()?.block_on(async {
            let db = wiring::open_migrated(&config).await.map_err(Failure::Refused)?;
            asked.import(&db, bytes.into()).await
        })?;
        Ok(asked.print(&report)?)
    }
}

impl Asked {
    async fn import(&self, db: &Db, bytes: Arc<[u8]>) -> Result<ImportReport, Failure> {
        let actor = who::admin_of(db, &self.shop).await.map_err(|error| self.nobody(error))?;
        let tax_set = match &self.tax_set {
            Some(name) => Some(who::tax_set_of(db, actor, name).await.map_err(|error| self.nobody(error))?),
            None => None,
        };
        let request = ImportRequest {
            actor,
            kind: match self.kind {
                FileKind::Products => Kind::Products,
                FileKind::Customers => Kind::Customers,
                FileKind::Sales => Kind::Sales,
            },
            file_name: self.file.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            bytes,
            mapping: None,
            choices: self.choices(),
            tax_set,
            affects_stock: self.affect_stock,
        };
        let tools = Tools::beside_tills(&Sources::system());
        let done = if self.dry_run {
            run::try_import(db, &request, &tools).await
        } else {
            run::run_import(db, &request, &tools, &progress_line()).await
        };
        if io::stderr().is_terminal() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
        done.map_err(refused)
    }

    /// A mark holds for every column of numbers, though a column that shows its own is
    /// read by that: only what is open is asked.
    fn choices(&self) -> Choices {
        let mut choices = Choices::default();
        let Some(mark) = self.decimals else { return choices };
        let mark = match mark {
            Mark::Comma => DecimalMark::Comma,
            Mark::Point => DecimalMark::Point,
        };
        for field in [Field::Price, Field::PurchasePrice, Field::Stock, Field::Minimum, Field::Quantity] {
            choices.marks.insert(field, mark);
        }
        choices
    }

    fn nobody(&self, error: WhoError) -> Failure {
        Failure::Refused(match error {
            WhoError::NoShop => format!("there is no shop {:?}; give its exact name or its id", self.shop),
            WhoError::SeveralShops => format!("several shops are called {:?}; give the id of one", self.shop),
            WhoError::NoAdmin => "the shop has no active admin to import for; make one with createmember".to_owned(),
            WhoError::NoTaxSet(names) => format!("the shop has no such tax set; it has: {}", names.join(", ")),
            WhoError::Db(error) => format!("the database failed: {error}; run the same command again"),
        })
    }

    fn print(&self, report: &ImportReport) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        if self.json {
            serde_json::to_writer(&mut out, report).map_err(io::Error::from)?;
            return writeln!(out);
        }
        for refused in &report.refusals {
            let place = if refused.cell.is_empty() { refused.row.to_string() } else { refused.cell.clone() };
            writeln!(out, "{place}: {}", words::reason(Lang::En, refused))?;
        }
        let verb = match (self.dry_run, report.repeated) {
            (true, _) => "would import",
            (false, true) => "imported before",
            (false, false) => "imported",
        };
        writeln!(
            out,
            "{verb} {}: {} rows, {} new, {} changed, {} same, {} refused",
            report.file_name, report.rows, report.new, report.changed, report.same, report.refused
        )?;
        let summary = &report.summary;
        if matches!(self.kind, FileKind::Sales) {
            writeln!(
                out,
                "{} sales with {} lines, {} refunds with {} lines, {} products, {} customers, {} adjustments{}",
                summary.sales,
                summary.sale_lines,
                summary.refunds,
                summary.refund_lines,
                summary.products,
                summary.customers,
                summary.adjustments,
                if self.affect_stock { "" } else { " (not posted: stock is not affected)" }
            )?;
        }
        if !summary.other_sheets.is_empty() {
            writeln!(out, "sheets that were not read: {}", summary.other_sheets.join(", "))?;
        }
        out.flush()
    }
}

fn refused(error: ImportError) -> Failure {
    if let ImportError::OpenQuestions(_) = &error {
        let question = words::refusal(Lang::En, &error).unwrap_or_default();
        return Failure::Refused(format!("{question} Say it with --decimals comma or --decimals point."));
    }
    let headers = match &error {
        ImportError::MissingColumns { headers, .. } => format!(" The file has: {}.", headers.join(", ")),
        _ => String::new(),
    };
    Failure::Refused(match words::refusal(Lang::En, &error) {
        Some(sentence) => format!("{sentence}{headers}"),
        None => match error {
            ImportError::Db(error) => {
                format!("the database failed: {error}; run the same command again and it goes on")
            }
            _ => "the import is gone; run the same command again".to_owned(),
        },
    })
}

/// One line that is written over, or on a file one line every tenth of the work.
fn progress_line() -> impl Fn(Progress) + Send + Sync {
    let terminal = io::stderr().is_terminal();
    let last = AtomicI64::new(-1);
    move |progress: Progress| {
        let percent = if progress.total == 0 { 100 } else { progress.done * 100 / progress.total };
        let stage = match progress.stage {
            Stage::Staging => "checking",
            Stage::Applying => "importing",
        };
        let step = if terminal { percent } else { percent / 10 };
        let mark = step + if progress.stage == Stage::Applying { 1_000 } else { 0 };
        if last.swap(mark, Ordering::Relaxed) == mark {
            return;
        }
        let (start, end) = if terminal { ("\r\x1b[K", "") } else { ("", "\n") };
        // With stderr closed there is nobody to tell.
        let _ = write!(io::stderr(), "{start}{stage}: {} of {} ({percent} %){end}", progress.done, progress.total);
    }
}
